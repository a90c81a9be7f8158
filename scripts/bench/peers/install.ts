/** Puts the peers where they can be imported, when they are first asked for: the project itself doesn't need them. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install, isInstalled } from '../../lib/install.mjs';

const HERE = import.meta.dirname;
const fromHere = createRequire(join(HERE, 'package.json'));

/** @throws Error that tells why they couldn't be installed */
export async function installPeers(): Promise<void> {
  if (isInstalled(HERE)) return;
  console.error(`installing what is compared with, in ${HERE}`);
  const problem = await install(HERE);
  if (problem !== null) throw new Error(`the peers could not be installed: ${problem}`);
}

/** Path of a file in one of the packages; null where it isn't made for this system. */
export function peerFile(path: string): string | null {
  const file = join(HERE, 'node_modules', path);
  return existsSync(file) ? file : null;
}

/**
 * A peer's module, which types don't know: it may not be there.
 * @param name as in an `import`
 */
export async function importPeer(name: string): Promise<unknown> {
  return import(pathToFileURL(fromHere.resolve(name)).href);
}
