import type { Frame } from './frame.ts';

/** A request as it was on the wire, for assertions and benchmarks. */
export interface RequestRecord {
  readonly connection: number;
  readonly command: string;
  readonly subcommand: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly bytesUp: number;
  /** `performance.now()` when it came. */
  readonly startedMs: number;
  /** When its answer went out; undefined while there is none. */
  endedMs: number | undefined;
  bytesDown: number;
  /** The text it was refused with. */
  refusal: string | undefined;
}

export function requestRecord({ connection, command, subcommand, args, bytes }: Frame): RequestRecord {
  const open = { endedMs: undefined, bytesDown: 0, refusal: undefined };
  return { connection, command, subcommand, args, bytesUp: bytes, startedMs: performance.now(), ...open };
}
