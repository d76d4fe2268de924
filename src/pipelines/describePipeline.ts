import { nodeConfig, profileName, promptInstructions } from './nodeConfig.ts';
import type { Pipeline } from './pipeline.ts';

const maxExamples = 3;

/** A question for pipelines with a node like this; the first kind that a pipeline has is asked about. */
const questionsByNode: readonly (readonly [RegExp, string])[] = [
  [/^(qdrant|chroma|weaviate|pinecone|milvus|astra_db|vectordb|store_)/, 'What are the main points in the documents?'],
  [/^(search|exa|tool_(search|exa|tavily|web))/, 'What is new this week in open source?'],
  [/^(db_|graph_)/, 'Which tables are there, and what do they hold?'],
  [/^tool_git/, 'What changed in the repository recently?'],
  [/^tool_python/, 'Write a short Python program and run it.'],
  [/^(agent_|tool_)/, 'Which tools can you use?'],
];

const questionsByInstruction: readonly (readonly [RegExp, string])[] = [
  [/\b(code|program|develop)/i, 'Show me a short example in code.'],
  [/translat/i, 'Translate "good morning" into five languages.'],
  [/summar/i, 'How would you summarize a long text for me?'],
  [/\b(support|customer)/i, 'What do your customers ask most often?'],
  [/\b(teach|explain|tutor)/i, 'Explain something that surprises most people.'],
];

/** The model that the first LLM node names, else the profile it uses; undefined when the file names neither. */
export function modelName(pipeline: Pipeline): string | undefined {
  const node = pipeline.components.find((candidate) => candidate.provider.startsWith('llm_'));
  if (node === undefined) return undefined;
  const { model } = nodeConfig(node, 'custom');
  if (typeof model === 'string' && model !== '') return model;
  const profile = profileName(node);
  return profile === 'custom' ? undefined : profile;
}

/** Up to three short questions to start a chat with, made from the pipeline's name, nodes and prompt instructions. */
export function exampleQuestions(pipeline: Pipeline, fileName: string): string[] {
  const name = pipeline.name ?? fileName.replace(/^.*[\\/]/, '').replace(/\.pipe(\.json)?$/i, '');
  const providers = pipeline.components.map((node) => node.provider);
  if (!providers.some((provider) => /^(llm|agent)_/.test(provider))) {
    return ['Hello! Can you hear me?', 'Say this back to me.'];
  }
  const instructions = pipeline.components.filter((node) => node.provider === 'prompt').flatMap(promptInstructions);
  const found = [...firstMatch(questionsByNode, providers), ...firstMatch(questionsByInstruction, instructions)];
  const general = ['Explain step by step how you find an answer.', 'Give me a table of three things you do well.'];
  return [`What can ${name} help me with?`, ...found, ...general].slice(0, maxExamples);
}

function firstMatch(questions: readonly (readonly [RegExp, string])[], texts: readonly string[]): string[] {
  const match = questions.find(([pattern]) => texts.some((text) => pattern.test(text)));
  return match === undefined ? [] : [match[1]];
}
