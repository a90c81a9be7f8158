/** The Worker on this machine: workerd through miniflare, reached directly, with its state where wrangler looks for it. */
import { join } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from 'miniflare';

export interface LocalWorkerOptions {
  /** the bundled module */
  readonly script: string;
  readonly host: string;
  /** 0 takes a free one */
  readonly port: number;
  /** the folder that `wrangler --persist-to` would be given */
  readonly state: string;
  /** variables and secrets */
  readonly bindings: Readonly<Record<string, string>>;
  /** thousands of units a minute for one caller; null: nobody is limited, absent: what wrangler.toml says */
  readonly callerLimit?: number | null;
  /** opens the runtime's inspector, on a free port */
  readonly inspected?: boolean;
}

/**
 * What wrangler.toml says, in miniflare's words; a test compares the two. A database without an id is stored under the name of its
 * binding, a Durable Object under the names of Worker and class.
 */
export const BINDINGS = {
  name: 'bitgate',
  compatibilityDate: '2026-11-02',
  d1Databases: { DB: 'DB' },
  kvNamespaces: { KV: 'KV' },
  ratelimits: { CALLER_LIMIT: { namespace_id: '1718', simple: { limit: 600, period: 60 } } },
  durableObjects: { PUBLISHER: { className: 'Publisher', useSQLite: true } },
} as const satisfies Partial<V4WorkerOptions>;

/** `wrangler --persist-to X` keeps everything in `X/v3`. */
const LAYOUT = 'v3';

export const SWEEP_CRON = '* * * * *';

/** Starts the Worker; requests to `host:port` reach it without the proxy that miniflare puts in front otherwise. */
export async function startLocalWorker(options: LocalWorkerOptions): Promise<Miniflare> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      log: new Log(LogLevel.WARN),
      logRequests: false,
      cf: false,
      ...(options.inspected === true ? { inspectorPort: 0 } : {}),
      resourcePersistencePath: join(options.state, LAYOUT),
      workers: [
        {
          ...BINDINGS,
          ratelimits: limitedTo(options.callerLimit === undefined ? BINDINGS.ratelimits.CALLER_LIMIT.simple.limit : options.callerLimit),
          modules: [{ type: 'ESModule', path: 'worker.js', contents: options.script }],
          bindings: { ...options.bindings },
          unsafeDirectSockets: [{ host: options.host, port: options.port }],
        },
      ],
    }),
  );
  await miniflare.ready;
  return miniflare;
}

function limitedTo(limit: number | null): NonNullable<V4WorkerOptions['ratelimits']> {
  if (limit === null) return {};
  const { CALLER_LIMIT } = BINDINGS.ratelimits;
  return { CALLER_LIMIT: { ...CALLER_LIMIT, simple: { ...CALLER_LIMIT.simple, limit } } };
}

/** Where the Worker listens. */
export async function addressOf(miniflare: Miniflare): Promise<string> {
  return (await miniflare.unsafeGetDirectURL()).origin;
}

/** What cron does once a minute in production. */
export async function sweep(miniflare: Miniflare): Promise<void> {
  const worker = await miniflare.getWorker();
  await worker.scheduled({ cron: SWEEP_CRON });
}
