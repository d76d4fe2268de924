import type { Component, Pipeline } from '../../src/pipelines/pipeline.ts';

type Edge = readonly [lane: string, from: string];

/** A node with its data edges. */
export function node(id: string, provider: string, edges: readonly Edge[] = [], config: object = {}): Component {
  return { id, provider, name: undefined, config: { ...config }, input: edges.map(([lane, from]) => ({ lane, from })) };
}

/** A pipeline of these nodes, with no source of its own. */
export function pipelineOf(...components: readonly Component[]): Pipeline {
  return {
    components,
    projectId: undefined,
    source: undefined,
    name: undefined,
    description: undefined,
    isWrapped: false,
    content: { components },
  };
}

/** chat_1 → prompt_1 → llm_1 → response_1, with these settings in the model's `custom` profile. */
export function modelPipeline(custom: object): Pipeline {
  return pipelineOf(
    node('chat_1', 'chat'),
    node('prompt_1', 'prompt', [['questions', 'chat_1']], { instructions: ['Be brief.'] }),
    node('llm_1', 'llm_openai_api', [['questions', 'prompt_1']], { profile: 'custom', custom }),
    node('response_1', 'response_answers', [['answers', 'llm_1']], { laneName: 'answers' }),
  );
}
