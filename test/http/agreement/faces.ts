/** All of them. */
import { actionSearch, evaluation, evaluations, resourceSearch, subjectSearch } from './authzen.ts';
import { bitmapFace } from './bitmap.ts';
import { atRevision, byAddress, inBatches, permuted } from './checks.ts';
import { explained, rpcExplain } from './explain.ts';
import type { Face } from './face.ts';
import { actions, listingFace, PAGE_LENGTHS, resources, subjects } from './lists.ts';
import { rpcBatch, rpcCheck } from './rpc.ts';
import { scopes } from './scopes.ts';

export const FACES: readonly Face[] = [
  byAddress,
  inBatches,
  permuted,
  atRevision,
  rpcCheck,
  rpcBatch,
  explained,
  rpcExplain,
  evaluation,
  evaluations,
  scopes,
  bitmapFace('GET /bitmap', false),
  bitmapFace('GET /bitmap with resources', true),
  ...[subjects, resources, actions, subjectSearch, resourceSearch, actionSearch].flatMap((listing) =>
    PAGE_LENGTHS.map((length) => listingFace(listing, length)),
  ),
];
