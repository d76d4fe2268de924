import * as z from 'zod/mini';
import { ChatError } from '../protocol/chatError.ts';
import { type FailureReason, ServerFailure } from '../rocketride/serverFailure.ts';
import type { RequestOptions, ServerReply, ServerSession } from '../rocketride/serverSession.ts';
import { concatBytes } from '../util/concatBytes.ts';
import { Gate } from '../util/gate.ts';
import type { ByteRange } from './fileStore.ts';
import { isServerName } from './serverPath.ts';

/** A connection may have 64 handles open, and some are held for long. */
const READS_AT_ONCE = 24;
/** Bytes that the server gives at most at once. */
const READ_BYTES = 4 * 1024 * 1024;
/** Bytes sent at once: far below the server's limit for a message, so that other requests get their turn. */
const WRITE_BYTES = 8 * 1024 * 1024;

/** What the server says of a path. */
export interface ServerStat {
  readonly kind: 'file' | 'directory';
  readonly size: number;
  /** Epoch milliseconds; 0 for a folder. */
  readonly modified: number;
}

export interface ServerEntry extends Omit<ServerStat, 'size'> {
  readonly name: string;
  /** undefined for a file that the server could not look at, as when it goes at that moment. */
  readonly size: number | undefined;
}

/** A handle open for writing; it belongs to its session. */
export interface WriteHandle {
  readonly session: ServerSession;
  readonly id: string;
}

/**
 * `rrext_store` without an opinion: one function for each subcommand that is used. A file that is opened when nobody
 * waits for it any more is closed again, or its path would be locked as long as the session lives.
 */
