import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every file below a folder with its bytes, as one text per path; to see that nobody changed any. */
export async function treeBytes(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    files[path] = entry.isFile() ? await readFile(path, 'latin1') : '(no file)';
  }
  return files;
}
