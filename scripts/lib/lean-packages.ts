/**
 * Packages as the deployed Worker takes them, for `alias` in wrangler.toml: zod without JSON schemas, which only a description of the API is made of,
 * CEL that sets itself up for the first condition instead of at each start, YAML without the tags that nobody uses. Copies, of which few files differ: what isn't found as expected is an error.
 */
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Edit = (text: string) => string;

/** Exports of the same names that make nothing: they are called when a schema is made, and what they give never is. */
const nothing: Edit = (text) => {
  const names = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
  const renamed = [...text.matchAll(/^export \{ \w+ as (\w+) \};$/gm)].map(([, name]) => `nothing as ${name}`);
  if (names.length === 0) throw new Error('no exports where some were expected');
  return `const nothing = () => nothing;\nexport { ${[...names.map((name) => `nothing as ${name}`), ...renamed].join(', ')} };\n`;
};

/** @throws Error when one of the texts isn't there exactly once */
function replacing(...pairs: readonly (readonly [text: string, by: string])[]): Edit {
  return (whole) =>
    pairs.reduce((sum, [text, by]) => {
      if (sum.split(text).length !== 2) throw new Error(`expected once: \`${text}\``);
      return sum.replace(text, () => by);
    }, whole);
}

const ZOD: Readonly<Record<string, Edit>> = {
  'v4/core/to-json-schema.js': nothing,
  'v4/core/json-schema-processors.js': nothing,
  // of code made at run time, which Workers forbid: it always fell back to what it is now
  'v4/core/schemas.js': replacing([
    'export const $ZodObjectJIT = /*@__PURE__*/',
    'export const $ZodObjectJIT = $ZodObject;\nconst never = /*@__PURE__*/',
  ]),
  // of values that hold themselves: what is parsed came as JSON, or was copied as it
  'v4/classic/schemas.js': replacing(['core.config({ memoizer: core.memoizer() });', ';']),
};

const CEL: Readonly<Record<string, Edit>> = {
  'lib/evaluator.js': replacing(
    [
      `const globalRegistry = createRegistry({enableOptionalTypes: false})
registerFunctions(globalRegistry)
registerOverloads(globalRegistry)
registerMacros(globalRegistry)
`,
      `let made
function globalRegistry() {
  if (made) return made
  made = createRegistry({enableOptionalTypes: false})
  registerFunctions(made)
  registerOverloads(made)
  registerMacros(made)
  return made
}
`,
    ],
    ['inherited.#registry : globalRegistry\n', 'inherited.#registry : globalRegistry()\n'],
    ['const globalEnvironment = new Environment(', 'const globalEnvironment = /* @__PURE__ */ new Environment('],
  ),
};

/** Statements that only make a value become calls that the bundler leaves out where nobody uses them. */
const pure: Edit = (text) => {
  const making =
    /^(var \w+ = )((?:define(?:Scalar|Sequence|Mapping)Tag|new Schema|YAML11_SCHEMA\.withTags)\([\s\S]*?^[\]}]\)|\{[\s\S]*?^\});$/gm;
  const marked = text.replace(making, '$1/* @__PURE__ */ (() => ($2))();');
  if (marked === text) throw new Error('no tags where some were expected');
  return marked;
};

/** The text around a fault, which no refusal of ours shows. */
const withoutSnippets = replacing(['function makeSnippet(mark, options) {\n', 'function makeSnippet(mark, options) {\n\treturn null;\n']);

const YAML: Readonly<Record<string, Edit>> = { 'dist/js-yaml.mjs': (text) => withoutSnippets(pure(text)) };

/**
 * @param root of the project
 * @param described whether the Worker is built with the description of its API: then zod stays whole
 * @throws Error when a package isn't as it was
 */
export function makeLeanPackages(root: string, described: boolean): void {
  const into = join(root, 'node_modules/.cache/lean');
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const packages = join(root, 'node_modules');
  if (described) symlinkSync(join(packages, 'zod'), join(into, 'zod'), 'dir');
  else copy(join(packages, 'zod'), join(into, 'zod'), ZOD);
  copy(join(packages, '@marcbachmann/cel-js'), join(into, 'cel-js'), CEL);
  copy(join(packages, 'js-yaml'), join(into, 'js-yaml'), YAML);
}

function copy(from: string, to: string, edits: Readonly<Record<string, Edit>>): void {
  // the very files: a copied link would have the packages themselves edited
  cpSync(realpathSync(from), to, { recursive: true, dereference: true, filter: (path) => !/\.(?:c?ts|cjs|map|md)$/.test(path) });
  for (const [file, edit] of Object.entries(edits)) {
    const path = join(to, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, edit(readFileSync(join(from, file), 'utf8')));
  }
}
