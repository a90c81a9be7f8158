/** `npm run check:docs`: every file and folder that the documents name is there, and every folder of src is in its README. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { linksIn, pathsIn, treeFolders } from './lib/doc-links.ts';
import { filesBelow } from './lib/files.ts';

const ROOT = join(import.meta.dirname, '..');
const ARCHITECTURE = 'src/README.md';

const documents = ['README.md', 'CHANGELOG.md', ...filesBelow(ROOT, 'src', '.md'), ...filesBelow(ROOT, 'test', '.md')];
const found = [...documents.flatMap(brokenMentions), ...undrawnFolders()];
for (const complaint of found) console.error(complaint);
console.log(`docs: ${documents.length} files, ${found.length} broken`);
process.exitCode = found.length === 0 ? 0 : 1;

function brokenMentions(file: string): string[] {
  if (!existsSync(join(ROOT, file))) return [`${file}: is missing`];
  const markdown = readFileSync(join(ROOT, file), 'utf8');
  const drawn = file === ARCHITECTURE ? treeFolders(markdown) : [];
  return [
    ...linksIn(markdown).map((mention) => ({ mention, path: join(ROOT, dirname(file), mention.text) })),
    ...[...pathsIn(markdown), ...drawn].map((mention) => ({ mention, path: join(ROOT, mention.text) })),
  ]
    .filter(({ path }) => !existsSync(path))
    .map(({ mention }) => `${file}:${mention.line}: \`${mention.text}\` doesn't exist`);
}

/** A folder right below src that the architecture document doesn't name. */
function undrawnFolders(): string[] {
  if (!existsSync(join(ROOT, ARCHITECTURE))) return [];
  const markdown = readFileSync(join(ROOT, ARCHITECTURE), 'utf8');
  return readdirSync(join(ROOT, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !markdown.includes(`${entry.name}/`))
    .map((entry) => `${ARCHITECTURE}: says nothing of the folder \`src/${entry.name}/\``);
}
