import { applyEdits, type Edit, type Node, parseTree } from 'jsonc-parser';
import { ChatError } from '../protocol/chatError.ts';
import { jsonStyleAt, leadOf } from './jsonStyle.ts';
import { withoutBom } from './parsePipeline.ts';

/**
 * Sets one value in a JSON text by a single edit, in the style of its surroundings; missing objects on the way are made.
 * jsonc-parser's own `modify` reformats whole lines around its edit, which would show up in everybody's diff.
 * @throws ChatError `pipeline-invalid` when another value than null stands where an object has to be.
 */
export function setJsonValue(text: string, path: readonly (string | number)[], value: boolean | string): string {
  const content = withoutBom(text);
  return text.slice(0, text.length - content.length) + applyEdits(content, [editFor(content, path, value)]);
}

function editFor(text: string, path: readonly (string | number)[], value: boolean | string): Edit {
  let node = treeOf(text);
  for (const [depth, segment] of path.entries()) {
    const child = childOf(node, segment);
    const rest = nested(path.slice(depth + 1), value);
    if (child === undefined && typeof segment === 'string' && node.type === 'object') {
      return insertion(text, node, segment, rest);
    }
    const isEnd = child?.type === 'null' || depth === path.length - 1;
    if (child !== undefined && isEnd) return replacement(text, child, rest);
    if (child?.type !== 'object' && child?.type !== 'array') throw noObject(path.slice(0, depth + 1));
    node = child;
  }
  return replacement(text, node, value);
}

function noObject(path: readonly (string | number)[]): ChatError {
  return new ChatError(
    'pipeline-invalid',
    `"${path.join('.')}" of the pipeline has to be an object. Correct it there.`,
  );
}

function treeOf(text: string): Node {
  try {
    const tree = parseTree(text);
    if (tree !== undefined) return tree;
  } catch {
    // The parser is recursive: very deep nesting ends it, before anything was changed.
  }
  throw new ChatError('pipeline-invalid', 'The pipeline is nested too deeply to be changed here. Edit it as text.');
}

/** With duplicate keys the last one counts, as in JSON.parse. */
function childOf(node: Node, segment: string | number): Node | undefined {
  if (typeof segment === 'number') return node.children?.[segment];
  return node.children?.findLast((property) => property.children?.[0]?.value === segment)?.children?.[1];
}

function nested(path: readonly (string | number)[], value: unknown): unknown {
  return path.reduceRight((inner, segment) => ({ [segment]: inner }), value);
}

function replacement(text: string, node: Node, value: unknown): Edit {
  return { offset: node.offset, length: node.length, content: jsonStyleAt(text, node).print(value) };
}

function insertion(text: string, parent: Node, key: string, value: unknown): Edit {
  const last = parent.children?.at(-1);
  if (last === undefined)
    return { offset: parent.offset, length: parent.length, content: jsonStyleAt(text, parent).print({ [key]: value }) };
  const style = jsonStyleAt(text, last);
  const property = `${JSON.stringify(key)}${style.colon}${style.print(value)}`;
  return { offset: last.offset + last.length, length: 0, content: `,${leadOf(text, last)}${property}` };
}
