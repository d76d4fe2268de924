import type { Node } from 'jsonc-parser';

/** How JSON is written at one place of a text. */
export interface JsonStyle {
  /** What stands between a key and its value. */
  readonly colon: string;
  print(value: unknown): string;
}

/** The style of the property that this node is or belongs to: over several lines where that stands on a new line. */
export function jsonStyleAt(text: string, node: Node): JsonStyle {
  const property = node.type === 'property' ? node : node.parent;
  if (property?.type !== 'property') return { colon: ': ', print: (value) => JSON.stringify(value) };
  const colon = colonOf(text, property);
  const [, lineBreak, indent] = /(\r\n|\r|\n)([ \t]*)$/.exec(leadOf(text, property)) ?? [];
  if (lineBreak === undefined) return { colon, print: (value) => inline(value, colon, /\{ +"/.test(text) ? ' ' : '') };
  const unit = /[\r\n]([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  return { colon, print: (value) => JSON.stringify(value, null, unit).replaceAll('\n', `${lineBreak}${indent}`) };
}

/** The white space between a property and the comma or brace before it. */
export function leadOf(text: string, property: Node): string {
  let start = property.offset;
  while (start > 0 && ' \t\r\n'.includes(text.charAt(start - 1))) start--;
  return text.slice(start, property.offset);
}

function colonOf(text: string, property: Node): string {
  const [key, value] = property.children ?? [];
  return key === undefined || value === undefined ? ': ' : text.slice(key.offset + key.length, value.offset);
}

function inline(value: unknown, colon: string, padding: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, inner]) => `${JSON.stringify(key)}${colon}${inline(inner, colon, padding)}`,
  );
  return `{${padding}${entries.join(`,${padding}`)}${padding}}`;
}
