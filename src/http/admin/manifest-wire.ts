/** The wire form of a manifest's plan, and the queries that go with it. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { IMPORT_FORMATS } from '../../pap/manifest/import/import.ts';
import { described } from './route.ts';
import { writeQuery } from './wire.ts';

const counts = described(() => z.strictObject({ insert: z.int(), update: z.int(), delete: z.int() }));

/** What would change or has changed, by table and thing by thing, with names instead of ids. */
export const planAnswer = described(() =>
  z.strictObject({
    summary: z.record(z.string(), counts),
    changes: z.array(
      z.strictObject({
        op: z.enum(['insert', 'update', 'delete']),
        kind: z.string(),
        name: z.string(),
        fields: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
);

export const manifestQuery = lazy(() => z.strictObject(writeQuery));

export const manifestAnswer = described(() =>
  z.looseObject({
    dry_run: z.boolean(),
    plan: planAnswer,
    revision: z.int(),
    published: z.boolean(),
  }),
);

export const manifestAnswerExample = described(() => ({
  dry_run: false,
  plan: {
    summary: { policies: { insert: 1, update: 0, delete: 0 } },
    changes: [{ op: 'insert', kind: 'policy', name: 'Dataset Viewer' }],
  },
  revision: 42,
  published: true,
}));

export const manifestExample = described(() => ({
  bitgate: 1,
  policies: [{ name: 'Dataset Viewer', privileges: ['dataset:view'] }],
  roles: [{ name: 'Analyst', policies: ['Dataset Viewer'] }],
  assignments: [{ subject: 'user:alice', role: 'Analyst', scope: 'project:sleetduke' }],
}));

export const importQuery = lazy(() =>
  z.strictObject({
    ...writeQuery,
    format: z.enum(IMPORT_FORMATS),
    strict: z.enum(['true', 'false']).optional(),
  }),
);

/** Whatever the other system writes: what can't be read is told by its place. */
export const importBody = described(() => z.union([z.array(z.unknown()), z.looseObject({})]));

const told = described(() => z.strictObject({ code: z.string(), path: z.string(), message: z.string() }));

export const importAnswer = described(() => manifestAnswer.extend({ report: z.array(told), report_count: z.int() }));

export const importExample = described(() => [
  {
    urn: 'urn:li:dataHubPolicy:finance-tags',
    info: {
      displayName: 'Finance tags',
      type: 'METADATA',
      state: 'ACTIVE',
      privileges: ['EDIT_ENTITY_TAGS'],
      actors: { groups: ['urn:li:corpGroup:finance'], resourceOwners: false, allUsers: false, allGroups: false },
      resources: { filter: { criteria: [{ field: 'DOMAIN', values: ['urn:li:domain:finance'], condition: 'EQUALS' }] } },
    },
  },
]);

export const importAnswerExample = described(() => ({
  ...manifestAnswerExample,
  report: [{ code: 'replaced', path: '[0]', message: 'the policy `Finance tags` was there and is replaced' }],
  report_count: 1,
}));
