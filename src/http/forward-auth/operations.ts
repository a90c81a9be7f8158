/** Forward-auth as the description of the API tells it. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import type { Operation } from '../common/operation.ts';
import { DENIALS, REFUSALS } from './reasons.ts';

const header = (description: string, example?: string) =>
  z
    .string()
    .optional()
    .meta({ description, ...(example === undefined ? {} : { param: { example } }) });

const headers = lazy(() =>
  z.object({
    'x-bitgate-key': header(
      "the proxy's API key, whole; or it is sent by HTTP Basic, and then the end user's credential is in the cookie alone",
      'bg_acme_id_secret',
    ),
    cookie: header("the end user's JWT or API key, in the cookie that the setting `forward_auth.cookie` names"),
    'x-original-method': header('nginx', 'GET'),
    'x-original-url': header('nginx: absolute, `http` or `https`; or the two below', 'https://api.example.com/projects/p1/datasets/orders'),
    'x-original-uri': header('nginx: path and query'),
    'x-original-host': header('nginx'),
    'x-forwarded-method': header('forwarded'),
    'x-forwarded-host': header('forwarded'),
    'x-forwarded-uri': header('forwarded: path and query'),
    'x-bitgate-original-method': header('envoy'),
    'x-bitgate-original-host': header('envoy'),
    'x-bitgate-original-path': header('envoy: path and query'),
  }),
);

const MEANINGS = Object.entries(REFUSALS).map(([reason, meaning]) => `- \`${reason}\`: ${meaning}`);

const one = {
  method: 'GET',
  tag: 'forward-auth',
  description: [
    'For reverse proxies: may the end user make the original request? 200, 401 or 403, and nothing else, whatever happens. GET and HEAD; a proxy of the ' +
      'family `envoy` may ask with any method. No body is read.',
    "The proxy proves itself by an API key with `forward_auth`, which needs `bitgate:check`; the original request is read from that family's headers alone, " +
      "each there once. The end user's credential is a JWT or an API key of the organization, in `Authorization` or in the cookie; without one it is decided " +
      'for `group:anyone`.',
    '200 has `X-Bitgate-Subject` (`type:id`, percent-encoded but for visible ASCII; `anyone` where nobody is named), `X-Bitgate-Decision: allow`, ' +
      '`X-Bitgate-Revision`, and `X-Bitgate-Identity`: a JWT of the type `bitgate-identity+jwt` (`iss`, `sub`, `aud`: the original host, `iat`, `exp`: a ' +
      'minute), to be verified with `/.well-known/jwks.json`; `-` where nobody is named, or without `BITGATE_SIGNING_KEY`.',
    '401: no end user, and not everybody may (`missing_credentials`); or a credential that is not valid (`invalid_credentials`), also where everybody may. ' +
      '`X-Bitgate-Sign-In` is where to sign in, with the setting `forward_auth.sign_in_url`; as a page for browsers where the proxy relays it.',
    '403 has `X-Bitgate-Reason`:',
    MEANINGS.join('\n'),
    `or that of the decision: ${DENIALS.map((reason) => `\`${reason}\``).join(', ')}.`,
  ].join('\n\n'),
  headers,
  refuses: [401, 403],
  answer: z.literal(''),
  answerExample: '',
  answerTypes: [],
} as const;

export const FORWARD_AUTH_OPERATIONS: readonly Operation[] = [
  { ...one, path: '/forward-auth', id: 'forwardAuth', summary: 'Whether a reverse proxy is to pass a request on' },
  {
    ...one,
    path: '/orgs/:org/forward-auth',
    id: 'forwardAuthInOrganization',
    summary: 'Whether a reverse proxy of the organization that is named is to pass a request on',
  },
];
