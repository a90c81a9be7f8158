/** The face of bitmap documents as the description of the API tells it. */
import * as z from 'zod';
import type { Operation } from '../common/operation.ts';
import { bitmapQuery } from './wire.ts';

const one = {
  method: 'GET',
  tag: 'checks',
  description:
    'A compact JWS of the type `bitgate-bitmap+jwt`, to be verified with `/.well-known/jwks.json`: for each privilege and resource allow, deny or ask. ' +
    'What it allows or denies, `/check` answers too, at its revision and at every time until it expires, whatever properties and context the check has. ' +
    'Equal rights have equal bytes for half of `ttl`. Needs `bitgate:check` and `bitgate:list`, or is about the caller itself: then it holds what its JWT gives, too, and no longer than that is valid. Of others it says what they may do without a token.',
  query: bitmapQuery,
  queryExample: { subject: 'user:alice', resources: 'project:p1,dataset:orders' },
  revalidates: true,
  alsoRefuses: [422],
  answer: z.string().regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/),
  answerExample: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImJpdGdhdGUtYml0bWFwK2p3dCJ9.eyJzdWIiOiJ1c2VyOmFsaWNlIn0.c2lnbmF0dXJl',
  answerTypes: ['application/jwt'],
} as const;

export const BITMAP_OPERATIONS: readonly Operation[] = [
  { ...one, path: '/bitmap', id: 'getBitmap', summary: 'What a subject may do, as a signed document that answers checks for a while' },
  {
    ...one,
    path: '/orgs/:org/bitmap',
    id: 'getBitmapInOrganization',
    summary: 'What a subject may do in the organization that is named, as a signed document',
  },
];
