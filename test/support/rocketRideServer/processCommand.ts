import type { Call, Reply } from './call.ts';
import { ChildError, Refusal } from './refusal.ts';
import type { Task } from './task.ts';

/** `rrext_process`; undefined when there will be no answer. @throws Refusal */
export async function processCommand(call: Call): Promise<Reply | undefined> {
  const { tasks, traps } = call.services;
  const task = tasks.get(call.token);
  await task.running();
  task.idleSeconds = 0;
  if (traps.killsTask?.(call.request)) {
    task.crash();
    return undefined;
  }
  const unanswered = task.over.then(() => undefined);
  try {
    return await Promise.race([unanswered, inChild(task, call)]);
  } catch (error) {
    if (!(error instanceof ChildError)) throw error;
    // The real server passes on the body of its child's answer, and a failed one has none.
    if (traps.losesChildErrors) return {};
    throw new Refusal(error.message);
  }
}

async function inChild(task: Task, { args, request }: Call): Promise<Reply> {
  const { pipes, spec } = task;
  if (request.subcommand === 'open') {
    const { provider } = args;
    if (provider && provider !== spec.provider) {
      throw new Refusal(`You are looking for a "${provider}", but this pipeline isn't it`);
    }
    return { body: { pipe_id: await pipes.open(args) } };
  }
  if (request.subcommand === 'write') {
    await pipes.write(args.pipe_id, request.data);
    return {};
  }
  if (request.subcommand === 'close') return { body: pipes.close(args.pipe_id) };
  throw new ChildError(`Unknown subcommand: ${request.subcommand}`);
}
