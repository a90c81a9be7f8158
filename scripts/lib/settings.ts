/** What the environment may say to `npm start`, parsed once. */
import { resolve } from 'node:path';
import { SECRET_CHARS } from '../../src/env.ts';

export interface ServeSettings {
  readonly port: number;
  /** absolute path of the folder that holds the local state */
  readonly state: string;
  /** load the organization `demo` */
  readonly demo: boolean;
  /** null: use the one kept in the state folder, or make one */
  readonly rootToken: string | null;
}

const DEFAULT_PORT = 8787;
const MAX_PORT = 65_535;

/** @throws Error that names the variable which can't be understood */
export function parseSettings(env: NodeJS.ProcessEnv, cwd: string): ServeSettings {
  return {
    port: parsePort(env.PORT),
    state: resolve(cwd, env.BITGATE_STATE || '.wrangler/state'),
    demo: parseSwitch('BITGATE_DEMO', env.BITGATE_DEMO),
    rootToken: parseToken(env.BITGATE_ROOT_TOKEN),
  };
}

function parsePort(text: string | undefined): number {
  if (!text) return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= MAX_PORT) return port;
  throw new Error(`PORT must be a number from 1 to ${MAX_PORT}, and is \`${text}\``);
}

function parseSwitch(name: string, text: string | undefined): boolean {
  if (text === undefined || text === '' || text === '1') return true;
  if (text === '0') return false;
  throw new Error(`${name} must be 0 or 1, and is \`${text}\``);
}

function parseToken(text: string | undefined): string | null {
  if (!text) return null;
  // a header can carry nothing else, so such a token could never be used
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Error('BITGATE_ROOT_TOKEN must be printable ASCII without spaces');
  if (text.length < SECRET_CHARS) throw new Error(`BITGATE_ROOT_TOKEN must have at least ${SECRET_CHARS} characters`);
  return text;
}
