/** `npm run check:layers`: proves the import rules of the architecture; prints every violation. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from './lib/files.ts';
import { importsOf } from './lib/imports.ts';
import { violations } from './lib/layers.ts';

const ROOT = join(import.meta.dirname, '..');

const files = ['src', 'test/oracle'].flatMap((folder) => filesBelow(ROOT, folder, '.ts')).filter((file) => !file.endsWith('.test.ts'));
const found = files.flatMap((file) => violations(file, importsOf(readFileSync(join(ROOT, file), 'utf8'))));
for (const violation of found) console.error(violation);
console.log(`layers: ${files.length} files, ${found.length} violations`);
process.exitCode = found.length === 0 ? 0 : 1;
