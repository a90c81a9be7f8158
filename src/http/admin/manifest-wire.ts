/** The wire form of a manifest's plan, and the queries that go with it. */
import { z } from 'zod';
import { writeQuery } from './wire.ts';

const counts = z.strictObject({ insert: z.int(), update: z.int(), delete: z.int() });

/** What would change or has changed, by table and thing by thing, with names instead of ids. */
export const planAnswer = z.strictObject({
  summary: z.record(z.string(), counts),
  changes: z.array(
    z.strictObject({
      op: z.enum(['insert', 'update', 'delete']),
      kind: z.string(),
      name: z.string(),
      fields: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

export const manifestQuery = z.strictObject(writeQuery);

export const manifestAnswer = z.looseObject({
  dry_run: z.boolean(),
  plan: planAnswer,
  revision: z.int(),
  published: z.boolean(),
});

export const manifestAnswerExample = {
  dry_run: false,
  plan: {
    summary: { policies: { insert: 1, update: 0, delete: 0 } },
    changes: [{ op: 'insert', kind: 'policy', name: 'Dataset Viewer' }],
  },
  revision: 42,
  published: true,
};

export const manifestExample = {
  bitgate: 1,
  policies: [{ name: 'Dataset Viewer', privileges: ['dataset:view'] }],
  roles: [{ name: 'Analyst', policies: ['Dataset Viewer'] }],
  assignments: [{ subject: 'user:alice', role: 'Analyst', scope: 'project:sleetduke' }],
};
