import { type NodeConfig, nodeConfig, profileName } from '../pipelines/nodeConfig.ts';
import type { Component } from '../pipelines/pipeline.ts';
import { ChatError } from '../protocol/chatError.ts';
import { ollamaProfiles } from './ollamaProfiles.ts';
import { placeholderNames } from './substitute.ts';

/** What an LLM node says about its model; endpoint and key may still hold `${ROCKETRIDE_…}`. */
export interface ModelConfig {
  readonly nodeId: string;
  readonly model: string;
  readonly endpoint: string;
  readonly endpointField: 'base_url' | 'serverbase';
  /** Undefined when the node has no key. */
  readonly apiKey: string | undefined;
}

const kinds = new Map([
  ['llm_openai_api', { endpointField: 'base_url', defaultEndpoint: '', defaultProfile: 'custom' } as const],
  [
    'llm_ollama',
    { endpointField: 'serverbase', defaultEndpoint: 'http://localhost:11434/v1', defaultProfile: 'llama3_3' } as const,
  ],
]);

const noProfiles: ReadonlyMap<string, string> = new Map();

/** The providers of the LLM nodes that can be resolved. */
export const modelProviders: ReadonlySet<string> = new Set(kinds.keys());

/**
 * The settings of an `llm_openai_api` or `llm_ollama` node: its own over those of its profile.
 * @throws ChatError `pipeline-invalid`, naming the node and what to write into it.
 */
export function resolveConfig(node: Component): ModelConfig {
  const kind = kinds.get(node.provider);
  if (kind === undefined) throw invalid(node, `is a ${node.provider}, which is no model that can be asked directly.`);
  const own = nodeConfig(node, kind.defaultProfile);
  const endpoint = text(node, own, kind.endpointField) || kind.defaultEndpoint;
  const apiKey = text(node, own, 'apikey');
  const model = modelOf(node, own, profileName(node) ?? kind.defaultProfile);
  if (model === '') throw invalid(node, 'has no "model". Write the name of the model into it.');
  if (endpoint === '') {
    throw invalid(node, `has no "${kind.endpointField}". Write the address of the API into it: https://…/v1.`);
  }
  placeholderNames(apiKey, `"apikey" of node "${node.id}"`);
  if (placeholderNames(endpoint, `"${kind.endpointField}" of node "${node.id}"`).length === 0) {
    endpointUrl(endpoint, { nodeId: node.id, endpoint, endpointField: kind.endpointField });
  }
  return { nodeId: node.id, model, endpoint, endpointField: kind.endpointField, apiKey: apiKey || undefined };
}

/**
 * The address in a node's endpoint field, its placeholders filled in.
 * @throws ChatError `pipeline-invalid` for what is no http address; the message shows the field as the file has it.
 */
export function endpointUrl(address: string, config: Pick<ModelConfig, 'nodeId' | 'endpoint' | 'endpointField'>): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const field = `"${config.endpointField}" of node "${config.nodeId}"`;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ChatError(
      'pipeline-invalid',
      `${field} is "${config.endpoint}", which is no address that begins with http:// or https://. Correct it.`,
    );
  }
  if (url.username === '' && url.password === '') return url;
  throw new ChatError('pipeline-invalid', `${field} holds a user name or password. Put the key into "apikey" instead.`);
}

function modelOf(node: Component, own: NodeConfig, profile: string): string {
  const profiles = node.provider === 'llm_ollama' ? ollamaProfiles : noProfiles;
  const model = text(node, own, 'model');
  if (profile === 'custom' || profiles.has(profile)) return model || (profiles.get(profile) ?? '');
  if (node.provider === 'llm_ollama' && model !== '') return model;
  const known = ['custom', ...profiles.keys()].join(', ');
  throw invalid(node, `uses the profile "${profile}", which does not exist. Use one of: ${known}.`);
}

function text(node: Component, config: NodeConfig, key: string): string {
  const value = config[key] ?? '';
  if (typeof value === 'string') return value.trim();
  throw invalid(node, `has a "${key}" that is no text. Correct it.`);
}

function invalid(node: Component, problem: string): ChatError {
  return new ChatError('pipeline-invalid', `Node "${node.id}" ${problem}`);
}
