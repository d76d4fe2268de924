import { ChatError } from '../protocol/chatError.ts';
import { createOpenAICompatible, streamText } from './aiSdk.ts';
import { brokenStream, modelFailure } from './modelFailure.ts';
import { stopped } from './stopped.ts';
import type { ModelAccess, ModelAnswer, ModelRequest, StreamModelOptions } from './streamModel.ts';

/** One more try after a dropped connection or a busy server; more would only hide that it is down. */
const maxRetries = 1;

globalThis.AI_SDK_LOG_WARNINGS = false;

/** A StreamModel for every server that speaks OpenAI's chat completions. */
export async function openAiModel(
  request: ModelRequest,
  { onDelta, signal }: StreamModelOptions,
): Promise<ModelAnswer> {
  const connection = new AbortController();
  let hasBegun = false;
  const { fullStream } = streamText({
    model: languageModel(request, () => {
      hasBegun = true;
    }),
    messages: [...request.messages],
    allowSystemInMessages: true,
    maxRetries,
    abortSignal: AbortSignal.any([signal, connection.signal]),
    // The default prints to the console; every error also comes as a part of the stream.
    onError: () => {},
  });
  const fail = (error: unknown) => (signal.aborted ? stopped() : modelFailure(error, request, hasBegun));
  let text = '';
  try {
    for await (const part of failingWith(fail, fullStream)) {
      if (signal.aborted || part.type === 'abort') throw stopped();
      if (part.type === 'error') throw fail(part.error);
      if (part.type === 'finish') return answer(text, part.rawFinishReason ?? part.finishReason, request);
      if (part.type === 'reasoning-delta') onDelta({ type: 'reasoning', text: part.text });
      if (part.type !== 'text-delta') continue;
      text += part.text;
      onDelta({ type: 'text', text: part.text });
    }
  } finally {
    connection.abort();
  }
  throw signal.aborted ? stopped() : brokenStream(request);
}

/** Names the errors of the stream itself; those of whoever reads it pass by. */
async function* failingWith<T>(fail: (error: unknown) => ChatError, parts: AsyncIterable<T>): AsyncGenerator<T, void> {
  try {
    yield* parts;
  } catch (error) {
    throw fail(error);
  }
}

function languageModel(access: ModelAccess, onBegin: () => void) {
  const base = new URL(access.url);
  const queryParams = Object.fromEntries(base.searchParams);
  return createOpenAICompatible({
    name: 'pipeline',
    baseURL: base.origin + base.pathname.replace(/\/+$/, ''),
    queryParams,
    apiKey: access.apiKey,
    fetch: async (input, init) => {
      // Following a redirect would take the conversation to a server that nobody has named.
      const response = await fetch(input, { ...init, redirect: 'manual' });
      if (response.ok) onBegin();
      const problem = problemOf(response);
      if (problem === undefined) return response;
      await response.body?.cancel();
      const { shownUrl, urlField, nodeId } = access;
      throw new ChatError('model-error', `${shownUrl} ${problem}: check "${urlField}" in node "${nodeId}".`);
    },
  }).chatModel(access.model);
}

function problemOf(response: Response): string | undefined {
  if (response.status >= 300 && response.status < 400) return 'is not the final address, it redirects elsewhere';
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const isStream = !response.ok || !/html|json$/.test(type);
  return isStream ? undefined : `answered with ${type} instead of a stream of chat completions`;
}

function answer(text: string, finishReason: string, access: ModelAccess): ModelAnswer {
  if (text.trim() !== '') return { text, finishReason };
  const why = finishReason === 'length' ? ', having used up its tokens' : '';
  throw new ChatError(
    'no-answer',
    `"${access.model}" at ${access.shownUrl} ended without an answer${why}. Ask again, or ask differently.`,
  );
}
