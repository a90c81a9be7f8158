/** Serves bitgate on this machine: bundle, local D1, KV and Durable Objects, migrations, demo, the minute sweep. Started by `npm start`. */
import { join, relative } from 'node:path';
import type { Miniflare } from 'miniflare';
import { demoManifest, demoQuestions } from '../src/presets/demo.ts';
import { adminClient } from './lib/admin-client.ts';
import { banner, type DemoFacts } from './lib/banner.ts';
import { bundleWorker } from './lib/bundle.ts';
import { loadDemo } from './lib/demo.ts';
import { every } from './lib/every.ts';
import { addressOf, startLocalWorker, sweep } from './lib/local-worker.ts';
import { migrate } from './lib/migrate.ts';
import { assertPortFree } from './lib/port.ts';
import { parseSettings, type ServeSettings } from './lib/settings.ts';
import { type LocalState, openState, saveState } from './lib/state.ts';

const ROOT = join(import.meta.dirname, '..');
const HOST = '127.0.0.1';
const SWEEP_EVERY_MS = 60_000;

async function main(): Promise<void> {
  const settings = parseSettings(process.env, process.cwd());
  await assertPortFree(HOST, settings.port);
  const state = openState(settings.state);
  const rootToken = settings.rootToken ?? state.rootToken;
  const script = await bundleWorker(join(ROOT, 'src/worker.ts'));
  const miniflare = await startLocalWorker({
    script,
    host: HOST,
    port: settings.port,
    state: settings.state,
    bindings: { BITGATE_ROOT_TOKEN: rootToken, BITGATE_SIGNING_KEY: state.signingKey, BITGATE_DOCS: '1' },
  });
  stopWhenAsked(miniflare, sweepEveryMinute(miniflare));
  await migrate(await miniflare.getD1Database('DB'), join(ROOT, 'src/storage/d1/migrations'));
  const origin = (await addressOf(miniflare)).replace(HOST, 'localhost');
  console.log(
    banner({
      origin,
      rootToken,
      state: shortPath(settings.state),
      demo: settings.demo ? await prepareDemo(origin, rootToken, settings, state) : null,
      seconds: performance.now() / 1000,
    }),
  );
}

async function prepareDemo(origin: string, rootToken: string, settings: ServeSettings, state: LocalState): Promise<DemoFacts> {
  const key = await loadDemo(adminClient(origin, rootToken), demoManifest, state.demoKey);
  if (key !== state.demoKey) saveState(settings.state, { ...state, demoKey: key });
  const firstAllow = demoQuestions.filter((question) => question.decision).slice(0, 1);
  const firstDeny = demoQuestions.filter((question) => !question.decision).slice(0, 1);
  return { key, questions: [...firstAllow, ...firstDeny] };
}

function sweepEveryMinute(miniflare: Miniflare): () => void {
  return every(
    SWEEP_EVERY_MS,
    () => sweep(miniflare),
    (error) => console.error('the sweep failed:', error),
  );
}

/** Ctrl+C, SIGTERM, and the end of the launcher all stop cleanly; asking twice changes nothing. */
function stopWhenAsked(miniflare: Miniflare, stopSweep: () => void): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    stopSweep();
    miniflare.dispose().finally(() => process.exit(0));
  };
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.on(event, stop);
}

function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

main().catch((error: unknown) => {
  console.error(`\nbitgate did not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
