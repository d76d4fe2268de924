import type { Conversation } from '../chats/conversation.ts';
import { type ChatError, type ChatErrorCode, isServerCode } from '../protocol/chatError.ts';
import type { ActionId, Notice } from '../protocol/model.ts';
import { type ServerFacts, serverNotices } from './serverNotices.ts';

/** A place that holds chats of a pipeline, beside the one where new ones go. */
export interface OtherPlace {
  /** For people. */
  readonly place: string;
  readonly chatCount: number;
  /** They are in the list; those on a server that is not asked are not. */
  readonly isListed: boolean;
}

export interface NoticeFacts {
  readonly cannotSend: ChatError | undefined;
  readonly conversation: Pick<Conversation, 'problem' | 'isGone' | 'isInTrash' | 'isSaved' | 'isPrivate' | 'isEmpty'>;
  /** It may never have been saved: whether it was is known with the list of the server. */
  readonly isPresumed: boolean;
  readonly listProblems: readonly ChatError[];
  /** Another window keeps a change of these chats waiting. */
  readonly isWaiting: boolean;
  /** Where some of the chats lie that are not where new ones go. */
  readonly otherPlaces: readonly OtherPlace[];
  readonly isSaving: boolean;
  readonly hasProjectId: boolean;
  /** Other pipeline files with the same id. */
  readonly sharedWith: readonly string[];
  /** Chats beside those of this pipeline whose own is not in the window; none once this one has chats. */
  readonly orphanCount: number;
  readonly settingProblems: readonly string[];
  /** undefined for a pipeline that has nothing to do with one. */
  readonly server: ServerFacts | undefined;
  /** Where the chat that is shown is kept, when nothing else of this window is kept there any more. */
  readonly leftPlace: string | undefined;
  /** Chats of this pipeline are kept where those of other workspaces are, too. */
  readonly isPlaceShared: boolean;
}

const LABELS: Readonly<Record<ActionId, string>> = {
  'save-and-send': 'Save and Send',
  'enable-saving': 'Save Chats of This Pipeline',
  'open-pipeline': 'Open Pipeline',
  'choose-source': 'Choose Source…',
  'add-project-id': 'Add an ID',
  'own-project-id': 'Give This Pipeline Its Own ID',
  'relink-chats': 'Relink Chats…',
  'set-secret': 'Set Model Key…',
  'open-settings': 'Open Settings',
  'show-log': 'Show Log',
  reload: 'Reload',
  'restore-chat': 'Restore',
  'retry-server': 'Connect Now',
  'connect-server': 'Connect to Server…',
  'set-server-key': 'Set Server Key…',
  'use-embedded': 'Use Embedded Engine',
  'save-locally': 'Save Locally',
  'restart-pipeline': 'Restart with Changes',
  'keep-running': 'Keep Running',
};

const WAYS_ON: Partial<Record<ChatErrorCode, ActionId>> = {
  'source-ambiguous': 'choose-source',
  'pipeline-invalid': 'open-pipeline',
  'pipeline-unsupported': 'open-pipeline',
  'missing-key': 'set-secret',
  internal: 'show-log',
};

export const WAITING = 'Another window is writing to these chats. Waiting for it…';

/** What a panel has to say above its composer, the most urgent first. */
export function viewNotices(facts: NoticeFacts): Notice[] {
  const { conversation, cannotSend, listProblems } = facts;
  const notices: Notice[] = [];
  const add = (id: string, severity: Notice['severity'], message: string, ...actions: (ActionId | undefined)[]) => {
    const offered = actions.flatMap((action) => (action ? [{ action, label: LABELS[action] }] : []));
    notices.push({ id, severity, message, actions: offered });
  };
  if (conversation.isGone) {
    const message = 'This chat was deleted. What you see here is no longer saved.';
    if (!facts.isPresumed) add('gone', 'warning', message, conversation.isInTrash ? 'restore-chat' : undefined);
  } else if (conversation.problem && !isToldOfServer(conversation.problem, facts)) {
    add('chat', 'error', conversation.problem.message, 'reload');
  }
  if (facts.isWaiting) add('waiting', 'info', WAITING);
  for (const { id, severity, message, actions } of facts.server ? serverNotices(facts.server) : []) {
    add(id, severity, message, ...actions);
  }
  if (facts.leftPlace !== undefined) {
    add('left', 'info', `This chat is kept in another place than the settings name: ${facts.leftPlace}.`);
  }
  // Why a server is not asked is told above.
  const isTold =
    facts.server && 'error' in facts.server.status && facts.server.status.error.message === cannotSend?.message;
  if (cannotSend && !isTold)
    add(`cannot-send/${cannotSend.code}`, 'error', cannotSend.message, WAYS_ON[cannotSend.code]);
  for (const [index, problem] of listProblems.entries()) add(`list/${index}`, 'error', problem.message, 'reload');
  facts.settingProblems.forEach((problem, index) => {
    add(`setting/${index}`, 'warning', problem, 'open-settings');
  });
  for (const { place, chatCount, isListed } of facts.otherPlaces) {
    const chats = chatCount === 1 ? '1 of these chats is' : `${chatCount} of these chats are`;
    const unlisted = chatCount === 1 ? '1 more chat is' : `${chatCount} more chats are`;
    const message = isListed
      ? `${chats} kept in another place: ${place}.`
      : `${unlisted} kept where the settings do not look any more: ${place}.`;
    add(`place/${place}`, 'info', message);
  }
  if (facts.sharedWith.length > 0) {
    const others = facts.sharedWith.join(', ');
    const message = `This pipeline has the same project_id as ${others}: they share their chats. With its own ID it starts without them.`;
    add('shared', 'warning', message, 'own-project-id');
  }
  if (conversation.isPrivate || cannotSend) return notices;
  if (facts.orphanCount > 0 && conversation.isEmpty) {
    const chats =
      facts.orphanCount === 1 ? '1 saved chat has lost its' : `${facts.orphanCount} saved chats have lost their`;
    add('orphans', 'info', `${chats} pipeline. Was it this one?`, 'relink-chats');
  }
  if (facts.server?.isStoreForbidden) {
    // Why nothing is saved is told above, with what helps.
  } else if (!conversation.isSaved && !facts.isSaving) {
    const message = conversation.isEmpty
      ? 'Chats of this pipeline are not saved.'
      : 'This chat is not saved: it is gone when the window closes.';
    add('unsaved', 'info', message, 'enable-saving');
  } else if (!facts.isSaving) {
    const message = 'Saving is off for this pipeline. This chat is saved already, and what you add to it is saved too.';
    add('still-saved', 'info', message);
  } else if (!facts.hasProjectId) {
    const message = facts.isPlaceShared
      ? 'This pipeline has no project_id, so its chats are kept under its path, together with those of other pipelines at the same path elsewhere.'
      : 'This pipeline has no project_id, so its chats are kept under its path and lost to it when it moves.';
    add('no-id', 'info', message, 'add-project-id');
  }
  return notices;
}

/** Why the chat can't be read is why its server is not asked, which is told with the server. */
function isToldOfServer({ code }: ChatError, { server, leftPlace }: NoticeFacts): boolean {
  if (!server || leftPlace !== undefined || !isServerCode(code)) return false;
  return server.status.kind !== 'ready' || (code === 'server-forbidden' && server.isStoreForbidden);
}
