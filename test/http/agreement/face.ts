/** One way of asking about a random world, beside the others. */
import type { CheckRequest, Entity } from '../../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import type { CallOptions } from '../../../src/rpc/pdp.ts';

/** A random world as an organization of the Worker, and whoever asks about it. */
export interface Stocked {
  readonly org: string;
  /** of whoever asks: a key that may ask in every way, or an end user about the user */
  readonly token: string;
  /** what an address of this caller begins with */
  readonly at: string;
  /** the same caller over RPC */
  readonly options: CallOptions;
  readonly revision: number;
  /** as they are stored, the key's and the system's among them */
  readonly rows: OrganizationRows;
  /** every subject × action × resource */
  readonly questions: readonly CheckRequest[];
  /** the key may assert properties of subjects */
  readonly assert: boolean;
  /** ms since 1970; the clock stands still there */
  readonly now: number;
}

/** `ask`: it sends whoever asks to `/check`; null: the question can't be put to it */
export type Said = boolean | 'ask' | null;

export interface Face {
  readonly name: string;
  /** @returns what it says to each question, in their order */
  answers(world: Stocked): Promise<readonly Said[]>;
}

/** What is asked of one of them at a time. */
export function oneByOne(name: string, ask: (world: Stocked, question: CheckRequest) => Promise<Said>): Face {
  return {
    name,
    async answers(world) {
      const said: Said[] = [];
      for (const question of world.questions) said.push(await ask(world, question));
      return said;
    },
  };
}

/** Nothing but type and id: what no list and no address can carry isn't there. */
export function isBare(question: CheckRequest): boolean {
  const { subject, action, resource, context } = question;
  return [subject.properties, action.properties, resource?.properties, context].every((each) => each === undefined);
}

/** `type:id` */
export function refOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type}:${id}`;
}

/** What lies directly above a resource, as a check sees it: of a registered one what is stored, else what the question claims. */
export function parentsOf({ rows }: Stocked, resource: Entity): { readonly parents: readonly string[]; readonly project?: string } {
  const ref = refOf(resource);
  if (rows.resources.some((row) => row.resource === ref))
    return { parents: rows.resource_parents.filter((row) => row.resource === ref).map((row) => row.parent) };
  const { parents, project } = resource.properties ?? {};
  const claimed = Array.isArray(parents) ? parents.filter((parent) => typeof parent === 'string') : [];
  return { parents: claimed, ...(typeof project === 'string' ? { project } : {}) };
}
