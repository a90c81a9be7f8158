/** What an organization sets for forward-auth, and what of it is sound: written, shown and read by these rules. */
import type { Json } from './json.ts';

export interface ForwardAuth {
  /** name of the cookie that holds the end user's credential; null: none is looked at */
  readonly cookie: string | null;
  /** where a browser is sent that brings no credential; null: nowhere */
  readonly sign_in_url: string | null;
  /** name of the query parameter that tells that page where to return to */
  readonly return_parameter: string;
}

export const FORWARD_AUTH_DEFAULTS: ForwardAuth = { cookie: null, sign_in_url: null, return_parameter: 'rd' };

/** RFC 6265 §4.1.1: a token (RFC 2616 §2.2). Names that begin with `$` are attributes in RFC 2965, and some servers read them so still */
const COOKIE = /^(?!\$)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const PARAMETER = /^[A-Za-z0-9_.-]{1,64}$/;
/** plain `http` for a page on the developer's own machine alone. No user, no fragment: a parameter is added behind it */
const SIGN_IN =
  /^(?:https:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?(?:\/[!$&'()*+,./:;=@_~%A-Za-z0-9-]*)?(?:\?[!$&'()*+,./:;=?@_~%A-Za-z0-9-]*)?$/;
const URL_CHARS = 2_048;

export const soundForwardAuth: { readonly [key in keyof ForwardAuth]: (text: string) => boolean } = {
  cookie: (text) => COOKIE.test(text),
  sign_in_url: (text) => text.length <= URL_CHARS && SIGN_IN.test(text),
  return_parameter: (text) => PARAMETER.test(text),
};

/** Settings typed by hand may hold anything: what isn't sound is not set. */
export function readForwardAuth(value: Json | undefined): ForwardAuth {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return FORWARD_AUTH_DEFAULTS;
  const given = value as { readonly [key: string]: Json | undefined }; // an object, as just asked
  const read = <Key extends keyof ForwardAuth>(key: Key): string | ForwardAuth[Key] => {
    const text = given[key];
    return typeof text === 'string' && soundForwardAuth[key](text) ? text : FORWARD_AUTH_DEFAULTS[key];
  };
  return { cookie: read('cookie'), sign_in_url: read('sign_in_url'), return_parameter: read('return_parameter') };
}
