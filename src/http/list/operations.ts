/** The face of lists as the description of the API tells it. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { actionsSchema, resourcesSchema, subjectsSchema } from '../common/list-wire.ts';
import type { Operation } from '../common/operation.ts';
import { SCOPES_OPERATIONS } from './scopes-operations.ts';

const members = (what: string) => ({
  revision: z.int().min(0).meta({ description: 'that the whole list comes from' }),
  at_time: z.string().optional().meta({ format: 'date-time', description: 'of `at_time`: as of when' }),
  items: z.array(z.string()).meta({ description: what }),
  total: z
    .int()
    .min(0)
    .nullable()
    .meta({ description: 'members on all pages; null while they are not all counted, which more than one request may be needed for' }),
  next_cursor: z.string().nullable().meta({ description: 'null: that was all' }),
});

const reach = lazy(() => z.enum(['yes', 'no', 'conditional']));

const OWN = 'About itself a caller may always ask, about others it needs `bitgate:list`.';

const PAGES =
  'Every page is of the revision and the time of the first. A page may end before it is full when it would take too long: as long as there is a ' +
  '`next_cursor`, there may be more.';

const subjects = {
  method: 'POST',
  tag: 'lists',
  description: `Registered subjects, keys among them, that a check allows this by what is stored: exactly those. Needs \`bitgate:list\`. ${PAGES}`,
  body: subjectsSchema,
  bodyExample: { action: 'EDIT_ENTITY_TAGS', resource: 'dataset:orders', type: 'user', limit: 2 },
  alsoRefuses: [410],
  answer: z.strictObject({
    ...members('`type:id`, ascending by code point'),
    everyone: reach.meta({ description: 'would any newly registered subject be allowed?' }),
    anyone: reach.meta({ description: 'would any subject at all be allowed, registered or not?' }),
  }),
  answerExample: {
    revision: 42,
    items: ['user:alice', 'user:bob'],
    total: 3,
    next_cursor: 'eyJyIjo0Mn0.c2lnbmF0dXJl',
    everyone: 'no',
    anyone: 'no',
  },
} as const;

const resources = {
  method: 'POST',
  tag: 'lists',
  description: `Registered resources on which a check allows this: exactly those. ${OWN} ${PAGES}`,
  body: resourcesSchema,
  bodyExample: { subject: 'user:alice', action: 'EDIT_ENTITY_TAGS', type: 'dataset' },
  alsoRefuses: [410],
  answer: z.strictObject(members('`type:id`, ascending by code point')),
  answerExample: { revision: 42, items: ['dataset:orders'], total: 1, next_cursor: null },
} as const;

const actions = {
  method: 'POST',
  tag: 'lists',
  description: `Names of privileges that a check allows: exactly those. ${OWN} ${PAGES}`,
  body: actionsSchema,
  bodyExample: { subject: 'user:alice', resource: 'dataset:orders' },
  alsoRefuses: [410],
  answer: z.strictObject(members('ascending by code point')),
  answerExample: { revision: 42, items: ['EDIT_ENTITY_TAGS'], total: 1, next_cursor: null },
} as const;

const NAMED = '/orgs/:org';

export const LIST_OPERATIONS: readonly Operation[] = [
  { ...subjects, path: '/list/subjects', id: 'listAllowedSubjects', summary: 'Who may do this?' },
  { ...resources, path: '/list/resources', id: 'listAllowedResources', summary: 'On what may this subject do this?' },
  { ...actions, path: '/list/actions', id: 'listAllowedActions', summary: 'What may this subject do here?' },
  {
    ...subjects,
    path: `${NAMED}/list/subjects`,
    id: 'listAllowedSubjectsInOrganization',
    summary: 'Who may do this, in the organization that is named?',
  },
  {
    ...resources,
    path: `${NAMED}/list/resources`,
    id: 'listAllowedResourcesInOrganization',
    summary: 'On what may this subject do this, in the organization that is named?',
  },
  {
    ...actions,
    path: `${NAMED}/list/actions`,
    id: 'listAllowedActionsInOrganization',
    summary: 'What may this subject do here, in the organization that is named?',
  },
  ...SCOPES_OPERATIONS,
];
