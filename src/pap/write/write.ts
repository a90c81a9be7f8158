/**
 * The one way in which the control plane writes: decide at a revision, commit only if it is still that one, else decide again; then publish.
 * So whatever was read before a write (rights, last owner, names) holds at its commit. What every write has to keep is guarded here, for all
 * routes alike; a use case adds what is its own.
 */
import { BitgateError } from '../../core/terms/problem.ts';
import type { ControlTools } from '../control-ports.ts';
import { outdated } from '../gate/find-proposal.ts';
import { diffHashOf, gateOf } from '../gate/gate.ts';
import { propose } from '../gate/propose.ts';
import type { GateReason, ProposalRow } from '../gate/rows.ts';
import type { AuditEntry, BesideChanges, RowChanges } from '../ports.ts';
import type { AccessDiff } from '../preview/access.ts';
import { tryChanges } from '../preview/preview.ts';
import type { OwnChange } from '../rights/own-rights.ts';
import { changeOf, completeChanges } from './complete.ts';
import { guardWrite } from './guard.ts';
import { type Moment, openMoment, type Writer } from './moment.ts';

const ATTEMPTS = 5;
/** between two attempts, multiplied by the attempt and a random part */
const PAUSE_MS = 40;
/** a publish that takes longer goes on behind the answer */
const PUBLISH_WAIT_MS = 5_000;

/** What an attempt decided. */
export interface Decided<T> {
  /** null: it is so already */
  readonly changes: RowChanges | null;
  readonly audit: Omit<AuditEntry, 'actor' | 'requestId'>;
  readonly value: T;
  /** the writer changes what is its own, in a way in which everybody may */
  readonly own?: OwnChange | undefined;
  /** counts only where `changes` isn't null; `{}` there for nothing else */
  readonly beside?: BesideChanges | undefined;
  /** it was proposed, with this diff hash, and is confirmed now: it passes the gate if it still comes to the same */
  readonly confirms?: string | undefined;
}

export interface Written<T> {
  readonly value: T;
  /** of a dry run: whether the write would change anything */
  readonly changed: boolean;
  /** the revision that shows it */
  readonly revision: number;
  /** that revision, or a later one, is what is served now */
  readonly published: boolean;
  /** of a dry run: who would gain and lose what */
  readonly access?: AccessDiff | undefined;
  /** of a dry run: why it would have to be confirmed; absent: it would be written at once */
  readonly gated?: readonly GateReason[] | undefined;
  /** present: nothing of it was written, since a second administrator has to confirm it */
  readonly proposal?: ProposalRow | undefined;
}

/** `wait`: the answer comes after the publish; `async`: before it; `dry_run`: everything is decided and nothing written. */
export type PublishMode = 'wait' | 'async' | 'dry_run';

/**
 * @param decide called again, at a newer revision, when somebody else wrote in between
 * @throws BitgateError `revision_moved` (409) when that happened too often; and what `decide` throws
 * @throws BitgateError `proposal_too_large` (422), `proposal_outdated` (409): see `gate/`
 */
export async function write<T>(
  tools: ControlTools,
  writer: Writer,
  mode: PublishMode,
  decide: (moment: Moment) => Promise<Decided<T>>,
): Promise<Written<T>> {
  return attempts(tools, () => attemptWrite(tools, writer, mode, decide));
}

/**
 * Again, with pauses, as long as somebody else writes in between.
 * @throws BitgateError `revision_moved` (409) when that happened too often
 */
export async function attempts<T>(tools: Pick<ControlTools, 'sleep' | 'fill'>, attemptOnce: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce();
    } catch (error) {
      if (!(error instanceof BitgateError && error.code === 'revision_moved') || attempt === ATTEMPTS) throw error;
    }
    await tools.sleep(PAUSE_MS * attempt * random(tools));
  }
}

async function attemptWrite<T>(
  tools: ControlTools,
  writer: Writer,
  mode: PublishMode,
  decide: (moment: Moment) => Promise<Decided<T>>,
): Promise<Written<T>> {
  const moment = await openMoment(tools, writer);
  const { changes: decided, audit, value, own, beside, confirms } = await decide(moment);
  const still = { value, revision: moment.revision, published: moment.point !== null };
  if (decided === null) return { ...still, changed: false };
  const changes = await completeChanges(tools.companions, decided);
  const trial = tryChanges(tools, moment, changes);
  await guardWrite(tools, moment, changes, own, trial);
  // What was proposed was complete: what hangs on it now was not there then.
  if (confirms !== undefined && (rowsIn(changes) !== rowsIn(decided) || (await diffHashOf(tools, trial)) !== confirms)) throw outdated();
  const gate = confirms === undefined ? await gateOf(tools, moment, { action: audit.action, changes }, trial) : null;
  if (mode === 'dry_run') return { ...still, changed: true, access: (await trial.access())?.diff, gated: gate?.reasons };
  if (gate !== null) return { ...still, changed: true, proposal: await propose(tools, moment, gate, { changes, beside, audit }) };
  const entry = { ...audit, actor: writer.actor, requestId: writer.requestId };
  const { revision } = await tools.writer.apply(moment.revision, changes, entry, moment.now, beside);
  return { value, changed: true, revision, published: await publishWritten(tools, revision, mode) };
}

function rowsIn(changes: RowChanges): number {
  // `as`: the keys of a literal of tables.
  const counts = (Object.keys(changes) as (keyof RowChanges)[]).map((table) => {
    const { insert, update, delete: gone } = changeOf(changes, table);
    return insert.length + update.length + gone.length;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

function random(tools: Pick<ControlTools, 'fill'>): number {
  const byte = new Uint8Array(1);
  tools.fill(byte);
  return (byte[0] ?? 0) / 256;
}

/** Never throws: what is written is written, whatever becomes of its publication. The sweep makes up for it. */
export async function publishWritten(tools: ControlTools, revision: number, mode: PublishMode): Promise<boolean> {
  const publish = publishAndOpen(tools, revision).catch(() => false);
  tools.later(publish);
  if (mode === 'async') return false;
  return Promise.race([publish, tools.sleep(PUBLISH_WAIT_MS).then(() => false)]);
}

/** Opening it at once lets this isolate's next answer show what was written. */
async function publishAndOpen(tools: ControlTools, revision: number): Promise<boolean> {
  const report = await tools.publisher.publish();
  if (report.revision < revision) return false;
  await tools.open(revision).catch(() => undefined);
  return true;
}
