/** Planted faults in what is read for a second decision, and in what becomes of it. */
import type { Mutant } from '../../scripts/lib/mutant.ts';

const ROWS = ['test/properties/question-rows.test.ts'];
const DOUBLE = ['test/pdp/double.test.ts'];
const SQL = 'src/storage/d1/question-sql.ts';

/** What is left out of a question's rows. */
function unread(what: string, find: string, replace = ''): Mutant {
  return { name: `double: ${what} not read`, file: SQL, edits: [{ find, replace }], tests: ROWS };
}

export const doubleMutants: readonly Mutant[] = [
  unread('groups above', 'AND m.member = inside.principal', 'AND m.member = inside.principal AND 0'),
  unread('groups by token', '...groups.map(', '...groups.slice(0, 0).map('),
  unread('ancestors', 'AND p.resource = above.resource', 'AND p.resource = above.resource AND 0'),
  unread('claimed parents', ', ...claimed(resource?.properties ?? {})'),
  unread('claimed projects', "typeof project === 'string' ?", 'false ?'),
  unread('kinds of owners', "\n    UNION SELECT 'group:owner:' || kind FROM owned"),
  unread('the default role', "\n    UNION SELECT settings ->> '$.default_role' FROM settings WHERE org = ?1"),
  unread('roles by token', "\n    UNION SELECT value FROM json_each(?2, '$.roles')"),
  unread('inherited roles', 'AND i.role = reached.role', 'AND i.role = reached.role AND 0'),
  unread('policies of roles', 'AND b.role = reached.role', 'AND b.role = reached.role AND 0'),
  unread('implied privileges', 'AND v.name = named.name', 'AND v.name = named.name AND 0'),
  unread('qualified names', 'names: resource === undefined ?', 'names: true ?'),
  {
    name: 'double: a moved revision compared',
    file: 'src/pdp/double/double-evaluation.ts',
    edits: [{ find: ' || found.revision !== answered.revision', replace: '' }],
    tests: DOUBLE,
  },
  {
    name: 'double: another reason taken for the same',
    file: 'src/pdp/double/double-evaluation.ts',
    edits: [{ find: ' && again.reason === reason', replace: '' }],
    tests: DOUBLE,
  },
  {
    name: 'double: decided at another time',
    file: 'src/pdp/double/double-evaluation.ts',
    edits: [{ find: 'boundedOutcome(workDone()), at, options', replace: 'boundedOutcome(workDone()), Date.now(), options' }],
    tests: DOUBLE,
  },
];