export async function openForWriting(
  session: ServerSession,
  path: string,
  waitMs: number = OPEN_MS,
): Promise<WriteHandle> {
  const asked = store(session, { subcommand: 'fs_open', path, mode: 'w' }, { timeoutMs: Number.POSITIVE_INFINITY });
  const opened = asked.then(({ body }) => ({ session, id: parse(handle, body).handle }));
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new ChatError('server-offline', 'The server did not answer in time. Try again.'));
    opened.then(closeWritten).catch(() => undefined);
  }, waitMs);
  try {
    return await Promise.race([opened, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Puts bytes behind what was written with this handle; each piece waits for the one before it. */
export async function writeTo({ session, id }: WriteHandle, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length; start += WRITE_BYTES) {
    const data = bytes.subarray(start, start + WRITE_BYTES);
    const { body } = await store(session, { subcommand: 'fs_write', handle: id }, { data, timeoutMs: WRITE_MS });
    if (parse(written, body).bytesWritten !== data.length) throw notUnderstood();
  }
}

/** Writes what a file is to hold, and closes it, also when that fails: nobody else could open it then. */
export async function writeWhole(file: WriteHandle, bytes: Uint8Array): Promise<void> {
  try {
    await writeTo(file, bytes);
  } catch (error) {
    // Nobody waits for it: the failure that counts is the one above.
    void closeWritten(file).catch(() => undefined);
    throw error;
  }
  await closeWritten(file);
}

export async function closeWritten({ session, id }: WriteHandle): Promise<void> {
  await store(session, { subcommand: 'fs_close', handle: id, mode: 'w' });
}

/** The bytes of a file, or a part of them; undefined when there is no such file. */
export function readBytes(session: ServerSession, path: string, range?: ByteRange): Promise<Uint8Array | undefined> {
  const gate = gates.get(session) ?? new Gate(READS_AT_ONCE);
  gates.set(session, gate);
  return gate.run(() => readNow(session, path, range));
}

const gates = new WeakMap<ServerSession, Gate>();

async function readNow(session: ServerSession, path: string, range?: ByteRange): Promise<Uint8Array | undefined> {
  const opened = await store(session, { subcommand: 'fs_open', path, mode: 'r' }).catch(async (error: unknown) => {
    // Of a file that goes at this very moment the server may say so in other words.
    const isGone = isFailure(error, 'not-found') || (isFailure(error, 'other') && !(await statOf(session, path)));
    if (isGone) return undefined;
    throw error;
  });
  if (!opened) return undefined;
  const { handle: id, size } = parse(reading, opened.body);
  try {
    if (size > MOST_BYTES) throw notUnderstood();
    const end = Math.min(range?.end ?? size, size);
    const pieces: Uint8Array[] = [];
    for (let at = range?.start ?? 0; at < end; ) {
      const length = Math.min(READ_BYTES, end - at);
      const { data } = await store(session, { subcommand: 'fs_read', handle: id, offset: at, length });
      if (!data || data.length === 0) break;
      if (data.length > length) throw notUnderstood();
      pieces.push(data);
      at += data.length;
    }
    return concatBytes(pieces);
  } finally {
    // Nobody waits for it, and a handle that could not be closed ends with the session.
    void store(session, { subcommand: 'fs_close', handle: id, mode: 'r' }).catch(() => undefined);
  }
}

export async function statOf(session: ServerSession, path: string): Promise<ServerStat | undefined> {
  const { body } = await store(session, { subcommand: 'fs_stat', path });
  const { exists, type, size, modified } = parse(stat, body);
  if (!exists) return undefined;
  if (type === 'dir') return FOLDER;
  if (size === undefined) throw notUnderstood();
  return { kind: 'file', size, modified: modified * 1000 };
}

/** Empty for a folder that is not there. What has a name that no file of a store can have is left out. */
export async function entriesOf(session: ServerSession, path: string): Promise<ServerEntry[]> {
  const { body } = await store(session, { subcommand: 'fs_list_dir', path });
  const entries = parse(listing, body).entries.filter(({ name }) => isServerName(name));
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return [...byName.values()].map(({ name, type, size, modified }) =>
    type === 'dir' ? { name, ...FOLDER } : { name, kind: 'file', size, modified: modified * 1000 },
  );
}

/** What is not there counts as deleted. */
export async function deleteFile(session: ServerSession, path: string): Promise<void> {
  await unless('not-found', store(session, { subcommand: 'fs_delete', path }));
}

export async function removeFolder(session: ServerSession, path: string): Promise<void> {
  await unless('not-found', store(session, { subcommand: 'fs_rmdir', path, recursive: true }));
}

export async function renamePath(session: ServerSession, from: string, to: string): Promise<void> {
  await store(session, { subcommand: 'fs_rename', old_path: from, new_path: to }, { timeoutMs: WRITE_MS });
}

export function isFailure(error: unknown, ...reasons: readonly FailureReason[]): boolean {
  return error instanceof ServerFailure && reasons.includes(error.reason);
}

const OPEN_MS = 30_000;
/** A large piece over a slow line takes its time. */
const WRITE_MS = 120_000;
const FOLDER = { kind: 'directory', size: 0, modified: 0 } as const;

/** A file is read whole into memory; one that is said to be larger is none of ours. */
const MOST_BYTES = 1024 * 1024 * 1024;

const byteCount = z.int().check(z.nonnegative());
/** Epoch seconds, as far as a Date goes. */
const seconds = z._default(z.number().check(z.minimum(0), z.maximum(8.64e12)), 0);
const handle = z.object({ handle: z.string() });
const reading = z.object({ handle: z.string(), size: byteCount });
const written = z.object({ bytesWritten: byteCount });
const stat = z.object({
  exists: z.boolean(),
  type: z._default(z.enum(['file', 'dir', 'both']), 'file'),
  size: z.optional(byteCount),
  modified: seconds,
});
const listing = z.object({
  entries: z.array(
    z.object({
      name: z.string(),
      type: z.enum(['file', 'dir']),
      size: z.optional(byteCount),
      modified: seconds,
    }),
  ),
});

function store(session: ServerSession, args: Record<string, unknown>, options?: RequestOptions): Promise<ServerReply> {
  return session.request('rrext_store', args, options);
}

async function unless<T>(reason: FailureReason, request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isFailure(error, reason)) return undefined;
    throw error;
  }
}

function parse<T>(schema: z.ZodMiniType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw notUnderstood();
}

function notUnderstood(): ChatError {
  return new ChatError('server-error', "The server's answer about its files can't be understood; it may be too new.");
}
