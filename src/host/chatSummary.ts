import { type CatalogEntry, DEFAULT_TITLE } from '../chats/catalog.ts';
import type { ChatSummary } from '../protocol/model.ts';

const TITLE_LENGTH = 60;
const UNREADABLE = "This chat can't be read. Nothing of it was changed. Run Check Saved Chats to see why.";

/** The title that users see: theirs, else the first question, cleaned and cut. */
export function shownTitle(entry: CatalogEntry): string {
  if (entry.title !== DEFAULT_TITLE) return entry.title;
  return titleFrom(entry.first_question ?? entry.preview) || DEFAULT_TITLE;
}

export function titleFrom(question: string): string {
  const words = question.replace(/\s+/g, ' ').trim();
  return words.length > TITLE_LENGTH ? `${words.slice(0, TITLE_LENGTH - 1).trimEnd()}…` : words;
}

/** @param place where it is kept, when that has to be told */
export function chatSummary(entry: CatalogEntry, isRunning: boolean, place?: string): ChatSummary {
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
    isPinned: entry.pinned === true,
    isArchived: entry.archived === true,
    ...(place === undefined ? {} : { place }),
    ...(entry.unreadable ? { problem: UNREADABLE } : {}),
  };
}

/** Pinned chats first, then the newest. Times are parsed: writers differ in precision and in how they write the zone. */
export function inListOrder(a: ChatSummary, b: ChatSummary): number {
  return Number(b.isPinned) - Number(a.isPinned) || time(b.updated) - time(a.updated);
}

function time(iso: string): number {
  const parsed = Date.parse(iso);
  return Number.isNaN(parsed) ? 0 : parsed;
}
