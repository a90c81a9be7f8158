/** A copy of the working tree in a temporary folder, which may be changed freely; it shares node_modules. */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const NOT_COPIED = new Set(['node_modules', '.git', '.wrangler']);

/** @returns the copy's root, and what removes it */
export function copyWorkTree(root: string): { readonly root: string; readonly remove: () => void } {
  const copy = mkdtempSync(join(tmpdir(), 'bitgate-copy-'));
  cpSync(root, copy, { recursive: true, filter: (path) => !NOT_COPIED.has(basename(path)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  return { root: copy, remove: () => rmSync(copy, { recursive: true }) };
}
