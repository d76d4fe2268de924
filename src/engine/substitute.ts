import { ChatError } from '../protocol/chatError.ts';
import type { SecretSource } from './secretSource.ts';

const placeholder = /\$\{([^{}]*)\}/g;
const allowedName = /^ROCKETRIDE_[A-Za-z0-9_]+$/;
/** The key of the RocketRide server itself: no model has any use for it. */
const serverKey = 'ROCKETRIDE_APIKEY';

export interface Substituted {
  readonly text: string;
  /** The names whose values are in the text now. */
  readonly names: readonly string[];
  readonly values: readonly string[];
}

/**
 * The names in the placeholders of a credential or endpoint field, each once.
 * @throws ChatError `pipeline-invalid` for names that are never given to a model; `place` says where it stands.
 */
export function placeholderNames(text: string, place: string): string[] {
  const names = [...new Set([...text.matchAll(placeholder)].map((match) => match[1] ?? ''))];
  for (const name of names) {
    if (name === serverKey) {
      throw refused(
        `${place} uses \${${serverKey}}, the key of the RocketRide server, which is never given to a model.`,
      );
    }
    if (!allowedName.test(name)) {
      throw refused(`${place} uses \${${name}}. Only names that begin with ROCKETRIDE_ are filled in.`);
    }
  }
  return names;
}

/**
 * Fills in the placeholders of a credential or endpoint field; no other field may come here.
 * @throws ChatError `missing-key` for a name without a value, `pipeline-invalid` as `placeholderNames` does.
 */
export async function substitute(text: string, place: string, secrets: SecretSource): Promise<Substituted> {
  const values = new Map<string, string>();
  for (const name of placeholderNames(text, place)) {
    const value = (await secrets.get(name))?.trim();
    if (!value) throw new ChatError('missing-key', `${place} needs ${name}, which has no value. Run "Set Model Key…".`);
    values.set(name, value);
  }
  return {
    text: text.replace(placeholder, (_, name: string) => values.get(name) ?? ''),
    names: [...values.keys()],
    values: [...values.values()],
  };
}

function refused(reason: string): ChatError {
  return new ChatError('pipeline-invalid', `${reason} Use another name, such as \${ROCKETRIDE_OPENAI_KEY}.`);
}
