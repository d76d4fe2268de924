import type { ServerStatus } from './servers.ts';

export interface ServerStatusText {
  /** With the icon, as a status bar has it. */
  readonly text: string;
  readonly tooltip: string;
  readonly severity: 'none' | 'warning' | 'error';
}

/** What the status bar says of a server; undefined when there is nothing to say. @param now epoch milliseconds */
export function serverStatusText(
  status: ServerStatus,
  host: string | undefined,
  now: number,
): ServerStatusText | undefined {
  const name = host ?? 'RocketRide';
  switch (status.kind) {
    case 'idle':
      return undefined;
    case 'connecting':
      return { text: `$(loading~spin) ${name}`, tooltip: `Connecting to ${name}…`, severity: 'none' };
    case 'ready':
      return { text: `$(plug) ${name}`, tooltip: readyTooltip(name, status), severity: 'none' };
    case 'offline': {
      const seconds = Math.max(0, Math.ceil((status.retryAt - now) / 1000));
      const retry = seconds > 0 ? `retry in ${seconds} s` : 'retrying';
      return { text: `$(debug-disconnect) ${name}: ${retry}`, tooltip: status.error.message, severity: 'warning' };
    }
    case 'refused':
      return { text: `$(key) ${name}: refused`, tooltip: status.error.message, severity: 'error' };
    case 'insecure':
    case 'unnamed':
      return {
        text: `$(debug-disconnect) ${name}: not connected`,
        tooltip: status.error.message,
        severity: 'error',
      };
  }
}

function readyTooltip(name: string, { canRun, canStore }: ServerStatus & { readonly kind: 'ready' }): string {
  return [
    `Connected to ${name}`,
    ...(canStore ? [] : ['The key does not allow chats to be kept there.']),
    ...(canRun ? [] : ['The key does not allow pipelines to be started there.']),
  ].join('\n');
}
