import type { ViewSnapshot } from '../src/protocol/model.ts';
import type { PageState } from './pageState.ts';

/** The state with a newer snapshot in it; the same state when the snapshot is not newer. */
export function applySnapshot(state: PageState, snapshot: ViewSnapshot): PageState {
  const before = state.snapshot;
  if (before && snapshot.rev <= before.rev) return state;
  const { chat } = snapshot;
  const isOtherChat = chat.chatId !== before?.chat.chatId;
  const known = new Set(snapshot.chats.map((row) => row.chatId)).add(chat.chatId);
  const isKnown = (chatId: string | undefined) => chatId !== undefined && known.has(chatId);
  return {
    ...state,
    snapshot,
    // The host's copy of a draft is older than what is being typed, so it counts only when a chat is opened.
    composer: isOtherChat ? { chatId: chat.chatId, text: chat.draft, recalled: 0, ownText: '' } : state.composer,
    armedChatId: isKnown(state.armedChatId) ? state.armedChatId : undefined,
    rovingChatId: isKnown(state.rovingChatId) ? state.rovingChatId : undefined,
    renaming: isKnown(state.renaming?.chatId) ? state.renaming : undefined,
    isFollowing: isOtherChat || state.isFollowing,
    failure: isOtherChat && before ? undefined : state.failure,
    announcement: announcementOf(before, snapshot, state),
  };
}

function announcementOf(before: ViewSnapshot | undefined, after: ViewSnapshot, state: PageState) {
  if (before && isAway(before) && !isAway(after)) {
    return { text: 'The problem with the server is over', count: state.announcement.count + 1 };
  }
  if (before?.chat.chatId !== after.chat.chatId) return state.announcement;
  const running = new Set(before.chat.turns.filter((turn) => turn.state === 'running').map((turn) => turn.id));
  const ended = after.chat.turns.find((turn) => running.has(turn.id) && turn.state !== 'running');
  if (!ended) return state.announcement;
  const count = state.announcement.count + 1;
  if (ended.state === 'done') return { text: 'Answer received', count };
  if (ended.state === 'stopped') return { text: 'Answer stopped', count };
  if (ended.state === 'failed')
    return { text: `Answer failed: ${ended.error?.message ?? 'no reason was given.'}`, count };
  return { text: 'Answer interrupted', count };
}

/** A notice is read out when it comes, not when it goes. */
function isAway({ notices }: ViewSnapshot): boolean {
  return notices.some(({ id }) => id === 'server/offline' || id === 'server/refused' || id === 'server/connecting');
}
