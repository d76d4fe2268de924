import { html, nothing, type TemplateResult } from 'lit';
import type { ViewSnapshot } from '../src/protocol/model.ts';
import { codicon } from './codicon.ts';
import { focusComposer } from './composer.ts';
import type { PageParts } from './pageParts.ts';

/** A chat without turns: what can be asked here, with questions to start from; of one that can't be read, that it is so. */
export function emptyChat({ composer }: PageParts, { pipeline, chat }: ViewSnapshot): TemplateResult {
  if (chat.isReadOnly) {
    return html`<section class="empty-chat" aria-label="Chat without turns">
      <span class="empty-icon">${codicon('warning')}</span>
      <h2>Nothing to show</h2>
      <p>What is known of this chat stands below.</p>
    </section>`;
  }
  const take = (text: string) => {
    composer.edit(text);
    focusComposer();
  };
  const kept = chat.isPrivate
    ? 'Nothing of this chat is kept.'
    : 'Answers come from the pipeline, as you have saved it.';
  return html`<section class="empty-chat" aria-label="Start a chat">
    <span class="empty-icon">${codicon('comment-discussion')}</span>
    <h2>Ask ${pipeline.name}</h2>
    <p>${kept}</p>
    ${
      pipeline.examples.length === 0
        ? nothing
        : html`<ul class="examples" aria-label="Example questions">
            ${pipeline.examples.map(
              (text) =>
                html`<li><button type="button" class="example" @click=${() => take(text)}>${text}</button></li>`,
            )}
          </ul>`
    }
  </section>`;
}
