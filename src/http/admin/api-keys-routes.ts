/** The operations on API keys, at both levels: address, handler and description. */

import { deleteApiKey, getApiKey, listApiKeys, patchApiKey, postApiKey, postRotation } from './api-keys.ts';
import {
  apiKeyAnswer,
  apiKeyChangedAnswer,
  apiKeyChangeSchema,
  apiKeyDeletedAnswer,
  apiKeyListQuery,
  apiKeyMadeAnswer,
  apiKeyPage,
  apiKeyRotatedAnswer,
  apiKeySchema,
  EXAMPLES,
  rotationSchema,
} from './api-keys-wire.ts';
import { described, ORG, PROJECT, type Route } from './route.ts';
import { writeQuerySchema } from './wire.ts';

const tag = 'api-keys';
const query = described(() => writeQuerySchema);

interface Level {
  readonly base: string;
  readonly suffix: '' | 'InProject';
  /** in words */
  readonly of: string;
  readonly wanted: object;
}

function routesOf({ base, suffix, of, wanted }: Level): readonly Route[] {
  const all = `${base}/api-keys`;
  const one = `${all}/:id`;
  return [
    {
      method: 'GET',
      path: all,
      handler: listApiKeys,
      ...described(() => ({
        id: `listApiKeys${suffix}`,
        summary: `API keys ${of}, masked`,
        tag,
        description: 'When a key was last used is noted about once a minute. `q` is a part of the name. Needs `bitgate:manage_keys`.',
        query: apiKeyListQuery,
        answer: apiKeyPage,
        answerExample: EXAMPLES.page,
      })),
    },
    {
      method: 'POST',
      path: all,
      handler: postApiKey,
      ...described(() => ({
        id: `createApiKey${suffix}`,
        summary: `Make an API key ${of}`,
        tag,
        description:
          '`secret` is the whole token: it is shown this once and stored as its hash. A key is the subject `api_key:<id>` and holds roles like any other; ' +
          'that of a project at the project and registered resources below it alone.',
        query,
        body: apiKeySchema,
        bodyExample: wanted,
        status: 201,
        answer: apiKeyMadeAnswer,
        answerExample: EXAMPLES.made,
      })),
    },
    {
      method: 'GET',
      path: one,
      handler: getApiKey,
      ...described(() => ({
        id: `getApiKey${suffix}`,
        summary: 'One API key with its roles',
        tag,
        answer: apiKeyAnswer,
        answerExample: EXAMPLES.detail,
      })),
    },
    {
      method: 'PATCH',
      path: one,
      handler: patchApiKey,
      ...described(() => ({
        id: `updateApiKey${suffix}`,
        summary: 'Name, disable or enable an API key, or move its end',
        tag,
        query,
        body: apiKeyChangeSchema,
        bodyExample: EXAMPLES.change,
        answer: apiKeyChangedAnswer,
        answerExample: EXAMPLES.changed,
      })),
    },
    {
      method: 'DELETE',
      path: one,
      handler: deleteApiKey,
      ...described(() => ({
        id: `deleteApiKey${suffix}`,
        summary: 'Delete an API key for good, with all that it holds',
        tag,
        query,
        answer: apiKeyDeletedAnswer,
        answerExample: EXAMPLES.deleted,
      })),
    },
    {
      method: 'POST',
      path: `${one}/rotate`,
      handler: postRotation,
      ...described(() => ({
        id: `rotateApiKey${suffix}`,
        summary: 'Give an API key a new secret',
        tag,
        description: 'The secret before ends at once, or after `overlap_ms`.',
        query,
        body: rotationSchema,
        bodyExample: EXAMPLES.rotation,
        answer: apiKeyRotatedAnswer,
        answerExample: EXAMPLES.rotated,
      })),
    },
  ];
}

export const apiKeyRoutes: readonly Route[] = [
  ...routesOf({ base: ORG, suffix: '', of: 'of the organization and its projects', wanted: EXAMPLES.wanted }),
  ...routesOf({ base: PROJECT, suffix: 'InProject', of: 'of a project', wanted: EXAMPLES.wantedInProject }),
];
