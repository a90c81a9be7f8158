/**
 * Who may import whom, as data, and the check of one file against it. A file belongs to the first zone whose prefix it has, and may
 * import its own zone, the zones listed, and the packages listed; nothing else.
 */
import { posix } from 'node:path';
import type { ImportFound } from './imports.ts';

interface Zone {
  /** path prefix from the project's root; the zone's name in messages */
  readonly at: string;
  /** prefixes that may be imported */
  readonly may: readonly string[];
  /** prefixes of which types may be imported, and nothing that remains at run time */
  readonly mayTypes?: readonly string[];
  /** packages; a trailing `*` matches the rest */
  readonly packages?: readonly string[];
  /** said after the violation: the reason behind the rule */
  readonly because: string;
}

const TERMS = ['src/core/terms/'];
const BASE = ['src/core/terms/', 'src/core/sets/'];
const CORE_IS_PURE = 'the core is pure: it imports nothing outside itself';

function face(name: string, planes: readonly string[], packages: readonly string[] = []): Zone {
  return {
    at: `src/http/${name}/`,
    may: ['src/http/common/', 'src/authn/', ...TERMS, ...planes],
    mayTypes: ['src/env.ts'],
    packages: ['hono*', 'zod', ...packages],
    because: 'a face imports its plane, `authn`, `core/terms` and `http/common`; never another face, never storage',
  };
}

export const ZONES: readonly Zone[] = [
  { at: 'src/core/terms/', may: BASE, because: CORE_IS_PURE },
  { at: 'src/core/sets/', may: TERMS, because: CORE_IS_PURE },
  { at: 'src/core/snapshot/', may: BASE, because: 'the snapshot knows only terms and sets' },
  { at: 'src/core/condition/', may: BASE, packages: ['@marcbachmann/cel-js'], because: CORE_IS_PURE },
  {
    at: 'src/core/compile/',
    may: [...BASE, 'src/core/snapshot/', 'src/core/condition/'],
    because: 'compiler and evaluator meet in the snapshot alone',
  },
  {
    at: 'src/core/evaluate/',
    may: [...BASE, 'src/core/snapshot/', 'src/core/condition/'],
    because: 'compiler and evaluator meet in the snapshot alone',
  },
  { at: 'src/core/', may: [], because: CORE_IS_PURE },
  {
    at: 'src/pap/',
    may: ['src/core/', 'src/presets/'],
    packages: ['zod', 'js-yaml'],
    because: 'the control plane sees the core and its own ports; storage implements them, faces call it',
  },
  {
    at: 'src/pdp/',
    // The rule that applications filter by: exceptions are found by the very same code.
    may: ['src/core/', 'src/client/scopes.ts'],
    because: 'the data plane sees the core and its own ports; storage implements them, faces call it',
  },
  { at: 'src/authn/', may: ['src/core/'], packages: ['jose', 'zod'], because: 'authentication imports the core alone' },
  { at: 'src/presets/', may: TERMS, because: 'presets are data' },
  {
    at: 'src/storage/',
    may: ['src/core/', 'src/pap/', 'src/pdp/'],
    mayTypes: ['src/env.ts', 'src/authn/'],
    packages: ['cloudflare:*', 'zod'],
    because: 'storage implements the ports of both planes and knows no face',
  },
  face('check', ['src/pdp/']),
  face('list', ['src/pdp/']),
  face('authzen', ['src/pdp/']),
  face('bitmap', ['src/pdp/']),
  face('forward-auth', ['src/pdp/']),
  face('admin', ['src/pap/', 'src/pdp/', 'src/presets/']),
  face('ops', ['src/pap/', 'src/pdp/']),
  face('docs', [], ['zod-openapi']),
  {
    at: 'src/http/common/',
    may: ['src/authn/', 'src/pdp/', 'src/pap/', ...TERMS],
    mayTypes: ['src/env.ts'],
    packages: ['hono*', 'zod', 'jose'],
    because: 'what faces share knows no face and no storage',
  },
  {
    at: 'src/rpc/',
    may: ['src/pdp/', 'src/authn/', 'src/http/common/', ...TERMS],
    mayTypes: ['src/env.ts'],
    packages: ['cloudflare:*'],
    because: 'RPC is a face of the data plane',
  },
  {
    at: 'src/client/',
    may: [],
    mayTypes: ['src/'],
    packages: ['jose'],
    because: 'what applications install takes types alone from the Worker',
  },
  { at: 'src/console/', may: ['src/client/'], because: 'the console speaks to the API like any other client' },
  { at: 'src/env.ts', may: [], mayTypes: ['src/storage/'], because: 'the bindings are types' },
  { at: 'src/worker.ts', may: ['src/'], packages: ['*'], because: '' },
  {
    at: 'test/oracle/',
    may: ['test/'],
    mayTypes: ['src/'],
    packages: ['vitest', '@marcbachmann/cel-js', 'node:net'],
    because: 'the oracle is a second implementation: it shares types with the first, and no code',
  },
];

/** @returns one message per forbidden import: `file:line: …`; empty for a file that belongs to no zone */
export function violations(file: string, imports: readonly ImportFound[]): string[] {
  const zone = ZONES.find(({ at }) => file.startsWith(at));
  if (!zone) return file.startsWith('src/') ? [`${file}: belongs to no layer: add its folder to scripts/lib/layers.ts`] : [];
  return imports.flatMap((found) => {
    const complaint = complaintAbout(zone, file, found);
    return complaint ? [`${file}:${found.line}: ${complaint}`] : [];
  });
}

function complaintAbout(zone: Zone, file: string, { specifier, typeOnly }: ImportFound): string | null {
  if (!specifier.startsWith('.')) {
    return matchesPackage(zone.packages ?? [], specifier)
      ? null
      : `\`${zone.at}\` may not import the package \`${specifier}\`: ${zone.because}`;
  }
  const target = posix.join(posix.dirname(file), specifier);
  if (target === 'src/worker.ts') return '`src/worker.ts` is the composition root: nothing imports it';
  if (target.startsWith(zone.at) || zone.may.some((prefix) => target.startsWith(prefix))) return null;
  if (!zone.mayTypes?.some((prefix) => target.startsWith(prefix))) return `\`${zone.at}\` may not import \`${target}\`: ${zone.because}`;
  return typeOnly ? null : `\`${zone.at}\` may import only types from \`${target}\`, with \`import type\`: ${zone.because}`;
}

function matchesPackage(allowed: readonly string[], specifier: string): boolean {
  return allowed.some((name) => (name.endsWith('*') ? specifier.startsWith(name.slice(0, -1)) : specifier === name));
}
