/**
 * The rule by which an application filters its own rows with what `POST /list/scopes` answers: may, may not, or ask. Pure, and imports nothing; bitgate
 * finds the exceptions by this very rule, so that both mean the same.
 */

/** `open`: it hangs on conditions that look at the row; `open_conditions` has their CEL. */
export type Held = 'yes' | 'no' | 'open';

/** What is held about a row that lies directly below one scope, and below nothing else. */
export interface Outcome {
  readonly allow: Held;
  readonly deny: Held;
  /** absent: nothing is open. It is allowed when one of `allow_when` is true; denied when one of `deny_when` is true, or fails */
  readonly open?: { readonly allow_when: readonly string[]; readonly deny_when: readonly string[] } | undefined;
}

export interface Outcomes {
  /** of a row that lies in no project. Absent: whatever lies here lies in one */
  readonly org?: Outcome | undefined;
  /** of a row that lies in a project, through this scope or through another parent */
  readonly project: Outcome;
}

/** One page of the answer. */
export interface ScopesPage {
  /** of the rows */
  readonly type: string;
  /** the only types of what is listed as a scope; absent: every type */
  readonly parent_types?: readonly string[] | undefined;
  /** of a row without parents, and below every scope that is not listed */
  readonly default: Outcomes;
  readonly scopes: readonly ({ readonly scope: string } & Outcomes)[];
  /** unregistered rows that something is granted on: it is held beside what their parents give */
  readonly rows: readonly ({ readonly id: string } & Outcomes)[];
  /** registered rows of which their parents say something else than a check */
  readonly exceptions: { readonly allow: readonly string[]; readonly deny: readonly string[] };
}

/** Every page of one answer, put together. */
export interface ScopeFilter extends Inheritance {
  readonly exceptions: ReadonlyMap<string, Verdict>;
}

export interface Inheritance {
  readonly type: string;
  readonly parent_types?: readonly string[] | undefined;
  readonly default: Outcomes;
  readonly scopes: Lookup;
  readonly rows: Lookup;
}

export interface Lookup {
  get(key: string): Outcomes | undefined;
}

/** A row as a check would be told of it; of a registered one the parents that are registered. */
export interface Row {
  readonly id: string;
  /** `type:id` of each */
  readonly parents?: readonly string[] | undefined;
  /** the id of the project that it lies in */
  readonly project?: string | undefined;
}

/** `ask`: a check has to decide. */
export type Verdict = 'allow' | 'deny' | 'ask';

const PROJECT = 'project';
const PROJECT_PREFIX = `${PROJECT}:`;

/**
 * @param pages all of one answer, in any order
 * @throws TypeError without any
 */
export function scopeFilter(pages: readonly ScopesPage[]): ScopeFilter {
  const [first] = pages;
  if (first === undefined) throw new TypeError('an answer has one page at least');
  const exceptions = new Map<string, Verdict>();
  for (const { allow, deny } of pages.map((page) => page.exceptions)) {
    for (const id of allow) exceptions.set(id, 'allow');
    for (const id of deny) exceptions.set(id, 'deny');
  }
  return {
    type: first.type,
    parent_types: first.parent_types,
    default: first.default,
    scopes: new Map(pages.flatMap((page) => page.scopes).map((each) => [each.scope, each])),
    rows: new Map(pages.flatMap((page) => page.rows).map((each) => [each.id, each])),
    exceptions,
  };
}

/**
 * May the subject of the answer do its action on this row? What a check at the answer's revision and time decides, or `ask`; never anything else. A row
 * must not claim to lie below what lies below itself.
 */
export function applyScopes(filter: ScopeFilter, row: Row): Verdict {
  return filter.exceptions.get(row.id) ?? inherited(filter, row);
}

/** What a row's parents give, and what is granted on itself while it is not registered. */
export function inherited({ type, parent_types, default: others, scopes, rows }: Inheritance, { id, parents = [], project }: Row): Verdict {
  const above = new Set(parents.filter(isReference));
  if (project !== undefined && project !== '') above.add(PROJECT_PREFIX + project);
  above.delete(`${type}:${id}`);
  if (parent_types !== undefined && [...above].some((scope) => !parent_types.includes(typeOf(scope)))) return 'ask';
  const held: Outcomes[] = above.size === 0 ? [others] : [];
  let unlisted = false;
  for (const scope of above) {
    const listed = scopes.get(scope);
    if (listed !== undefined) held.push(listed);
    else if (scope.startsWith(PROJECT_PREFIX)) held.push({ project: others.project });
    else {
      unlisted = true;
      held.push(others);
    }
  }
  const inProject = held.some(({ org }) => org === undefined);
  const own = rows.get(id);
  if (own !== undefined) held.push(own);
  const there = verdictOf(held.map((each) => each.project));
  if (inProject) return there;
  const here = verdictOf(held.map((each) => each.org ?? each.project));
  // What differs from the default of neither level isn't listed: then it may lie in a project.
  return here === there || !(unlisted && alike(others)) ? here : 'ask';
}

function isReference(text: string): boolean {
  const colon = text.indexOf(':');
  return colon > 0 && colon < text.length - 1;
}

function typeOf(reference: string): string {
  return reference.slice(0, reference.indexOf(':'));
}

function alike({ org, project }: Outcomes): boolean {
  return org?.allow === project.allow && org.deny === project.deny;
}

/** Denies win, wherever they come from; one allow is enough. */
function verdictOf(outcomes: readonly Outcome[]): Verdict {
  if (outcomes.some(({ deny }) => deny === 'yes') || outcomes.every(({ allow }) => allow === 'no')) return 'deny';
  return outcomes.some(({ deny }) => deny === 'open') || !outcomes.some(({ allow }) => allow === 'yes') ? 'ask' : 'allow';
}
