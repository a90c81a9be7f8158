/** The wire form of lists: a check with one part left out. Unknown keys are refused, as in checks. */
import * as z from 'zod';
import { LIMITS } from '../../core/terms/limits.ts';
import type { ListQuestion } from '../../pdp/list/question.ts';
import { action, entity, jsonObject, type Wanted, wants } from './checks/wire.ts';

export const typeName = z
  .string('expected a type')
  .min(1, 'a type must not be empty')
  .max(LIMITS.idUtf8Bytes, `a type must not be longer than ${LIMITS.idUtf8Bytes} characters`)
  .refine((text) => !text.includes(':'), 'a type must not hold a colon');

const type = typeName.optional().meta({ description: 'of this type alone' });

const shared = {
  context: jsonObject.optional(),
  ...wants,
  limit: z
    .int()
    .min(0)
    .max(LIMITS.listMax)
    .optional()
    .meta({ description: `members on a page, ${LIMITS.listDefault} by default; 0: they are counted alone` }),
  cursor: z.string().optional().meta({ description: '`next_cursor` of the page before, with the same question' }),
};

/** Which page of a list. */
export interface Page {
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly wanted: Wanted;
}

/** What is asked, and which page of it. */
export interface AskedPage<Question> extends Page {
  readonly question: Question;
}

export function pageOf({
  limit = LIMITS.listDefault,
  cursor,
  ...wanted
}: Wanted & { limit?: number | undefined; cursor?: string | undefined }): Page {
  return { limit, cursor, wanted };
}

export const subjectsSchema = z.strictObject({ action, resource: entity.optional(), type, ...shared }).transform(
  ({ action, resource, type, context, ...rest }): AskedPage<ListQuestion> => ({
    question: { of: 'subjects', type, action, resource, context },
    ...pageOf(rest),
  }),
);

export const resourcesSchema = z.strictObject({ subject: entity, action, type, ...shared }).transform(
  ({ subject, action, type, context, ...rest }): AskedPage<ListQuestion> => ({
    question: { of: 'resources', type, subject, action, context },
    ...pageOf(rest),
  }),
);

export const actionsSchema = z.strictObject({ subject: entity, resource: entity.optional(), ...shared }).transform(
  ({ subject, resource, context, ...rest }): AskedPage<ListQuestion> => ({
    question: { of: 'actions', subject, resource, context },
    ...pageOf(rest),
  }),
);
