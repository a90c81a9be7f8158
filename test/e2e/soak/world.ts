/** The organization of the soak: what is asked about, and what a second client keeps changing in it. */
import type { CheckRequest, Entity } from '../../../src/core/terms/request.ts';
import type { Random } from '../../properties/random.ts';

export const ORG = 'soak';
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const PEOPLE = 40;
const DOCS = 30;
/** nobody asks about them: they lie in the leaf of the others, so that a snapshot that is never let go weighs something */
const SERVICES = range(400).map((i) => ({ type: 'service', id: `s${i}-${'long'.repeat(20)}` }));
const FOLDERS = 5;
const TEAMS = ['red', 'green', 'blue'] as const;
const ROLES = ['Viewer', 'Editor', 'Auditor'] as const;
const ACTIONS = ['view', 'edit', 'audit', 'unheard_of'] as const;

const folder = (i: number): string => `folder:f${i % FOLDERS}`;

export const manifest = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'edit' }, { name: 'audit' }] },
  policies: [
    { name: 'In the office', privileges: ['audit'], condition: 'context.place == "office"' },
    { name: 'Frozen', effect: 'deny', privileges: ['edit'] },
  ],
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Editor', privileges: ['edit'], inherits: ['Viewer'] },
    { name: 'Auditor', policies: ['In the office'] },
    { name: 'Asker', privileges: ['bitgate:check', 'bitgate:list'] },
  ],
  groups: [{ name: 'all', members: TEAMS.map((team) => `group:${team}`) }, ...TEAMS.map((name) => ({ name }))],
  subjects: [...range(PEOPLE).map((i) => ({ type: 'user', id: `u${i}` })), ...SERVICES],
  resources: [
    ...range(FOLDERS).map((i) => ({ type: 'folder', id: `f${i}` })),
    ...range(DOCS).map((i) => ({ type: 'doc', id: `d${i}`, parents: [folder(i)] })),
  ],
  assignments: [
    { subject: 'group:all', role: 'Viewer', scope: 'folder:f0' },
    { subject: 'group:red', role: 'Editor', scope: 'folder:f1' },
    { subject: 'group:owner', role: 'Editor', scope: 'org' },
    ...SERVICES.map(({ id }, i) => ({ subject: `service:${id}`, role: ROLES[i % 3]!, scope: folder(i) })),
    ...range(PEOPLE).map((i) => ({ subject: `user:u${i}`, role: ROLES[i % 3]!, scope: i % 4 === 0 ? 'org' : folder(i) })),
  ],
};

/** A question that some hold the right for and some don't. */
export function question(random: Random): CheckRequest & { readonly resource: Entity } {
  const person = { type: 'user', id: `u${random.below(PEOPLE + 2)}` };
  return {
    subject: person,
    action: { name: random.pick(ACTIONS) },
    resource: random.chance(0.9) ? { type: 'doc', id: `d${random.below(DOCS + 2)}` } : { type: 'folder', id: `f${random.below(FOLDERS)}` },
    context: { place: random.chance(0.5) ? 'office' : 'home' },
  };
}

/** One request of the administration. */
export interface Change {
  readonly method: string;
  /** below `/admin/orgs/soak` */
  readonly path: string;
  readonly body?: object;
}

/** What the other client changes: each call gives a change that changes something. */
export class Changes {
  readonly #random: Random;
  readonly #members = new Set<string>();
  readonly #given = new Set<string>();
  readonly #toggled = new Map<string, boolean>();
  /** ids of keys that were made and not yet deleted */
  readonly keys: string[] = [];
  #made = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): Change {
    const kinds = [
      this.#membership,
      this.#membership,
      this.#assignment,
      this.#assignment,
      this.#move,
      this.#bundle,
      this.#person,
      this.#key,
    ];
    return this.#random.pick(kinds).call(this);
  }

  #membership(): Change {
    const path = `/groups/${this.#random.pick(TEAMS)}/members/user:u${this.#random.below(PEOPLE)}`;
    return { method: flip(this.#members, path) ? 'PUT' : 'DELETE', path };
  }

  #assignment(): Change {
    const random = this.#random;
    // of scopes that the manifest gives nobody a role at
    const given = { subject: `user:u${random.below(PEOPLE)}`, role: random.pick(ROLES), scope: `doc:d${random.below(DOCS)}` };
    const query = new URLSearchParams(given);
    if (flip(this.#given, String(query))) return { method: 'POST', path: '/assignments', body: given };
    return { method: 'DELETE', path: `/assignments?${query}` };
  }

  #move(): Change {
    const i = this.#random.below(DOCS);
    const owners = [{ subject: `user:u${this.#random.below(PEOPLE)}`, kind: `K${this.#made++}` }];
    const access = this.#random.chance(0.3) ? 'restricted' : 'inherit';
    return { method: 'PATCH', path: `/resources/doc:d${i}`, body: { parents: [folder(this.#random.below(FOLDERS))], access, owners } };
  }

  #bundle(): Change {
    if (this.#random.chance(0.5)) {
      const privileges = this.#toggle('Editor') ? ['edit', 'view'] : ['edit'];
      return { method: 'PATCH', path: '/roles/Editor', body: { privileges } };
    }
    const condition = this.#toggle('office') ? 'context.place == "home"' : 'context.place == "office"';
    return { method: 'PATCH', path: '/policies/In%20the%20office', body: { condition } };
  }

  #person(): Change {
    const path = `/subjects/user:u${this.#random.below(PEOPLE)}`;
    return { method: 'PATCH', path, body: { status: this.#toggle(path) ? 'suspended' : 'active' } };
  }

  #key(): Change {
    const id = this.keys.length > 5 ? this.keys.shift() : undefined;
    if (id !== undefined) return { method: 'DELETE', path: `/api-keys/${id}` };
    return { method: 'POST', path: '/api-keys', body: { name: `k${this.#made++}`, roles: [{ role: 'Viewer', scope: 'org' }] } };
  }

  #toggle(name: string): boolean {
    const on = !this.#toggled.get(name);
    this.#toggled.set(name, on);
    return on;
  }
}

/** @returns true when it was put in, false when it was taken out */
function flip(set: Set<string>, item: string): boolean {
  if (set.delete(item)) return false;
  set.add(item);
  return true;
}
