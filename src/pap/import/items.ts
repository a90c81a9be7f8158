/** What one line may say: one thing of the model, by `kind`, with the names that a manifest uses. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError, type Problem } from '../../core/terms/problem.ts';
import { scanJson } from '../manifest/json-scan.ts';
import { Problems } from '../manifest/problems.ts';
import { checkTexts } from '../manifest/resolve/texts.ts';
import { routeSchema } from '../manifest/route-schema.ts';
import {
  assignmentSchema,
  groupSchema,
  policySchema,
  privilegeSchema,
  projectSchema,
  resourceSchema,
  roleSchema,
  subjectSchema,
} from '../manifest/schema.ts';
import { settingsSchema } from '../manifest/settings-schema.ts';
import { reportIssue } from '../manifest/shape.ts';
import type { TextLine } from './lines.ts';

/** the project that it belongs to; absent: the organization */
const level = lazy(() => ({ project: z.string().min(1).optional() }));

/** A line stands for the whole thing: what it leaves out is as by default. A group's members have lines of their own. */
export const lineSchema = lazy(() =>
  z.discriminatedUnion('kind', [
    privilegeSchema.extend({ kind: z.literal('privilege') }),
    policySchema.extend({ kind: z.literal('policy'), ...level }),
    roleSchema.extend({ kind: z.literal('role'), ...level }),
    groupSchema.omit({ members: true }).extend({ kind: z.literal('group') }),
    z.strictObject({ kind: z.literal('membership'), group: z.string(), member: z.string() }),
    projectSchema.omit({ policies: true, roles: true }).extend({ kind: z.literal('project') }),
    resourceSchema.extend({ kind: z.literal('resource') }),
    subjectSchema.extend({ kind: z.literal('subject') }),
    assignmentSchema.extend({ kind: z.literal('assignment') }),
    routeSchema.extend({ kind: z.literal('route'), position: z.int().min(0) }),
    settingsSchema.extend({ kind: z.literal('settings') }),
    /** an export's last line */
    z.strictObject({ kind: z.literal('end'), revision: z.int(), next: z.string().nullable() }),
  ]),
);

export type Item = z.infer<typeof lineSchema>;
export type Kind = Exclude<Item['kind'], 'end'>;
export type ItemOf<K extends Kind> = Extract<Item, { readonly kind: K }>;

const EVERY_KIND = {
  privilege: true,
  policy: true,
  role: true,
  group: true,
  membership: true,
  project: true,
  resource: true,
  subject: true,
  assignment: true,
  route: true,
  settings: true,
} as const satisfies Record<Kind, true>;

// `as`: its own keys. Not read from the schema, which a start would have to make.
export const KINDS = Object.keys(EVERY_KIND) as readonly Kind[];

export interface ItemLine {
  readonly line: number;
  readonly item: Exclude<Item, { readonly kind: 'end' }>;
}

/** What is wrong with a line. */
export interface LineProblem extends Problem {
  readonly line: number;
}

/** @returns null for a line that says nothing */
export function readLine({ line, text }: TextLine): ItemLine | readonly LineProblem[] | null {
  if (text.trim() === '') return null;
  const problems = new Problems();
  const item = itemOf(text, problems);
  if (problems.any) return problems.items.map((problem) => ({ line, ...problem }));
  return item === null || item.kind === 'end' ? null : { line, item };
}

function itemOf(text: string, problems: Problems): Item | null {
  try {
    scanJson(text, LIMITS.jsonDepth, LIMITS.importLineValues);
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    problems.add(error.code, '', error.message);
    return null;
  }
  const value: unknown = JSON.parse(text);
  // Text decoded from UTF-8 is well-formed: only an escape can be half a pair.
  if (text.includes('\\u')) checkTexts(value, problems);
  const { success, data, error } = lineSchema.safeParse(value);
  if (success) return data;
  for (const issue of error.issues) {
    if (issue.code === 'invalid_union')
      problems.add('unknown_kind', 'kind', `expected one of ${KINDS.map((kind) => `\`${kind}\``).join(', ')}`);
    else reportIssue(issue, value, problems);
  }
  return null;
}
