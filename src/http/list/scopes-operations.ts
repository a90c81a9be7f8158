/** Scopes as the description of the API tells what they are for. */

import * as z from 'zod';
import { described, lazy } from '../../core/terms/lazy.ts';
import type { Operation } from '../common/operation.ts';
import { scopesSchema } from './scopes-wire.ts';

const held = lazy(() => z.enum(['yes', 'no', 'open']));
const conditions = lazy(() => z.array(z.string()));

const outcome = lazy(() =>
  z.strictObject({
    allow: held,
    deny: held,
    open: z
      .strictObject({ allow_when: conditions, deny_when: conditions })
      .optional()
      .meta(
        described(() => ({
          description: 'CEL: allowed when one of `allow_when` is true; denied when one of `deny_when` is true, or fails',
        })),
      ),
  }),
);

const outcomes = {
  org: outcome.optional().meta({ description: 'of a row in no project; absent: whatever lies here lies in one' }),
  project: outcome.meta({ description: 'of a row in a project' }),
};

const ids = lazy(() => z.array(z.string()));

const answer = lazy(() =>
  z.strictObject({
    revision: z
      .int()
      .min(0)
      .meta(described(() => ({ description: 'that the whole answer comes from' }))),
    at_time: z
      .string()
      .optional()
      .meta(described(() => ({ format: 'date-time', description: 'of `at_time`: as of when' }))),
    type: z.string(),
    parent_types: ids.optional(),
    default: z
      .strictObject(outcomes)
      .meta(described(() => ({ description: 'of a row without parents, and of every scope that is not listed' }))),
    scopes: z
      .array(z.strictObject({ scope: z.string(), ...outcomes }))
      .meta(described(() => ({ description: 'what each gives to rows directly below it' }))),
    rows: z.array(z.strictObject({ id: z.string(), ...outcomes })).meta(
      described(() => ({
        description: 'unregistered rows that are granted something themselves: it counts beside what their parents give',
      })),
    ),
    exceptions: z
      .strictObject({ allow: ids, deny: ids })
      .meta(described(() => ({ description: 'ids of registered rows of which their parents say something else than a check' }))),
    next_cursor: z
      .string()
      .nullable()
      .meta(described(() => ({ description: 'null: that was all' }))),
  }),
);

const description = `What an application needs to filter its own rows, registered or not, as a check would. A row is decided in this order:

1. Its id is in \`exceptions\`: that.
2. A parent is of another type than \`parent_types\`, when they were named: call \`/check\`. Else look up each parent (\`type:id\`, and \`project:<id>\` of its project) in \`scopes\`; of one that is not listed, and of a row without parents, take
   \`default\`. Add the row's own entry of \`rows\`.
3. Take \`project\` of each if a parent is a project or has no \`org\`, else \`org\`. A parent that is not listed may lie in a project where \`default\` says
   the same of both: if \`project\` of each would then give another answer, call \`/check\`.
4. No, if a \`deny\` is \`yes\` or every \`allow\` is \`no\`. Else \`open\` conditions decide (or \`/check\`), if a \`deny\` is \`open\` or no \`allow\` is \`yes\`. Else yes.

A registered row must be given the parents that are registered; no row may claim to lie below what lies below itself. The same as code: \`applyScopes\`
of the client. As SQL, of rows with one parent outside of projects, the answer filled into \`scopes(scope, allow, deny)\`, \`allowed(id)\` and
\`denied(id)\`:

\`\`\`sql
SELECT d.* FROM documents d LEFT JOIN scopes s ON s.scope = d.parent
WHERE d.id IN (SELECT id FROM allowed) OR d.id NOT IN (SELECT id FROM denied)
  AND coalesce(s.deny, :default_deny) = 'no' AND coalesce(s.allow, :default_allow) = 'yes'
\`\`\`

The answer is of this moment: grants begin and end. All pages together are the answer, each of the revision and the time of the first; one may end before it
is full.`;

const no = { allow: 'no', deny: 'no' };
const yes = { allow: 'yes', deny: 'no' };

const scopes = {
  method: 'POST',
  tag: 'lists',
  description,
  body: scopesSchema,
  bodyExample: { subject: 'user:alice', action: 'VIEW_DOCUMENT', type: 'document', parent_types: ['folder', 'project'] },
  alsoRefuses: [410],
  answer,
  answerExample: {
    revision: 42,
    type: 'document',
    parent_types: ['folder', 'project'],
    default: { org: no, project: no },
    scopes: [
      { scope: 'folder:plans', org: yes, project: yes },
      {
        scope: 'project:apollo',
        project: { allow: 'open', deny: 'no', open: { allow_when: ['resource.properties.status == "live"'], deny_when: [] } },
      },
    ],
    rows: [],
    exceptions: { allow: ['roadmap'], deny: ['salaries'] },
    next_cursor: null,
  },
} as const;

export const SCOPES_OPERATIONS: readonly Operation[] = [
  { ...scopes, path: '/list/scopes', id: 'listScopes', summary: 'Which rows of its own may an application show this subject?' },
  {
    ...scopes,
    path: '/orgs/:org/list/scopes',
    id: 'listScopesInOrganization',
    summary: 'Which rows may an application show this subject, in the organization that is named?',
  },
];
