/**
 * The decision rule (RULE.md): snapshot × request → decision, in one place. Pure and synchronous; every face goes through here.
 * Not re-entrant, and keeps no decision: what it reuses from check to check is scratch space.
 */
import type { Catalog } from '../snapshot/catalog.ts';
import type { LeafRef, ResidentPrincipals, Snapshot } from '../snapshot/snapshot.ts';
import { SoughtRef } from '../snapshot/sought-ref.ts';
import type { Decision, Reason } from '../terms/decision.ts';
import { GROUP_ANYONE, GROUP_EVERYONE, GROUP_OWNER, GROUP_OWNER_PREFIX, GROUP_TYPE, isSomebody } from '../terms/ref.ts';
import type { CheckOptions, CheckRequest, Entity, OpenQuestion, TokenRole } from '../terms/request.ts';
import { Activation } from './activation.ts';
import { Assumptions } from './assume.ts';
import { FAILED, GrantWalk, type InWindow, PARTLY, windowWithin } from './grants.ts';
import { GroupSet } from './groups.ts';
import { Hierarchy } from './hierarchy.ts';
import { tokenDisplacesDefault, walkTokenRoles } from './token-roles.ts';

/** The evaluation can't go on without these leaves: load them and ask again. Never an answer. */
export interface Missing {
  readonly missing: readonly LeafRef[];
}

const decided = (decision: boolean, reason: Reason): Decision => Object.freeze({ decision, reason });
const SUSPENDED = decided(false, 'subject_suspended');
const UNKNOWN_PRIVILEGE = decided(false, 'unknown_privilege');
const UNREGISTERED = decided(false, 'unregistered_resource');
const DENIED = decided(false, 'denied_by_policy');
const GRANTED = decided(true, 'granted');
const FAILURES: Readonly<Record<number, Decision>> = {
  [FAILED.nothing]: decided(false, 'no_grant'),
  [FAILED.expired]: decided(false, 'expired'),
  [FAILED.notYetValid]: decided(false, 'not_yet_valid'),
  [FAILED.restricted]: decided(false, 'restricted'),
  [FAILED.conditionFalse]: decided(false, 'condition_false'),
  [FAILED.conditionError]: decided(false, 'condition_error'),
};

const NO_OPTIONS: CheckOptions = {};
const hierarchy = new Hierarchy();
const groups = new GroupSet();
const activation = new Activation();
const walk = new GrantWalk();
const sought = new SoughtRef();
let missing: LeafRef[] = [];

/** Where `find` left what it found. */
let foundIn: ResidentPrincipals | undefined;
let foundEntry = -1;

/** Looks a principal up; its leaf goes to `missing` if it is not at hand. */
function find(snapshot: Snapshot, type: string, id: string): boolean {
  const leaf = snapshot.manifest.directories.principals.findRef(sought.set(type, id));
  if (leaf < 0) return false;
  foundIn = snapshot.principals[leaf];
  if (foundIn === undefined) {
    missing.push({ kind: 'principals', leaf });
    return false;
  }
  foundEntry = foundIn.leaf.keys.find(sought);
  return foundEntry >= 0;
}

function findReserved(snapshot: Snapshot, group: string): boolean {
  return find(snapshot, GROUP_TYPE, group.slice(GROUP_TYPE.length + 1));
}

/** Walks the grants of a reserved group. True when a deny applies. */
function walkReserved(snapshot: Snapshot, group: string, owner: boolean): boolean {
  return findReserved(snapshot, group) && walk.principal(foundIn!, foundEntry, owner);
}

/** Walks the grants of a group, by its index in the catalog. True when a deny applies. */
function walkGroup(snapshot: Snapshot, group: number): boolean {
  const leaf = snapshot.groupLeaf(group);
  if (leaf < 0) return false;
  const resident = snapshot.principals[leaf];
  if (resident === undefined) {
    missing.push({ kind: 'principals', leaf });
    return false;
  }
  const entry = snapshot.groupEntry(group, resident);
  return entry >= 0 && walk.principal(resident, entry, false);
}

/**
 * Decides one check.
 * @param now ms since 1970
 * @returns a decision, or the leaves that must be at hand first
 */
