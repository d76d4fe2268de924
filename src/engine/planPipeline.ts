import { promptInstructions } from '../pipelines/nodeConfig.ts';
import type { Component, Pipeline } from '../pipelines/pipeline.ts';
import { ChatError } from '../protocol/chatError.ts';
import { findDanglingEdge, inputsOf, pipelineGraph } from './pipelineGraph.ts';
import { modelProviders } from './resolveConfig.ts';
import { type ResultLane, resultKey } from './resultKey.ts';

/** A model to ask, with the instructions of the prompt nodes on the way to it. */
export interface PlannedModel {
  readonly node: Component;
  readonly instructions: readonly string[];
}

/** One value of the result: the answer of the model `fromId`, or the question as it arrives. */
export interface PlannedOutput {
  readonly key: string;
  readonly lane: ResultLane;
  readonly fromId: string;
  readonly instructions: readonly string[];
}

export interface PipelinePlan {
  readonly models: readonly PlannedModel[];
  readonly outputs: readonly PlannedOutput[];
}

/**
 * What has to be done to answer a question from this source; each node runs once, however many edges lead to it.
 * @throws ChatError `pipeline-invalid` for a broken graph, `pipeline-unsupported` for nodes that only a server can run.
 */
export function planPipeline(pipeline: Pipeline, sourceId: string): PipelinePlan {
  const { source, nodes } = pipelineGraph(pipeline, sourceId);
  const responses = nodes.filter((node) => node.provider.startsWith('response'));
  if (responses.length === 0) throw findDanglingEdge(pipeline) ?? noResponse(nodes);
  refuseUnsupported(nodes.filter((node) => node !== source));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) checkLanes(node, byId);
  const instructions = instructionsByNode(nodes);
  const models = nodes.filter(isModel).map((node) => ({ node, instructions: instructions.get(node.id) ?? [] }));
  const outputs = responses.flatMap((node) =>
    inputsOf(node).flatMap((fromId): PlannedOutput[] => {
      const from = byId.get(fromId);
      if (from === undefined) return [];
      const lane = laneOutOf(from);
      return [{ key: resultKey(node, lane), lane, fromId, instructions: instructions.get(fromId) ?? [] }];
    }),
  );
  return { models, outputs };
}

function isModel(node: Component): boolean {
  return modelProviders.has(node.provider);
}

function laneOutOf(node: Component): ResultLane {
  return isModel(node) ? 'answers' : 'questions';
}

function lanesInto(node: Component): readonly string[] {
  if (node.provider === 'response') return ['answers', 'questions'];
  return node.provider === 'response_answers' ? ['answers'] : ['questions'];
}

function refuseUnsupported(nodes: readonly Component[]): void {
  const known = new Set(['prompt', 'response', 'response_answers', 'response_questions', ...modelProviders]);
  const refused = nodes.filter((node) => !known.has(node.provider));
  if (refused.length === 0) return;
  const names = refused.map((node) => `${node.id} (${node.provider})`).join(', ');
  throw new ChatError('pipeline-unsupported', `The built-in engine can't run ${names}. A RocketRide server can.`);
}

function checkLanes(node: Component, byId: ReadonlyMap<string, Component>): void {
  for (const { lane, from } of node.input ?? []) {
    const giver = byId.get(from);
    // What is not behind the source, such as documents that a webhook brings, gives nothing to a question.
    if (giver === undefined) continue;
    const isGiven = !giver.provider.startsWith('response') && laneOutOf(giver) === lane;
    if (isGiven && lanesInto(node).includes(lane)) continue;
    throw new ChatError(
      'pipeline-invalid',
      `Node "${node.id}" takes "${lane}" from "${from}", which does not fit. Connect them by another lane or node.`,
    );
  }
}

/** What the prompt nodes up to each node say, in the order of the data, each node once. */
function instructionsByNode(nodes: readonly Component[]): Map<string, string[]> {
  const prompts = new Map<string, ReadonlySet<Component>>();
  for (const node of nodes) {
    const own = node.provider === 'prompt' ? [node] : [];
    prompts.set(node.id, new Set([...inputsOf(node).flatMap((id) => [...(prompts.get(id) ?? [])]), ...own]));
  }
  return new Map([...prompts].map(([id, set]) => [id, [...set].flatMap(promptInstructions)]));
}

function noResponse(nodes: readonly Component[]): ChatError {
  const inputs = new Set(nodes.flatMap(inputsOf));
  const ends = nodes.filter((node) => !inputs.has(node.id)).map((node) => `"${node.id}"`);
  return new ChatError(
    'pipeline-invalid',
    `No response node is reached: the pipeline ends at ${ends.join(' and ')}. Add a Response node after that.`,
  );
}
