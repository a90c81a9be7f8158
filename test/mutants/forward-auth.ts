/** Planted faults in what reverse proxies are told. */
import type { Mutant } from '../../scripts/lib/mutant.ts';

const SPELLINGS = ['test/http/forward-auth/canonical.test.ts'];
const SECURITY = ['test/http/forward-auth/security.test.ts'];
const ASKING = ['test/http/forward-auth/forward-auth.test.ts'];
const HOSTS = ['test/http/forward-auth/hosts.test.ts'];

export const forwardAuthMutants: readonly Mutant[] = [
  {
    name: 'forward-auth: an encoded slash decoded',
    file: 'src/http/forward-auth/canonical.ts',
    edits: [{ find: '|2[35def]|', replace: '|2[35de]|' }],
    tests: SPELLINGS,
  },
  {
    name: 'forward-auth: dot segments let through at the end of a path',
    file: 'src/http/forward-auth/canonical.ts',
    edits: [{ find: String.raw`(?:\/|$))/;`, replace: String.raw`\/)/;` }],
    tests: SPELLINGS,
  },
  {
    name: 'forward-auth: the seam of two headers ignored',
    file: 'src/http/forward-auth/canonical.ts',
    edits: [{ find: ' || SEAM.test(sent)', replace: '' }],
    tests: SPELLINGS,
  },
  {
    name: 'forward-auth: second spellings of headers ignored',
    file: 'src/http/forward-auth/original.ts',
    edits: [{ find: "  if (hasAlias(headers, TRUSTED[family])) return { refused: 'ambiguous_header' };\n", replace: '' }],
    tests: SECURITY,
  },
  {
    name: 'forward-auth: two addresses in one request taken',
    file: 'src/http/forward-auth/original.ts',
    edits: [{ find: "  if (host !== null || target !== null) return { refused: 'ambiguous_header' };\n", replace: '' }],
    tests: SECURITY,
  },
  {
    name: 'forward-auth: any key is that of a proxy',
    file: 'src/http/forward-auth/proxy.ts',
    edits: [
      {
        find: "  if (family === '') return { refused: 'not_a_proxy' };\n",
        replace: "  if (family === '') return { session, family: 'nginx', leavesAuthorization };\n",
      },
    ],
    tests: SECURITY,
  },
  {
    name: 'forward-auth: the organization in the address ignored',
    file: 'src/http/forward-auth/proxy.ts',
    edits: [{ find: "  if (named !== null && named !== claim.organization) return { refused: 'unknown_organization' };\n", replace: '' }],
    tests: SECURITY,
  },
  {
    name: 'forward-auth: claimed parents believed',
    file: 'src/http/forward-auth/decide.ts',
    edits: [
      { find: "  if (!(lies instanceof Promise ? await lies : lies)) return { refused: 'wrong_parent' };\n", replace: '  await lies;\n' },
    ],
    tests: SECURITY,
  },
  {
    name: 'forward-auth: the key of a second proxy taken for an end user',
    file: 'src/http/forward-auth/decide.ts',
    edits: [
      { find: '(await session.key(user.subject.id))?.forwardAuth) return', replace: '!(await session.key(user.subject.id))) return' },
    ],
    tests: SECURITY,
  },
  {
    name: 'forward-auth: the cookie asked where the header is not valid',
    file: 'src/http/forward-auth/credential.ts',
    edits: [
      {
        find: "  if (authorization !== null) return authorization.includes(' ')",
        replace: "  if (authorization?.includes('.')) return authorization.includes(' ')",
      },
    ],
    tests: ASKING,
  },
  {
    name: 'forward-auth: an identity for every host',
    file: 'src/http/forward-auth/identity.ts',
    edits: [{ find: 'aud: audience, ', replace: '' }],
    tests: SECURITY,
  },
  {
    name: 'forward-auth: other faces at its own host',
    file: 'src/http/forward-auth/routes.ts',
    edits: [{ find: "return own ? refusedReply(request, 'wrong_address') : undefined;", replace: 'return undefined;' }],
    tests: HOSTS,
  },
];
