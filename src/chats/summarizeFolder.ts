import type { FileStore } from '../files/fileStore.ts';
import { ChatError } from '../protocol/chatError.ts';
import { questionText } from '../protocol/question.ts';
import { type CatalogEntry, DEFAULT_TITLE, preview } from './catalog.ts';
import { type ChatMeta, decodeMeta } from './chatMeta.ts';
import { metaPath, transcriptPath } from './paths.ts';
import { scanTranscript } from './readTranscript.ts';

/**
 * The catalog entry that a chat's own files tell. undefined for a chat that was deleted or holds no question.
 * A transcript that is there but can't be read is listed all the same, so that no chat is hidden.
 */
export async function summarizeFolder(files: FileStore, id: string): Promise<CatalogEntry | undefined> {
  const meta = await readMeta(files, id);
  if (meta.deleted) return undefined;
  let firstQuestion: string | undefined;
  let lastQuestion = '';
  const asked = new Set<string>();
  let turnCount = 0;
  let created = '';
  let updated = '';
  let pipelineId = '';
  let unreadableCount = 0;
  try {
    unreadableCount = await scanTranscript(files, transcriptPath(id), ({ record }) => {
      if (record.type === 'header') {
        created ||= record.created;
        pipelineId ||= record.pipeline_id;
        return;
      }
      updated = record.created;
      if (record.type === 'turn') turnCount += 1;
      if ((record.type === 'ask' || record.type === 'turn') && !(record.id !== undefined && asked.has(record.id))) {
        lastQuestion = questionText(record.question);
        firstQuestion ??= lastQuestion;
        if (record.id !== undefined) asked.add(record.id);
      }
    });
  } catch (error) {
    if (ChatError.from(error).code === 'not-found') return undefined;
    unreadableCount = 1;
  }
  if (firstQuestion === undefined && unreadableCount === 0) return undefined;
  return {
    guid: id,
    title: meta.title ?? DEFAULT_TITLE,
    created: created || updated,
    updated: updated || created,
    message_count: turnCount,
    preview: preview(lastQuestion),
    pipeline_id: meta.pipeline_id ?? pipelineId,
    first_question: preview(firstQuestion ?? ''),
  };
}

async function readMeta(files: FileStore, id: string): Promise<ChatMeta> {
  try {
    return decodeMeta(new TextDecoder().decode(await files.read(metaPath(id))));
  } catch (error) {
    if (ChatError.from(error).code === 'not-found') return {};
    throw error;
  }
}
