/** Whom a DataHub policy is for, as principals of ours and as roles. */
import type { Draft } from '../draft.ts';
import { shown } from '../names.ts';
import type { DataHubActors } from './schema.ts';
import { keyOfUrn, subjectOfUrn } from './urn.ts';

export interface Holders {
  /** as assignments name them */
  readonly principals: readonly string[];
  /** names of DataHub's roles */
  readonly roles: readonly string[];
}

const ALL_GROUPS = 'All DataHub groups';
const SYSTEM_TYPE = '__system__';

/** Names of groups, by what DataHub calls them. */
export class DataHubGroups {
  readonly #draft: Draft;
  readonly #names = new Map<string, string>();
  #all: string | null = null;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  named(key: string, path: string): string {
    const known = this.#names.get(key) ?? this.#draft.names.claim('group', '', key, path);
    this.#names.set(key, known);
    this.#draft.group(known);
    return known;
  }

  /** The group of all groups; who is in one is in it. */
  all(path: string): string {
    this.#all ??= this.#draft.names.claim('group', '', ALL_GROUPS, path);
    this.#draft.group(this.#all);
    const message = `the group \`${this.#all}\` stands for whoever is in a group: it holds those that there are; put new ones into it`;
    this.#draft.report.tell('all_groups', path, message);
    return this.#all;
  }

  /** Once every group is known. */
  finish(): void {
    if (this.#all === null) return;
    const all = this.#draft.group(this.#all);
    const others = new Set([...this.#draft.context.groups, ...this.#draft.groupNames()]);
    for (const name of others) if (name !== all.name) all.members.push(`group:${name}`);
  }
}

export function holdersOf(actors: DataHubActors, path: string, groups: DataHubGroups, draft: Draft): Holders {
  const principals = new Set<string>();
  const unknown = (urn: string, place: string): void =>
    draft.report.tell('unknown_actor', place, `\`${shown(urn)}\` is no URN of that kind: it is left out, as nobody has it in DataHub`);
  for (const [i, urn] of actors.users.entries()) {
    const subject = subjectOfUrn(urn);
    if (subject === null) unknown(urn, `${path}.users[${i}]`);
    else principals.add(subject);
  }
  for (const [i, urn] of actors.groups.entries()) {
    const key = keyOfUrn(urn, 'corpGroup');
    if (key === null) unknown(urn, `${path}.groups[${i}]`);
    else principals.add(`group:${groups.named(key, `${path}.groups[${i}]`)}`);
  }
  if (actors.allUsers === true) principals.add('group:everyone');
  if (actors.allGroups === true) principals.add(`group:${groups.all(`${path}.allGroups`)}`);
  for (const owner of ownersOf(actors, path, draft)) principals.add(owner);
  const roles = new Set<string>();
  for (const [i, urn] of actors.roles.entries()) {
    const key = keyOfUrn(urn, 'dataHubRole');
    if (key === null) unknown(urn, `${path}.roles[${i}]`);
    else roles.add(key);
  }
  return { principals: [...principals], roles: [...roles] };
}

/** Types without `resourceOwners` are ignored, as in DataHub; no types at all means any, an empty list none. */
function ownersOf({ resourceOwners, resourceOwnersTypes }: DataHubActors, path: string, draft: Draft): string[] {
  if (resourceOwners !== true) {
    if (resourceOwnersTypes?.length)
      draft.report.tell('owners_ignored', `${path}.resourceOwnersTypes`, 'ignored without `resourceOwners`, as in DataHub');
    return [];
  }
  if (resourceOwnersTypes === null || resourceOwnersTypes === undefined) return ['group:owner'];
  return resourceOwnersTypes.map((urn) => `group:owner:${ownerKind(keyOfUrn(urn, 'ownershipType') ?? urn)}`);
}

/** DataHub's own types are known as `TECHNICAL_OWNER`, `BUSINESS_OWNER`, `DATA_STEWARD`, `NONE`; those that people define by their key. */
function ownerKind(key: string): string {
  return key.startsWith(SYSTEM_TYPE) ? key.slice(SYSTEM_TYPE.length).toUpperCase() : key;
}
