/** What a spelling is, and how the bytes of a request are made. */
import { HOST } from '../world.ts';

/** What a request is made of, apart from what its case says. */
export interface Parties {
  /** of a user who may `GET /reports/q1` */
  readonly token: string;
  /** of a user who may do everything */
  readonly adminToken: string;
  /** of the same user as `token`, and over */
  readonly expiredToken: string;
  /** the secret of the proxy's key */
  readonly proxyKey: string;
}

export interface Spelling {
  readonly name: string;
  /** all bytes of the request, a character each */
  bytes(parties: Parties): string;
  /** what a proxy may answer by itself, without asking; absent: 400, 404 and 405 */
  readonly own?: readonly number[];
}

/** what a proxy refuses by itself: no address, no method, no HTTP */
export const REFUSALS = [400, 404, 405];
/** what the user of `token` may GET */
export const ALLOWED = '/reports/q1';
/** what the same user may not */
export const DENIED = '/admin/users';

export interface Written {
  readonly method?: string;
  /** of `Host`; null: none */
  readonly host?: string | null;
  /** the value of `Authorization`; null: none */
  readonly authorization?: string | null;
  /** lines, without their ends */
  readonly headers?: readonly string[];
  readonly body?: string;
}

export function request(target: string, { token }: Pick<Parties, 'token'>, written: Written = {}): string {
  const { method = 'GET', host = HOST, authorization = `Bearer ${token}`, headers = [], body = '' } = written;
  return [
    `${method} ${target} HTTP/1.1`,
    ...(host === null ? [] : [`Host: ${host}`]),
    ...(authorization === null ? [] : [`Authorization: ${authorization}`]),
    ...headers,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

/** Control characters and bytes above ASCII shown as escapes: names of tests. */
export const shown = (text: string): string => {
  const plain = [...text]
    .map((char) => (/[\x20-\x7e]/.test(char) ? char : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`))
    .join('');
  return plain.length > 90 ? `${plain.slice(0, 60)}… (${plain.length})` : plain;
};

/** What the client may see: what bitgate says, or what the proxy refuses without asking. */
export const acceptable = ({ own = REFUSALS }: Spelling): readonly number[] => [401, 403, ...own];
