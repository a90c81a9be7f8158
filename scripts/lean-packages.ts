/** Makes the packages that `alias` in wrangler.toml names. Started by wrangler before each build of the Worker. */
import { join } from 'node:path';
import { unstable_readConfig } from 'wrangler';
import { makeLeanPackages } from './lib/lean-packages.ts';

const ROOT = join(import.meta.dirname, '..');

const { vars } = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') });
makeLeanPackages(ROOT, vars.BITGATE_DOCS === '1');
