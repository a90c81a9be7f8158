/** The face for AuthZEN as the description of the API tells it. */

import * as z from 'zod';
import { REASONS } from '../../core/terms/decision.ts';
import { described, lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import type { Operation } from '../common/operation.ts';
import { actionSearchSchema, resourceSearchSchema, subjectSearchSchema } from './search-wire.ts';
import { evaluationSchema, evaluationsSchema } from './wire.ts';

const tag = 'authzen';

const context = lazy(() =>
  z
    .strictObject({ reason: z.enum(REASONS) })
    .optional()
    .meta(described(() => ({ description: 'only with `options.bitgate_reason: true`' }))),
);
const decided = lazy(() => z.strictObject({ decision: z.boolean(), context }));
const refused = lazy(() =>
  z.strictObject({
    decision: z.literal(false),
    context: z.strictObject({ error: z.strictObject({ status: z.literal(400), message: z.string() }) }),
  }),
);

const page = lazy(() =>
  z
    .strictObject({
      next_token: z.string().meta(described(() => ({ description: 'empty at the end' }))),
      count: z.int().min(0),
      total: z
        .int()
        .min(0)
        .optional()
        .meta(described(() => ({ description: 'absent while not everything could be counted' }))),
    })
    .optional()
    .meta(described(() => ({ description: 'when it was asked for, or when there is more' }))),
);
const entities = lazy(() => z.strictObject({ page, results: z.array(z.strictObject({ type: z.string(), id: z.string() })) }));
const actions = lazy(() => z.strictObject({ page, results: z.array(z.strictObject({ name: z.string() })) }));

const url = lazy(() => z.string().regex(/^https?:\/\/[^?#]+$/));
const metadata = lazy(() =>
  z.strictObject({
    policy_decision_point: url,
    access_evaluation_endpoint: url,
    access_evaluations_endpoint: url,
    search_subject_endpoint: url,
    search_resource_endpoint: url,
    search_action_endpoint: url,
    signed_metadata: z
      .string()
      .optional()
      .meta(described(() => ({ description: 'a JWT of all that with `iss`; its key is in `/.well-known/jwks.json`' }))),
  }),
);

const jwks = lazy(() =>
  z.strictObject({
    keys: z.array(
      z.strictObject({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        kid: z.string(),
        use: z.literal('sig'),
        alg: z.literal('EdDSA'),
      }),
    ),
  }),
);

const subject = { type: 'user', id: 'alice' };
const action = { name: 'read' };
const resource = { type: 'record', id: 'record-1' };

const KIB = 1024;
const TEXTS = `JSON at most ${LIMITS.jsonDepth} levels deep; type and id together, or a name, at most ${LIMITS.idUtf8Bytes} bytes.`;
const SMALL = `A body of at most ${LIMITS.checkBodyBytes / KIB} KiB; ${TEXTS}`;
const REASON = 'With `options.bitgate_reason: true` each answer says why, as `context.reason`.';
const PAGES = `Everything at once, up to ${LIMITS.listMax}; then, and when \`page\` is sent, page by page, all of one revision. ${SMALL}`;

type Described = Omit<Operation, 'id' | 'path' | 'summary'>;

const post = { method: 'POST', tag } as const;

const one: Described = {
  ...post,
  description: `OpenID AuthZEN Authorization API 1.0, §6. ${REASON} ${SMALL}`,
  body: evaluationSchema,
  bodyExample: { subject, action, resource, context: { ip: '10.0.0.1' } },
  answer: decided,
  answerExample: { decision: true },
};

const many: Described = {
  ...post,
  description:
    `AuthZEN §7: up to ${LIMITS.batchItems}, all of one revision. What an item leaves out is taken from the default of the same key, whole; of an entity ` +
    `that it names by halves, \`type\`, \`id\` or \`name\`. An item that is not valid is denied, with \`context.error\`. ${REASON} ` +
    `A body of at most ${LIMITS.batchBodyBytes / KIB} KiB; ${TEXTS}`,
  body: evaluationsSchema,
  bodyExample: {
    subject,
    action,
    evaluations: [{ resource }, { action: { name: 'delete', properties: { soft: true } }, resource }],
    options: { evaluations_semantic: 'execute_all' },
  },
  answer: z.union([z.strictObject({ evaluations: z.array(z.union([decided, refused])) }), decided]),
  answerExample: { evaluations: [{ decision: true }, { decision: false }] },
};

const subjects: Described = {
  ...post,
  description: `AuthZEN §8.4: registered subjects. ${PAGES}`,
  body: subjectSearchSchema,
  bodyExample: { subject: { type: 'user' }, action, resource, page: { limit: 100 } },
  answer: entities,
  answerExample: { page: { next_token: '', count: 1, total: 1 }, results: [subject] },
  alsoRefuses: [410],
};

const resources: Described = {
  ...subjects,
  description: `AuthZEN §8.5: registered resources. ${PAGES}`,
  body: resourceSearchSchema,
  bodyExample: { subject, action, resource: { type: 'record' } },
  answerExample: { results: [resource] },
};

const names: Described = {
  ...subjects,
  description: `AuthZEN §8.6: names of privileges. ${PAGES}`,
  body: actionSearchSchema,
  bodyExample: { subject, resource },
  answer: actions,
  answerExample: { results: [action] },
};

const discovery: Described = {
  method: 'GET',
  tag,
  open: true,
  description: 'AuthZEN §9: where the endpoints are, on the origin that is asked.',
  answer: metadata,
  answerExample: {
    policy_decision_point: 'https://pdp.example/orgs/acme',
    access_evaluation_endpoint: 'https://pdp.example/orgs/acme/access/v1/evaluation',
    access_evaluations_endpoint: 'https://pdp.example/orgs/acme/access/v1/evaluations',
    search_subject_endpoint: 'https://pdp.example/orgs/acme/access/v1/search/subject',
    search_resource_endpoint: 'https://pdp.example/orgs/acme/access/v1/search/resource',
    search_action_endpoint: 'https://pdp.example/orgs/acme/access/v1/search/action',
  },
};

const keys: Described = {
  method: 'GET',
  tag,
  open: true,
  description: 'RFC 7517 §5: the one that signs first, then the one before it.',
  answer: jwks,
  answerExample: {
    keys: [
      {
        kty: 'OKP',
        crv: 'Ed25519',
        x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
        kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
        use: 'sig',
        alg: 'EdDSA',
      },
    ],
  },
};

/** At the root it is the organization of the key; root itself asks at the organization. */
function twice(described: Described, path: string, id: string, summary: string): readonly Operation[] {
  return [
    { ...described, path, id, summary },
    { ...described, path: `/orgs/:org${path}`, id: `${id}InOrganization`, summary: `${summary}, in the organization that is named` },
  ];
}

const CONFIGURATION = '/.well-known/authzen-configuration';

export const AUTHZEN_OPERATIONS: readonly Operation[] = [
  ...twice(one, '/access/v1/evaluation', 'evaluateAccess', 'Access Evaluation: one decision'),
  ...twice(many, '/access/v1/evaluations', 'evaluateAccesses', 'Access Evaluations: many decisions at once'),
  ...twice(subjects, '/access/v1/search/subject', 'searchSubjects', 'Subject Search: who may do this'),
  ...twice(resources, '/access/v1/search/resource', 'searchResources', 'Resource Search: what this may be done to'),
  ...twice(names, '/access/v1/search/action', 'searchActions', 'Action Search: what may be done'),
  { ...discovery, path: CONFIGURATION, id: 'getAuthzenConfiguration', summary: 'What this PDP offers, and where' },
  {
    ...discovery,
    path: `${CONFIGURATION}/orgs/:org`,
    id: 'getAuthzenConfigurationInOrganization',
    summary: 'The same of the identifier that names the organization',
  },
  { ...keys, path: '/.well-known/jwks.json', id: 'getSigningKeys', summary: 'Public keys of what bitgate signs' },
];
