/** One message to a model; the roles stay apart. */
export interface ModelMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** Where a model is and how it is named to the user. */
export interface ModelAccess {
  readonly nodeId: string;
  readonly model: string;
  /** Where the API begins, such as `http://localhost:11434/v1`. */
  readonly url: URL;
  /** The address as it may be shown: without queries and without values that came from a secret. */
  readonly shownUrl: string;
  /** The field of the node that holds the address. */
  readonly urlField: string;
  readonly apiKey: string | undefined;
  /** Values that no message may hold: the key, and secrets in the address. */
  readonly hidden: readonly string[];
}

export interface ModelRequest extends ModelAccess {
  readonly messages: readonly ModelMessage[];
}

export interface ModelDelta {
  readonly type: 'text' | 'reasoning';
  readonly text: string;
}

export interface ModelAnswer {
  /** Never blank. */
  readonly text: string;
  /** The server's own word, such as `stop` or `length`. */
  readonly finishReason: string | null;
}

export interface StreamModelOptions {
  readonly onDelta: (delta: ModelDelta) => void;
  readonly signal: AbortSignal;
}

/** Asks a model and reports its answer as it arrives. @throws ChatError; its message may be shown and holds no key. */
export type StreamModel = (request: ModelRequest, options: StreamModelOptions) => Promise<ModelAnswer>;
