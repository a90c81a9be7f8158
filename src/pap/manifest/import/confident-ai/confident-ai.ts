/**
 * Confident AI's policies, roles and members → a manifest. The organization's become the organization's, a project's that project's own; its system
 * roles are those of the preset, where the roles for projects have `Project` before their names.
 */
import { confidentAi } from '../../../../presets/confident-ai.ts';
import { foldName } from '../../name-index.ts';
import type { ImportContext } from '../context.ts';
import { Draft, type Imported } from '../draft.ts';
import { shown } from '../names.ts';
import { readForeign } from '../read.ts';
import { levelsOf } from './levels.ts';
import { type ConfidentLevel, type ConfidentMember, type ConfidentPolicy, type ConfidentReference, confidentSchema } from './schema.ts';

const ORGANIZATION_ROLES: Readonly<Record<string, string>> = { owner: 'Owner', admin: 'Admin', member: 'Member' };
const PROJECT_ROLES: Readonly<Record<string, string>> = { owner: 'Project Owner', manager: 'Project Manager', member: 'Project Member' };

/** Things of a level by id and by folded name. */
type Known = Map<string, string>;

/** @throws BitgateError `invalid_import` (422) */
export function importConfidentAi(value: unknown, context: ImportContext): Imported {
  const dump = readForeign(confidentSchema, value);
  const draft = new Draft(context, confidentAi);
  for (const { id, name } of dump.projects) if (name !== undefined) draft.project(id).nickname = name;
  for (const level of levelsOf(dump)) addLevel(level, draft);
  return draft.finish();
}

function addLevel(level: ConfidentLevel, draft: Draft): void {
  const policies: Known = new Map();
  const roles: Known = new Map();
  const permissions = new Map(
    level.permissions.flatMap(({ id, name }) => (id === undefined || name === undefined ? [] : [[id, name] as const])),
  );
  const sections = level.project === '' ? draft : draft.project(level.project);
  for (const { item, path } of level.policies) {
    const name = draft.names.claim('policy', level.project, item.name, path);
    remember(policies, item, name);
    const privileges = draft.privileges(permissionsOf(item, permissions, path, level, draft), [levelOf(level)], `${path}.permissions`);
    sections.policies.push({ name, ...(item.description === undefined ? {} : { description: item.description }), privileges });
  }
  for (const { item, path } of level.roles) {
    if (Object.hasOwn(presetNames(level), foldName(item.name))) {
      const made = draft.presetRole(presetNames(level)[foldName(item.name)] ?? '', path);
      if (made !== null) remember(roles, item, made);
      draft.report.tell('system_role', path, `\`${shown(item.name)}\` is a role of the system itself: here it is \`${made ?? ''}\``);
      continue;
    }
    const name = draft.names.claim('role', level.project, item.name, path);
    remember(roles, item, level.project === '' ? name : `${level.project}/${name}`);
    const bundled = [...item.policies, ...item.policyIds.map((id): ConfidentReference => ({ id, name: undefined }))];
    const names = bundled.flatMap((each) => found(policies, each, 'policy', path, draft) ?? []);
    sections.roles.push({
      name,
      ...(item.description === undefined ? {} : { description: item.description }),
      policies: [...new Set(names)],
    });
  }
  for (const [i, member] of level.members.entries()) addMember(member, `${level.path}members[${i}]`, roles, level, draft);
}

function levelOf({ project }: ConfidentLevel): 'org' | 'project' {
  return project === '' ? 'org' : 'project';
}

function presetNames({ project }: ConfidentLevel): Readonly<Record<string, string>> {
  return project === '' ? ORGANIZATION_ROLES : PROJECT_ROLES;
}

function remember(known: Known, { id, name }: { readonly id: string | undefined; readonly name: string }, reference: string): void {
  if (id !== undefined) known.set(id, reference);
  if (!known.has(foldName(name))) known.set(foldName(name), reference);
}

/** By id first: two of one name differ in theirs. */
function found(known: Known, { id, name }: ConfidentReference, kind: 'policy' | 'role', path: string, draft: Draft): string | null {
  const reference = (id === undefined ? undefined : known.get(id)) ?? (name === undefined ? undefined : known.get(foldName(name)));
  if (reference === undefined)
    draft.report.tell(`unknown_${kind}`, path, `there is no ${kind} \`${shown(name ?? id ?? '')}\` at this level: left out`);
  return reference ?? null;
}

function permissionsOf(
  { permissions, permissionIds }: ConfidentPolicy,
  names: ReadonlyMap<string, string>,
  path: string,
  level: ConfidentLevel,
  draft: Draft,
): string[] {
  const wanted = [...permissions, ...permissionIds.map((id): ConfidentReference => ({ id, name: undefined }))];
  return wanted.flatMap(({ id, name }) => {
    const given = name ?? (id === undefined ? undefined : names.get(id));
    if (given !== undefined) return [spelled(given, path, level, draft)];
    draft.report.tell('unknown_permission', path, `no permission has the id \`${shown(id ?? '')}\`: left out`);
    return [];
  });
}

/** Its documentation writes some resources in the plural (`traces:read`) that are in the singular elsewhere. */
function spelled(name: string, path: string, level: ConfidentLevel, draft: Draft): string {
  const isKnown = (each: string): boolean =>
    draft.context.privileges.get(each)?.has(levelOf(level)) === true ||
    confidentAi.manifest.catalog?.privileges?.some((entry) => entry.name === each && entry.levels?.includes(levelOf(level)) === true) ===
      true;
  const singular = name.replace(/s:/, ':');
  if (isKnown(name) || !isKnown(singular)) return name;
  draft.report.tell('renamed_permission', path, `\`${name}\` is taken for \`${singular}\``);
  return singular;
}

function addMember(
  { id, email, user, role, roleId }: ConfidentMember,
  path: string,
  roles: Known,
  level: ConfidentLevel,
  draft: Draft,
): void {
  const subject = email ?? user?.email ?? user?.id ?? id;
  const wanted: ConfidentReference = { id: roleId ?? role?.id, name: role?.name };
  if (subject === undefined || (wanted.id === undefined && wanted.name === undefined)) {
    draft.report.tell('unknown_member', path, 'without an e-mail address, an id or a role: left out');
    return;
  }
  const preset = presetNames(level)[foldName(wanted.name ?? '')];
  const reference = preset === undefined ? found(roles, wanted, 'role', path, draft) : draft.presetRole(preset, path);
  if (reference === null) return;
  draft.assignments.push({ subject: `user:${subject}`, role: reference, scope: level.project === '' ? 'org' : `project:${level.project}` });
}
