/** Three projects: pure code in plain Node, whatever holds a binding in workerd, whole processes one after another. */
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

const migrationsDir = join(import.meta.dirname, 'src/storage/d1/migrations');

/** Files at a time: by itself vitest leaves a core to whoever watches. */
const WORKERS = Math.max(2, availableParallelism());

const files = (folders: readonly string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig(async () => {
  mkdirSync(migrationsDir, { recursive: true });
  return {
    test: {
      projects: [
        {
          test: {
            name: 'node',
            include: files(['core', 'oracle', 'properties', 'presets', 'scripts', 'openapi', 'client']),
            testTimeout: 60_000,
            maxWorkers: WORKERS,
          },
        },
        {
          plugins: [
            cloudflareTest({
              wrangler: { configPath: './wrangler.toml' },
              miniflare: {
                // thousands of requests a minute are one file's work
                ratelimits: { CALLER_LIMIT: { namespace_id: '1', simple: { limit: 1_000_000, period: 60 } } },
                outboundService: web,
                bindings: {
                  TEST_MIGRATIONS: await readD1Migrations(migrationsDir),
                  BITGATE_ROOT_TOKEN: 'test-root-token-of-at-least-32-characters',
                  BITGATE_SIGNING_KEY: 'test-signing-key-of-at-least-32-bytes',
                  METRICS_TOKEN: 'test-metrics-token-of-at-least-32-characters',
                  BITGATE_DOCS: '1',
                  // what is drawn by chance is drawn where it is tested
                  DOUBLE_EVALUATION: '0',
                },
              },
            }),
          ],
          // what production may be built without is there
          define: { DESCRIBED: 'true' },
          test: {
            name: 'workers',
            include: files(['storage', 'pap', 'pdp', 'authn', 'http', 'features', 'rpc', 'faults']),
            setupFiles: ['./test/apply-migrations.ts'],
            testTimeout: 30_000,
            maxWorkers: WORKERS,
          },
        },
        {
          test: {
            name: 'e2e',
            include: files(['e2e']),
            testTimeout: 300_000,
            hookTimeout: 300_000,
            fileParallelism: false,
            maxWorkers: 1,
            // after the others: it measures how long a start takes
            sequence: { groupOrder: 1 },
          },
        },
      ],
    },
  };
});

/**
 * What the Worker under test fetches from the web, through the runtime's real fetch: `https://web.example/?status=…&location=…&body=…` says itself how it
 * is answered. Everything else is 502: no test reaches the real web.
 */
async function web({ url }: { readonly url: string }): Promise<Response> {
  const { hostname, searchParams } = new URL(url);
  if (hostname !== 'web.example') return new Response('there is no web in tests', { status: 502 });
  const location = searchParams.get('location');
  const status = Number(searchParams.get('status') ?? 200);
  return new Response(searchParams.get('body') ?? '', { status, headers: location === null ? {} : { location } });
}
