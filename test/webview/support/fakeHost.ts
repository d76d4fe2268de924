import { type HostCalls, hostCalls, type ViewEvents, viewEvents } from '../../../src/protocol/contract.ts';
import type { ViewSnapshot } from '../../../src/protocol/model.ts';
import { type Handlers, HostRpc } from '../../../src/protocol/rpc.ts';

interface Call {
  readonly method: keyof HostCalls;
  readonly args: unknown;
}

type Script = { -readonly [K in keyof HostCalls]?: Handlers<HostCalls>[K] };

/** The host's end of the contract with scripted answers; it remembers what it was asked. */
export class FakeHost {
  readonly calls: Call[] = [];
  readonly problems: string[] = [];
  /** What a call answers instead of nothing; one that throws makes the call fail. */
  script: Script = {};
  readonly rpc: HostRpc<HostCalls, ViewEvents>;
  readonly #post: (message: unknown) => void;
  snapshot: ViewSnapshot;
  #listener: (message: unknown) => void = () => undefined;

  constructor(snapshot: ViewSnapshot, post: (message: unknown) => void) {
    this.snapshot = snapshot;
    this.#post = post;
    this.rpc = new HostRpc(
      {
        post: (message) => this.#post(message),
        onMessage: (listener) => {
          this.#listener = listener;
          return { dispose: () => undefined };
        },
      },
      { calls: hostCalls, events: viewEvents },
      this.#handlers(),
      (problem) => this.problems.push(problem),
    );
  }

  receive(message: unknown): void {
    this.#listener(message);
  }

  /** Shows a changed snapshot, numbered one higher. */
  push(change: Partial<ViewSnapshot>): void {
    this.snapshot = { ...this.snapshot, rev: this.snapshot.rev + 1, ...change };
    this.rpc.fire('snapshot', this.snapshot);
  }

  argsOf(method: keyof HostCalls): unknown[] {
    return this.calls.filter((call) => call.method === method).map((call) => call.args);
  }

  #handlers(): Handlers<HostCalls> {
    return {
      ready: async (args) => (await this.#answer('ready', args, () => this.script.ready?.(args))) ?? this.snapshot,
      send: async (args) => (await this.#answer('send', args, () => this.script.send?.(args))) ?? { turnId: 'sent' },
      openChat: (args) => this.#answer('openChat', args, () => this.script.openChat?.(args)),
      stop: (args) => this.#answer('stop', args, () => this.script.stop?.(args)),
      resolveTurn: (args) => this.#answer('resolveTurn', args, () => this.script.resolveTurn?.(args)),
      updateChat: (args) => this.#answer('updateChat', args, () => this.script.updateChat?.(args)),
      deleteChat: (args) => this.#answer('deleteChat', args, () => this.script.deleteChat?.(args)),
      loadOlder: (args) => this.#answer('loadOlder', args, () => this.script.loadOlder?.(args)),
      setDraft: (args) => this.#answer('setDraft', args, () => this.script.setDraft?.(args)),
      act: (args) => this.#answer('act', args, () => this.script.act?.(args)),
      openLink: (args) => this.#answer('openLink', args, () => this.script.openLink?.(args)),
      copy: (args) => this.#answer('copy', args, () => this.script.copy?.(args)),
    };
  }

  async #answer<R>(
    method: keyof HostCalls,
    args: unknown,
    scripted: () => Promise<R> | undefined,
  ): Promise<R | undefined> {
    this.calls.push({ method, args });
    return scripted();
  }
}
