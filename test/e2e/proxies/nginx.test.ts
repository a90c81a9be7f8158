/** nginx, with the recipe of README.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { installed, start } from './process.ts';
import { recipe } from './recipe.ts';
import type { Setting } from './rig.ts';
import { describeProxy } from './suite.ts';

const nginx = installed('nginx');

const TEMP_PATHS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${name};`);

/** What Debian's nginx.conf has around the files of sites; one process, so that it ends with the handle that the test holds. */
const MAIN = [
  'daemon off;',
  'master_process off;',
  'pid nginx.pid;',
  'events {}',
  'http {',
  '  access_log off;',
  ...TEMP_PATHS,
  '  include site.conf;',
  '}',
];

async function startNginx({ port, bitgatePort, upstreamPort, proxyKey }: Setting) {
  const folder = mkdtempSync(join(tmpdir(), 'bitgate-nginx-'));
  const site = recipe('nginx', 'nginx', {
    'listen 80;': `listen 127.0.0.1:${port};`,
    'server bitgate.example.com:443;': `server 127.0.0.1:${bitgatePort};`,
    'https://bitgate/': 'http://bitgate/',
    'server 127.0.0.1:3000;': `server 127.0.0.1:${upstreamPort};`,
    'bg_acme_…': proxyKey,
  });
  writeFileSync(join(folder, 'nginx.conf'), MAIN.join('\n'));
  writeFileSync(join(folder, 'site.conf'), site);
  const running = await start(nginx ?? '', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], port);
  const stop = async (): Promise<void> => {
    await running.stop();
    rmSync(folder, { recursive: true });
  };
  return { stop };
}

describe.skipIf(nginx === null)('nginx', () => {
  describeProxy({ name: 'nginx', family: 'nginx', start: startNginx });
});
