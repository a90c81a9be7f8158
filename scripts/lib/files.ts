/** The files of the project, by folder. */
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * @param root the project's root
 * @param folder below the root, without a slash at its end; one that doesn't exist is empty
 * @returns paths from the root with `/`, sorted
 */
export function filesBelow(root: string, folder: string, suffix: string): string[] {
  return entries(join(root, folder))
    .filter((path) => path.endsWith(suffix))
    .map((path) => relative(root, path).split(sep).join('/'))
    .sort();
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
