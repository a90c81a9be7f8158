/** Installs what is missing and runs a script with the project's own Node.js: `node scripts/run.mjs scripts/bench/main.ts …`. Without a script it installs. */
import './lib/require-node.mjs';

const { ensureInstalled, handOver } = await import('./lib/launch.mjs');
await ensureInstalled();
const [script, ...args] = process.argv.slice(2);
if (script) handOver(script, args);
