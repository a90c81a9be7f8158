/** Caddy, with the recipe of README.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { installed, start } from './process.ts';
import { recipe } from './recipe.ts';
import type { Setting } from './rig.ts';
import { describeProxy } from './suite.ts';

const caddy = installed('caddy');

/** No address for administrators, and no certificates: two tests may run at once, and none reaches out. */
const GLOBAL = '{\n\tadmin off\n\tauto_https off\n}\n';

async function startCaddy({ port, bitgatePort, upstreamPort, proxyKey }: Setting) {
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-caddy-'));
  const site = recipe('Caddy', 'caddyfile', {
    'app.example.com {': `http://app.example.com:${port} {`,
    'http:// {': `http://:${port} {`,
    'https://bitgate.example.com': `http://127.0.0.1:${bitgatePort}`,
    '127.0.0.1:3000': `127.0.0.1:${upstreamPort}`,
    'bg_acme_…': proxyKey,
  });
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, GLOBAL + site);
  const env = { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const running = await start(caddy ?? '', ['run', '--config', file, '--adapter', 'caddyfile'], port, env);
  const stop = async (): Promise<void> => {
    await running.stop();
    rmSync(folder, { recursive: true });
  };
  return { stop };
}

describe.skipIf(caddy === null)('Caddy', () => {
  describeProxy({ name: 'Caddy', family: 'forwarded', start: startCaddy });
});
