import { type CatalogEntry, DEFAULT_TITLE } from '../chats/catalog.ts';
import type { ChatSummary } from '../protocol/model.ts';

const TITLE_LENGTH = 60;

/** The title that users see: theirs, else the first question, cleaned and cut. */
export function shownTitle(entry: CatalogEntry): string {
  if (entry.title !== DEFAULT_TITLE) return entry.title;
  return titleFrom(entry.first_question ?? entry.preview) || DEFAULT_TITLE;
}

export function titleFrom(question: string): string {
  const words = question.replace(/\s+/g, ' ').trim();
  return words.length > TITLE_LENGTH ? `${words.slice(0, TITLE_LENGTH - 1).trimEnd()}…` : words;
}

export function chatSummary(entry: CatalogEntry, isRunning: boolean): ChatSummary {
  return {
    chatId: entry.guid,
    title: shownTitle(entry),
    isRenamed: entry.title !== DEFAULT_TITLE,
    preview: entry.preview.replace(/\s+/g, ' ').trim(),
    created: entry.created,
    updated: entry.updated,
    turnCount: entry.message_count,
    pipelineId: entry.pipeline_id,
    isRunning,
  };
}

/** Newest first. Times are parsed: writers differ in precision and in how they write the zone. */
export function byUpdated(a: { readonly updated: string }, b: { readonly updated: string }): number {
  return time(b.updated) - time(a.updated);
}

function time(iso: string): number {
  const parsed = Date.parse(iso);
  return Number.isNaN(parsed) ? 0 : parsed;
}
