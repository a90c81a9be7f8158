/** Imported first by every launcher: stops with a clear message where Node is too old. Imports nothing and parses on any Node that knows modules. */
export const OLDEST_NODE = 20;

const major = Number(process.versions.node.split('.')[0]);
if (major < OLDEST_NODE) {
  console.error(
    `bitgate needs Node.js ${OLDEST_NODE} or newer, and this is ${process.version}: install a newer one from https://nodejs.org and try again`,
  );
  process.exit(1);
}
