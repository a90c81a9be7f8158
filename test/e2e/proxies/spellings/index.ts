/**
 * Requests that must not reach an upstream. Each comes from a user who may do one thing, `GET /reports/q1`, and not what the request might
 * be taken for; or asks for that one thing in a spelling that two servers could read in two ways; or with credentials that aren't.
 */
import { CREDENTIAL_SPELLINGS } from './credentials.ts';
import { FRAMING_SPELLINGS } from './framing.ts';
import { HOST_SPELLINGS } from './hosts.ts';
import { METHOD_SPELLINGS, PERSUASION_SPELLINGS } from './persuasions.ts';
import type { Spelling } from './request.ts';
import { TARGETS } from './targets.ts';

export const SPELLINGS: readonly Spelling[] = [
  ...TARGETS,
  ...METHOD_SPELLINGS,
  ...PERSUASION_SPELLINGS,
  ...CREDENTIAL_SPELLINGS,
  ...HOST_SPELLINGS,
  ...FRAMING_SPELLINGS,
];
