import type { HostCalls, ViewEvents } from '../src/protocol/contract.ts';
import type { ViewRpc } from '../src/protocol/rpc.ts';

/** The page's line to the host. */
export type HostLink = ViewRpc<HostCalls, ViewEvents>;
