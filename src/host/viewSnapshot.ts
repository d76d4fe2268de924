import * as vscode from 'vscode';
import type { Conversation } from '../chats/conversation.ts';
import type { ViewSnapshot } from '../protocol/model.ts';
import { titleFrom } from './chatSummary.ts';
import type { PipelineChats } from './pipelineChats.ts';
import { viewNotices } from './viewNotices.ts';

export interface ViewFacts {
  readonly rev: number;
  readonly draft: string;
  /** What the chat was called when it was shown last. */
  readonly lastTitle: string | undefined;
  /** The chat is in no list, but may be on the server that has not told its chats. */
  readonly isPresumed: boolean;
}

/** All that a view shows, drawn from its pipeline and its chat. */
export function viewSnapshot(
  pipelineChats: PipelineChats,
  conversation: Conversation,
  { rev, draft, lastTitle, isPresumed }: ViewFacts,
): ViewSnapshot {
  const { file, settings, isSaving } = pipelineChats;
  const cannotSend = pipelineChats.cannotSend();
  return {
    rev,
    pipeline: {
      name: file.name,
      path: file.relativePath,
      model: file.model,
      canSend: cannotSend === undefined,
      isDirty: file.isDirty,
      examples: file.examples,
    },
    isSaving,
    chats: [...pipelineChats.list],
    unlisted: pipelineChats.unlisted,
    chat: {
      chatId: conversation.chatId,
      title: chatTitle(pipelineChats, conversation, lastTitle),
      isSaved: conversation.isSaved && !conversation.isGone,
      isPrivate: conversation.isPrivate,
      isLoading: conversation.isLoading || (isPresumed && conversation.isGone),
      isReadOnly: conversation.problem !== undefined || conversation.isGone,
      turns: conversation.turns,
      hasOlder: conversation.hasOlder,
      draft,
    },
    notices: viewNotices({
      cannotSend,
      conversation,
      isPresumed,
      listProblems: pipelineChats.problems,
      isWaiting: pipelineChats.isWaiting,
      otherPlaces: pipelineChats.otherPlaces,
      isSaving,
      hasProjectId: pipelineChats.hasId,
      sharedWith: pipelineChats.sharedWith,
      orphanCount: pipelineChats.orphanCount,
      settingProblems: settings.problems,
      server: pipelineChats.server,
      leftPlace: pipelineChats.leftPlaceOf(conversation),
      isPlaceShared: settings.place !== 'workspace',
    }),
    deleteArmedSeconds: settings.deleteArmedSeconds,
  };
}

/** As the list has it; of a chat that is not listed, its first question, or what it was called when it was shown last. */
export function chatTitle({ list }: PipelineChats, conversation: Conversation, lastTitle: string | undefined): string {
  const listed = list.find(({ chatId }) => chatId === conversation.chatId);
  const unread = conversation.isSaved ? (lastTitle ?? vscode.l10n.t('Chat')) : vscode.l10n.t('New Chat');
  return listed?.title ?? (titleFrom(conversation.turns[0]?.question ?? '') || unread);
}
