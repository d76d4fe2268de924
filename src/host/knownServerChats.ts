const KEY = 'serverChats';

/** How many chats of each pipeline there are on a server. */
export type ChatCounts = Readonly<Record<string, number>>;

/** As VS Code has it. */
interface Memory {
  get<T>(key: string, fallback: T): T;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** How many chats were on which server when it was listed last; kept over windows, so that none is forgotten. */
export class KnownServerChats {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** By server; undefined for one that was never listed. */
  of(url: string): ChatCounts | undefined {
    return this.#all[url];
  }

  /** The servers that have chats of a pipeline, `exceptUrl` aside. */
  withChatsOf(pipelineId: string, exceptUrl: string | undefined): { readonly url: string; readonly count: number }[] {
    return Object.entries(this.#all)
      .map(([url, counts]) => ({ url, count: url === exceptUrl ? 0 : (counts[pipelineId] ?? 0) }))
      .filter(({ count }) => count > 0);
  }

  async set(url: string, entries: readonly { readonly pipeline_id: string }[]): Promise<void> {
    const found = new Map<string, number>();
    for (const { pipeline_id } of entries) found.set(pipeline_id, (found.get(pipeline_id) ?? 0) + 1);
    const counts = Object.fromEntries(found);
    if (JSON.stringify(counts) === JSON.stringify(this.of(url) ?? {})) return;
    await this.#memory.update(KEY, { ...this.#all, [url]: counts });
  }

  get #all(): Readonly<Record<string, ChatCounts>> {
    return this.#memory.get<Record<string, ChatCounts>>(KEY, {});
  }
}
