import { ChatError } from '../protocol/chatError.ts';
import type { KeyConsent } from './keyConsent.ts';
import { endpointUrl, type ModelConfig } from './resolveConfig.ts';
import type { SecretSource } from './secretSource.ts';
import { stopped, unlessStopped } from './stopped.ts';
import type { ModelAccess } from './streamModel.ts';
import { type Substituted, substitute } from './substitute.ts';

export interface AccessDeps {
  readonly secrets: SecretSource;
  readonly consent: KeyConsent;
}

/**
 * Fills the secrets into a model's settings, once the user agrees that they go to that server.
 * @throws ChatError `missing-key`, `key-refused`, `pipeline-invalid` or `stopped`.
 */
export async function grantAccess(config: ModelConfig, deps: AccessDeps, signal: AbortSignal): Promise<ModelAccess> {
  const endpoint = await substitute(config.endpoint, place(config, config.endpointField), deps.secrets);
  const url = endpointUrl(endpoint.text, config);
  const key = await substitute(config.apiKey ?? '', place(config, 'apikey'), deps.secrets);
  for (const name of namesToAskFor(config, endpoint, key)) {
    if (signal.aborted) throw stopped();
    if (await unlessStopped(deps.consent.allow(name, url.origin), signal)) continue;
    throw new ChatError('key-refused', `${name} was not sent to ${url.origin}. Send again to allow it.`);
  }
  return {
    nodeId: config.nodeId,
    model: config.model,
    url,
    shownUrl: endpoint.names.length > 0 ? config.endpoint : url.origin + url.pathname,
    urlField: config.endpointField,
    apiKey: key.text === '' ? undefined : sendable(key, config),
    hidden: [key.text, ...key.values, ...endpoint.values].filter((value) => value !== ''),
  };
}

/**
 * Any secret can be written into an address, and would then go to its server like a key. Only a value that is the
 * whole beginning of the address goes nowhere but to itself.
 */
function namesToAskFor(config: ModelConfig, endpoint: Substituted, key: Substituted): Set<string> {
  const ownAddress = /^\$\{([^{}]*)\}(?=\/|$)/.exec(config.endpoint)?.[1];
  const others = endpoint.names.filter((name) => name !== ownAddress);
  return new Set([...key.names, ...others]);
}

/** A header can't carry other characters, and the error of fetch would repeat the key. */
function sendable(key: Substituted, config: ModelConfig): string {
  if (/^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(key.text)) return key.text;
  const [name] = key.names;
  throw name === undefined
    ? new ChatError('pipeline-invalid', `${place(config, 'apikey')} holds characters that no key has. Correct it.`)
    : new ChatError('missing-key', `The value of ${name} holds characters that no key has. Run "Set Model Key…".`);
}

function place(config: ModelConfig, field: string): string {
  return `"${field}" of node "${config.nodeId}"`;
}
