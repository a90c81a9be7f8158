/** What the command lines of `npm run import` and `npm run export` say. */
import { parseArgs } from 'node:util';
import type { Connection } from './lines-client.ts';

export const TOKEN_VARIABLE = 'BITGATE_TOKEN';
const DEFAULT_URL = 'http://localhost:8787';

/** Told to whoever called it wrongly; exit code 2. */
export class WrongUse extends Error {}

export interface LinesOptions extends Connection {
  /** absent: stdin or stdout */
  readonly file: string | undefined;
  readonly import: string | undefined;
}

/**
 * @returns null: it was asked for help
 * @throws WrongUse
 */
export function linesOptions(args: readonly string[], env: NodeJS.ProcessEnv): LinesOptions | null {
  const { values, positionals } = parsed(args);
  if (values.help === true) return null;
  const [file, ...more] = positionals;
  if (more.length > 0) throw new WrongUse(`one file at a time, not \`${more.join(' ')}\` too`);
  if (values.org === undefined) throw new WrongUse('name the organization: --org ID');
  const token = env[TOKEN_VARIABLE];
  if (!token) throw new WrongUse(`put the token into the environment variable ${TOKEN_VARIABLE}`);
  const url = (values.url ?? DEFAULT_URL).replace(/\/+$/, '');
  if (!URL.canParse(url)) throw new WrongUse(`\`${url}\` is no address`);
  return { org: values.org, url, token, file: file === '-' ? undefined : file, import: values.import };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { org: { type: 'string' }, url: { type: 'string' }, import: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new WrongUse(error instanceof Error ? error.message : String(error));
  }
}
