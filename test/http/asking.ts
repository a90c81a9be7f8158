/** Every operation that asks, made from the description: so that none of them is forgotten where callers are judged. */
import type { Operation } from '../../src/http/common/operation.ts';
import { ALL_OPERATIONS } from '../support/operations.ts';
import { type Answer, type Call, call } from './client.ts';

const ASKING: ReadonlySet<string> = new Set(['checks', 'lists', 'authzen']);
const NAMED = '/orgs/:org';

/** At the addresses that name an organization. */
export const ASKING_OPERATIONS: readonly Operation[] = ALL_OPERATIONS.filter(
  ({ tag, open, path }) => ASKING.has(tag) && !open && path.startsWith(`${NAMED}/`),
);

/** Those that ask about somebody, not for somebody. */
export function asksAbout({ id }: Operation): boolean {
  return !/subject/i.test(id);
}

/** Its example, about `subject`; undefined: about whoever asks. */
export function ask(
  { method, path, body: schema, bodyExample, queryExample }: Operation,
  organization: string | null,
  subject: { readonly type: string; readonly id: string } | undefined,
  caller: Call,
): Promise<Answer> {
  const address = path.replace(NAMED, organization === null ? '' : `/orgs/${organization}`);
  const example = about(schema === undefined ? queryExample : bodyExample, subject);
  if (schema !== undefined) return call(method, address, example, caller);
  // `as`: of texts
  return call(method, `${address}?${new URLSearchParams(example as Record<string, string>)}`, undefined, caller);
}

/** Wishes are left out: they have rules of their own. */
const WISHES = ['min_revision', 'max_age_ms'];

function about(value: unknown, subject: { readonly type: string; readonly id: string } | undefined): unknown {
  if (Array.isArray(value)) return value.map((each) => about(each, subject));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([key]) => !WISHES.includes(key));
  return Object.fromEntries(
    members.flatMap(([key, member]) => {
      if (key !== 'subject') return [[key, about(member, subject)]];
      if (typeof member === 'object' && !('id' in member)) return [[key, member]];
      if (subject === undefined) return [];
      return [[key, typeof member === 'string' ? `${subject.type}:${subject.id}` : subject]];
    }),
  );
}
