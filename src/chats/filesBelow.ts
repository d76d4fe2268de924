import type { FileStore } from '../files/fileStore.ts';

/** Paths of all files in a folder and in the folders below it, in no order. */
export async function filesBelow(files: FileStore, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const { name, kind } of await files.list(folder)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (kind === 'directory') paths.push(...(await filesBelow(files, path)));
    else paths.push(path);
  }
  return paths;
}
