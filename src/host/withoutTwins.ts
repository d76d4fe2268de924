/** Of chats with the same id in several places the one that was changed last: a move that was cut off leaves both. */
export function withoutTwins<T extends { readonly entry: { readonly guid: string; readonly updated: string } }>(
  chats: readonly T[],
): T[] {
  const byId = new Map<string, T>();
  for (const chat of chats) {
    const twin = byId.get(chat.entry.guid);
    if (!twin || time(chat) > time(twin)) byId.set(chat.entry.guid, chat);
  }
  return [...byId.values()];
}

function time({ entry }: { readonly entry: { readonly updated: string } }): number {
  return Date.parse(entry.updated) || 0;
}