export function evaluate(snapshot: Snapshot, request: CheckRequest, now: number, options: CheckOptions = NO_OPTIONS): Decision | Missing {
  const { subject, resource } = request;
  const { catalog } = snapshot;
  if (missing.length > 0) missing = [];
  if (options.open !== undefined) return evaluateOpen(snapshot, request, now, options, options.open);

  const assumed = options.assume === undefined ? undefined : new Assumptions(catalog, options.assume, subject, now);
  const somebody = isSomebody(subject.type);
  const found = somebody && find(snapshot, subject.type, subject.id);
  const subjectIn = found ? foundIn : undefined;
  const subjectEntry = foundEntry;
  const stored = subjectIn?.leaf.registered(subjectEntry) === true;
  const registered = stored || assumed?.registers === true;
  if (resource === undefined) hierarchy.clear();
  else hierarchy.open(snapshot, resource, missing);
  if (missing.length > 0) return lacking(snapshot, subjectIn, subjectEntry, registered);
  if (subjectIn?.leaf.suspendedAt(subjectEntry, now)) return SUSPENDED;

  const bit = privilegeOf(catalog, request.action.name, hierarchy.project, resource?.type);
  if (bit < 0) return UNKNOWN_PRIVILEGE;
  if (resource !== undefined && !hierarchy.registered && catalog.closedTypes.has(resource.type)) return UNREGISTERED;

  groups.clear();
  if (somebody) {
    if (subjectIn !== undefined) groups.addOf(catalog, subjectIn, subjectEntry);
    if (options.groups !== undefined) for (const id of options.groups) groups.add(catalog, catalog.groups.indexOf(id));
  }
  const seen = assumed === undefined || stored ? request : assumed.seen(request, options);
  activation.begin(seen, options, now, hierarchy, stored ? subjectIn?.leaf : undefined, subjectEntry);
  walk.begin(catalog, hierarchy, activation, resource?.type, bit, now, undefined);
  if (assumed?.walk(walk, hierarchy, groups, registered)) return DENIED;
  const roles = somebody ? options.roles : undefined;
  return conclusion(walkAll(snapshot, subject, subjectIn, subjectEntry, registered, now, undefined, roles, assumed?.displacesDefault));
}

/** Something is missing: with it, what is known to be missed by the walk, so that all of it comes in one round. */
function lacking(snapshot: Snapshot, subjectIn: ResidentPrincipals | undefined, subjectEntry: number, registered: boolean): Missing {
  if (subjectIn !== undefined) {
    groups.clear();
    groups.addOf(snapshot.catalog, subjectIn, subjectEntry);
    for (let i = 0; i < groups.count; i++) {
      const leaf = snapshot.groupLeaf(groups.items[i]!);
      if (leaf >= 0 && snapshot.principals[leaf] === undefined) missing.push({ kind: 'principals', leaf });
    }
  }
  if (snapshot.everyoneHolds && registered) findReserved(snapshot, GROUP_EVERYONE);
  if (snapshot.anyoneHolds) findReserved(snapshot, GROUP_ANYONE);
  return { missing };
}

/** A deny found or an allow that nothing can deny stands, whatever else is missing. */
function conclusion(denied: boolean): Decision | Missing {
  if (denied) return DENIED;
  if (walk.settled) return GRANTED;
  if (missing.length > 0) return { missing };
  return walk.allowed ? GRANTED : FAILURES[walk.failed]!;
}

/**
 * The same rule for an open question (`OpenQuestion`): what a request would have said is left out, the subject may be anybody of a kind.
 * @returns as `evaluate`; the reason of a refusal says little here
 */
