import type { ByteRange, FileStore, Lease, LinesFor } from '../../../src/files/fileStore.ts';
import type { Core } from './builtCore.ts';

export interface ReadOp {
  readonly path: string;
  readonly range: ByteRange | undefined;
  readonly byteCount: number;
}

export interface WriteOp {
  readonly how: 'append' | 'replace' | 'create';
  readonly path: string;
  readonly data: Uint8Array;
}

/** The local files of a store, and all that was read from and written to them since. */
export interface ObservedFiles {
  readonly files: FileStore;
  readonly reads: ReadOp[];
  readonly writes: WriteOp[];
}

export function observedFiles({ LocalFileStore }: Core, root: string): ObservedFiles {
  const reads: ReadOp[] = [];
  const writes: WriteOp[] = [];
  class Observed extends LocalFileStore {
    override async read(path: string, range?: ByteRange): Promise<Uint8Array> {
      const bytes = await super.read(path, range);
      reads.push({ path, range, byteCount: bytes.length });
      return bytes;
    }

    override append(path: string, lines: Uint8Array | LinesFor, lease?: Lease): Promise<number> {
      const observed: LinesFor = async (file) => {
        const data = lines instanceof Uint8Array ? lines : await lines(file);
        writes.push({ how: 'append', path, data });
        return data;
      };
      return super.append(path, observed, lease);
    }

    override write(path: string, data: Uint8Array, lease?: Lease): Promise<void> {
      writes.push({ how: 'replace', path, data });
      return super.write(path, data, lease);
    }

    override create(path: string, data: Uint8Array): Promise<boolean> {
      writes.push({ how: 'create', path, data });
      return super.create(path, data);
    }
  }
  return { files: new Observed(root), reads, writes };
}
