/** What `env` and `exports` from `cloudflare:workers` hold in tests: the Worker's own, and the migrations. */
declare namespace Cloudflare {
  interface Env extends Readonly<import('../src/env.ts').Env> {
    readonly TEST_MIGRATIONS: import('cloudflare:test').D1Migration[];
  }
  interface GlobalProps {
    mainModule: typeof import('../src/worker.ts');
  }
}