function evaluateOpen(
  snapshot: Snapshot,
  request: CheckRequest,
  now: number,
  options: CheckOptions,
  open: OpenQuestion,
): Decision | Missing {
  const { subject, resource } = request;
  const { catalog } = snapshot;
  const { stranger, below } = open;
  const somebody = stranger === undefined && isSomebody(subject.type);
  const found = somebody && find(snapshot, subject.type, subject.id);
  const subjectIn = found ? foundIn : undefined;
  const subjectEntry = foundEntry;
  const registered = stranger?.registered ?? subjectIn?.leaf.registered(subjectEntry) === true;
  if (below !== undefined) hierarchy.openBelow(snapshot, resource, below, missing);
  else if (resource === undefined) hierarchy.clear();
  else hierarchy.open(snapshot, resource, missing);
  if (missing.length > 0) return { missing };
  if (subjectIn?.leaf.suspendedAt(subjectEntry, open.counting === 'least' ? open.until : now)) return SUSPENDED;

  const type = below === undefined ? resource?.type : below.type;
  const whole = below === undefined && open.told?.has('action') !== true;
  const bit = whole
    ? catalog.privilegeBit(request.action.name, hierarchy.project, type)
    : privilegeOf(catalog, request.action.name, hierarchy.project, type);
  if (bit < 0) return UNKNOWN_PRIVILEGE;
  if (type !== undefined && !hierarchy.registered && catalog.closedTypes.has(type)) return UNREGISTERED;

  groups.clear();
  if (subjectIn !== undefined) groups.addOf(catalog, subjectIn, subjectEntry);
  if (options.groups !== undefined && (somebody || stranger !== undefined))
    for (const id of options.groups) groups.add(catalog, catalog.groups.indexOf(id));
  activation.begin(request, options, now, hierarchy, registered ? subjectIn?.leaf : undefined, subjectEntry);
  walk.begin(catalog, hierarchy, activation, type, bit, now, open);
  const denied =
    stranger === undefined
      ? walkAll(snapshot, subject, subjectIn, subjectEntry, registered, now, open, somebody ? options.roles : undefined)
      : walkStranger(snapshot, registered, stranger.owns);
  return conclusion(denied);
}

/** What somebody holds through groups alone. True when a deny applies. */
function walkStranger(snapshot: Snapshot, registered: boolean, owns: string | null): boolean {
  const { defaultRole } = snapshot.catalog;
  if (registered && defaultRole >= 0 && walk.defaultRole(0, '')) return true;
  for (let i = 0; i < groups.count; i++) if (walkGroup(snapshot, groups.items[i]!)) return true;
  if (snapshot.everyoneHolds && registered && walkReserved(snapshot, GROUP_EVERYONE, false)) return true;
  if (snapshot.anyoneHolds && walkReserved(snapshot, GROUP_ANYONE, false)) return true;
  // A group of theirs may own it; they themselves are nobody in particular.
  if (owns === null) return snapshot.ownerGroups.length > 0 && walkOwner(snapshot, '');
  const asOwner = (group: string): boolean => snapshot.ownerGroups.includes(group) && walkReserved(snapshot, group, true);
  return asOwner(GROUP_OWNER) || (owns !== '' && asOwner(GROUP_OWNER_PREFIX + owns));
}

/** Walks every principal of RULE.md §5 and the default role. True when a deny applies. */
function walkAll(
  snapshot: Snapshot,
  subject: Entity,
  subjectIn: ResidentPrincipals | undefined,
  subjectEntry: number,
  registered: boolean,
  now: number,
  open: OpenQuestion | undefined,
  roles: readonly TokenRole[] | undefined,
  assumedDisplaces = false,
): boolean {
  const { catalog } = snapshot;
  // First of all: what has no window must not be walked as if it had the one before it.
  if (roles !== undefined && walkTokenRoles(catalog, roles, walk, hierarchy)) return true;
  if (subjectIn !== undefined && walk.principal(subjectIn, subjectEntry, false)) return true;
  const hasNoDefault = assumedDisplaces || (roles !== undefined && tokenDisplacesDefault(catalog, roles));
  if (registered && !hasNoDefault && catalog.defaultRole >= 0) {
    if (open === undefined) {
      const displaced = subjectIn !== undefined && holdsRoleAtOrg(subjectIn, subjectEntry, catalog.roleCount, now);
      if (!displaced && walk.grant(catalog.defaultRole, 0, hierarchy.orgReaches, hierarchy.project)) return true;
    } else {
      const displaced = displacesDefault(subjectIn!, subjectEntry, catalog.roleCount, now, open.until);
      if (displaced === PARTLY) {
        const unless = open.clauses === undefined ? '' : displacingWindows(subjectIn!, subjectEntry, catalog.roleCount);
        if (walk.defaultRole(PARTLY, unless)) return true;
      } else if (displaced !== 0 && walk.defaultRole(0, '')) return true;
    }
  }
  for (let i = 0; i < groups.count; i++) {
    if (walk.settled) return false;
    if (walkGroup(snapshot, groups.items[i]!)) return true;
  }
  if (snapshot.everyoneHolds && registered && walkReserved(snapshot, GROUP_EVERYONE, false)) return true;
  if (snapshot.anyoneHolds && walkReserved(snapshot, GROUP_ANYONE, false)) return true;
  // A subject of type `group` is never a group, and nobody is nobody: their key must not be taken for an owner's.
  return snapshot.ownerGroups.length > 0 && isSomebody(subject.type) && walkOwner(snapshot, `${subject.type}:${subject.id}`);
}

