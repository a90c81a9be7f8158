/** `settings.forward_auth`: a cookie's name, a page to sign in at, and what tells that page where to return to. */
import { type ForwardAuth, soundForwardAuth } from '../../../core/terms/forward-auth.ts';
import { type Problems, quote } from '../problems.ts';
import type { SettingsItem } from '../settings-schema.ts';

const EXPECTED: { readonly [key in keyof ForwardAuth]: string } = {
  cookie: 'the name of a cookie (RFC 6265), at most 128 characters, not beginning with `$`',
  sign_in_url: 'an `https` URL without user and fragment, at most 2048 characters (`http` for `localhost` alone)',
  return_parameter: 'the name of a query parameter: at most 64 letters, digits, `_`, `.` and `-`',
};

export function checkForwardAuth(item: NonNullable<SettingsItem['forward_auth']>, problems: Problems): void {
  for (const key of ['cookie', 'sign_in_url', 'return_parameter'] as const) {
    const text = item[key];
    if (text === undefined || text === null || soundForwardAuth[key](text)) continue;
    problems.add('invalid_value', `settings.forward_auth.${key}`, `${quote(text)} is not ${EXPECTED[key]}`);
  }
}
