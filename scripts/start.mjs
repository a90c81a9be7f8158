/** `npm start`: installs what is missing and serves bitgate on this machine. Runs on Node.js 20; the server itself on the project's own. */
import './lib/require-node.mjs';

const { ensureInstalled, handOver } = await import('./lib/launch.mjs');
await ensureInstalled();
handOver('scripts/serve.ts');
