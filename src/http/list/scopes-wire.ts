/** What is asked of `POST /list/scopes`. */

import * as z from 'zod';
import { described, lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { NOBODY } from '../../core/terms/ref.ts';
import type { ScopesQuestion } from '../../pdp/scopes/question.ts';
import { action, jsonObject } from '../common/checks/parts.ts';
import { wants } from '../common/checks/wants.ts';
import { exactlyOneSubject, namesOneSubject, subjects } from '../common/checks/wire.ts';
import { type AskedPage, pageOf, typeName } from '../common/list-wire.ts';

const MAX_PARENT_TYPES = 100;

export const scopesSchema = lazy(() =>
  z
    .strictObject({
      ...subjects,
      action,
      type: typeName.meta(described(() => ({ description: 'of the rows, as resources' }))),
      parent_types: z
        .array(typeName)
        .max(MAX_PARENT_TYPES)
        .optional()
        .meta(
          described(() => ({ description: 'types that rows lie below, `project` too: only such scopes are listed. Absent: every type' })),
        ),
      context: jsonObject.optional(),
      ...wants,
      limit: z
        .int()
        .min(1)
        .max(LIMITS.listMax)
        .optional()
        .meta(described(() => ({ description: `scopes, rows and exceptions on a page, ${LIMITS.listDefault} by default` }))),
      cursor: z
        .string()
        .optional()
        .meta(described(() => ({ description: '`next_cursor` of the page before, with the same question' }))),
    })
    .refine(namesOneSubject, exactlyOneSubject)
    .transform(
      ({ subject = NOBODY, action, type, parent_types, context, ...rest }): AskedPage<ScopesQuestion> => ({
        question: { of: 'scopes', subject, action, type, parent_types, context },
        ...pageOf(rest),
      }),
    ),
);
