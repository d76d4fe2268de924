import { RemoteFileStore } from '../../src/files/remoteFileStore.ts';
import { Connection } from '../../src/rocketride/connection.ts';
import { TestWindow } from '../support/chatFixture.ts';

/** A window on a server, in this process. */
export class ServerWindow {
  readonly window: TestWindow;
  readonly files: RemoteFileStore;
  readonly #link: Connection;

  constructor({ url, key }: { readonly url: string; readonly key: string }) {
    const times = { firstRetryMs: 5, longestRetryMs: 200 };
    this.#link = new Connection({ url, credential: async () => key, log: () => undefined, times });
    this.files = new RemoteFileStore({ link: this.#link, location: url, pollMs: 1000 });
    this.window = new TestWindow(this.files);
  }

  async close(): Promise<void> {
    this.window.close();
    await this.files.dispose();
    await this.#link.dispose();
  }
}
