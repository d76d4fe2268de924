/** Keys of a node that say how it is drawn, not what it does. */
const drawnKeys = new Set(['ui']);

/**
 * What of a pipeline's content decides how it runs, as a text to compare: its nodes without their places on the canvas,
 * with sorted keys. The source is left out, it is chosen for each run.
 */
export function runnableText(content: Readonly<Record<string, unknown>>): string {
  const nodes = Array.isArray(content.components) ? content.components : [];
  return JSON.stringify(nodes.map((node: unknown) => runnableNode(node)));
}

/** A server gives a source without a config an empty one. */
function runnableNode(node: unknown): unknown {
  if (!isRecord(node)) return node;
  const kept = Object.entries(node).filter(([key]) => !drawnKeys.has(key));
  return sorted({ ...Object.fromEntries(kept), config: node.config ?? {} });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
