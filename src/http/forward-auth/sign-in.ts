/** Where a browser without a valid credential is sent, and how it comes back: never to a host that the organization's routes don't name. */
import type { ForwardAuth } from '../../core/terms/forward-auth.ts';
import { isLocalName } from '../common/identifier.ts';
import type { Original } from './original.ts';

/** A proxy keeps some 4 KiB of an answer's headers, and this is encoded: a longer address comes back without its query, or not at all. */
const RETURN_CHARS = 1_024;

/**
 * @param named the routes name this very host
 * @returns null: the organization has no such page
 */
export function signInUrl({ sign_in_url, return_parameter }: ForwardAuth, original: Original, named: boolean): string | null {
  if (sign_in_url === null) return null;
  const back = named ? returnTo(original) : null;
  if (back === null) return sign_in_url;
  return `${sign_in_url}${sign_in_url.includes('?') ? '&' : '?'}${return_parameter}=${encodeURIComponent(back)}`;
}

function returnTo({ scheme, host, sentHost, raw }: Original): string | null {
  const origin = `${scheme ?? (isLocalName(host) ? 'http' : 'https')}://${sentHost}`;
  const [path = ''] = raw.split('?', 1);
  return [raw, path, '/'].map((rest) => origin + rest).find((url) => url.length <= RETURN_CHARS) ?? null;
}

/** Goes there by itself, without a script; a person can, too. */
export function signInPage(url: string): string {
  const to = escaped(url);
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>' +
    `<meta http-equiv="refresh" content="0;url=${to}"><p><a href="${to}">Sign in</a></p></html>`
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
