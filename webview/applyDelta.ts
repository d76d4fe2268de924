import type * as z from 'zod/mini';
import type { ViewEvents } from '../src/protocol/contract.ts';
import type { TurnView } from '../src/protocol/model.ts';
import type { PageState } from './pageState.ts';

export type Delta = z.infer<ViewEvents['delta']>;

/** The state with streamed text in its place; the same state when the text is for a turn that is not running here. */
export function applyDelta(state: PageState, delta: Delta): PageState {
  const { snapshot } = state;
  if (snapshot?.chat.chatId !== delta.chatId) return state;
  const at = snapshot.chat.turns.findIndex((turn) => turn.id === delta.turnId && turn.state === 'running');
  const turn = snapshot.chat.turns[at];
  if (!turn) return state;
  const turns = snapshot.chat.turns.with(at, appendTo(turn, delta));
  return { ...state, snapshot: { ...snapshot, chat: { ...snapshot.chat, turns } } };
}

function appendTo(turn: TurnView, { part: key, label, text }: Delta): TurnView {
  if (key === 'reasoning') return { ...turn, reasoning: (turn.reasoning ?? '') + text };
  if (key === 'steps') return { ...turn, steps: [...(turn.steps ?? []), ...text.trimEnd().split('\n')] };
  const at = turn.parts.findIndex((part) => part.key === key);
  const part = turn.parts[at];
  if (!part) return { ...turn, parts: [...turn.parts, { key, label, kind: 'markdown', text }] };
  return { ...turn, parts: turn.parts.with(at, { ...part, text: part.text + text }) };
}
