import type { SearchHit } from '../../src/chats/search/searchChat.ts';
import { decodeRecord } from '../../src/chats/transcriptRecord.ts';
import { exchanges, turnView } from '../../src/chats/transcriptView.ts';

/** What a search should find, by parsing every line of a transcript and looking at what a view shows of it. */
export function searchByParsing(transcript: Uint8Array, text: string): Pick<SearchHit, 'turnId' | 'place'>[] {
  const records = [];
  for (let offset = 0, end = 0; ; offset = end + 1) {
    end = transcript.indexOf(0x0a, offset);
    if (end < 0) break;
    const record = decodeRecord(new TextDecoder().decode(transcript.subarray(offset, end)));
    if (record) records.push({ offset, record });
  }
  const has = (shown: string) => folded(shown).includes(folded(text));
  return exchanges(records).flatMap((exchange) => {
    const { id, question, parts } = turnView(exchange, 'interrupted');
    const values = parts.flatMap(({ kind, text: shown }) => (kind === 'json' ? leaves(JSON.parse(shown)) : [shown]));
    return [
      ...(has(question) ? [{ turnId: id, place: 'question' as const }] : []),
      ...(values.some(has) ? [{ turnId: id, place: 'answer' as const }] : []),
    ];
  });
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

function leaves(value: unknown): string[] {
  const found: string[] = [];
  JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'string' || typeof inner === 'number') found.push(String(inner));
    return inner;
  });
  return found;
}