/** The privilege's bit at the check's level, under its own name or the resource's type before it; -1 for none. */
export function privilegeOf(catalog: Catalog, action: string, project: boolean, type: string | undefined): number {
  const bit = catalog.privilegeBit(action, project, type);
  return bit >= 0 || type === undefined ? bit : catalog.privilegeBit(`${type}:${action}`, project, type);
}

/** Does the subject itself hold a role at `org`, in its window? Then it has no default role. */
function holdsRoleAtOrg(resident: ResidentPrincipals, entry: number, roleCount: number, now: number): boolean {
  const { leaf, targets } = resident;
  if (leaf.orgScope < 0) return false;
  for (let g = leaf.grantStarts[entry]!; g < leaf.grantStarts[entry + 1]!; g++) {
    if (leaf.grantScopes[g] === leaf.orgScope && targets[leaf.grantTargets[g]!]! < roleCount && leaf.windowAt(g, now) === 0) return true;
  }
  return false;
}

/** Do its own roles at `org` displace the default role from `from` until `until`? 0: one of them all the time, PARTLY: some of it, else never. */
function displacesDefault(resident: ResidentPrincipals, entry: number, roleCount: number, from: number, until: number): InWindow {
  const { leaf, targets } = resident;
  let found: InWindow = 1;
  for (let g = leaf.grantStarts[entry]!; leaf.orgScope >= 0 && g < leaf.grantStarts[entry + 1]!; g++) {
    if (leaf.grantScopes[g] !== leaf.orgScope || targets[leaf.grantTargets[g]!]! >= roleCount) continue;
    const window = windowWithin(leaf, g, from, until);
    if (window === 0) return 0;
    if (window === PARTLY) found = PARTLY;
  }
  return found;
}

/** When its own roles at `org` displace the default role, as text. */
function displacingWindows({ leaf, targets }: ResidentPrincipals, entry: number, roleCount: number): string {
  const windows: (readonly [number, number])[] = [];
  for (let g = leaf.grantStarts[entry]!; g < leaf.grantStarts[entry + 1]!; g++) {
    if (leaf.grantScopes[g] === leaf.orgScope && targets[leaf.grantTargets[g]!]! < roleCount) windows.push(leaf.windowOf(g));
  }
  return `unless ${windows.join(' ')}`;
}

/** The owner groups, if the subject or a group of it owns the resource. True when a deny applies. */
function walkOwner(snapshot: Snapshot, key: string): boolean {
  const resident = hierarchy.leaf;
  if (resident === undefined) return false;
  const { leaf } = resident;
  let owns = false;
  for (let o = leaf.ownerStarts[hierarchy.entry]!; o < leaf.ownerStarts[hierarchy.entry + 1]!; o++) {
    const owner = leaf.owners.get(leaf.ownerItems[o * 2]!);
    const mine = owner === key || (owner.startsWith('group:') && groups.has(snapshot.catalog.groups.indexOf(owner.slice(6))));
    if (!mine) continue;
    owns = true;
    const kind = leaf.kinds.get(leaf.ownerItems[o * 2 + 1]!);
    if (kind !== '' && snapshot.ownerGroups.includes(GROUP_OWNER_PREFIX + kind) && walkReserved(snapshot, GROUP_OWNER_PREFIX + kind, true))
      return true;
  }
  return owns && snapshot.ownerGroups.includes(GROUP_OWNER) && walkReserved(snapshot, GROUP_OWNER, true);
}
