/** The compilers of leaf entries, in one place for their callers. */
export type { Entries } from './entry-list.ts';
export { keyEntries } from './keys.ts';
export type { KnownIds } from './known.ts';
export { knownIds } from './known.ts';
export { principalEntries } from './principals.ts';
export { resourceEntries } from './resources.ts';
