/** The Worker as one module, as `wrangler deploy` would send it. */
import { type BuildFailure, type BuildOptions, build } from 'esbuild';

/** How the Worker is bundled, whatever comes in and whatever becomes of it. */
export const BUNDLED = {
  bundle: true,
  write: false,
  format: 'esm',
  target: 'es2024',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['workerd', 'worker', 'browser', 'import', 'default'],
  external: ['cloudflare:*', 'node:*'],
} as const satisfies BuildOptions;

/**
 * @param entry path of the module to bundle
 * @returns the text of one ES module
 * @throws Error that lists what doesn't build, with file and line
 */
export async function bundleWorker(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    ...BUNDLED,
    logLevel: 'silent',
  }).catch((failure: BuildFailure) => {
    throw new Error(`the Worker doesn't build: ${failure.message}`);
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error(`the Worker doesn't build: \`${entry}\` gave no output`);
  return file.text;
}
