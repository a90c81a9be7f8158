/**
 * The catalog's rows → the catalog's model. Pure; equal rows in any order give equal models and equal reports.
 * Only an unreadable allow is skipped (`problems`); whatever could carry a deny and can't be read is `fatal`: then the model must not be published.
 */
import { atOnce, type Steps } from '../sets/steps.ts';
import type { CatalogModel } from '../snapshot/model.ts';
import { LIMITS } from '../terms/limits.ts';
import type { Problem } from '../terms/problem.ts';
import type { CatalogRows } from '../terms/rows.ts';
import { compileGroups } from './groups.ts';
import { compilePolicies } from './policies.ts';
import { compilePrivileges } from './privileges.ts';
import { quote, Report } from './report.ts';
import { roleSteps } from './roles.ts';
import { compileRoutes } from './routes.ts';
import { compileSettings } from './settings.ts';

export interface CatalogCompilation {
  readonly model: CatalogModel;
  /** allows that were skipped, sorted by place */
  readonly problems: Problem[];
  /** reasons not to publish, sorted by place */
  readonly fatal: Problem[];
}

/** Throws nothing: every fault of the rows is in the result. */
export function compileCatalog(rows: CatalogRows): CatalogCompilation {
  return atOnce(catalogSteps(rows));
}

/** The same in steps: of 2,500 roles and 14,000 privileges no step takes longer than some milliseconds. */
export function* catalogSteps(rows: CatalogRows): Steps<CatalogCompilation> {
  const report = new Report();
  for (const table of ['privileges', 'roles', 'policies', 'groups'] as const) {
    if (rows[table].length > LIMITS[table]) report.fatal('too_many', table, `there are more than ${LIMITS[table]} ${table}`);
  }
  const privileges = compilePrivileges(rows.privileges, report);
  yield;
  const policies = compilePolicies(rows.policies, privileges, report);
  yield;
  const roles = yield* roleSteps(rows, privileges, policies, report);
  const roleIds = new Set(roles.map((role) => role.id));
  for (const { id } of policies.models) {
    // a grant names its target by id alone
    if (roleIds.has(id)) report.fatal('duplicate_id', `policies/${id}`, `a role and a policy have the id ${quote(id)}`);
  }
  const model: CatalogModel = {
    privileges: privileges.models,
    roles,
    policies: policies.models,
    groups: compileGroups(rows.groups, rows.group_nesting, report),
    conditions: policies.conditions,
    settings: compileSettings(rows.settings, roleIds, report),
    routes: compileRoutes(rows.routes, report),
  };
  return { model, problems: report.problems, fatal: report.fatals };
}
