/** `npm test`: installs what is missing and runs all tests; arguments go to vitest (`npm test -- test/core`). */
import './lib/require-node.mjs';

const { ensureInstalled, handOver } = await import('./lib/launch.mjs');
await ensureInstalled();
handOver('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)]);
