/** Is what the lockfile names in node_modules, and if not, let npm put it there. Node's built-ins only: it runs before anything is installed. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @typedef {{ version?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lockfile
 */

/** The Node.js that the project brings: wrangler and the TypeScript scripts need a newer one than the machine may have. @param {string} root */
export function localNode(root) {
  return join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * Why an install is needed, or null when everything is in place. Packages that are optional (other platforms) may be missing.
 * @param {string} root folder of package.json
 * @returns {string | null}
 */
export function whatIsMissing(root) {
  return whatIsNotLocked(root) ?? (existsSync(localNode(root)) ? null : `\`${localNode(root)}\` is missing`);
}

/**
 * Are all packages of a folder's lockfile there?
 * @param {string} root folder of package.json
 */
export function isInstalled(root) {
  return whatIsNotLocked(root) === null;
}

/**
 * @param {string} root
 * @returns {string | null}
 */
function whatIsNotLocked(root) {
  const wanted = readLockfile(join(root, 'package-lock.json'));
  if (!wanted) return existsSync(join(root, 'node_modules')) ? null : 'node_modules is missing';
  const present = readLockfile(join(root, 'node_modules', '.package-lock.json'));
  if (!present) return 'node_modules is missing';
  for (const [path, locked] of Object.entries(wanted.packages ?? {})) {
    if (path === '') continue;
    const found = present.packages?.[path];
    if (!found && locked.optional) continue;
    if (!found || !existsSync(join(root, path))) return `\`${path}\` is missing`;
    if (found.version !== locked.version) return `\`${path}\` is ${found.version}, and the lockfile asks for ${locked.version}`;
  }
  return null;
}

/**
 * @param {string} file
 * @returns {Lockfile | null}
 */
function readLockfile(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Runs `npm ci` (or `npm install` without a lockfile), its output passed through.
 * @param {string} root
 * @returns {Promise<string | null>} null, or what went wrong
 */
export function install(root) {
  const command = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install';
  // NODE_ENV=production would leave out half of what a start needs; warnings are about the Node.js that is handed over from
  const args = [command, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  return new Promise((resolve) => {
    const npm = spawn('npm', args, {
      cwd: root,
      env: withoutLocalBin(root),
      stdio: ['ignore', 'inherit', 'pipe'],
      shell: process.platform === 'win32',
    });
    let stderr = '';
    npm.stderr.on('data', (chunk) => {
      stderr += chunk;
      process.stderr.write(chunk);
    });
    npm.on('error', (error) =>
      resolve(/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT' ? 'npm was not found: it comes with Node.js' : error.message),
    );
    npm.on('close', (code) => resolve(code === 0 ? null : `\`npm ${command}\` failed: ${causeOfNpmFailure(stderr)}`));
  });
}

/**
 * npm itself must not run on the Node.js that it is about to replace.
 * @param {string} root
 * @returns {NodeJS.ProcessEnv}
 */
function withoutLocalBin(root) {
  const bin = join(root, 'node_modules', '.bin');
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== bin);
  return { ...process.env, PATH: path.join(delimiter) };
}

/** @type {readonly (readonly [RegExp, string])[]} */
const CAUSES = [
  [
    /\b(ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH)\b/,
    "the package registry was not reached; check the network and npm's `registry` and `proxy` settings",
  ],
  [/\b(E401|E403)\b/, "the package registry refused access; check npm's `registry` setting and your credentials for it"],
  [/\bE404\b/, "the package registry does not have a package that the lockfile names; check npm's `registry` setting"],
  [/\bENOSPC\b/, 'the disk is full'],
  [/\b(EACCES|EPERM|EROFS)\b/, "a file could not be written; check who owns this folder and npm's cache"],
  [/\bEINTEGRITY\b/, 'a downloaded package is not the one that the lockfile names; try `npm cache clean --force`'],
  [/\bEUSAGE\b/, 'package.json and package-lock.json do not agree; run `npm install` once'],
  [/\bEBADENGINE\b/, 'a package needs a newer Node.js or npm'],
];

/**
 * The likely cause, from npm's own error codes.
 * @param {string} stderr
 * @returns {string}
 */
export function causeOfNpmFailure(stderr) {
  const known = CAUSES.find(([pattern]) => pattern.test(stderr));
  return known ? known[1] : 'its own message is above';
}
