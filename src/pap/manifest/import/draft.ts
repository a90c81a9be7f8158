/** What an import becomes: sections of a manifest, put together thing by thing, with a report of what was changed on the way. */
import { LIMITS } from '../../../core/terms/limits.ts';
import type { ManifestPrivilege, ManifestRole, Preset } from '../../../presets/manifest.ts';
import { foldName } from '../name-index.ts';
import type {
  AssignmentItem,
  GroupItem,
  ManifestDocument,
  PolicyItem,
  PrivilegeItem,
  ProjectItem,
  ResourceItem,
  RoleItem,
  SubjectItem,
} from '../schema.ts';
import type { ImportContext, Level } from './context.ts';
import { ImportNames, shown } from './names.ts';
import { type ImportReport, Reporter } from './report.ts';

export interface Imported {
  /** sections to be laid over those of the organization */
  readonly document: ManifestDocument;
  readonly report: ImportReport;
}

type DraftProject = ProjectItem & { policies: PolicyItem[]; roles: RoleItem[] };

const BOTH: readonly Level[] = ['org', 'project'];

export class Draft {
  readonly report = new Reporter();
  readonly names: ImportNames;
  readonly policies: PolicyItem[] = [];
  readonly roles: RoleItem[] = [];
  readonly assignments: AssignmentItem[] = [];
  readonly subjects: SubjectItem[] = [];
  readonly #context: ImportContext;
  readonly #preset: Preset;
  readonly #privileges: PrivilegeItem[] = [];
  readonly #known: Map<string, Set<Level>>;
  readonly #groups = new Map<string, GroupItem & { members: string[] }>();
  readonly #projects = new Map<string, DraftProject>();
  readonly #resources = new Map<string, ResourceItem & { parents: string[] }>();
  readonly #presetRoles = new Map<string, string>();

  /** @param preset of the system that is imported from: what it knows and the organization doesn't is taken from there */
  constructor(context: ImportContext, preset: Preset) {
    this.#context = context;
    this.#preset = preset;
    this.#known = new Map([...context.privileges].map(([name, levels]) => [name, new Set(levels)]));
    this.names = new ImportNames(context, this.report);
  }

  get context(): ImportContext {
    return this.#context;
  }

  /** Those of the names that can be granted, each once; what the catalog lacks is added to it. */
  privileges(names: readonly string[], levels: readonly Level[], path: string): string[] {
    return [...new Set(names)].filter((name) => this.#privilege(name, levels, path));
  }

  #privilege(name: string, wanted: readonly Level[], path: string): boolean {
    const known = this.#known.get(name) ?? new Set();
    const missing = wanted.filter((level) => !known.has(level));
    if (missing.length === 0) return true;
    const entries = this.#preset.manifest.catalog?.privileges?.filter((entry) => entry.name === name && fits(entry, known)) ?? [];
    if (entries.length > 0) {
      for (const entry of entries) this.#add({ ...entry }, entry.levels ?? BOTH);
      for (const implied of entries.flatMap(({ implies = [] }) => implies))
        this.#privilege(implied, impliedLevels(implied, this.#preset), path);
      return true;
    }
    // Known at another level: a policy may name it there.
    if (known.size > 0 && wanted.length > 1) return true;
    if (!isPrivilegeName(name)) {
      this.report.tell('privilege_left_out', path, `\`${shown(name)}\` can't be the name of a privilege: it is left out`);
      return false;
    }
    this.#add({ name, levels: [...missing] }, missing);
    this.report.tell('privilege_added', path, `\`${name}\` is not known: it is added to the catalog`);
    return true;
  }

  #add(item: PrivilegeItem, levels: readonly Level[]): void {
    this.#privileges.push(item);
    this.#known.set(item.name, new Set([...(this.#known.get(item.name) ?? []), ...levels]));
  }

  /**
   * The role of the preset that an import takes for granted: the system role of that name, or, where there is none, one like it.
   * @returns how an assignment names it; null when the preset has none of that name
   */
  presetRole(name: string, path: string): string | null {
    const folded = foldName(name);
    const system = this.#context.systemRoles.get(folded) ?? this.#presetRoles.get(folded);
    if (system !== undefined) return system;
    const role = this.#preset.system.roles.find((each) => foldName(each.name) === folded && !each.name.startsWith('bitgate:'));
    if (role === undefined) return null;
    const made = this.names.claim('role', '', role.name, path);
    this.#presetRoles.set(folded, made);
    this.report.tell('role_added', path, `the role \`${made}\` is made as the preset \`${this.#preset.name}\` has it`);
    this.roles.push({ ...role, name: made, privileges: this.privileges(privilegesOf(role, this.#preset), BOTH, path), policies: [] });
    return made;
  }

  /** Makes it if it isn't there. */
  group(name: string): GroupItem & { members: string[] } {
    const known = this.#groups.get(name) ?? { name, members: [] };
    this.#groups.set(name, known);
    return known;
  }

  project(id: string): DraftProject {
    const known = this.#projects.get(id) ?? { id, policies: [], roles: [] };
    this.#projects.set(id, known);
    return known;
  }

  hasProject(id: string): boolean {
    return this.#projects.has(id);
  }

  resource(type: string, id: string): ResourceItem & { parents: string[] } {
    const key = `${type}:${id}`;
    const known = this.#resources.get(key) ?? { type, id, parents: [] };
    this.#resources.set(key, known);
    return known;
  }

  groupNames(): readonly string[] {
    return [...this.#groups.keys()];
  }

  /** @throws BitgateError `invalid_import` (422) with everything that was refused */
  finish(): Imported {
    this.report.throwIfRefused();
    const document: ManifestDocument = {
      bitgate: 1,
      catalog: { privileges: this.#privileges },
      policies: this.policies,
      roles: this.roles,
      projects: [...this.#projects.values()],
      subjects: this.subjects,
      groups: [...this.#groups.values()],
      resources: [...this.#resources.values()],
      assignments: this.assignments,
    };
    return { document, report: this.report.report() };
  }
}

/** Two entries may share a name if each has one level, a different one. */
function fits(entry: ManifestPrivilege, known: ReadonlySet<Level>): boolean {
  return (entry.levels ?? BOTH).every((level) => !known.has(level));
}

function impliedLevels(name: string, preset: Preset): readonly Level[] {
  const entries = preset.manifest.catalog?.privileges?.filter((entry) => entry.name === name) ?? [];
  return entries.length === 0 ? BOTH : entries.flatMap((entry) => entry.levels ?? BOTH);
}

function isPrivilegeName(name: string): boolean {
  return name !== '' && [...name].length <= LIMITS.nameChars && !/\p{Cc}/u.test(name) && !name.startsWith('bitgate:');
}

/** Flat: its own and those of its policies. */
function privilegesOf(role: ManifestRole, { system }: Preset): string[] {
  const bundled = system.policies.filter(({ name }) => role.policies?.includes(name)).flatMap(({ privileges }) => privileges);
  return [...(role.privileges ?? []), ...bundled];
}
