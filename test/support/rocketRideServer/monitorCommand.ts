import type { Call, Reply } from './call.ts';
import { monitorArguments } from './monitors.ts';
import { noTaskStatus } from './taskStatus.ts';

/** `rrext_monitor`: subscribes, and tells at once how things stand. @throws Refusal */
export async function monitorCommand(call: Call): Promise<Reply> {
  const { tasks } = call.services;
  const args = monitorArguments.parse(call.args);
  const isEverything = call.token === '*';
  const named = call.token && !isEverything ? tasks.get(call.token) : undefined;
  const isNew = call.monitors.set(args, named, isEverything);
  if (!call.login.permissions.includes('task.monitor')) return {};
  const task = named ?? tasks.byProject(args.projectId, args.source);
  if (isNew('SUMMARY') && task) call.sendEvent('apaevt_status_update', task.status, task.id);
  else if (isNew('SUMMARY') && args.projectId && args.source) {
    const identity = { project_id: args.projectId, source: args.source };
    const id = `${args.projectId}.${args.source}`;
    call.sendEvent('apaevt_status_update', { ...noTaskStatus, ...identity, status: 'Not running' }, id);
  }
  if (isNew('TASK')) call.sendEvent('apaevt_task', { action: 'running', tasks: runningTasks(call) }, '');
  return {};
}

function runningTasks({ services, login }: Call): object[] {
  const running = services.tasks.all.filter((task) => task.userId === login.userId && !task.isOver);
  return running.map(({ id, status, spec }) => {
    return { id, name: status.name, projectId: spec.projectId, source: spec.source };
  });
}
