/** The catalog piece as text for people: bits and indices are written as the names they stand for. */
import { Catalog } from './catalog.ts';
import { list, shown } from './describe-text.ts';
import type { CatalogModel, GroupModel, PolicyModel, PrivilegeModel, RoleModel } from './model.ts';

/** Lines of the text. @throws CorruptPiece */
export function describeCatalog(bytes: Uint8Array): string[] {
  const model = new Catalog(bytes).model();
  return [
    `settings ${model.settings}`,
    `routes ${model.routes}`,
    ...section('privileges', model.privileges, privilegeLines),
    ...section('policies', model.policies, (policy) => policyLines(policy, model)),
    ...section('roles', model.roles, (role) => roleLines(role, model)),
    ...section('groups', model.groups, (group) => groupLines(group, model)),
  ];
}

function section<Item>(title: string, items: readonly Item[], lines: (item: Item, i: number) => string[]): string[] {
  return ['', `${title}: ${items.length}`, ...items.flatMap(lines).map((line) => `  ${line}`)];
}

function level({ org, project }: PrivilegeModel): string {
  return list([...(org ? ['organization'] : []), ...(project ? ['project'] : [])]);
}

function privilegeLines(privilege: PrivilegeModel, bit: number): string[] {
  const types = privilege.types.length === 0 ? '' : `; types ${list(privilege.types.map(shown))}`;
  return [`${bit} ${shown(privilege.name)}: ${level(privilege)}${types}${privilege.impliesAll ? '; implies all of every project' : ''}`];
}

/** Names of bits. A name that has two entries is written with the level of the one that is meant. */
function bits(numbers: readonly number[], { privileges }: CatalogModel): string {
  return list(
    numbers.map((bit) => {
      const privilege = privileges[bit]!;
      const twice = privileges[bit - 1]?.name === privilege.name || privileges[bit + 1]?.name === privilege.name;
      return twice ? `${shown(privilege.name)} (${level(privilege)})` : shown(privilege.name);
    }),
  );
}

/** `id "name"`, and the project that it belongs to. */
function title({ id, name, project }: { readonly id: string; readonly name: string; readonly project?: string }): string {
  return `${shown(id)} ${JSON.stringify(name)}${project ? ` of project ${shown(project)}` : ''}`;
}

function policyLines(policy: PolicyModel, model: CatalogModel): string[] {
  return [
    `${title(policy)}: ${policy.effect}${policy.active ? '' : ', not active'}`,
    `  names ${bits(policy.named, model)}`,
    ...(policy.effect === 'allow' ? [`  allows ${bits(policy.bits, model)}`] : []),
    ...(policy.types.length === 0 ? [] : [`  on types ${list(policy.types.map(shown))}`]),
    ...(policy.condition < 0 ? [] : [`  if ${JSON.stringify(model.conditions[policy.condition])}`]),
  ];
}

function roleLines(role: RoleModel, model: CatalogModel): string[] {
  const flags = [...(role.all ? ['all privileges'] : []), ...(role.reachesRestricted ? ['reaches restricted'] : [])];
  const ids = (items: readonly { readonly id: string }[], indices: readonly number[]): string =>
    list(indices.map((i) => shown(items[i]!.id)));
  const unlessEmpty = (indices: readonly number[], line: string): string[] => (indices.length === 0 ? [] : [line]);
  return [
    title(role) + (flags.length === 0 ? '' : `: ${list(flags)}`),
    ...unlessEmpty(role.inherits, `  inherits ${ids(model.roles, role.inherits)}`),
    ...unlessEmpty(role.policies, `  policies ${ids(model.policies, role.policies)}`),
    ...unlessEmpty(role.inline, `  inline ${bits(role.inline, model)}`),
    `  allows ${bits(role.allow, model)}`,
    ...unlessEmpty(role.deny, `  denies ${bits(role.deny, model)}`),
    ...unlessEmpty(role.special, `  asks at each check ${ids(model.policies, role.special)}`),
  ];
}

function groupLines(group: GroupModel, model: CatalogModel): string[] {
  return [`${title(group)}${group.above.length === 0 ? '' : `: below ${list(group.above.map((i) => shown(model.groups[i]!.id)))}`}`];
}
