import type { ChatErrorCode } from '../src/protocol/chatError.ts';
import type { ActionId } from '../src/protocol/model.ts';

export interface ErrorRemedy {
  readonly action: ActionId;
  readonly label: string;
}

const REMEDIES: Partial<Record<ChatErrorCode, ErrorRemedy>> = {
  'missing-key': { action: 'set-secret', label: 'Set Model Key…' },
  unauthorized: { action: 'set-secret', label: 'Set Model Key…' },
  'pipeline-invalid': { action: 'open-pipeline', label: 'Open Pipeline' },
  'pipeline-unsupported': { action: 'open-pipeline', label: 'Open Pipeline' },
  'source-ambiguous': { action: 'choose-source', label: 'Choose Source…' },
  'server-refused': { action: 'set-server-key', label: 'Set Server Key…' },
  'server-forbidden': { action: 'set-server-key', label: 'Set Server Key…' },
  unreadable: { action: 'reload', label: 'Reload' },
  internal: { action: 'show-log', label: 'Show Log' },
  'server-error': { action: 'show-log', label: 'Show Log' },
};

/**
 * What mends the cause of an error, besides trying again; undefined when only that can help. Of a server that is offline
 * a notice tells, for as long as it is.
 */
export function errorRemedy(code: ChatErrorCode): ErrorRemedy | undefined {
  return REMEDIES[code];
}
