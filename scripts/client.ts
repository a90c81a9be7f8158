/** `npm run client -- http://localhost:8787 client.ts`: writes a typed client of the API that a running bitgate describes. */
import { writeFileSync } from 'node:fs';
import { clientSource, type OpenApiDocument } from './lib/client-types.ts';

const [origin, file] = process.argv.slice(2);

if (origin === undefined || file === undefined) {
  console.error(
    'name the origin of a bitgate with BITGATE_DOCS=1, and the file to write: npm run client -- http://localhost:8787 client.ts',
  );
  process.exitCode = 1;
} else {
  const response = await fetch(new URL('/openapi.json', origin));
  if (!response.ok) throw new Error(`\`${origin}/openapi.json\` answers ${response.status}: is BITGATE_DOCS 1 there?`);
  // what describes itself so is bitgate's description
  const document = (await response.json()) as OpenApiDocument;
  writeFileSync(file, clientSource(document));
  console.log(`${file}: ${Object.values(document.paths).flatMap((methods) => Object.keys(methods)).length} operations`);
}
