/** Who asks over a service binding: the API key or the end user's token that comes with the call, else the subject that the binding's `props` name. */
import { invalidCredentials } from '../authn/authorization.ts';
import { looksLikeJwt } from '../authn/tokens.ts';
import type { Json } from '../core/terms/json.ts';
import { LIMITS } from '../core/terms/limits.ts';
import { BitgateError } from '../core/terms/problem.ts';
import { parseRef } from '../core/terms/ref.ts';
import { type Asking, type BoundClaim, type CheckServices, type Entry, enterBound, enterWith } from '../http/common/checks/entry.ts';
import { isOrganizationId, unknownOrganization } from '../http/common/organization.ts';
import type { RequestLife } from '../pdp/ports.ts';
import { readValue } from './values.ts';

/** A caller that may ask, and the organization that its binding names. */
export interface Caller {
  readonly entry: Entry;
  readonly named: string | null;
}

/**
 * @param props of the binding, as whoever configured it wrote them
 * @param given what came beside the question
 * @throws BitgateError `missing_credentials`, `invalid_credentials` (401), `missing_privilege` (403), `unknown_organization` (404);
 *   `invalid_props`, `invalid_options` (400)
 */
export async function callerOf(
  services: CheckServices,
  props: unknown,
  given: unknown,
  life: RequestLife,
  needs: readonly Asking[],
): Promise<Caller> {
  const bound = boundBy(props);
  const { key, token, organization } = optionsOf(given);
  const named = bound?.organization ?? organization ?? null;
  if (organization !== undefined && organization !== named) throw unknownOrganization(organization);
  const credential = key ?? token;
  if (credential !== undefined) {
    if (token !== undefined && !looksLikeJwt(token)) throw invalidCredentials();
    return { entry: await enterWith(services, `Bearer ${credential}`, named, life, needs), named };
  }
  if (bound === null) {
    const message =
      'give the whole token of an API key as `key`, or of an end user as `token`, or name `organization` and `subject` in the `props` of the binding';
    throw new BitgateError('missing_credentials', 401, message);
  }
  return { entry: await enterBound(services, bound, life, needs), named };
}

/** Null when they name nobody: a binding without `props` has empty ones. */
function boundBy(props: unknown): BoundClaim | null {
  const read = readValue(props, LIMITS.checkBodyBytes);
  if (read === undefined || (isObject(read) && Object.keys(read).length === 0)) return null;
  const { organization, subject, ...others } = isObject(read) ? read : {};
  const whole = Object.keys(others).length === 0 && typeof organization === 'string' && isOrganizationId(organization);
  if (!whole || typeof subject !== 'string') throw invalid('props', '`organization`, its id, and `subject`, as `type:id`');
  return { root: false, organization, subject: parseRef(subject) };
}

interface Options {
  readonly key?: string | undefined;
  readonly token?: string | undefined;
  readonly organization?: string | undefined;
}

function optionsOf(given: unknown): Options {
  const read = readValue(given, LIMITS.checkBodyBytes);
  if (read === undefined) return {};
  const { key, token, organization, ...others } = isObject(read) ? read : { others: read };
  const whole =
    Object.keys(others).length === 0 && (key === undefined || token === undefined) && (organization === undefined || token !== undefined);
  if (whole && isText(key) && isText(token) && isText(organization)) return { key, token, organization };
  throw invalid(
    'options',
    '`key`, the whole token of an API key, or `token`, a JWT of an end user, with the `organization` that it is for',
  );
}

function isText(value: Json | undefined): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function invalid(what: string, holds: string): BitgateError {
  return new BitgateError(`invalid_${what}`, 400, `the ${what} hold nothing but ${holds}`);
}

function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
