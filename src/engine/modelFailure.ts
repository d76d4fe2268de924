import * as z from 'zod/mini';
import { ChatError } from '../protocol/chatError.ts';
import { serverMessage } from './serverMessage.ts';
import type { ModelAccess } from './streamModel.ts';

const thrown = z.looseObject({
  statusCode: z.catch(z.optional(z.number()), undefined),
  responseBody: z.catch(z.optional(z.string()), undefined),
  code: z.catch(z.optional(z.string()), undefined),
  cause: z.optional(z.unknown()),
  lastError: z.optional(z.unknown()),
});

/** What `fetch` calls a wait that was too long, before and after the connection stands. */
const timeout = /TIMEDOUT|TIMEOUT/;
const certificate = /CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_VERIFY/;
const maxCauses = 8;

/**
 * Names a failed request for the user. `hasBegun` tells that the server had accepted it and was answering.
 * The original is no cause of the result: it holds the conversation, and its address may hold a secret.
 */
export function modelFailure(error: unknown, access: ModelAccess, hasBegun: boolean): ChatError {
  if (error instanceof ChatError) return error;
  const chain = causesOf(error);
  const status = chain.find((item) => item.statusCode !== undefined)?.statusCode;
  if (status !== undefined && !hasBegun) {
    return httpFailure(status, chain.find((item) => item.responseBody)?.responseBody ?? '', access);
  }
  if (hasBegun) {
    const said = error instanceof Error ? '' : serverMessage(error, access.hidden);
    return said === '' ? brokenStream(access) : modelError(`failed while answering: ${said}`, access);
  }
  const code = chain.find((item) => item.code !== undefined)?.code;
  if (code !== undefined || isFetchFailure(error)) return connectionFailure(code ?? '', access);
  return ChatError.from(error);
}

/** The error of an answer that ended before the model said that it was complete. */
export function brokenStream({ model, shownUrl }: ModelAccess): ChatError {
  return new ChatError('broken-stream', `The answer of "${model}" at ${shownUrl} broke off. Send the question again.`);
}

function httpFailure(status: number, body: string, access: ModelAccess): ChatError {
  const { model, shownUrl, nodeId } = access;
  if (status === 401 || status === 403) {
    const way =
      access.apiKey === undefined
        ? `Write \${ROCKETRIDE_OPENAI_KEY} into "apikey" of node "${nodeId}" and run "Set Model Key…".`
        : `Run "Set Model Key…", or check "apikey" of node "${nodeId}".`;
    return new ChatError('unauthorized', `${shownUrl} did not accept the key for "${model}" (HTTP ${status}). ${way}`);
  }
  const said = serverMessage(body, access.hidden);
  const suffix = said === '' ? '.' : `: ${said}${/[.!?…]$/.test(said) ? '' : '.'}`;
  if (status === 429) {
    return new ChatError('rate-limited', `"${model}" at ${shownUrl} asks to wait (HTTP 429)${suffix} Try again later.`);
  }
  const hint = status === 404 ? ` Check "model" and "${access.urlField}" in node "${nodeId}".` : '';
  return modelError(`answered with HTTP ${status}${suffix}${hint}`, access);
}

function modelError(problem: string, { model, shownUrl }: ModelAccess): ChatError {
  return new ChatError('model-error', `"${model}" at ${shownUrl} ${problem}`);
}

function connectionFailure(code: string, { shownUrl, urlField, nodeId }: ModelAccess): ChatError {
  const check = `check "${urlField}" in node "${nodeId}"`;
  if (certificate.test(code)) {
    return new ChatError('unreachable', `The certificate of ${shownUrl} is not accepted (${code}): ${check}.`);
  }
  if (timeout.test(code)) {
    return new ChatError('unreachable', `${shownUrl} took too long to answer: try again, or ${check}.`);
  }
  return new ChatError('unreachable', `Nothing answers at ${shownUrl}: start the model server or ${check}.`);
}

/** Browsers tell nothing but this about a failed connection. */
function isFetchFailure(error: unknown): boolean {
  return error instanceof TypeError && /fetch/i.test(error.message);
}

function causesOf(error: unknown): z.infer<typeof thrown>[] {
  const chain: z.infer<typeof thrown>[] = [];
  let parsed = thrown.safeParse(error);
  while (parsed.success && chain.length < maxCauses) {
    chain.push(parsed.data);
    parsed = thrown.safeParse(parsed.data.lastError ?? parsed.data.cause);
  }
  return chain;
}
