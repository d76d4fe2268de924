import { ChatError } from '../protocol/chatError.ts';

/** No room for another client that is not logged in yet. */
const TOO_MANY = 1008;
const TOO_LARGE = 1009;

/** The socket is closed, and whether the server did what it was asked last is not known. */
export class SocketClosed extends ChatError {
  /** That the server does not let in more for the moment; coming back at once would make it worse. */
  readonly isCrowded: boolean;

  /** @param code the close code of the WebSocket; by default that of one that was cut */
  constructor(code = 1006) {
    super('server-offline', MESSAGES.get(code) ?? 'The connection to the server was lost. Try again.');
    this.name = 'SocketClosed';
    this.isCrowded = code === TOO_MANY;
  }
}

const MESSAGES: ReadonlyMap<number, string> = new Map([
  [
    TOO_MANY,
    'The server lets nobody else in for the moment: too many are waiting to log in. It is tried again by itself.',
  ],
  [TOO_LARGE, 'The connection to the server was lost over a message that was too large.'],
]);
