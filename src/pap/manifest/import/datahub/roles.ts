/**
 * DataHub's roles, which hold nothing themselves: policies name them. Here a role bundles the policies that name it. A system role can't be
 * given more, so policies for one go into a role of their own, made beside it.
 */
import { foldName } from '../../name-index.ts';
import type { RoleItem } from '../../schema.ts';
import type { Draft } from '../draft.ts';
import type { DataHubGroups } from './actors.ts';
import type { DataHubMember } from './schema.ts';
import { keyOfUrn, subjectOfUrn } from './urn.ts';

export class DataHubRoles {
  readonly #draft: Draft;
  readonly #made = new Map<string, RoleItem & { policies: string[] }>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  isSystem(role: string): boolean {
    return this.#draft.context.systemRoles.has(foldName(role));
  }

  bundle(role: string, policies: readonly string[], path: string): void {
    this.#role(role, path).policies.push(...policies);
  }

  #role(role: string, path: string): RoleItem & { policies: string[] } {
    const known = this.#made.get(role);
    if (known !== undefined) return known;
    const name = this.#draft.names.claim('role', '', role, path);
    const item = { name, description: `DataHub’s role ${role}, imported.`.slice(0, 1_000), policies: [] };
    if (this.isSystem(role)) {
      const message = `the system role \`${role}\` can't be given policies: they are in \`${name}\`; give that to those who have it`;
      this.#draft.report.tell('system_role', path, message);
    }
    this.#made.set(role, item);
    this.#draft.roles.push(item);
    return item;
  }

  /** Who has which role, and is in which group. */
  members(members: readonly DataHubMember[], groups: DataHubGroups): void {
    for (const [i, { actor, roles, groups: memberOf }] of members.entries()) {
      const path = `members[${i}]`;
      const group = keyOfUrn(actor, 'corpGroup');
      const subject = group === null ? subjectOfUrn(actor) : `group:${groups.named(group, `${path}.actor`)}`;
      if (subject === null) {
        this.#draft.report.tell('unknown_actor', `${path}.actor`, 'neither a user nor a group: it is left out');
        continue;
      }
      for (const [j, urn] of memberOf.entries()) {
        const key = keyOfUrn(urn, 'corpGroup');
        if (key !== null && group === null) this.#draft.group(groups.named(key, `${path}.groups[${j}]`)).members.push(subject);
        else
          this.#draft.report.tell(
            'unknown_group',
            `${path}.groups[${j}]`,
            'no group, or a group in a group, which DataHub does not have: left out',
          );
      }
      for (const [j, urn] of roles.entries()) this.#assign(subject, keyOfUrn(urn, 'dataHubRole'), `${path}.roles[${j}]`);
    }
  }

  #assign(subject: string, role: string | null, path: string): void {
    const system = role === null ? undefined : this.#draft.context.systemRoles.get(foldName(role));
    const made = role === null ? undefined : this.#made.get(role)?.name;
    const names = [system, made].filter((name) => name !== undefined);
    for (const name of names) this.#draft.assignments.push({ subject, role: name, scope: 'org' });
    if (names.length === 0) this.#draft.report.tell('unknown_role', path, 'no policy names this role: it holds nothing and is left out');
  }
}
