/** `npm run bench`: all benchmarks, one after another; arguments choose some by name (`npm run bench -- http`). */
import { benchCheckOverHttp } from './check-http.ts';
import { benchDecisionsTable } from './core/decisions.ts';
import { benchExplanationsTable } from './core/explanations.ts';
import { benchListTable } from './list/list.ts';
import { benchScopesTable } from './list/scopes.ts';
import { benchPreviewTable } from './preview/preview.ts';

/** Each prints nothing and returns its table. */
const benches: Readonly<Record<string, () => Promise<string>>> = {
  decisions: benchDecisionsTable,
  explain: benchExplanationsTable,
  list: benchListTable,
  scopes: benchScopesTable,
  preview: benchPreviewTable,
  http: benchCheckOverHttp,
};

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !(name in benches));
  if (unknown !== undefined) throw new Error(`no benchmark \`${unknown}\`: there are ${Object.keys(benches).join(', ')}`);
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.log(`\n== ${name}\n`);
    console.log(await bench());
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
