import { createHash } from 'node:crypto';

export interface TaskIdentity {
  readonly projectId: string;
  readonly source: string;
  readonly userId: string;
}

/** `tk_…`: the same for every run of a pipeline's source by a user. */
export function taskToken({ projectId, source, userId }: TaskIdentity): string {
  return `tk_${digest([
    ['project_id', projectId],
    ['source', source],
    ['userId', userId],
  ])}`;
}

/** `pk_…`: the same for every run of a pipeline's source by anybody. */
export function publicToken({ projectId, source }: Omit<TaskIdentity, 'userId'>): string {
  return `pk_${digest([
    ['project_id', projectId],
    ['source', source],
  ])}`;
}

/** First half of the SHA-256 of the JSON that Python makes of a dict with sorted keys. */
function digest(sortedEntries: readonly (readonly [string, string])[]): string {
  const members = sortedEntries.map(([key, value]) => `${pythonString(key)}: ${pythonString(value)}`);
  return createHash('sha256')
    .update(`{${members.join(', ')}}`)
    .digest('hex')
    .slice(0, 32);
}

function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
