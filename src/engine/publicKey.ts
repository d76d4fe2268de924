import { createHash } from 'node:crypto';

/** The public key of a task: a server makes it of nothing but these two, as Python writes them in JSON. */
export function publicKey(projectId: string, source: string): string {
  const text = `{"project_id": ${pythonText(projectId)}, "source": ${pythonText(source)}}`;
  return `pk_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

function pythonText(text: string): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[^ -~]/g, escaped);
}
