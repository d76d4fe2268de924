import type { Engine } from '../engine/engine.ts';
import type { FileStore } from '../files/fileStore.ts';
import type { ConnectionState } from '../protocol/connectionState.ts';
import type { Event } from '../util/emitter.ts';

export interface ServerAddress {
  /** `http(s)://host:port` in one spelling only: keys and consents are kept under it. */
  readonly base: string;
  readonly isEncrypted: boolean;
  /** On this machine. */
  readonly isLoopback: boolean;
}

/** Reads what a user typed. @throws ChatError `invalid` saying what is wrong with it. */
export type ParseAddress = (text: string) => ServerAddress;

/** A RocketRide server as the host sees it: it answers, and it keeps files. */
export interface Server {
  readonly url: string;
  readonly state: ConnectionState;
  readonly onDidChange: Event<unknown>;
  readonly engine: Engine;
  readonly files: FileStore;
  /** Begins to connect, or begins again at once after it was offline or refused. */
  connect(): void;
  dispose(): Promise<void>;
}

export interface ServerOptions {
  readonly url: string;
  /** For people. */
  readonly name: string;
  /** Asked for at every login; undefined when there is none. */
  readonly credential: () => Promise<string | undefined>;
  /** Whether anybody looks: changes by others are looked for only then. */
  readonly isWatched: () => boolean;
}

/** Makes a server without contacting it. */
export type OpenServer = (options: ServerOptions) => Promise<Server>;
