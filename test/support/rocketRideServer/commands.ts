import type { Permission } from './account.ts';
import type { Call, Reply } from './call.ts';
import { monitorCommand } from './monitorCommand.ts';
import { processCommand } from './processCommand.ts';
import { Refusal } from './refusal.ts';
import { storeCommand } from './storeCommand.ts';
import { TASK_STATE } from './taskStatus.ts';

type Command = (call: Call) => Promise<Reply | undefined>;

/** Runs a command of somebody who is logged in; undefined when it will never be answered. @throws Refusal */
export async function runCommand(call: Call): Promise<Reply | undefined> {
  const { command } = call.request;
  const known = COMMANDS.get(command);
  if (!known && command.startsWith('rrext_')) throw new Refusal(`Invalid command: ${command}`);
  // Whatever else it is would be for the task's debugger, which there never is.
  if (!known) throw new Refusal(call.token ? 'Debug interface not available' : 'Task token is required');
  const [permission, run] = known;
  if (permission && !call.login.permissions.includes(permission))
    throw new Refusal(`Permission '${permission}' denied`);
  return run(call);
}

/** Answered before a login too. */
export const PUBLIC_PROBE = { version: '3.1.0', capabilities: ['oss'], platform: 'linux', apps: [] };

const COMMANDS = new Map<string, readonly [Permission | undefined, Command]>([
  ['rrext_ping', [undefined, async () => ({ body: { pong: true } })]],
  ['rrext_store', ['task.store', storeCommand]],
  ['rrext_process', ['task.data', processCommand]],
  ['rrext_monitor', [undefined, monitorCommand]],
  [
    'execute',
    ['task.control', async ({ services, args, login }) => ({ body: await services.tasks.execute(args, login.userId) })],
  ],
  ['restart', ['task.control', async ({ services, args }) => ({ body: await services.tasks.restart(args) })]],
  ['terminate', ['task.control', terminate]],
  [
    'rrext_get_task_status',
    ['task.monitor', async ({ services, token }) => ({ body: services.tasks.get(token).status })],
  ],
  [
    'rrext_get_pipeline',
    ['task.monitor', async ({ services, token }) => ({ body: { pipeline: services.tasks.get(token).spec.pipeline } })],
  ],
  ['rrext_get_token', ['task.monitor', getToken]],
  ['rrext_get_tasks', ['task.monitor', getTasks]],
  ['rrext_services', [undefined, async () => ({ body: { services: {}, version: PUBLIC_PROBE.version } })]],
  [
    'rrext_validate',
    [undefined, async ({ args }) => ({ body: { errors: [], warnings: [], pipeline: args.pipeline } })],
  ],
]);

async function terminate({ services, token }: Call): Promise<Reply> {
  await services.tasks.terminate(token);
  return {};
}

async function getToken({ services, args }: Call): Promise<Reply> {
  const task = services.tasks.byProject(args.projectId, args.source);
  if (!task) throw new Refusal('Your pipeline is not running');
  return { body: { token: task.token } };
}

async function getTasks({ services, login }: Call): Promise<Reply> {
  const own = services.tasks.all.filter(({ userId }) => userId === login.userId);
  const running = own.filter(({ status }) => status.state === TASK_STATE.running);
  const tasks = running.map(({ token, status, spec: { source, pipeline } }) => {
    return { name: source, description: 'RocketRide DTC MCP Tool', source, token, status: status.status, pipeline };
  });
  return { body: { tasks } };
}
