import type { Env, Token } from 'markdown-it';
import { markdownParser } from './markdownParser.ts';

/** A top-level piece of Markdown: a paragraph, a whole list, a fence. */
export interface MarkdownBlock {
  readonly source: string;
  /** A fence without its closing line (yet). */
  readonly isOpenFence: boolean;
  readonly tokens: Token[];
  readonly env: Env;
}

/**
 * Splits a text that grows at its end. Only the last block can still change, so a longer text is parsed from there;
 * finished blocks are the same objects as before.
 */
export class MarkdownBlocks {
  #text = '';
  #settled: MarkdownBlock[] = [];
  #settledLength = 0;

  split(text: string): MarkdownBlock[] {
    if (!text.startsWith(this.#text)) {
      this.#settled = [];
      this.#settledLength = 0;
    }
    this.#text = text;
    const { blocks, lastStart } = parse(text.slice(this.#settledLength));
    const last = blocks.pop();
    this.#settled.push(...blocks);
    this.#settledLength += lastStart;
    return last ? [...this.#settled, last] : [...this.#settled];
  }
}

function parse(text: string): { blocks: MarkdownBlock[]; lastStart: number } {
  const env: Env = {};
  const tokens = markdownParser.parse(text, env);
  const lines = text.split('\n');
  const blocks: MarkdownBlock[] = [];
  let lastStart = 0;
  for (let at = 0; at < tokens.length; ) {
    const end = endOfBlock(tokens, at);
    const [from = 0, to = 0] = tokens[at]?.map ?? [];
    const source = lines.slice(from, to).join('\n');
    const piece = tokens.slice(at, end);
    blocks.push({ source, isOpenFence: isOpenFence(piece, source), tokens: piece, env });
    lastStart = lines.slice(0, from).reduce((length, line) => length + line.length + 1, 0);
    at = end;
  }
  return { blocks, lastStart };
}

function endOfBlock(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    depth += tokens[at]?.nesting ?? 0;
    if (depth === 0) return at + 1;
  }
  return tokens.length;
}

function isOpenFence([token]: readonly Token[], source: string): boolean {
  if (token?.type !== 'fence') return false;
  const lines = source.trimEnd().split('\n');
  const closing = lines.at(-1)?.trim() ?? '';
  const fence = token.markup[0] ?? '`';
  return lines.length < 2 || closing.length < token.markup.length || closing.replaceAll(fence, '') !== '';
}
