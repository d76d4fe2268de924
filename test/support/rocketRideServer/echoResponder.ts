import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelineResult } from '../../../src/protocol/question.ts';
import { answers, everyLane } from './lanes.ts';
import { ChildCrash } from './refusal.ts';
import type { Asked, Responder } from './responder.ts';

const STEP_MS = 50;

/**
 * Answers `Echo: <question>`. A question that begins with a slash is an order: `/sse 3`, `/chunks some words`,
 * `/flood 5000`, `/slow <ms>`, `/error <text>` (raised by a node), `/fail <text>` (the object), `/crash`,
 * `/answers one|two`, `/json {"a":1}`, `/lanes`, `/blank`, `/nothing`.
 */
export const echoResponder: Responder = async (asked) => {
  const [, order = '', rest = ''] = /^\/(\w+)\s*(.*)$/s.exec(asked.text) ?? [];
  return ORDERS[order]?.(rest, asked) ?? answers(`Echo: ${asked.text}`);
};

const ORDERS: Readonly<Record<string, (rest: string, asked: Asked) => Promise<PipelineResult>>> = {
  sse: async (count, { emit, signal }) => {
    for (let step = 1; step <= Number(count); step += 1) {
      emit('thinking', { message: `step ${step}` });
      await sleep(STEP_MS, undefined, { signal });
    }
    return answers('sse done');
  },
  chunks: async (text, { emit, sourceId }) => {
    const words = text.match(/\S+\s*/g) ?? [];
    const at = (seq: number) => ({ seq, runId: 'run-1', nodeId: sourceId, ts: Date.now() });
    words.forEach((word, seq) => {
      emit('chunk', { text: word, ...at(seq) });
    });
    emit('chunk_end', { finishReason: 'stop', ...at(words.length) });
    return answers(text);
  },
  flood: async (count, { emit }) => {
    for (let step = 1; step <= Number(count); step += 1) emit('thinking', { message: `step ${step}` });
    return answers('flood done');
  },
  slow: async (ms, { signal }) => {
    await sleep(Number(ms), undefined, { signal });
    return answers('slow done');
  },
  error: async (text) => {
    throw new Error(text);
  },
  fail: async (message) => ({ error: { message, code: 1, file: 'stub.py', line: 1, function: 'stub' } }),
  crash: async () => {
    throw new ChildCrash();
  },
  answers: async (texts) => answers(...texts.split('|')),
  json: async (json) => answers(JSON.parse(json)),
  lanes: async () => everyLane(),
  blank: async () => answers(''),
  nothing: async () => ({}),
};
