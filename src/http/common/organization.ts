/** The id of an organization in addresses and bodies. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';

const FORM = new RegExp(`^[a-z0-9-]{1,${LIMITS.organizationIdChars}}$`);

export const organizationId = lazy(() =>
  z.string().regex(FORM, `an organization's id has 1 to ${LIMITS.organizationIdChars} small letters, digits and hyphens`),
);

/** True for what may be the id of an organization. */
export function isOrganizationId(text: string): boolean {
  return FORM.test(text);
}

/** Also what a key of another organization is told: whether there is such an organization is none of its business. */
export function unknownOrganization(id: string): BitgateError {
  return new BitgateError('unknown_organization', 404, `there is no organization \`${id.slice(0, LIMITS.organizationIdChars)}\``, {
    reason: 'unknown_organization',
  });
}
