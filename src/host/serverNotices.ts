import type { ChatError } from '../protocol/chatError.ts';
import type { ActionId, Notice } from '../protocol/model.ts';
import type { ServerStatus } from './servers.ts';

/** How a pipeline stands with the server that it is asked on, or that its chats are kept on. */
export interface ServerFacts {
  readonly status: ServerStatus;
  /** Pipelines are run there; else only chats are kept there. */
  readonly isEngine: boolean;
  /** Connecting has been going on for longer than a moment. */
  readonly isSlow: boolean;
  /** Why chats of the server may be missing from the list; says why it is not connected, too. */
  readonly listProblem: ChatError | undefined;
  /** The key does not allow to keep chats there. */
  readonly isStoreForbidden: boolean;
  /** The server runs another version of the pipeline than the one on disk. */
  readonly isOutdated: boolean;
}

export interface ServerNotice extends Omit<Notice, 'actions'> {
  readonly actions: readonly ActionId[];
}

/** What a panel has to say of its server, the most urgent first. */
export function serverNotices(facts: ServerFacts): ServerNotice[] {
  return [connectionNotice(facts), listNotice(facts), runNotice(facts), storeNotice(facts)].filter(
    (notice) => notice !== undefined,
  );
}

function connectionNotice({ status, isEngine, isSlow, listProblem }: ServerFacts): ServerNotice | undefined {
  const notice = (severity: Notice['severity'], message: string, ...actions: ActionId[]): ServerNotice => {
    return { id: `server/${status.kind}`, severity, message, actions };
  };
  const reason = listProblem?.message ?? ('error' in status ? status.error.message : '');
  switch (status.kind) {
    case 'connecting':
      return isSlow ? notice('info', 'Connecting to the RocketRide server…') : undefined;
    case 'offline':
      return notice('warning', reason, 'retry-server');
    case 'refused':
      return notice('error', reason, 'set-server-key', 'connect-server');
    case 'insecure':
      return notice('error', reason, 'retry-server', 'connect-server');
    case 'unnamed':
      return notice('error', reason, 'connect-server', isEngine ? 'use-embedded' : 'save-locally');
    default:
      return undefined;
  }
}

function listNotice({ status, listProblem }: ServerFacts): ServerNotice | undefined {
  if (status.kind !== 'ready' || !listProblem) return undefined;
  return { id: 'server/list', severity: 'warning', message: listProblem.message, actions: ['reload'] };
}

function runNotice({ isOutdated }: ServerFacts): ServerNotice | undefined {
  if (!isOutdated) return undefined;
  const message =
    'The server runs an earlier version of this pipeline, which answers. A restart ends what is being answered there.';
  return { id: 'server/outdated', severity: 'warning', message, actions: ['restart-pipeline', 'keep-running'] };
}

function storeNotice({ isStoreForbidden }: ServerFacts): ServerNotice | undefined {
  if (!isStoreForbidden) return undefined;
  const message =
    'The key does not allow chats to be kept on the server: new ones are not saved, and those there are not listed.';
  return { id: 'server/forbidden', severity: 'warning', message, actions: ['save-locally', 'set-server-key'] };
}
