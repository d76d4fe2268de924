import type { Pipeline } from '../pipelines/pipeline.ts';
import type { PipelineResult, Question } from '../protocol/question.ts';
import type { AskOptions, Engine, EngineRequest } from './engine.ts';
import { grantAccess } from './grantAccess.ts';
import { jsonAnswer } from './jsonAnswer.ts';
import type { KeyConsent } from './keyConsent.ts';
import { ModelEvents } from './modelEvents.ts';
import { type PipelinePlan, type PlannedModel, planPipeline } from './planPipeline.ts';
import { promptMessages } from './promptMessages.ts';
import { resolveConfig } from './resolveConfig.ts';
import type { SecretSource } from './secretSource.ts';
import { stopped } from './stopped.ts';
import type { StreamModel } from './streamModel.ts';

export interface EmbeddedEngineDeps {
  readonly secrets: SecretSource;
  readonly consent: KeyConsent;
  readonly streamModel: StreamModel;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
}

/** Runs pipelines of chat, prompt, OpenAI-compatible or Ollama model and response right here, without a server. */
export class EmbeddedEngine implements Engine {
  readonly #deps: EmbeddedEngineDeps;

  constructor(deps: EmbeddedEngineDeps) {
    this.#deps = deps;
  }

  check(pipeline: Pipeline, sourceId: string): void {
    for (const { node } of planPipeline(pipeline, sourceId).models) resolveConfig(node);
  }

  async ask({ pipeline, sourceId, question, name }: EngineRequest, options: AskOptions): Promise<PipelineResult> {
    if (options.signal.aborted) throw stopped();
    const plan = planPipeline(pipeline, sourceId);
    const answers = new Map<string, unknown>();
    for (const model of plan.models) answers.set(model.node.id, await this.#answer(model, question, options));
    return { ...resultValues(plan, question, answers), name, path: '', objectId: this.#deps.newId() };
  }

  async #answer({ node, instructions }: PlannedModel, question: Question, { onEvent, signal }: AskOptions) {
    const access = await grantAccess(resolveConfig(node), this.#deps, signal);
    const request = { ...access, messages: promptMessages(question, instructions) };
    if (question.expectJson) {
      // Half a JSON value is of no use to anybody, so nothing of it is reported before the end.
      const { text } = await this.#deps.streamModel(request, { onDelta: () => {}, signal });
      return jsonAnswer(text, access);
    }
    const run = { runId: this.#deps.newId(), nodeId: node.id, now: this.#deps.now };
    const events = new ModelEvents(run, onEvent);
    const answer = await this.#deps.streamModel(request, { onDelta: (delta) => events.add(delta), signal });
    events.end(answer.finishReason);
    return answer.text;
  }
}

function resultValues(plan: PipelinePlan, question: Question, answers: ReadonlyMap<string, unknown>) {
  const types = new Map<string, string>();
  const values = new Map<string, unknown[]>();
  for (const { key, lane, fromId, instructions } of plan.outputs) {
    const value = lane === 'answers' ? answers.get(fromId) : withInstructions(question, instructions);
    types.set(key, lane);
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return { ...Object.fromEntries(values), result_types: Object.fromEntries(types) };
}

function withInstructions(question: Question, instructions: readonly string[]): Question {
  if (instructions.length === 0) return question;
  const added = instructions.map((text) => ({ subtitle: 'User Instruction', instructions: text }));
  return { ...question, instructions: [...(question.instructions ?? []), ...added] };
}
