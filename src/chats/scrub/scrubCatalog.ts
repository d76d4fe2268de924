import type { FileStore } from '../../files/fileStore.ts';
import { mapSome } from '../../util/mapSome.ts';
import { type Catalog, type CatalogEntry, catalogEntry } from '../catalog.ts';
import { lostMeta, mergeEntry } from '../mergeEntry.ts';
import { chatFolder } from '../paths.ts';
import { summarizeFolder } from '../summarizeFolder.ts';
import type { PlaceCounts } from './scrubFiles.ts';
import type { TextSwap } from './swapText.ts';

export interface ScrubbedCatalog extends PlaceCounts {
  /** The one that was given, when nothing in it had to change. */
  readonly catalog: Catalog;
}

/** A catalog without the text, as far as its own words go. @param ids leaves the rows of other chats alone */
export function scrubCatalog(catalog: Catalog, swap: TextSwap, ids: readonly string[] | undefined): ScrubbedCatalog {
  let placeCount = 0;
  let keptCount = 0;
  const swapped = (value: unknown): unknown => {
    const found = swap.inJson(encoder.encode(JSON.stringify(value)), true);
    placeCount += found.placeCount;
    keptCount += found.keptCount;
    return found.placeCount === 0 ? value : JSON.parse(decoder.decode(found.bytes));
  };
  const entries = catalog.entries.map((entry) =>
    ids && !ids.includes(entry.guid) ? entry : catalogEntry.parse(swapped(entry)),
  );
  if (ids) return { catalog: placeCount === 0 ? catalog : { ...catalog, entries }, placeCount, keptCount };
  const strangeRows = catalog.strangeRows.map(swapped);
  const otherKeys = Object.fromEntries(Object.entries(catalog.otherKeys).map(([key, value]) => [key, swapped(value)]));
  return {
    catalog: placeCount === 0 ? catalog : { ...catalog, entries, strangeRows, otherKeys },
    placeCount,
    keptCount,
  };
}

/** The catalog with the rows of these chats made anew: what they show may have been cut in the middle of the text. */
export async function relist(files: FileStore, catalog: Catalog, ids: ReadonlySet<string>): Promise<Catalog> {
  if (ids.size === 0) return catalog;
  const entries = await mapSome(catalog.entries, async (entry) =>
    ids.has(entry.guid) ? freshEntry(files, entry) : entry,
  );
  return { ...catalog, entries };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

async function freshEntry(files: FileStore, current: CatalogEntry): Promise<CatalogEntry> {
  const { entry: fresh } = await summarizeFolder(files, current.guid, chatFolder(current.guid));
  if (!fresh) return current;
  const title = lostMeta(current, fresh)?.title;
  const merged = mergeEntry(current, fresh);
  return title === undefined ? merged : { ...merged, title };
}
