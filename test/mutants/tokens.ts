/** Planted faults in how end users' tokens are verified. */
import type { Mutant } from '../../scripts/lib/mutant.ts';

const CLAIMS = ['test/authn/jwt/claims.test.ts'];
const KEYS = ['test/authn/jwt/remote-keys.test.ts'];
const MEMORY = ['test/authn/jwt/memory.test.ts'];

export const tokenMutants: readonly Mutant[] = [
  {
    name: 'token’s spare bits ignored',
    file: 'src/authn/jwt/compact.ts',
    edits: [{ find: ' || !parts.every((part) => CANONICAL.test(part))', replace: '' }],
    tests: ['test/authn/jwt/mutation.test.ts'],
  },
  {
    name: 'token’s crit ignored',
    file: 'src/authn/jwt/compact.ts',
    edits: [{ find: " || Object.hasOwn(header, 'crit')", replace: '' }],
    tests: ['test/authn/jwt/header.test.ts'],
  },
  {
    name: 'token’s audience ignored',
    file: 'src/authn/jwt/verify.ts',
    edits: [{ find: '      audience: issuer.audience,\n', replace: '' }],
    tests: ['test/authn/jwt/issuers.test.ts'],
  },
  {
    name: 'token’s end off by one',
    file: 'src/authn/jwt/verify.ts',
    edits: [{ find: 'exp * 1_000 <= now', replace: 'exp * 1_000 < now' }],
    tests: CLAIMS,
  },
  {
    name: 'token’s infinite times taken',
    file: 'src/authn/jwt/verify.ts',
    edits: [{ find: ' && Math.abs(value) <= LAST_S', replace: '' }],
    tests: CLAIMS,
  },
  {
    name: 'unverified address taken for a subject',
    file: 'src/authn/jwt/verify.ts',
    edits: [{ find: "  if (subjectClaim === 'email' && payload.email_verified !== true) return null;\n", replace: '' }],
    tests: CLAIMS,
  },
  {
    name: 'issuers that speak for each other’s subjects taken',
    file: 'src/authn/jwt/issuers.ts',
    edits: [{ find: 'all.filter((each) => isAlone(each, all))', replace: 'all' }],
    tests: ['test/authn/jwt/issuers.test.ts'],
  },
  {
    name: 'private keys of a key set taken',
    file: 'src/authn/jwt/key-set.ts',
    edits: [{ find: ' || secretMembers(key).length > 0', replace: '' }],
    tests: ['test/authn/jwt/fetch-keys.test.ts'],
  },
  {
    name: 'redirects of key sets followed',
    file: 'src/authn/jwt/fetch-keys.ts',
    edits: [{ find: "redirect: 'manual'", replace: "redirect: 'follow'" }],
    tests: ['test/authn/jwt/fetch.test.ts'],
  },
  {
    name: 'unknown kids refresh without a pause',
    file: 'src/authn/jwt/remote-keys.ts',
    edits: [{ find: ' || this.#age(this.#kidAt) < FOR_UNKNOWN_KID_MS', replace: '' }],
    tests: ['test/authn/jwt/unknown-kids.test.ts'],
  },
  {
    name: 'a key set’s older answer put over a newer one',
    file: 'src/authn/jwt/remote-keys.ts',
    edits: [{ find: ' || fetch < this.#fetched', replace: '' }],
    tests: KEYS,
  },
  {
    name: 'waiting for a key set in vain',
    file: 'src/authn/jwt/remote-keys.ts',
    edits: [{ find: 'while (this.#age(began) < LONGEST_WAIT_MS) {', replace: 'for (let once = true; once; once = false) {' }],
    tests: KEYS,
  },
  {
    name: 'old keys used for ever',
    file: 'src/authn/jwt/remote-keys.ts',
    edits: [{ find: '    if (this.#age(this.#fetchedAt) >= LONGEST_MS) return undefined;\n', replace: '' }],
    tests: KEYS,
  },
  {
    name: 'a token remembered for every catalog',
    file: 'src/authn/tokens.ts',
    edits: [{ find: ' || mark !== issuersOf(catalog).mark', replace: '' }],
    tests: MEMORY,
  },
  {
    name: 'a token remembered past its end',
    file: 'src/authn/tokens.ts',
    edits: [{ find: 'proof.expiresAt <= this.#surroundings.now() || ', replace: '' }],
    tests: MEMORY,
  },
  {
    name: 'a token remembered without its key',
    file: 'src/authn/tokens.ts',
    edits: [{ find: '?.holds(key) === true', replace: ' !== undefined' }],
    tests: MEMORY,
  },
  {
    name: 'a token remembered for every organization',
    file: 'src/authn/tokens.ts',
    edits: [
      { find: 'this.#verified.get(name)', replace: 'this.#verified.get(token)' },
      { find: 'this.#verified.set(name,', replace: 'this.#verified.set(token,' },
    ],
    tests: MEMORY,
  },
  {
    name: 'mappings of other issuers applied',
    file: 'src/authn/jwt/mappings.ts',
    edits: [{ find: '      if (only !== undefined && only !== issuer) continue;\n', replace: '' }],
    tests: ['test/authn/jwt/mappings.test.ts'],
  },
  {
    name: 'a pattern’s parts overlap',
    file: 'src/core/terms/glob.ts',
    edits: [{ find: 'text.length < first.length + last.length || ', replace: '' }],
    tests: ['test/core/terms/glob.test.ts'],
  },
];
