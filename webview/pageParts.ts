import type { ChatActions } from './chatActions.ts';
import type { ComposerActions } from './composerActions.ts';
import type { PageState } from './pageState.ts';
import type { TurnActions } from './turnActions.ts';

/** What every part of the page is drawn from, and what its buttons call. */
export interface PageParts {
  readonly state: PageState;
  readonly chats: ChatActions;
  readonly composer: ComposerActions;
  readonly turns: TurnActions;
}
