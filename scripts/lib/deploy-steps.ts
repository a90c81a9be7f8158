/** The steps of a deployment, over a `wrangler` that is handed in. Each may be run again: what is there already stays. */
import { randomBytes } from 'node:crypto';

export interface WranglerRun {
  /** exit code; 0 is success */
  readonly code: number;
  readonly output: string;
}

/** Runs one wrangler command. `input` goes to its standard input; with `show` its output goes to the terminal and isn't returned. */
export type Wrangler = (args: readonly string[], options?: { input?: string; show?: boolean }) => Promise<WranglerRun>;

const DATABASE = 'bitgate';
const SECRET_BYTES = 32;

const NOT_LOGGED_IN = 'not logged in to Cloudflare: run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN, and try again';

const CACHE_NOTE =
  'on workers.dev each isolate asks the Publisher itself: the Cache API, through which the isolates of one location share an answer, ' +
  'works on a custom domain only; give the Worker one (`routes` in wrangler.toml) before it gets busy';

/**
 * @param described whether the API is to describe itself
 * @param say tells the user what happens
 * @throws Error with the step that failed
 */
export async function deploy(wrangler: Wrangler, described: boolean, say: (line: string) => void): Promise<void> {
  if ((await wrangler(['whoami', '--json'])).code !== 0) throw new Error(NOT_LOGGED_IN);
  if ((await wrangler(['d1', 'info', DATABASE, '--json'])).code !== 0) {
    await must(wrangler, `creating the database \`${DATABASE}\``, ['d1', 'create', DATABASE, '--update-config=false']);
  }
  // tables first: the new Worker may need them, and the old one doesn't mind
  await must(wrangler, 'applying the migrations', ['d1', 'migrations', 'apply', 'DB', '--remote']);
  await must(wrangler, 'deploying the Worker', described ? ['deploy', '--define', 'DESCRIBED:true'] : ['deploy']);
  await setMissingSecrets(wrangler, say);
  say(`note: ${CACHE_NOTE}`);
}

async function must(wrangler: Wrangler, step: string, args: readonly string[]): Promise<void> {
  const { code } = await wrangler(args, { show: true });
  if (code !== 0) throw new Error(`${step} failed: wrangler's own message is above`);
}

/** A Worker without them answers nobody; those that are set are never touched. */
async function setMissingSecrets(wrangler: Wrangler, say: (line: string) => void): Promise<void> {
  const { code, output } = await wrangler(['secret', 'list']);
  if (code !== 0) throw new Error(`listing the secrets failed: ${output}`);
  const present = secretNames(output);
  if (!present.includes('BITGATE_SIGNING_KEY')) await putSecret(wrangler, 'BITGATE_SIGNING_KEY', newSecret());
  if (present.includes('BITGATE_ROOT_TOKEN')) return;
  const rootToken = `root_${newSecret()}`;
  await putSecret(wrangler, 'BITGATE_ROOT_TOKEN', rootToken);
  say(`root token, shown only now: ${rootToken}`);
}

async function putSecret(wrangler: Wrangler, name: string, value: string): Promise<void> {
  const { code, output } = await wrangler(['secret', 'put', name], { input: value });
  if (code !== 0) throw new Error(`setting the secret \`${name}\` failed: ${output}`);
}

/** @throws Error when wrangler says something else than a JSON list */
export function secretNames(output: string): string[] {
  const list: unknown = JSON.parse(output);
  if (!Array.isArray(list)) throw new Error(`wrangler gave no list of secrets: ${output}`);
  return list.map((secret) => String(secret.name));
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
