/** A catalog's model → the bytes of its piece. `Catalog` reads them. */
import { compareCodePoints } from '../sets/compare.ts';
import { atOnce, numbersOf, type Steps } from '../sets/steps.ts';
import {
  NO_CONDITION,
  POLICY_ACTIVE,
  POLICY_DENY,
  POLICY_IMPLIES_ALL,
  PRIVILEGE_IMPLIES_ALL,
  PRIVILEGE_ORG,
  PRIVILEGE_PROJECT,
  ROLE_ALL,
  ROLE_IMPLIES_ALL,
  ROLE_REACHES_RESTRICTED,
} from './catalog-flags.ts';
import type { CatalogModel } from './model.ts';
import { RowWriter } from './rows.ts';
import { writeSections } from './sections.ts';
import { encodeSharing, encodeTexts } from './string-table.ts';

/** of privileges, types, roles, policies, groups and conditions each: 16 bits name one, and one value of them is NO_CONDITION */
const MOST = 0xffff;
/** rows made between two steps */
const ROWS_A_STEP = 250;

/**
 * Bytes of the catalog piece of a model.
 * @throws RangeError when there is more of anything than 16 bits can name: cut off, a number would mean another thing
 */
export function encodeCatalog(model: CatalogModel): Uint8Array {
  return atOnce(encodeCatalogSteps(model));
}

/** The same in steps. */
export function* encodeCatalogSteps(model: CatalogModel): Steps<Uint8Array> {
  const { privileges, roles, policies, groups } = model;
  const rows = new RowWriter(privileges.length);
  const projects = [...new Set([...roles.map((r) => r.project), ...policies.map((p) => p.project)])].sort(compareCodePoints);
  const projectIndex = new Map(projects.map((project, i) => [project, i]));
  const types = [...new Set([...privileges.flatMap((p) => p.types), ...policies.flatMap((p) => p.types)])].sort(compareCodePoints);
  for (const [what, { length }] of Object.entries({ privileges, types, roles, policies, groups, conditions: model.conditions })) {
    if (length > MOST) throw new RangeError(`${length} ${what} don't fit in a catalog: at most ${MOST}`);
  }
  const typeIndex = new Map(types.map((type, i) => [type, i]));
  const typeRow = (names: readonly string[]): number => rows.list(names.map((name) => typeIndex.get(name)!).sort((a, b) => a - b));
  const impliesAll = new Set(privileges.flatMap((p, bit) => (p.impliesAll ? [bit] : [])));
  const holdsImpliesAll = (bits: readonly number[]): boolean => impliesAll.size > 0 && bits.some((bit) => impliesAll.has(bit));
  const typed = privileges.flatMap((p, bit) => (p.types.length > 0 ? [bit] : []));
  const names = encodeSharing(privileges.map((p) => p.name));
  yield;
  // In the order of the sections: rows are numbered as they come.
  const typedRows = Uint32Array.from(typed, (bit) => typeRow(privileges[bit]!.types));
  const allow = yield* numbersOf(roles, ROWS_A_STEP, (r) => rows.bits(r.allow));
  const deny = yield* numbersOf(roles, ROWS_A_STEP, (r) => rows.bits(r.deny));
  const inline = yield* numbersOf(roles, ROWS_A_STEP, (r) => rows.bits(r.inline));

  return writeSections('catalog', [
    ...names,
    Uint8Array.from(
      privileges,
      (p) => (p.org ? PRIVILEGE_ORG : 0) | (p.project ? PRIVILEGE_PROJECT : 0) | (p.impliesAll ? PRIVILEGE_IMPLIES_ALL : 0),
    ),
    Uint16Array.from(typed),
    typedRows,
    ...encodeTexts(types),
    ...encodeTexts(projects),
    ...encodeTexts(roles.map((r) => r.id)),
    ...encodeTexts(roles.map((r) => r.name)),
    Uint32Array.from(roles, (r) => projectIndex.get(r.project)!),
    Uint8Array.from(
      roles,
      (r) =>
        (r.all ? ROLE_ALL : 0) | (r.reachesRestricted ? ROLE_REACHES_RESTRICTED : 0) | (holdsImpliesAll(r.allow) ? ROLE_IMPLIES_ALL : 0),
    ),
    allow,
    deny,
    inline,
    Uint32Array.from(roles, (r) => rows.list(r.special)),
    Uint32Array.from(roles, (r) => rows.list(r.policies)),
    Uint32Array.from(roles, (r) => rows.list(r.inherits)),
    ...encodeTexts(policies.map((p) => p.id)),
    ...encodeTexts(policies.map((p) => p.name)),
    Uint32Array.from(policies, (p) => projectIndex.get(p.project)!),
    Uint8Array.from(
      policies,
      (p) =>
        (p.effect === 'deny' ? POLICY_DENY : 0) |
        (p.active ? POLICY_ACTIVE : 0) |
        (p.effect === 'allow' && holdsImpliesAll(p.bits) ? POLICY_IMPLIES_ALL : 0),
    ),
    Uint32Array.from(policies, (p) => rows.bits(p.bits)),
    Uint32Array.from(policies, (p) => rows.bits(p.named)),
    Uint32Array.from(policies, (p) => typeRow(p.types)),
    Uint16Array.from(policies, (p) => (p.condition < 0 ? NO_CONDITION : p.condition)),
    ...encodeTexts(groups.map((g) => g.id)),
    ...encodeTexts(groups.map((g) => g.name)),
    Uint32Array.from(groups, (g) => rows.list(g.above)),
    ...rows.sections(),
    ...encodeTexts([...model.conditions, model.settings, model.routes]),
  ]);
}
