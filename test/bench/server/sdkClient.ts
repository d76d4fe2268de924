import type { ServerReply, ServerSession } from '../../../src/rocketride/serverSession.ts';

const READ_BYTES = 4 * 1024 * 1024;

/**
 * The requests by which the RocketRide SDKs save a turn, in their order: the transcript is read and written whole, then
 * the list is read twice and written. What is written is not looked at.
 */
export class SdkClient {
  readonly #session: ServerSession;

  constructor(session: ServerSession) {
    this.#session = session;
  }

  async saveTurn(chatId: string, question: string, answer: string): Promise<void> {
    const transcript = `.chats/${chatId}/chat.jsonl`;
    const turn = {
      type: 'turn',
      schema_version: 1,
      seq: 1,
      created: new Date().toISOString(),
      question: { type: 'prompt', history: [], questions: [{ text: question }], chat_id: chatId },
      answer: { name: 'Question 1', path: '', result_types: { answers: 'answers' }, answers: [answer] },
    };
    await this.#writeString(transcript, `${await this.#readString(transcript)}${JSON.stringify(turn)}\n`);
    const catalog = '.chats/catalog.json';
    const before: unknown = JSON.parse(await this.#readString(catalog));
    await this.#readString(catalog);
    await this.#writeString(catalog, JSON.stringify(before, null, 2));
  }

  async #readString(path: string): Promise<string> {
    const { handle } = (await this.#store({ subcommand: 'fs_open', path, mode: 'r' })).body;
    const pieces: Uint8Array[] = [];
    for (let offset = 0; ; ) {
      const { data } = await this.#store({ subcommand: 'fs_read', handle, offset, length: READ_BYTES });
      if (!data || data.length === 0) break;
      pieces.push(data);
      offset += data.length;
    }
    await this.#store({ subcommand: 'fs_close', handle, mode: 'r' });
    return Buffer.concat(pieces).toString();
  }

  async #writeString(path: string, text: string): Promise<void> {
    const { handle } = (await this.#store({ subcommand: 'fs_open', path, mode: 'w' })).body;
    await this.#store({ subcommand: 'fs_write', handle }, Buffer.from(text));
    await this.#store({ subcommand: 'fs_close', handle, mode: 'w' });
  }

  #store(args: Record<string, unknown>, data?: Uint8Array): Promise<ServerReply> {
    return this.#session.request('rrext_store', args, data ? { data } : {});
  }
}
