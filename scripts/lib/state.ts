/** What the server on this machine must remember between two starts, besides the databases: `bitgate.json` in the state folder. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LocalState {
  readonly rootToken: string;
  readonly signingKey: string;
  /** the demo's checking key, once the demo is loaded; it is shown at every start */
  readonly demoKey: string | null;
}

const SECRET_BYTES = 32;

const fileOf = (folder: string): string => join(folder, 'bitgate.json');

/**
 * Reads the state of a folder, or starts a new one.
 * @throws Error when the file is there but isn't ours, or can't be read or written
 */
export function openState(folder: string): LocalState {
  mkdirSync(folder, { recursive: true });
  const known = readState(fileOf(folder));
  if (known) return known;
  const fresh: LocalState = { rootToken: `root_${newSecret()}`, signingKey: newSecret(), demoKey: null };
  saveState(folder, fresh);
  return fresh;
}

/** Writes beside and renames, so that a crash leaves the old file or the new one; readable by its owner alone. */
export function saveState(folder: string, state: LocalState): void {
  const beside = `${fileOf(folder)}.new`;
  writeFileSync(beside, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(beside, fileOf(folder));
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

function readState(file: string): LocalState | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const state = parseState(text);
  if (!state) throw new Error(`\`${file}\` is not a state file of bitgate: remove it, or choose another folder with BITGATE_STATE`);
  return state;
}

function parseState(text: string): LocalState | null {
  try {
    const { rootToken, signingKey, demoKey } = JSON.parse(text);
    if (typeof rootToken !== 'string' || typeof signingKey !== 'string') return null;
    return { rootToken, signingKey, demoKey: typeof demoKey === 'string' ? demoKey : null };
  } catch {
    return null;
  }
}
