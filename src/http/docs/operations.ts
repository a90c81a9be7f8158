/** The description as a part of itself. */
import * as z from 'zod';
import type { Operation } from '../common/operation.ts';

const shared = { method: 'GET', tag: 'description', open: true } as const;

export const DOCS_OPERATIONS: readonly Operation[] = [
  {
    ...shared,
    path: '/openapi.json',
    id: 'describe',
    summary: 'This description, as OpenAPI 3.1',
    description: 'Only where `BITGATE_DOCS` is `1`.',
    answer: z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) }),
    answerExample: { openapi: '3.1.1', info: { title: 'bitgate', version: '0.1.0' }, paths: {} },
  },
  {
    ...shared,
    path: '/docs',
    id: 'read',
    summary: 'This description, as a page to read',
    description:
      'Only where `BITGATE_DOCS` is `1`. Without any request to others, and without a script that the page does not name by its hash.',
    answer: z.string(),
    answerExample: '<!doctype html>…',
    answerTypes: ['text/html'],
  },
];
