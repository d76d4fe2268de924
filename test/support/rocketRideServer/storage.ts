/** Where the bytes of all accounts lie, by key: `users/<userId>/files/<path>`. */
export interface Storage {
  openWrite(key: string): Promise<StorageWriter>;
  /** @throws Refusal `File not found: <key>` */
  openRead(key: string): Promise<StorageReader>;
  /** @throws Refusal `File not found: <key>` */
  read(key: string): Promise<Uint8Array>;
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** @throws Refusal when it is not there, or can't be removed. */
  remove(key: string): Promise<void>;
  /** Bytes and epoch seconds; undefined for what is no file. */
  info(key: string): Promise<{ readonly size: number; readonly modified: number } | undefined>;
  /** The keys of all files below a prefix that ends with `/`, sorted. */
  list(prefix: string): Promise<string[]>;
}

export interface StorageWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Commits what was written. */
  close(): Promise<void>;
  /** As when the server's process dies: what was not written out is lost. */
  abandon(): Promise<void>;
}

export interface StorageReader {
  readonly size: number;
  /** Empty at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}
