/** Installs what is missing, then hands over to the project's own Node.js. Node's built-ins only. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, localNode, whatIsMissing } from './install.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Makes sure that node_modules is what the lockfile says; ends the process with a message if it can't be. */
export async function ensureInstalled() {
  const missing = whatIsMissing(ROOT);
  if (!missing) return;
  console.log(`installing (${missing}) …`);
  const failure = await install(ROOT);
  const still = failure ?? whatIsMissing(ROOT);
  if (!still) return;
  console.error(`\nbitgate could not be installed: ${still}`);
  process.exit(1);
}

/**
 * Runs a script with the project's Node.js until it ends, and ends likewise.
 * The script shares the terminal and gets SIGINT and SIGTERM; when this process dies, its `disconnect` event fires.
 * @param {string} script path from the project's root
 * @param {readonly string[]} args
 */
export function handOver(script, args = process.argv.slice(2)) {
  const child = spawn(localNode(ROOT), [join(ROOT, script), ...args], {
    env: {
      ...process.env,
      PATH: [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
      // no telemetry, and no look-ups that fail offline
      WRANGLER_SEND_METRICS: 'false',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  if (process.env.npm_lifecycle_event) whenOrphaned(() => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`\`${localNode(ROOT)}\` could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
}

const LOOK_EVERY_MS = 500;

/**
 * npm puts a shell between itself and us, and a signal for npm ends that shell alone: noticed by our parent having changed.
 * @param {() => void} then
 */
function whenOrphaned(then) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, LOOK_EVERY_MS);
}
