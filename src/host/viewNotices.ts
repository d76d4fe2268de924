import type { Conversation } from '../chats/conversation.ts';
import type { ChatError, ChatErrorCode } from '../protocol/chatError.ts';
import type { ActionId, Notice } from '../protocol/model.ts';

export interface NoticeFacts {
  readonly cannotSend: ChatError | undefined;
  readonly conversation: Pick<Conversation, 'problem' | 'isGone' | 'isSaved' | 'isPrivate' | 'isEmpty'>;
  readonly listProblems: readonly ChatError[];
  readonly isSaving: boolean;
  readonly hasProjectId: boolean;
  /** Other pipeline files with the same id. */
  readonly sharedWith: readonly string[];
  readonly settingProblems: readonly string[];
}

const LABELS: Readonly<Record<ActionId, string>> = {
  'save-and-send': 'Save and Send',
  'enable-saving': 'Save Chats of This Pipeline',
  'open-pipeline': 'Open Pipeline',
  'choose-source': 'Choose Source…',
  'add-project-id': 'Add an ID',
  'set-secret': 'Set Model Key…',
  'open-settings': 'Open Settings',
  'show-log': 'Show Log',
  reload: 'Reload',
};

const WAYS_ON: Partial<Record<ChatErrorCode, ActionId>> = {
  'source-ambiguous': 'choose-source',
  'pipeline-invalid': 'open-pipeline',
  'pipeline-unsupported': 'open-pipeline',
  'missing-key': 'set-secret',
  internal: 'show-log',
};

/** What a panel has to say above its composer, the most urgent first. */
export function viewNotices(facts: NoticeFacts): Notice[] {
  const { conversation, cannotSend, listProblems } = facts;
  const notices: Notice[] = [];
  const add = (id: string, severity: Notice['severity'], message: string, ...actions: (ActionId | undefined)[]) => {
    const offered = actions.flatMap((action) => (action ? [{ action, label: LABELS[action] }] : []));
    notices.push({ id, severity, message, actions: offered });
  };
  if (conversation.isGone) {
    add('gone', 'warning', 'This chat was deleted in another window. What you see here is no longer saved.');
  } else if (conversation.problem) {
    add('chat', 'error', conversation.problem.message, 'reload');
  }
  if (cannotSend) add(`cannot-send/${cannotSend.code}`, 'error', cannotSend.message, WAYS_ON[cannotSend.code]);
  for (const [index, problem] of listProblems.entries()) add(`list/${index}`, 'error', problem.message, 'reload');
  facts.settingProblems.forEach((problem, index) => {
    add(`setting/${index}`, 'warning', problem, 'open-settings');
  });
  if (facts.sharedWith.length > 0) {
    const others = facts.sharedWith.join(', ');
    add('shared', 'warning', `This pipeline has the same project_id as ${others}: they share their chats.`);
  }
  if (conversation.isPrivate || cannotSend) return notices;
  if (!conversation.isSaved && !facts.isSaving) {
    const message = conversation.isEmpty
      ? 'Chats of this pipeline are not saved.'
      : 'This chat is not saved: it is gone when the window closes.';
    add('unsaved', 'info', message, 'enable-saving');
  } else if (!facts.isSaving) {
    const message = 'Saving is off for this pipeline. This chat is saved already, and what you add to it is saved too.';
    add('still-saved', 'info', message);
  } else if (!facts.hasProjectId) {
    const message =
      'This pipeline has no project_id, so its chats are kept under its path and lost to it when it moves.';
    add('no-id', 'info', message, 'add-project-id');
  }
  return notices;
}
