import type { Account } from './account.ts';
import type { Responder } from './responder.ts';

export interface ServerOptions {
  /** Where accounts keep their files: `users/<userId>/files/…`. Default: a temporary folder that `stop` removes. */
  readonly folder?: string;
  /** Key of the user `local`, who may do everything. Default `MYAPIKEY`. */
  readonly key?: string;
  /** Default: any free one. */
  readonly port?: number;
  /** Others who may log in. */
  readonly accounts?: readonly Account[];
  /** Who answers in place of the pipelines. Default: `echoResponder`. */
  readonly answer?: Responder;
  /** Between two pings of a client; the fourth without an answer drops it. Default 15,000. */
  readonly pingMs?: number;
}
