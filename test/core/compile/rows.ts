/** Rows for compiler tests: whole and right, but for the columns a test names. */
import type {
  ApiKeyRow,
  AssignmentRow,
  CatalogRows,
  PolicyRow,
  PrincipalRows,
  PrivilegeRow,
  ResourceRows,
  RoleRow,
} from '../../../src/core/terms/rows.ts';

/** A row as somebody may have typed it by hand: any text where the model has a closed set. */
type ByHand<Row> = { [K in keyof Row]?: Row[K] extends number ? number : Row[K] extends string ? string : Row[K] };

function row<Row>(defaults: Row, given: ByHand<Row>): Row {
  // rows typed by hand may hold what their types exclude; reading them is what is tested
  return { ...defaults, ...given } as Row;
}

export function privilege(name: string, given: ByHand<PrivilegeRow> = {}): PrivilegeRow {
  const texts = { title: '', description: '', applies_to: '[]' };
  return row<PrivilegeRow>({ name, levels: 'both', resource_types: '[]', implies: '[]', implies_all: '', ...texts }, given);
}

export function policy(id: string, given: ByHand<PolicyRow> = {}): PolicyRow {
  const content = { privileges: '[]', resource_types: '[]', condition: null };
  return row<PolicyRow>({ id, project: '', name: id, description: '', effect: 'allow', state: 'ACTIVE', ...content, system: 0 }, given);
}

export function role(id: string, given: ByHand<RoleRow> = {}): RoleRow {
  const content = { privileges: '[]', all_privileges: 0, reaches_restricted: 0 } as const;
  return row<RoleRow>({ id, project: '', name: id, title: '', description: '', ...content, system: 0 }, given);
}

export function assignment(id: string, given: ByHand<AssignmentRow> = {}): AssignmentRow {
  return row<AssignmentRow>({ id, principal: 'user:a', role: null, policy: null, scope: 'org', not_before: null, expires_at: null }, given);
}

export function apiKey(id: string, given: ByHand<ApiKeyRow> = {}): ApiKeyRow {
  const rotation = { hash: 'a'.repeat(64), previous_hash: null, previous_until: null };
  return row<ApiKeyRow>({ id, project: '', name: id, ...rotation, status: 'active', expires_at: null, forward_auth: '' }, given);
}

export function group(id: string): CatalogRows['groups'][number] {
  return { id, name: id, description: '' };
}

export function catalogRows(given: Partial<CatalogRows> = {}): CatalogRows {
  const roles = { roles: [], role_policies: [], role_inherits: [] };
  return { privileges: [], policies: [], ...roles, groups: [], group_nesting: [], routes: [], settings: [], ...given };
}

export function principalRows(given: Partial<PrincipalRows> = {}): PrincipalRows {
  return { subjects: [], memberships: [], assignments: [], api_keys: [], ...given };
}

export function resourceRows(given: Partial<ResourceRows> = {}): ResourceRows {
  return { resources: [], resource_parents: [], resource_owners: [], ...given };
}

/** Every list of the rows in another order. */
export function shuffled<Rows extends object>(rows: Rows, seed: number): Rows {
  let state = seed;
  const draw = (below: number): number => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
  const lists = Object.entries(rows).map(([table, list]: [string, readonly unknown[]]) => {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = draw(i + 1);
      [copy[i], copy[j]] = [copy[j], copy[i]];
    }
    return [table, copy];
  });
  // the same tables with the same rows
  return Object.fromEntries(lists) as Rows;
}
