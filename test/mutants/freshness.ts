/** Planted faults in the bounds of freshness: what an isolate may answer from, and when it must ask. */
import type { Mutant } from '../../scripts/lib/mutant.ts';

const SENTENCES = ['test/pdp/freshness.test.ts'];
const WANTS = ['test/pdp/wants.test.ts'];
const PROPERTIES = ['test/pdp/bounds.test.ts'];
const ENEMY = ['test/pdp/new-enemy.test.ts'];

export const freshnessMutants: readonly Mutant[] = [
  {
    name: 'freshness: KV lowers the age',
    file: 'src/pdp/refresh.ts',
    edits: [{ find: '    if (organization.confirmedAt === Number.NEGATIVE_INFINITY) {\n', replace: '    {\n' }],
    tests: PROPERTIES,
  },
  {
    name: 'freshness: a cold isolate takes what KV has for new',
    file: 'src/pdp/refresh.ts',
    edits: [{ find: 'this.#surroundings.now() - this.#bounds.kvStartAgeMs;', replace: 'this.#surroundings.now();' }],
    tests: PROPERTIES,
  },
  {
    name: 'freshness: an isolate goes back',
    file: 'src/pdp/refresh.ts',
    edits: [
      { find: '    if (pointer.revision < organization.floor) return false;\n', replace: '' },
      { find: '      if (snapshot.revision < organization.floor) return false;\n', replace: '' },
      { find: ' && pointer.revision <= organization.floor) return;', replace: ' && pointer.revision === organization.floor) return;' },
    ],
    tests: PROPERTIES,
  },
  {
    name: 'freshness: an answer counts from when it came',
    file: 'src/pdp/refresh.ts',
    edits: [{ find: 'confirm(organization, sentAt,', replace: 'confirm(organization, this.#surroundings.now(),' }],
    tests: PROPERTIES,
  },
  {
    name: 'freshness: time in the location cache not counted',
    file: 'src/pdp/refresh.ts',
    edits: [{ find: 'Math.min(shared.confirmedAt, now)', replace: 'now' }],
    tests: PROPERTIES,
  },
  {
    name: 'freshness: an old try that fails speaks for the source',
    file: 'src/pdp/refresh.ts',
    edits: [{ find: 'if (organization.confirmedAt < began) ', replace: '' }],
    tests: SENTENCES,
  },
  {
    name: 'freshness: a failed try remembered for 10 s',
    file: 'src/pdp/freshness.ts',
    edits: [
      {
        find: '      isRecent(failedAt, now, this.#bounds.refusalMs) ||\n      (organization.busy(now, this.#bounds.refreshPatienceMs) && ',
        replace: '      isRecent(failedAt, now, this.#bounds.refusalMs) ||\n      (',
      },
    ],
    tests: SENTENCES,
  },
  {
    name: 'freshness: old knowledge answers for ever',
    file: 'src/pdp/freshness.ts',
    edits: [{ find: '    if (age > bounds.maxStaleMs)\n', replace: '    if (age > Number.MAX_VALUE)\n' }],
    tests: PROPERTIES,
  },
  {
    name: 'freshness: min_revision ignored',
    file: 'src/pdp/freshness.ts',
    edits: [
      { find: '    if (want.minRevision !== undefined && want.minRevision > organization.floor) return false;\n', replace: '' },
      { find: 'if (want.minRevision !== undefined && want.minRevision > revision) {', replace: 'if (snapshot === null) {' },
    ],
    tests: ENEMY,
  },
  {
    name: 'freshness: min_revision asks the location cache',
    file: 'src/pdp/freshness.ts',
    edits: [{ find: '  if (want.minRevision !== undefined) return 0;\n', replace: '' }],
    tests: WANTS,
  },
  {
    name: 'freshness: a revision that is not there asked for again and again',
    file: 'src/pdp/freshness.ts',
    edits: [{ find: 'return minRevision >= organization.refusedFrom && ', replace: 'return minRevision < organization.refusedFrom && ' }],
    tests: WANTS,
  },
  {
    name: 'freshness: max_age_ms ignored',
    file: 'src/pdp/freshness.ts',
    edits: [
      { find: 'return want.maxAgeMs >= this.#bounds.minimumMaxAgeMs && organization.age(now) <= want.maxAgeMs;', replace: 'return true;' },
      { find: ' || this.#youngEnough(organization, want.maxAgeMs, now, begun)) return undefined;', replace: ' || true) return undefined;' },
    ],
    tests: PROPERTIES,
  },
  {
    name: 'freshness: a Publisher that is behind counts as new',
    file: 'src/pdp/organization.ts',
    edits: [
      { find: 'this.behindSince === null ? this.confirmedAt : Math.min(this.confirmedAt, this.behindSince)', replace: 'this.confirmedAt' },
    ],
    tests: SENTENCES,
  },
  {
    name: 'freshness: bounds of the organization ignored',
    file: 'src/pdp/snapshot-cache.ts',
    edits: [
      {
        find: '    organization.bounds = boundsOf(catalog.settings, this.#defaults);\n',
        replace: '    boundsOf(catalog.settings, this.#defaults);\n',
      },
    ],
    tests: WANTS,
  },
  {
    name: 'freshness: KV’s lateness paid for each piece',
    file: 'src/pdp/load-snapshot.ts',
    edits: [{ find: 'surroundings.now() - began >= bounds.hedgeMs', replace: 'surroundings.now() < began' }],
    tests: SENTENCES,
  },
  {
    name: 'freshness: a miss in KV is an answer',
    file: 'src/pdp/pieces.ts',
    edits: [
      {
        find: '  if (early !== LATE && early !== undefined) {\n',
        replace: "  if (early === undefined) throw new PieceUnavailable('not in KV');\n  if (early !== LATE) {\n",
      },
    ],
    tests: PROPERTIES,
  },
];
