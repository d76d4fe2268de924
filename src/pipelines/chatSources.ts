import { ChatError } from '../protocol/chatError.ts';
import type { Component, Pipeline } from './pipeline.ts';

/** The nodes that a question can enter by. They are known by their provider: the canvas does not write `config.mode`. */
export function chatSources(pipeline: Pipeline): Component[] {
  return pipeline.components.filter((node) => node.provider === 'chat');
}

/**
 * The chat source to use: the file's own `source`, else the `remembered` one, else the only one there is.
 * @throws ChatError `source-ambiguous` when the user has to choose, `pipeline-invalid` when there is none.
 */
export function chooseSource(pipeline: Pipeline, remembered?: string): Component {
  const sources = chatSources(pipeline);
  const chosen =
    sources.find((node) => node.id === pipeline.source) ??
    sources.find((node) => node.id === remembered) ??
    (sources.length === 1 ? sources[0] : undefined);
  if (chosen !== undefined) return chosen;
  if (sources.length > 1) {
    const ids = sources.map((node) => node.id).join(', ');
    throw new ChatError(
      'source-ambiguous',
      `This pipeline has several chat sources: ${ids}. Choose the one to chat with.`,
    );
  }
  throw new ChatError(
    'pipeline-invalid',
    `This pipeline has no chat source${otherStart(pipeline)}. Add a Chat node to it.`,
  );
}

function otherStart(pipeline: Pipeline): string {
  const others = pipeline.components.filter(
    (node) => node.config.mode === 'Source' || node.provider === 'webhook' || node.provider === 'dropper',
  );
  if (others.length === 0) return '';
  return `: it starts with ${others.map((node) => `${node.provider} (${node.id})`).join(', ')}`;
}
