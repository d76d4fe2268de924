import type { PipelineResult } from '../../../src/protocol/question.ts';

export type LaneType = 'answers' | 'text' | 'table' | 'documents' | 'questions' | 'image' | 'audio' | 'video';

export interface Lane {
  readonly type: LaneType;
  readonly values: readonly unknown[];
  /** The key in the result; default the type. */
  readonly key?: string;
}

/** A result of these lanes. */
export function laneResult(...lanes: readonly Lane[]): PipelineResult {
  const keyed = lanes.map(({ type, values, key }) => ({ type, values, key: key ?? type }));
  return {
    result_types: Object.fromEntries(keyed.map(({ key, type }) => [key, type])),
    ...Object.fromEntries(keyed.map(({ key, values }) => [key, [...values]])),
  };
}

/** The most usual result. */
export function answers(...values: readonly unknown[]): PipelineResult {
  return laneResult({ type: 'answers', values });
}

const ONE_PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** One of everything that a response node can give. */
export function everyLane(): PipelineResult {
  const metadata = { objectId: 'doc-1', chunkId: 0, parent: 'handbook.pdf' };
  return laneResult(
    {
      type: 'answers',
      values: ['The first agent says yes.', 'The second agent says no.', { verdict: 'maybe', score: 0.5 }],
    },
    { type: 'text', key: 'notes', values: ['Paragraph one.\n\nParagraph two.\n\n'] },
    { type: 'table', key: 'rows', values: ['|a|b|\n|-|-|\n|1|2|'] },
    { type: 'documents', values: [{ type: 'Document', page_content: 'A page.', score: 0.9, metadata }] },
    { type: 'questions', values: [{ type: 'question', questions: [{ text: 'What else?' }] }] },
    { type: 'image', values: [{ mime_type: 'image/png', image: ONE_PIXEL }] },
    { type: 'audio', values: [{ url: 'audio/1', aviAction: 'WRITE', mimeType: 'audio/wav', size: 2048 }] },
    { type: 'video', values: [{ url: 'video/1', aviAction: 'WRITE', mimeType: 'video/mp4', size: 4096 }] },
  );
}
