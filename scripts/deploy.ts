/** Runs the steps of a deployment with the project's own wrangler. Started by `npm run deploy`. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { unstable_readConfig } from 'wrangler';
import { deploy, type Wrangler } from './lib/deploy-steps.ts';

const ROOT = join(import.meta.dirname, '..');

const wrangler: Wrangler = (args, { input, show = false } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/wrangler/bin/wrangler.js'), ...args], {
      cwd: ROOT,
      stdio: [input === undefined ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk;
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.stdin?.end(input);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });

const { vars } = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') });

deploy(wrangler, vars.BITGATE_DOCS === '1', (line) => console.log(`\n${line}`)).catch((error: unknown) => {
  console.error(`\nnot deployed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
