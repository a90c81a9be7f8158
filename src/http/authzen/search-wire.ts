/** The wire form of searches (§8). */

import * as z from 'zod';
import { described, lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import type { ListQuestion } from '../../pdp/list/question.ts';
import { jsonObject } from '../common/checks/parts.ts';
import { actionSchema, contextSchema, entitySchema, isPossible, kindSchema } from './wire.ts';

const page = lazy(() =>
  z
    .object({
      token: z
        .string()
        .nullish()
        .meta(described(() => ({ description: '`next_token` of the page before; the rest of the question stays as it was' }))),
      limit: z
        .int()
        .min(0)
        .nullish()
        .meta(
          described(() => ({
            description: `default: the token's, else ${LIMITS.listMax}, and more than that is as good; 0: counts alone`,
          })),
        ),
      properties: jsonObject.nullish(),
    })
    .nullish(),
);

export type PageWanted = z.output<typeof page>;

export interface Search {
  /** null: asks for what nothing in an organization can be named, so that nothing is found */
  readonly question: ListQuestion | null;
  readonly page: PageWanted;
}

/** Neither empty nor with a colon. */
function isType(type: string): boolean {
  return isPossible({ type, id: type });
}

export const subjectSearchSchema = lazy(() =>
  z
    .object({ subject: kindSchema, action: actionSchema, resource: entitySchema, context: contextSchema, page })
    .transform(({ subject: type, action, resource, context, page: wanted }): Search => {
      const possible = isType(type) && isPossible(resource) && action.name !== '';
      return { question: possible ? { of: 'subjects', type, action, resource, context } : null, page: wanted };
    }),
);

export const resourceSearchSchema = lazy(() =>
  z
    .object({ subject: entitySchema, action: actionSchema, resource: kindSchema, context: contextSchema, page })
    .transform(({ subject, action, resource: type, context, page: wanted }): Search => {
      const possible = isType(type) && isPossible(subject) && action.name !== '';
      return { question: possible ? { of: 'resources', type, subject, action, context } : null, page: wanted };
    }),
);

export const actionSearchSchema = lazy(() =>
  z
    .object({ subject: entitySchema, resource: entitySchema, context: contextSchema, page })
    .transform(({ subject, resource, context, page: wanted }): Search => {
      const possible = isPossible(subject) && isPossible(resource);
      return { question: possible ? { of: 'actions', subject, resource, context } : null, page: wanted };
    }),
);
