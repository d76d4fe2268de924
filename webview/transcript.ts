import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ViewSnapshot } from '../src/protocol/model.ts';
import { codicon } from './codicon.ts';
import { emptyChat } from './emptyChat.ts';
import type { PageParts } from './pageParts.ts';
import { skeleton } from './skeleton.ts';
import { turnArticle } from './turnArticle.ts';

/** The turns of the open chat, oldest first, with the way to older and to newer ones. */
export function transcript(parts: PageParts, snapshot: ViewSnapshot): TemplateResult {
  const { state, turns } = parts;
  const { chat } = snapshot;
  const isEmpty = chat.turns.length === 0;
  return html`<div class="transcript-frame">
    <div class="transcript" id="transcript" aria-busy=${chat.isLoading}>
      <div class="transcript-content" id="transcript-content">
        ${chat.hasOlder ? older(parts, chat.chatId) : nothing} ${chat.isLoading ? skeleton() : isEmpty ? emptyChat(parts, snapshot) : feed(parts, snapshot)}
      </div>
    </div>
    ${
      state.isFollowing || isEmpty
        ? nothing
        : html`<button type="button" class="jump" title="Jump to newest" aria-label="Jump to newest" @click=${() => turns.jumpToNewest()}>
            ${codicon('arrow-down')}
          </button>`
    }
  </div>`;
}

function older({ state, chats }: PageParts, chatId: string): TemplateResult {
  return html`<div class="older">
    ${
      state.isLoadingOlder
        ? html`<vscode-progress-ring aria-label="Loading older turns"></vscode-progress-ring>`
        : html`<button type="button" class="text-button" @click=${() => void chats.loadOlder(chatId)}>Show older turns</button>`
    }
  </div>`;
}

function feed(parts: PageParts, { chat, chats, pipeline }: ViewSnapshot): TemplateResult {
  const total = chats.find((row) => row.chatId === chat.chatId)?.turnCount ?? 0;
  const before = chat.hasOlder ? Math.max(0, total - chat.turns.length) : 0;
  const { resolvingTurnId, now } = parts.state;
  const isBusy = chat.turns.some((turn) => turn.state === 'running' || turn.state === 'elsewhere');
  return html`<div class="feed" role="feed" aria-label="Conversation" aria-busy=${isBusy}>
    ${repeat(
      chat.turns,
      (turn) => `${chat.chatId} ${turn.id}`,
      (turn, at) => {
        const place = {
          chatId: chat.chatId,
          number: before + at + 1,
          total: before + chat.turns.length,
          isNewest: at === chat.turns.length - 1,
          canRetry: pipeline.canSend && !chat.isReadOnly && !isBusy && resolvingTurnId === undefined,
        };
        return guard([turn, ...Object.values(place), now], () => turnArticle(parts, turn, place));
      },
    )}
  </div>`;
}
