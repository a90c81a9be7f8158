/** All benchmarks by name, in the order in which they run. */

import { benchAllocations } from './allocations/allocations.ts';
import { benchBatch } from './batch/batch.ts';
import type { Bench } from './bench.ts';
import { benchBundle } from './bundle/bundle.ts';
import { benchCheckOverHttp } from './check-http.ts';
import { benchCold } from './cold/cold.ts';
import { benchDecisionsTable } from './core/decisions.ts';
import { benchExplanationsTable } from './core/explanations.ts';
import { benchListTable } from './list/list.ts';
import { benchScopesTable } from './list/scopes.ts';
import { benchMillion } from './million/million.ts';
import { benchCerbos } from './peers/cerbos.ts';
import { benchPeers } from './peers/peers.ts';
import { benchPreviewTable } from './preview/preview.ts';
import { benchPublishing } from './publish/bench.ts';

export const BENCHES: Readonly<Record<string, Bench>> = {
  decisions: benchDecisionsTable,
  peers: benchPeers,
  explain: benchExplanationsTable,
  list: benchListTable,
  scopes: benchScopesTable,
  preview: benchPreviewTable,
  http: benchCheckOverHttp,
  batch: benchBatch,
  bundle: benchBundle,
  cold: benchCold,
  allocations: benchAllocations,
  publish: benchPublishing,
  million: benchMillion,
  cerbos: benchCerbos,
};

/** These take long, or aren't part of the summary: they run when they are asked for. */
export const BY_NAME_ALONE: ReadonlySet<string> = new Set(['million']);
