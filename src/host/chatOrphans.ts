import type { CatalogEntry } from '../chats/catalog.ts';

/** Chats of one pipeline that no file of this window is. */
export interface OrphanGroup<T> {
  readonly key: string;
  readonly chats: readonly T[];
}

/** The chats whose pipeline is not among the known keys, the largest group first. */
export function orphanGroups<T extends { readonly entry: Pick<CatalogEntry, 'pipeline_id'> }>(
  chats: readonly T[],
  known: { has(key: string): boolean },
): OrphanGroup<T>[] {
  const groups = Map.groupBy(chats, ({ entry }) => entry.pipeline_id);
  return [...groups]
    .filter(([key]) => !known.has(key))
    .map(([key, found]) => ({ key, chats: found }))
    .sort((a, b) => b.chats.length - a.chats.length);
}

/** Whether a pipeline file at this path may be the one that chats were kept under, moved to another folder. */
export function isMovedFrom(key: string, path: string): boolean {
  return key !== path && baseName(key) === baseName(path);
}

/** Where a pipeline that was kept under its path is after a file or folder was renamed; undefined when it stays. */
export function renamedKey(key: string, from: string, to: string): string | undefined {
  if (key === from) return to;
  return key.startsWith(`${from}/`) ? to + key.slice(from.length) : undefined;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
