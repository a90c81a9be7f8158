/** Credentials that aren't, or that two servers could read in two ways. */
import { COOKIE } from '../world.ts';
import { ALLOWED, type Parties, request, type Spelling } from './request.ts';

type Authorize = (parties: Parties) => { readonly authorization: string | null; readonly headers?: readonly string[] };

const CREDENTIALS: Readonly<Record<string, Authorize>> = {
  'no credential': () => ({ authorization: null }),
  'an empty one': () => ({ authorization: '' }),
  'a scheme without token': () => ({ authorization: 'Bearer' }),
  'a scheme and a space': () => ({ authorization: 'Bearer ' }),
  'two spaces': ({ token }) => ({ authorization: `Bearer  ${token}` }),
  'a tab': ({ token }) => ({ authorization: `Bearer\t${token}` }),
  'another scheme': ({ token }) => ({ authorization: `Token ${token}` }),
  'the token alone': ({ token }) => ({ authorization: token }),
  'a list of it twice': ({ token }) => ({ authorization: `Bearer ${token}, Bearer ${token}` }),
  'a list of two tokens': ({ token, adminToken }) => ({ authorization: `Bearer ${token},${adminToken}` }),
  'two headers': ({ token, adminToken }) => ({ authorization: `Bearer ${token}`, headers: [`Authorization: Bearer ${adminToken}`] }),
  'two headers, the first invalid': ({ token }) => ({ authorization: 'Bearer x', headers: [`Authorization: Bearer ${token}`] }),
  'two equal headers': ({ token }) => ({ authorization: `Bearer ${token}`, headers: [`Authorization: Bearer ${token}`] }),
  'a space before the colon': ({ token }) => ({ authorization: null, headers: [`Authorization : Bearer ${token}`] }),
  'an underscore for a name': ({ token }) => ({ authorization: null, headers: [`X_Authorization: Bearer ${token}`] }),
  'proxy authorization': ({ token }) => ({ authorization: null, headers: [`Proxy-Authorization: Bearer ${token}`] }),
  'a token that is over': ({ expiredToken }) => ({ authorization: `Bearer ${expiredToken}` }),
  'a token without signature': ({ token }) => ({ authorization: `Bearer ${token.slice(0, token.lastIndexOf('.') + 1)}` }),
  'a token of `alg: none`': ({ token }) => ({ authorization: `Bearer eyJhbGciOiJub25lIn0.${token.split('.')[1]}.` }),
  'a token cut short': ({ token }) => ({ authorization: `Bearer ${token.slice(0, -2)}` }),
  'a token in the query alone': () => ({ authorization: null }),
  'an invalid one beside a valid cookie': ({ token }) => ({ authorization: 'Bearer x', headers: [`Cookie: ${COOKIE}=${token}`] }),
  'a cookie that is over': ({ expiredToken }) => ({ authorization: null, headers: [`Cookie: ${COOKIE}=${expiredToken}`] }),
  'a cookie that came twice': ({ token, adminToken }) => ({
    authorization: null,
    headers: [`Cookie: ${COOKIE}=${token}; ${COOKIE}=${adminToken}`],
  }),
  'two cookie headers': ({ token }) => ({ authorization: null, headers: [`Cookie: ${COOKIE}=x`, `Cookie: ${COOKIE}=${token}`] }),
  'a cookie of another name': ({ token }) => ({ authorization: null, headers: [`Cookie: x${COOKIE}=${token}`] }),
};

export const CREDENTIAL_SPELLINGS: readonly Spelling[] = Object.entries(CREDENTIALS).map(([name, authorize]) => ({
  name: `GET ${ALLOWED} with ${name}`,
  bytes: (parties) => request(name.includes('query') ? `${ALLOWED}?access_token=${parties.token}` : ALLOWED, parties, authorize(parties)),
}));
