/** Planted faults: each is wrong in one way, and `npm run mutants` fails if the named tests don't notice. */
import type { Mutant } from '../../scripts/lib/mutant.ts';
import { doubleMutants } from './double.ts';
import { forwardAuthMutants } from './forward-auth.ts';
import { freshnessMutants } from './freshness.ts';
import { tokenMutants } from './tokens.ts';

const AGREEMENT = ['test/properties/agreement.test.ts'];
const SCOPES = ['test/properties/scopes.test.ts'];
const RPC = ['test/rpc/pdp.test.ts', 'test/rpc/values.test.ts'];
const JWT_CALLERS = ['test/http/jwt-callers.test.ts'];

export const mutants: readonly Mutant[] = [
  ...tokenMutants,
  ...doubleMutants,
  ...forwardAuthMutants,
  ...freshnessMutants,
  {
    name: 'deny ignored',
    file: 'src/core/evaluate/evaluate.ts',
    edits: [{ find: '  if (denied) return DENIED;\n', replace: '' }],
    tests: AGREEMENT,
  },
  {
    name: 'restricted ignored',
    file: 'src/core/evaluate/hierarchy.ts',
    edits: [{ find: 'this.cut = leaf.restricted(this.entry);', replace: 'this.cut = false;' }],
    tests: AGREEMENT,
  },
  {
    name: 'a restricted parent ignored',
    file: 'src/core/evaluate/chain.ts',
    edits: [{ find: '    if (node.restricted) continue;\n', replace: '' }],
    tests: AGREEMENT,
  },
  {
    name: 'expiry off by one',
    file: 'src/core/snapshot/principal-leaf.ts',
    edits: [{ find: 'return now < this.#windows[at * 2 + 1]! ? 0 : 1;', replace: 'return now <= this.#windows[at * 2 + 1]! ? 0 : 1;' }],
    tests: AGREEMENT,
  },
  {
    name: 'one bit of a row flipped',
    file: 'src/core/snapshot/rows.ts',
    edits: [
      {
        find: 'reference = this.#bitsetCount++ * 2 + BITSET;',
        replace: 'this.#bitsets[base]! ^= 1;\n      reference = this.#bitsetCount++ * 2 + BITSET;',
      },
    ],
    tests: AGREEMENT,
  },
  {
    name: 'a leaf boundary off by one',
    file: 'src/core/snapshot/type-range.ts',
    edits: [
      { find: 'if (compareCodePoints(texts[middle]!, key) <= 0) low', replace: 'if (compareCodePoints(texts[middle]!, key) < 0) low' },
    ],
    tests: AGREEMENT,
  },
  {
    name: 'owner through a group ignored',
    file: 'src/core/evaluate/evaluate.ts',
    edits: [
      {
        find: "const mine = owner === key || (owner.startsWith('group:') && groups.has(snapshot.catalog.groups.indexOf(owner.slice(6))));",
        replace: 'const mine = owner === key;',
      },
    ],
    tests: AGREEMENT,
  },
  {
    name: 'an allow whose condition errors counted',
    file: 'src/core/evaluate/grants.ts',
    edits: [{ find: "if (outcome === 'true') this.allowed = true;", replace: "if (outcome !== 'false') this.allowed = true;" }],
    tests: AGREEMENT,
  },
  {
    name: 'the older revision accepted',
    file: 'src/pdp/refresh.ts',
    edits: [
      { find: '    if (pointer.revision < organization.floor) return false;\n', replace: '' },
      { find: '      if (snapshot.revision < organization.floor) return false;\n', replace: '' },
    ],
    tests: ['test/pdp'],
  },
  {
    name: 'a dropped revision of the past answered by the one before it',
    file: 'src/storage/publisher/timeline.ts',
    edits: [
      { find: 'return revision === this.#newest || time < this.#replaced(revision) ? revision : null;', replace: 'return revision;' },
    ],
    tests: ['test/storage/publisher/past.test.ts'],
  },
  {
    name: 'the past asked with the clock of the present',
    file: 'src/pdp/pdp.ts',
    edits: [{ find: 'const at = wanted.time ?? null;', replace: 'const at = null;' }],
    tests: ['test/properties/past.test.ts'],
  },
  {
    name: 'the revision at hand taken for one of the past',
    file: 'src/pdp/pdp.ts',
    edits: [{ find: 'organization?.snapshot?.revision !== revision', replace: 'organization?.snapshot === undefined' }],
    tests: ['test/properties/past.test.ts'],
  },
  {
    name: 'a condition left open taken for one that holds',
    file: 'src/core/evaluate/grants.ts',
    edits: [{ find: "else if (open.counting === 'most') this.allowed = true;", replace: 'else this.allowed = true;' }],
    tests: ['test/core/evaluate/open.test.ts'],
  },
  {
    name: 'what a deny elsewhere takes not looked for',
    file: 'src/pap/preview/candidates.ts',
    edits: [{ find: '      for (const other of held) add(at, other, names);\n', replace: '' }],
    tests: ['test/core/preview/access.test.ts'],
  },
  {
    name: 'a condition above taken to explain a certain change below',
    file: 'src/pap/preview/explain.ts',
    edits: [{ find: 'strict(scope, privilege) ? extent : clipped(extent);', replace: 'clipped(extent);' }],
    tests: ['test/core/preview/access.test.ts'],
  },
  {
    name: "a key's subject forgotten in a preview",
    file: 'src/pap/preview/touched.ts',
    edits: [{ find: '      keys.add(area.key);\n', replace: '      keys.add(area.key);\n      return;\n' }],
    tests: ['test/pap/preview/preview.test.ts'],
  },
  {
    name: 'a list ended in silence where a request has done its share',
    file: 'src/pdp/list/list.ts',
    edits: [{ find: "if (walked === 'end') tally.end();", replace: "if (walked !== 'stopped') tally.end();" }],
    tests: ['test/pdp/list.test.ts'],
  },
  {
    name: 'who is not registered listed',
    file: 'src/pdp/list/walk.ts',
    edits: [{ find: "if ('registered' in leaf && !leaf.registered(entry)) continue;", replace: '' }],
    tests: ['test/properties/list.test.ts'],
  },
  {
    name: 'what a scan loads kept for checks',
    file: 'src/pdp/scan.ts',
    edits: [{ find: 'this.snapshot = new Snapshot(lender.manifest, lender.catalog);', replace: 'this.snapshot = lender;' }],
    tests: ['test/pdp/list.test.ts'],
  },
  {
    name: 'everyone asked as if nothing could deny',
    file: 'src/pdp/list/reach.ts',
    edits: [{ find: "if (await holds('least')) return 'yes';", replace: "if (await holds('most')) return 'yes';" }],
    tests: ['test/properties/list-public.test.ts'],
  },
  {
    name: "a list's cursor good in every organization",
    file: 'src/http/common/list-pages.ts',
    edits: [{ find: 'const of = { organization, question', replace: "const of = { organization: '', question" }],
    tests: ['test/http/list.test.ts'],
  },
  {
    name: "properties of AuthZEN's defaults taken into an item",
    file: 'src/http/authzen/evaluations.ts',
    edits: [{ find: "{ subject: ['type', 'id'],", replace: "{ subject: ['type', 'id', 'properties']," }],
    tests: ['test/http/authzen/evaluations.test.ts'],
  },
  {
    name: 'two AuthZEN subjects taken for one',
    file: 'src/http/authzen/wire.ts',
    edits: [{ find: "id !== '' && !type.includes(':')", replace: "id !== ''" }],
    tests: ['test/http/authzen/rules.test.ts'],
  },
  {
    name: 'an error taken for no deny in a short cut',
    file: 'src/http/authzen/evaluations.ts',
    edits: [{ find: '      if (ends === false) break;\n', replace: '' }],
    tests: ['test/http/authzen/evaluations.test.ts'],
  },
  {
    name: 'a search that is too much for one request ended where that stopped',
    file: 'src/http/authzen/search.ts',
    edits: [
      {
        find: 'if (items.length <= limit) return { items, total, after: next?.after ?? null };',
        replace: 'if (items.length <= limit) return { items, total, after: null };',
      },
    ],
    tests: ['test/http/authzen/large-search.test.ts'],
  },
  {
    name: "a scope that may lie in a project taken for one that doesn't",
    file: 'src/client/scopes.ts',
    edits: [{ find: '!(unlisted && alike(others))', replace: 'true' }],
    tests: SCOPES,
  },
  {
    name: 'a deny that may apply ignored by who filters',
    file: 'src/client/scopes.ts',
    edits: [{ find: "outcomes.some(({ deny }) => deny === 'open') ||", replace: '' }],
    tests: SCOPES,
  },
  {
    name: 'scopes told apart by what lies above them and not by what reaches them',
    file: 'src/pdp/scopes/survey.ts',
    edits: [{ find: "reaches[i]! ? '+' : '-'", replace: "'+'" }],
    tests: SCOPES,
  },
  {
    name: 'groups forgotten among those whose grants name scopes',
    file: 'src/pdp/holders.ts',
    edits: [{ find: 'of [...all, ', replace: 'of [' }],
    tests: SCOPES,
  },
  {
    name: 'a scope of a project left out because it is the default there',
    file: 'src/pdp/scopes/survey.ts',
    edits: [{ find: 'org === undefined || key.startsWith(PROJECT_PREFIX)', replace: 'true' }],
    tests: SCOPES,
  },
  {
    name: 'what is granted at the organization counted as granted on the row',
    file: 'src/pdp/scopes/outcome.ts',
    edits: [{ find: 'restricted: itself', replace: 'restricted: false' }],
    tests: SCOPES,
  },
  {
    name: 'a role by token registers its subject',
    file: 'src/core/evaluate/evaluate.ts',
    edits: [
      {
        find: 'const registered = stored || assumed?.registers === true;',
        replace: 'const registered = stored || assumed?.registers === true || (somebody && options.roles !== undefined);',
      },
    ],
    tests: AGREEMENT,
  },
  {
    name: 'a role by token at `org` leaves the default role',
    file: 'src/core/evaluate/evaluate.ts',
    edits: [{ find: '(roles !== undefined && tokenDisplacesDefault(catalog, roles))', replace: 'false' }],
    tests: AGREEMENT,
  },
  {
    name: 'what a token proves given to every candidate of a list',
    file: 'src/pdp/list/list.ts',
    edits: [{ find: '{ ...options, groups: undefined, roles: undefined }', replace: 'options' }],
    tests: ['test/properties/list.test.ts'],
  },
  {
    name: 'a scope that only a role by token names left out of scopes',
    file: 'src/pdp/scopes/named.ts',
    edits: [{ find: 'roles.map(({ scope }) => scope)', replace: '[]' }],
    tests: SCOPES,
  },
  {
    name: 'a scope that only a role by token names left out of a bitmap',
    file: 'src/pdp/bitmap/scopes.ts',
    edits: [{ find: 'isSomebody(subject.type) ? roles : []', replace: '[]' }],
    tests: ['test/properties/bitmap-cases.test.ts'],
  },
  {
    name: 'an IPv4 address that is mapped into IPv6 taken for another',
    file: 'src/core/condition/ip.ts',
    edits: [{ find: 'bytes !== null && isMapped(bytes) ? bytes.slice(12) : bytes', replace: 'bytes' }],
    tests: ['test/core/condition-ip.test.ts'],
  },
  {
    name: 'RPC: whoever a binding names let in, whatever they may do',
    file: 'src/http/common/checks/opening.ts',
    edits: [{ find: '  for (const name of entry.needs) await requireRight(services, entry, session, name);\n', replace: '' }],
    tests: RPC,
  },
  {
    name: 'a batch about others asked by whoever asks about itself in it',
    file: 'src/http/common/checks/opening.ts',
    edits: [{ find: 'about.every(', replace: 'about.some(' }],
    tests: JWT_CALLERS,
  },
  {
    name: "what a caller's token gives counted for whomever it asks about",
    file: 'src/http/common/checks/options.ts',
    edits: [{ find: ' || !isCaller(entry, subject)) return undefined;', replace: ') return undefined;' }],
    tests: JWT_CALLERS,
  },
  {
    name: 'what a token gave at an older revision counted at a newer one',
    file: 'src/http/common/checks/entry.ts',
    edits: [{ find: 'at.revision === session.revision ? rightsOf', replace: 'true ? rightsOf' }],
    tests: ['test/http/user.test.ts'],
  },
  {
    name: 'RPC: the organization of a binding ignored beside a key',
    file: 'src/rpc/caller.ts',
    edits: [{ find: '`, named, life, needs)', replace: '`, null, life, needs)' }],
    tests: RPC,
  },
  {
    name: 'RPC: what is no JSON read as an empty object',
    file: 'src/rpc/values.ts',
    edits: [{ find: "    if (!isPlain(value)) throw this.#malformed('an object of a kind that JSON has not');\n", replace: '' }],
    tests: RPC,
  },
  {
    name: 'one allowed action enough for all_of',
    file: 'src/http/common/checks/composite.ts',
    edits: [{ find: "each.decision === (needs === 'any_of')", replace: 'each.decision' }],
    tests: ['test/properties/composite.test.ts'],
  },
];
