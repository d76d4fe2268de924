import type { Component, Pipeline } from '../pipelines/pipeline.ts';
import { ChatError } from '../protocol/chatError.ts';

/** The part of a pipeline that a question from one source gets to. */
export interface PipelineGraph {
  readonly source: Component;
  /** The source and all nodes behind it, each after those it takes its input from. */
  readonly nodes: readonly Component[];
}

/**
 * Follows the data edges from a source. Nodes beside them, such as the branch of a webhook, do not matter.
 * @throws ChatError `pipeline-invalid` for an edge from nowhere or a cycle, naming the nodes.
 */
export function pipelineGraph(pipeline: Pipeline, sourceId: string): PipelineGraph {
  const byId = new Map(pipeline.components.map((node) => [node.id, node]));
  const source = byId.get(sourceId);
  if (source?.provider !== 'chat') {
    throw invalid(`The pipeline has no chat source "${sourceId}" (any more). Choose another source.`);
  }
  const reached = reachedFrom(source, pipeline);
  for (const node of reached) {
    const from = inputsOf(node).find((id) => !byId.has(id));
    if (from !== undefined) throw danglingEdge(node, from);
  }
  return { source, nodes: inOrder(reached) };
}

/** The first node of the pipeline with an input from a node that is not there, as an error; undefined without one. */
export function findDanglingEdge(pipeline: Pipeline): ChatError | undefined {
  const ids = new Set(pipeline.components.map((node) => node.id));
  for (const node of pipeline.components) {
    const from = inputsOf(node).find((id) => !ids.has(id));
    if (from !== undefined) return danglingEdge(node, from);
  }
  return undefined;
}

/** The ids of the nodes that a node takes data from, each once. */
export function inputsOf(node: Component): string[] {
  return [...new Set((node.input ?? []).map((edge) => edge.from))];
}

function reachedFrom(source: Component, pipeline: Pipeline): Set<Component> {
  const consumers = new Map<string, Component[]>();
  for (const node of pipeline.components) {
    for (const id of inputsOf(node)) consumers.set(id, [...(consumers.get(id) ?? []), node]);
  }
  const reached = new Set([source]);
  for (const node of reached) for (const consumer of consumers.get(node.id) ?? []) reached.add(consumer);
  return reached;
}

function inOrder(reached: ReadonlySet<Component>): Component[] {
  const waiting = new Map([...reached].map((node) => [node.id, node]));
  const ordered: Component[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((node) => !inputsOf(node).some((id) => waiting.has(id)));
    if (ready.length === 0) throw cycle(waiting);
    for (const node of ready) waiting.delete(node.id);
    ordered.push(...ready);
  }
  return ordered;
}

/** Every waiting node waits for another, so going backwards must come round. */
function cycle(waiting: ReadonlyMap<string, Component>): ChatError {
  const path: string[] = [];
  let [node] = waiting.values();
  while (node !== undefined && !path.includes(node.id)) {
    path.push(node.id);
    node = waiting.get(inputsOf(node).find((id) => waiting.has(id)) ?? '');
  }
  const ids = path.slice(path.indexOf(node?.id ?? '')).reverse();
  return invalid(`The nodes ${ids.join(' → ')} → ${ids[0]} feed each other in a circle. Remove one of these edges.`);
}

function danglingEdge(node: Component, from: string): ChatError {
  return invalid(`Node "${node.id}" takes its input from "${from}", which does not exist. Connect it to another node.`);
}

function invalid(message: string): ChatError {
  return new ChatError('pipeline-invalid', message);
}
