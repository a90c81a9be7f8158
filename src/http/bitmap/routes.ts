/** The face of bitmap documents: `GET /bitmap` and `GET /orgs/<org>/bitmap`. Times lie on a grid, so that equal rights are equal bytes for a while. */
import { sha256Hex } from '../../authn/constant-time.ts';
import { type BitmapQuestion, buildBitmap } from '../../pdp/bitmap/build.ts';
import { BITMAP_TYPE, type BitmapClaims } from '../../pdp/bitmap/document.ts';
import { type Span, within } from '../../pdp/bitmap/rows.ts';
import type { Session } from '../../pdp/pdp.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import { type Asked, answerAsked } from '../common/checks/asked.ts';
import { type Asking, type CheckServices, enter } from '../common/checks/entry.ts';
import { sessionFor } from '../common/checks/opening.ts';
import { optionsFor } from '../common/checks/options.ts';
import { methodNotAllowed } from '../common/errors.ts';
import { identifierOf } from '../common/identifier.ts';
import { COSTS } from '../common/limits/costs.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { baseHeaders } from '../common/reply.ts';
import type { Signer } from '../common/signing.ts';
import { type BitmapQuery, bitmapQuery } from './wire.ts';

export interface BitmapServices extends CheckServices {
  readonly signer: Signer;
}

/** A document holds decisions, and lists them. */
const DISCLOSES: readonly Asking[] = ['bitgate:check', 'bitgate:list'];

const PATH = /^(?:\/orgs\/([^/]*))?\/bitmap$/;
const MEDIA_TYPE = 'application/jwt';
/** hex digits: enough that no two documents share one */
const ETAG_DIGITS = 32;

/** @returns undefined when the path is none of this face's */
export function bitmapFace(
  services: BitmapServices,
): (request: Request, path: string, life: RequestLife) => Response | Promise<Response> | undefined {
  return (request, path, life) => {
    if (!path.endsWith('/bitmap')) return undefined;
    const match = PATH.exec(path);
    if (match === null) return undefined;
    return answerAsked('bitmap', { services, request, named: match[1] ?? null, life }, bitmap);
  };
}

async function bitmap({ services, request, named, requestId, life }: Asked<BitmapServices>): Promise<Response> {
  if (request.method !== 'GET') throw methodNotAllowed(request.method, 'GET');
  const entry = await enter(services, request, named, life, DISCLOSES);
  const query = parseAs(bitmapQuery, readQuery(request.url), 'query');
  services.rateLimits.charge(entry.claim, COSTS.bitmap, services.now(), life);
  const session = await sessionFor(services, entry, query, query.subject, named, life);
  const proven = await optionsFor(services, entry, query.subject, session);
  const whole = spanAt(services.now(), query.ttl);
  const span = proven === undefined || !('jwt' in entry.claim) ? whole : within(whole, entry.claim.proof.expiresAt);
  const token = await services.signer.sign(BITMAP_TYPE, { ...(await claimsOf(session, request.url, { ...query, proven }, span)) });
  return reply(request, session, token, requestId);
}

/** @param now ms since 1970 @param ttl seconds: there are as many left at least */
function spanAt(now: number, ttl: number): Span {
  const step = Math.ceil(ttl / 2);
  const iat = Math.floor(now / 1_000 / step) * step;
  return { iat, exp: iat + step + ttl };
}

async function claimsOf(session: Session, url: string, query: BitmapQuery & BitmapQuestion, span: Span): Promise<BitmapClaims> {
  const { subject, audience } = query;
  const bitgate = await buildBitmap(session.scan(), query, span);
  return {
    iss: identifierOf(url, bitgate.organization),
    sub: `${subject.type}:${subject.id}`,
    ...(audience === undefined ? {} : { aud: audience }),
    ...span,
    bitgate,
  };
}

/** It may be kept, but asked about each time: whether it is still so is what this answers. */
async function reply(request: Request, session: Session, token: string, requestId: string | null): Promise<Response> {
  const etag = `"${(await sha256Hex(token)).slice(0, ETAG_DIGITS)}"`;
  const headers = {
    ...baseHeaders(requestId, MEDIA_TYPE),
    'cache-control': 'private, no-cache',
    vary: 'authorization',
    etag,
    'x-bitgate-revision': String(session.revision),
    'x-bitgate-age-ms': String(Math.round(session.ageMs)),
  };
  if (!isHeld(request.headers.get('if-none-match'), etag)) return new Response(token, { headers });
  return new Response(null, { status: 304, headers });
}

/** RFC 9110 §13.1.2: compared weakly. */
function isHeld(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag);
}
