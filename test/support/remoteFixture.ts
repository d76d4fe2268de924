import type { EngineEvent, RunTarget } from '../../src/engine/engine.ts';
import { RemoteEngine } from '../../src/engine/remoteEngine.ts';
import { parsePipeline } from '../../src/pipelines/parsePipeline.ts';
import { makeQuestion, type PipelineResult } from '../../src/protocol/question.ts';
import { Connection } from '../../src/rocketride/connection.ts';
import type { Frame } from './rocketRideServer/frame.ts';
import { RocketRideServer, type ServerOptions } from './rocketRideServer/rocketRideServer.ts';

const CHAT_ID = '3f0c2a9e-6c1b-4d58-9a7e-2b4c8d1e0f55';

export interface Ask {
  readonly events: EngineEvent[];
  readonly result: Promise<PipelineResult>;
  stop(): void;
}

/** One window on a server: its connection and the engine on it. */
export class RemoteWindow {
  readonly connection: Connection;
  readonly engine: RemoteEngine;
  /** Every line of the log with its cause. */
  readonly logged: string[] = [];
  /** Used from the next login on. */
  key: string;

  constructor(url: string, key: string, pollMs?: number) {
    this.key = key;
    const log = (message: string, cause?: unknown) => {
      this.logged.push(`${message} ${cause instanceof Error ? cause.message : JSON.stringify(cause)}`);
    };
    this.connection = new Connection({
      url,
      credential: async () => this.key,
      log,
      times: { firstRetryMs: 5, longestRetryMs: 5 },
    });
    this.engine = new RemoteEngine({ link: this.connection, log: this.connection.log, pollMs });
  }

  ask(target: RunTarget, text: string, onEvent: (event: EngineEvent) => void = () => {}): Ask {
    const events: EngineEvent[] = [];
    const controller = new AbortController();
    const request = { ...target, question: makeQuestion(text, { chatId: CHAT_ID }), name: 'Question 1' };
    const result = this.engine.ask(request, {
      signal: controller.signal,
      onEvent: (event) => {
        events.push(event);
        onEvent(event);
      },
    });
    // A test that looks at it later is not to be ended by it before.
    result.catch(() => undefined);
    return { events, result, stop: () => controller.abort() };
  }

  async close(): Promise<void> {
    this.engine.dispose();
    await this.connection.dispose();
  }
}

/** A server, and windows on it, all gone with `close`. */
export class RemoteFixture {
  readonly server: RocketRideServer;
  readonly #windows: RemoteWindow[] = [];

  private constructor(server: RocketRideServer) {
    this.server = server;
  }

  static async start(options: ServerOptions = {}): Promise<RemoteFixture> {
    return new RemoteFixture(await RocketRideServer.start(options));
  }

  /** @param options.pollMs how often a task is asked after; default as in use, which no test waits for */
  window(options: { key?: string; pollMs?: number } = {}): RemoteWindow {
    const window = new RemoteWindow(this.server.url, options.key ?? this.server.key, options.pollMs);
    this.#windows.push(window);
    return window;
  }

  /** How often a command has come, of this subcommand if one is given. */
  count(command: string, subcommand = ''): number {
    return this.server.requests.filter((one) => one.command === command && one.subcommand === subcommand).length;
  }

  /** Waits until such a request comes, and lets it go on when the test says so. */
  hold(command: string, subcommand = '', matches: (frame: Frame) => boolean = () => true): Promise<() => void> {
    return new Promise((resolve) => {
      this.server.onRequest = (frame) => {
        if (frame.command !== command || frame.subcommand !== subcommand || !matches(frame)) return undefined;
        this.server.onRequest = undefined;
        return new Promise((go) => resolve(go));
      };
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#windows.map((window) => window.close()));
    await this.server.stop();
  }
}

/** A pipeline file of a chat node and a response, with these settings in the latter. */
export function remoteTarget(projectId: string | undefined, config: object = {}): RunTarget {
  const content = {
    components: [
      { id: 'chat_1', provider: 'chat', config: { mode: 'Source' }, ui: { position: { x: 0, y: 0 } } },
      { id: 'response_1', provider: 'response_answers', config, input: [{ lane: 'answers', from: 'chat_1' }] },
    ],
    ...(projectId === undefined ? {} : { project_id: projectId }),
    viewport: { x: 0, y: 0, zoom: 1 },
  };
  return {
    pipeline: parsePipeline(JSON.stringify(content)),
    pipelineUri: 'file:///pipelines/assistant.pipe',
    sourceId: 'chat_1',
  };
}
