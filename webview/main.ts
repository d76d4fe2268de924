import { hostCalls, viewEvents } from '../src/protocol/contract.ts';
import type { ViewSnapshot } from '../src/protocol/model.ts';
import { ViewRpc } from '../src/protocol/rpc.ts';
import { applyDelta } from './applyDelta.ts';
import { applySnapshot } from './applySnapshot.ts';
import { ChatActions } from './chatActions.ts';
import { focusComposer } from './composer.ts';
import { ComposerActions } from './composerActions.ts';
import { DraftKeeper } from './draftKeeper.ts';
import type { HostLink } from './hostLink.ts';
import { interceptLinkClicks } from './linkClicks.ts';
import { PageDrawing } from './pageDrawing.ts';
import { initialPageState } from './pageState.ts';
import { PageStore } from './pageStore.ts';
import { registerToolkit } from './toolkit.ts';
import { TranscriptScroll } from './transcriptScroll.ts';
import { TurnActions } from './turnActions.ts';
import { ViewMemory } from './viewMemory.ts';
import { VsCodeApi } from './vscodeApi.ts';

const MINUTE_MS = 60_000;

registerToolkit();

const api = new VsCodeApi();
const memory = new ViewMemory(api, document.body.dataset.pipelineUri ?? '');
const narrow = window.matchMedia('(max-width: 599px)');

const store = new PageStore(initialPageState(new Date(), narrow.matches), (_state, isStreamedText) =>
  isStreamedText ? drawing.drawSoon() : drawing.draw(),
);
const host: HostLink = new ViewRpc(
  api,
  { calls: hostCalls, events: viewEvents },
  {
    snapshot: show,
    delta: (delta) => store.stream((state) => applyDelta(state, delta)),
    focusComposer: ({ text }) => {
      if (text && store.state.composer.text === '') composer.edit(text);
      focusComposer();
    },
  },
);

const drafts = new DraftKeeper(host);
const composer = new ComposerActions(store, host, drafts);
const chats = new ChatActions(store, host, () => composer.flushDraft());
const turns = new TurnActions(store, host);
const scroll = new TranscriptScroll(
  (isFollowing) => store.update({ isFollowing }),
  (scrollTop) => memory.keepScroll(scrollTop),
);
const drawing = new PageDrawing(
  document.body.appendChild(Object.assign(document.createElement('div'), { id: 'app' })),
  () => ({ state: store.state, chats, composer, turns }),
  start,
  {
    before: () => scroll.remember(),
    after: () => scroll.settle(store.state, memory.takeScroll(shownChatId())),
  },
);

interceptLinkClicks(document.body, (href) => void turns.openLink(href));
document.body.addEventListener('copy-text', (event) => {
  if (event instanceof CustomEvent && typeof event.detail === 'string') void turns.copy(event.detail);
});
document.addEventListener('visibilitychange', () => void composer.flushDraft());
narrow.addEventListener('change', () => store.update({ isNarrow: narrow.matches, isListOverlaid: false }));
window.setInterval(() => store.update({ now: new Date() }), MINUTE_MS);
drawing.draw();
start();

function start(): void {
  store.update({ failure: undefined });
  void store.attempt(host.call('ready', {}).then(show));
}

/** undefined while nothing of the chat is there to scroll in. */
function shownChatId(): string | undefined {
  const chat = store.state.snapshot?.chat;
  return chat?.turns.length ? chat.chatId : undefined;
}

function show(snapshot: ViewSnapshot): void {
  if (snapshot.chat.chatId !== store.state.composer.chatId) void composer.flushDraft();
  memory.keepChat(snapshot.chat);
  store.update((state) => applySnapshot(state, snapshot));
}
