import type { ChatErrorShape } from '../src/protocol/chatError.ts';
import type { ViewSnapshot } from '../src/protocol/model.ts';

/** Where a title is being edited: a chat can be renamed in its row and above its transcript. */
export interface Renaming {
  readonly chatId: string;
  readonly place: 'row' | 'header';
}

/** The text that is being written, and where the reader is in the earlier questions. */
export interface ComposerText {
  readonly chatId: string;
  readonly text: string;
  /** How many questions back the text was taken from; 0 is the reader's own text. */
  readonly recalled: number;
  /** The reader's own text while an earlier question is shown. */
  readonly ownText: string;
}

/** Everything the page draws itself from. Facts come from the host by `snapshot`; the rest is only about this view. */
export interface PageState {
  /** Absent until the host has answered for the first time. */
  readonly snapshot?: ViewSnapshot;
  readonly composer: ComposerText;
  /** The chat whose question is on its way to a safe place. */
  readonly sendingChatId?: string;
  /** The row whose delete waits for its second click. */
  readonly armedChatId?: string;
  readonly renaming?: Renaming;
  /** The row that is in the tab order; the open chat's row when absent. */
  readonly rovingChatId?: string;
  /** The turn whose retry, keep or discard is on its way. */
  readonly resolvingTurnId?: string;
  readonly isLoadingOlder: boolean;
  /** Too narrow for list and transcript side by side. */
  readonly isNarrow: boolean;
  /** Whether the list lies over the transcript of a narrow panel. */
  readonly isListOverlaid: boolean;
  /** Whether the list of a wide panel was put away. */
  readonly isListHidden: boolean;
  /** Whether the reader is at the newest text, so that the transcript follows it. */
  readonly isFollowing: boolean;
  /** What went wrong with the last thing that was asked of the host. */
  readonly failure?: ChatErrorShape;
  /** For screen readers; `count` tells two equal sentences apart. */
  readonly announcement: { readonly text: string; readonly count: number };
  /** The present, for relative times. */
  readonly now: Date;
}

export function initialPageState(now: Date, isNarrow: boolean): PageState {
  return {
    composer: { chatId: '', text: '', recalled: 0, ownText: '' },
    isLoadingOlder: false,
    isNarrow,
    isListOverlaid: false,
    isListHidden: false,
    isFollowing: true,
    announcement: { text: '', count: 0 },
    now,
  };
}

export function isListShown(state: PageState): boolean {
  return state.isNarrow ? state.isListOverlaid : !state.isListHidden;
}

/** Whether the open chat has a turn that is being answered, here or in another window. */
export function isAnswering(state: PageState): boolean {
  return state.snapshot?.chat.turns.some((turn) => turn.state === 'running' || turn.state === 'elsewhere') ?? false;
}
