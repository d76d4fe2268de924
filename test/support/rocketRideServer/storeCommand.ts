import * as z from 'zod/mini';
import type { Call, Reply } from './call.ts';
import { Refusal } from './refusal.ts';

const CHUNK_BYTES = 4_194_304;

const storeArguments = z.looseObject({
  path: z.nullish(z.string()),
  mode: z.catch(z._default(z.string(), 'r'), 'r'),
  handle: z._default(z.string(), 'None'),
  offset: z.catch(z.int().check(z.minimum(0)), 0),
  length: z.catch(z.int().check(z.minimum(1)), CHUNK_BYTES),
});

/** `rrext_store`. @throws Refusal */
export async function storeCommand(call: Call): Promise<Reply> {
  const { subcommand } = call.request;
  if (subcommand === '') throw new Refusal('Subcommand is required');
  const run = SUBCOMMANDS.get(subcommand);
  if (!run) throw new Refusal(`Unknown subcommand: ${subcommand}`);
  return run(call);
}

const SUBCOMMANDS = new Map<string, (call: Call) => Promise<Reply>>([
  ['fs_open', open],
  ['fs_read', read],
  ['fs_write', write],
  ['fs_close', close],
  ['fs_delete', async (call) => done(filesOf(call).remove(pathOf(call)))],
  ['fs_list_dir', list],
  ['fs_mkdir', async (call) => done(filesOf(call).makeFolder(pathOf(call, 'rstrip')))],
  ['fs_rmdir', removeFolder],
  ['fs_stat', async (call) => ({ body: await filesOf(call).stat(pathOf(call)) })],
  ['fs_rename', rename],
]);

async function open(call: Call): Promise<Reply> {
  const { mode } = storeArguments.parse(call.args);
  if (mode !== 'w') return { body: await filesOf(call).openRead(pathOf(call), call.owner) };
  return { body: { handle: await filesOf(call).openWrite(pathOf(call), call.owner) } };
}

async function read(call: Call): Promise<Reply> {
  const { handle, offset, length } = storeArguments.parse(call.args);
  const reader = filesOf(call).handles.reader(handle, call.owner);
  const data = await reader.read(offset, Math.min(length, CHUNK_BYTES));
  return { body: { size: data.length }, data };
}

async function write(call: Call): Promise<Reply> {
  const { handle } = storeArguments.parse(call.args);
  const data = call.request.data ?? Buffer.alloc(0);
  await filesOf(call).handles.writer(handle, call.owner).write(data);
  return { body: { bytesWritten: data.length } };
}

async function close(call: Call): Promise<Reply> {
  const { handle, mode } = storeArguments.parse(call.args);
  return done(filesOf(call).handles.close(handle, mode === 'w' ? 'w' : 'r', call.owner));
}

async function list(call: Call): Promise<Reply> {
  const entries = await filesOf(call).list('path' in call.args ? pathOf(call) : '');
  return { body: { entries, count: entries.length } };
}

async function removeFolder(call: Call): Promise<Reply> {
  const { path, recursive = false } = call.args;
  if (typeof path !== 'string' || path === '') throw new Refusal('rmdir requires a non-empty "path" string');
  if (typeof recursive !== 'boolean') throw new Refusal('rmdir "recursive" must be a boolean');
  return done(filesOf(call).removeFolder(path, recursive));
}

async function rename(call: Call): Promise<Reply> {
  const { old_path: from, new_path: to } = call.args;
  if (typeof from !== 'string' || from === '') throw new Refusal('rename requires a non-empty "old_path" string');
  if (typeof to !== 'string' || to === '') throw new Refusal('rename requires a non-empty "new_path" string');
  return done(filesOf(call).rename(from, to));
}

function filesOf({ services, login }: Call) {
  return services.filesOf(login.userId);
}

/** @throws Refusal in the words of Python when there is none. */
function pathOf(call: Call, method = 'replace'): string {
  const { path } = storeArguments.parse(call.args);
  if (typeof path !== 'string') throw new Refusal(`'NoneType' object has no attribute '${method}'`);
  return path;
}

async function done(work: Promise<void>): Promise<Reply> {
  await work;
  return {};
}
