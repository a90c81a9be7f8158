/**
 * An organization as it would be after a change, without writing anything: the publish itself, by the same compiler, into memory. Its pieces are
 * those that the publish after the commit stores; what it decides is what would be decided then.
 */
import { Manifest } from '../../core/snapshot/manifest.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError, type Problem, sortProblems } from '../../core/terms/problem.ts';
import type { ControlTools } from '../control-ports.ts';
import type { RowChanges } from '../ports.ts';
import { RevisionCompiler } from '../publish/compile-revision.ts';
import type { Before } from '../publish/draft.ts';
import { Unpublishable } from '../publish/ports.ts';
import { type Moment, publisherUnavailable, revisionMoved } from '../write/moment.ts';
import { type AccessDiff, accessDiff } from './access.ts';
import { OverlayReader } from './overlay-reader.ts';
import { PreviewPieces } from './preview-pieces.ts';
import { catalogOf, PieceDecisionPoint } from './preview-point.ts';
import type { LeafPoint } from './side.ts';
import type { Touched } from './touched.ts';

/** problems that an error lists */
const LISTED_PROBLEMS = 100;

export interface Preview {
  /** decides as after the change */
  readonly point: LeafPoint;
  /** what the change touches, as the log will say */
  readonly touched: Touched;
  /** rows that would be left out, since they can't be read; of a change that touches few things, those of these things alone */
  readonly problems: readonly Problem[];
}

/**
 * @param changes complete: with the rows that triggers register or delete along
 * @throws BitgateError `unpublishable` (422) when nothing could be published after the change, `details.problems` saying why; 409 when nothing can be
 *   published now either, so that it may not be the change's fault
 * @throws BitgateError `preview_too_large` (413); `revision_moved` (409) when somebody wrote since the moment; `publisher_unavailable` (503)
 */
export async function previewChanges(tools: ControlTools, moment: Moment, changes: RowChanges): Promise<Preview> {
  const before = await publishedAt(tools, moment);
  const source = tools.preview;
  const pieces = new PreviewPieces(source, new Set(before?.manifest.pieces()));
  const reader = new OverlayReader(tools.reader, source, moment.revision, changes);
  const compiler = new RevisionCompiler(tools.organization, reader, pieces, {
    sha256: (bytes) => source.sha256(bytes),
    pause: () => tools.sleep(0),
  });
  try {
    const compiled = await compiler.compile(before, false);
    if (compiled === null) throw new Error('a preview always gives the next revision');
    const manifest = new Manifest(await pieces.load(compiled.manifest));
    const held = moment.point?.snapshot;
    const point = new PieceDecisionPoint(manifest, await catalogOf(manifest, pieces, held), pieces, held);
    return { point, touched: reader.touched, problems: sortProblems(compiled.problems.flatMap(({ problems }) => problems)) };
  } catch (error) {
    throw error instanceof Unpublishable ? unpublishable(error.problems, moment.point === null) : error;
  }
}

/** A change tried once, for all who ask about it. Each method throws as `previewChanges`. */
export interface Trial {
  /** decides as after the change */
  after(): Promise<LeafPoint>;
  /** Who would gain and lose what. @returns undefined when nothing is published to compare with */
  access(): Promise<TriedAccess | undefined>;
}

export interface TriedAccess {
  readonly diff: AccessDiff;
  /** sensitive or not, each privilege that somebody gains */
  readonly gained: ReadonlySet<string>;
  /** those who lose anything: subjects, and groups by id */
  readonly losers: ReadonlySet<string>;
  readonly before: LeafPoint;
}

/** Nothing is computed until it is asked for. */
export function tryChanges(tools: ControlTools, moment: Moment, changes: RowChanges): Trial {
  let point: Promise<LeafPoint> | null = null;
  let access: Promise<TriedAccess | undefined> | null = null;
  const after = (): Promise<LeafPoint> => {
    point ??= previewChanges(tools, moment, changes).then((previewed) => previewed.point);
    return point;
  };
  const compare = async (): Promise<TriedAccess | undefined> => {
    const is = await after();
    if (moment.point === null) return undefined;
    const before = piecesOf(tools, moment.point.snapshot);
    const gained = new Set<string>();
    const losers = new Set<string>();
    const diff = await accessDiff(before, is, moment.now, LIMITS.accessChanges, ({ change, principal, privilege }) => {
      if (change === 'gained') gained.add(privilege);
      else losers.add(principal);
    });
    return { diff, gained, losers, before };
  };
  return {
    after,
    access: () => {
      access ??= compare();
      return access;
    },
  };
}

/** A published revision, leaf by leaf. */
function piecesOf({ preview }: ControlTools, snapshot: Snapshot): LeafPoint {
  return new PieceDecisionPoint(snapshot.manifest, snapshot.catalog, preview, snapshot);
}

/**
 * What the compile starts from; null: it reads everything. Only the Publisher knows whether rows were skipped in the leaves, so it is asked: it has
 * nothing to publish.
 */
async function publishedAt(tools: ControlTools, { point, revision }: Moment): Promise<Before | null> {
  if (point === null) return null;
  try {
    const report = await tools.publisher.publish();
    if (report.revision !== revision) throw revisionMoved();
    const { manifest, catalog } = point.snapshot;
    return { manifest, catalog, skipped: report.problem_count > 0 };
  } catch (error) {
    throw error instanceof BitgateError ? error : publisherUnavailable(error);
  }
}

function unpublishable(problems: readonly Problem[], already: boolean): BitgateError {
  const message = already
    ? 'the organization can not be published as it is, nor after this change'
    : 'after this change the organization could not be published';
  return new BitgateError('unpublishable', already ? 409 : 422, `${message}: ${problems[0]?.message ?? 'rows can not be read'}`, {
    problems: problems.slice(0, LISTED_PROBLEMS),
    problem_count: problems.length,
  });
}
