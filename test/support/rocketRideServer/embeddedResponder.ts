import { randomUUID } from 'node:crypto';
import { EmbeddedEngine } from '../../../src/engine/embeddedEngine.ts';
import { openAiModel } from '../../../src/engine/openAiModel.ts';
import { parsePipeline } from '../../../src/pipelines/parsePipeline.ts';
import type { Responder } from './responder.ts';

/**
 * Runs pipelines as the extension's own engine does, with its events as server-sent ones.
 * @param environment the server's own `ROCKETRIDE_…` values; those that came with the start of a pipeline go first
 */
export function embeddedResponder(environment: Readonly<Record<string, string | undefined>> = {}): Responder {
  return async ({ pipeline, sourceId, question, name, env, emit, signal }) => {
    const engine = new EmbeddedEngine({
      secrets: { get: async (key) => env[key] ?? environment[key] },
      consent: { allow: async () => true },
      streamModel: openAiModel,
      now: Date.now,
      newId: randomUUID,
    });
    const target = { pipeline: parsePipeline(JSON.stringify(pipeline)), pipelineUri: 'file:///a.pipe', sourceId };
    const request = { ...target, question, name };
    return engine.ask(request, { onEvent: ({ type, data }) => emit(type, { ...data }), signal });
  };
}
