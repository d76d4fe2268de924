import * as vscode from 'vscode';
import type { ChatErrorShape } from '../protocol/chatError.ts';
import { shownChats } from './shownCounts.ts';

/**
 * What is missing from a list while a server does not tell its chats, and why.
 * @param known how many there were last; 0 when that is not known; `stale` when they are listed as they were last
 */
export function unlistedSentence(host: string, known: number | 'stale', { message }: ChatErrorShape): string {
  const name = vscode.l10n.t('RocketRide server {0}', host);
  if (known === 'stale') return vscode.l10n.t('{0} The chats on {1} are listed as they were last.', message, name);
  if (known === 0) return vscode.l10n.t("{0} The chats on {1} can't be listed.", message, name);
  return vscode.l10n.t("{0} {1} on {2} can't be listed.", message, shownChats(known), name);
}
