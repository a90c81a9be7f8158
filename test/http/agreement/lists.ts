/** Lists, in pages of every length: what is allowed is a member, and a member is allowed. */
import type { CheckRequest } from '../../../src/core/terms/request.ts';
import { call } from '../client.ts';
import { type Face, refOf, type Said, type Stocked } from './face.ts';

export const PAGE_LENGTHS = [1, 2, 7, 100] as const;

/** One list of them: which questions ask the same list, how it is asked, and who of it a question is about. */
export interface Listing {
  readonly name: string;
  /** @returns null where no list has this question's subject, resource or action as a member */
  listOf(world: Stocked, question: CheckRequest): Asked | null;
  /** all members, in their order, page by page */
  walk(world: Stocked, asked: object, length: number): Promise<readonly string[]>;
}

interface Asked {
  readonly list: object;
  readonly member: string;
}

export function listingFace(listing: Listing, length: number): Face {
  return {
    name: `${listing.name} in pages of ${length}`,
    async answers(world) {
      const lists = new Map<string, Walked>();
      const said: Said[] = [];
      for (const question of world.questions) {
        const asked = listing.listOf(world, question);
        if (asked === null) {
          said.push(null);
          continue;
        }
        const key = JSON.stringify(asked.list);
        const walked = lists.get(key) ?? { members: distinct(await listing.walk(world, asked.list, length), key), asked: new Set() };
        lists.set(key, walked);
        walked.asked.add(asked.member);
        said.push(walked.members.has(asked.member));
      }
      for (const [key, { members, asked }] of lists) refuseUnasked(members, asked, key);
      return said;
    },
  };
}

interface Walked {
  readonly members: ReadonlySet<string>;
  readonly asked: Set<string>;
}

/** Whoever is a member was asked about, the system's own privileges apart. */
function refuseUnasked(members: ReadonlySet<string>, asked: ReadonlySet<string>, list: string): void {
  const unasked = [...members].filter((member) => !asked.has(member) && !member.startsWith('bitgate:'));
  if (unasked.length > 0) throw new Error(`a list gives what nobody asked about: ${list}: ${unasked.join(', ')}`);
}

function distinct(members: readonly string[], list: string): Set<string> {
  const set = new Set(members);
  if (set.size !== members.length) throw new Error(`a list gives something twice: ${list}: ${members.join(', ')}`);
  return set;
}

/** `POST /list/…`: pages tell the total, and are in order. */
async function walkList(world: Stocked, path: string, asked: object, limit: number): Promise<string[]> {
  const items: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { body, text } = await call('POST', `${world.at}${path}`, { ...asked, limit, cursor }, { token: world.token });
    if (body.next_cursor === undefined) throw new Error(`${path}: ${text}`);
    items.push(...body.items);
    cursor = body.next_cursor;
    if (cursor === null && body.total !== items.length)
      throw new Error(`${path} counts ${body.total} of ${items.length}: ${JSON.stringify(asked)}`);
  }
  return items;
}

/** Candidates are what is stored: properties that come with the question belong to none of them. */
export const subjects: Listing = {
  name: 'POST /list/subjects',
  listOf({ rows, assert }, { subject, ...rest }) {
    const ref = refOf(subject);
    if (!rows.subjects.some((row) => row.subject === ref) || (subject.properties !== undefined && assert)) return null;
    return { list: rest, member: ref };
  },
  walk: (world, asked, length) => walkList(world, '/list/subjects', asked, length),
};

export const resources: Listing = {
  name: 'POST /list/resources',
  listOf({ rows }, { resource, ...rest }) {
    if (resource === undefined || resource.properties !== undefined) return null;
    const ref = refOf(resource);
    return rows.resources.some((row) => row.resource === ref) ? { list: rest, member: ref } : null;
  },
  walk: (world, asked, length) => walkList(world, '/list/resources', asked, length),
};

export const actions: Listing = {
  name: 'POST /list/actions',
  listOf({ rows }, { action, ...rest }) {
    if (action.properties !== undefined) return null;
    return rows.privileges.some((row) => row.name === action.name) ? { list: rest, member: action.name } : null;
  },
  walk: (world, asked, length) => walkList(world, '/list/actions', asked, length),
};
