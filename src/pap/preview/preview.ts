/**
 * An organization as it would be after a change, without writing anything: the publish itself, by the same compiler, into memory. Its pieces are
 * those that the publish after the commit stores; what it decides is what would be decided then.
 */
import { Manifest } from '../../core/snapshot/manifest.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { BitgateError, type Problem, sortProblems } from '../../core/terms/problem.ts';
import type { ControlTools } from '../control-ports.ts';
import type { RowChanges } from '../ports.ts';
import { type Before, RevisionCompiler } from '../publish/compile-revision.ts';
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

/**
 * Who would gain and lose what.
 * @returns undefined when nothing is published to compare with
 * @throws as `previewChanges`
 */
export async function previewAccess(tools: ControlTools, moment: Moment, changes: RowChanges): Promise<AccessDiff | undefined> {
  const { point } = await previewChanges(tools, moment, changes);
  return moment.point === null ? undefined : accessDiff(piecesOf(tools, moment.point.snapshot), point, moment.now);
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
