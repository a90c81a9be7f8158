/** The wire form of lists: a check with one part left out. Unknown keys are refused, as in checks. */

import * as z from 'zod';
import { described, lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { NOBODY } from '../../core/terms/ref.ts';
import type { ListQuestion } from '../../pdp/list/question.ts';
import { action, entity, jsonObject } from './checks/parts.ts';
import { type Wanted, wants } from './checks/wants.ts';
import { exactlyOneSubject, namesOneSubject, subjects, type Tokened } from './checks/wire.ts';

export const typeName = lazy(() =>
  z
    .string('expected a type')
    .min(1, 'a type must not be empty')
    .max(LIMITS.idUtf8Bytes, `a type must not be longer than ${LIMITS.idUtf8Bytes} characters`)
    .refine((text) => !text.includes(':'), 'a type must not hold a colon'),
);

const type = lazy(() => typeName.optional().meta(described(() => ({ description: 'of this type alone' }))));

const shared = lazy(() => ({
  context: jsonObject.optional(),
  ...wants,
  limit: z
    .int()
    .min(0)
    .max(LIMITS.listMax)
    .optional()
    .meta(described(() => ({ description: `members on a page, ${LIMITS.listDefault} by default; 0: they are counted alone` }))),
  cursor: z
    .string()
    .optional()
    .meta(described(() => ({ description: '`next_cursor` of the page before, with the same question' }))),
}));

/** Which page of a list. */
export interface Page extends Tokened {
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly wanted: Wanted;
}

/** What is asked, and which page of it. With a token, the subject is nobody until the token is proved. */
export interface AskedPage<Question> extends Page {
  readonly question: Question;
}

export function pageOf({
  limit = LIMITS.listDefault,
  cursor,
  subject_token,
  ...wanted
}: Wanted & Tokened & { limit?: number | undefined; cursor?: string | undefined }): Page {
  return { limit, cursor, subject_token, wanted };
}

export const subjectsSchema = lazy(() =>
  z.strictObject({ action, resource: entity.optional(), type, ...shared }).transform(
    ({ action, resource, type, context, ...rest }): AskedPage<ListQuestion> => ({
      question: { of: 'subjects', type, action, resource, context },
      ...pageOf(rest),
    }),
  ),
);

export const resourcesSchema = lazy(() =>
  z
    .strictObject({ ...subjects, action, type, ...shared })
    .refine(namesOneSubject, exactlyOneSubject)
    .transform(
      ({ subject = NOBODY, action, type, context, ...rest }): AskedPage<ListQuestion> => ({
        question: { of: 'resources', type, subject, action, context },
        ...pageOf(rest),
      }),
    ),
);

export const actionsSchema = lazy(() =>
  z
    .strictObject({ ...subjects, resource: entity.optional(), ...shared })
    .refine(namesOneSubject, exactlyOneSubject)
    .transform(
      ({ subject = NOBODY, resource, context, ...rest }): AskedPage<ListQuestion> => ({
        question: { of: 'actions', subject, resource, context },
        ...pageOf(rest),
      }),
    ),
);
