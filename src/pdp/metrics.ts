/** What the data plane of one isolate counts about itself. An alarm is a thing that must never be and that somebody should look at. */
import { log } from '../log.ts';

export class Metrics {
  /** pieces that were not what their names say, pointers that went backwards, snapshots that could not be loaded */
  alarms = 0;
  /** the newest alarm, for people; holds ids and hashes, never a secret */
  lastAlarm = '';
  /** refreshes that were begun */
  refreshes = 0;
  /** refreshes that confirmed nothing */
  refreshFailures = 0;
  /** pieces taken from KV */
  piecesFromKv = 0;
  /** pieces taken from the Publisher */
  piecesFromPublisher = 0;
  /** pieces dropped to stay below the limit */
  evictions = 0;
  /** sampled decisions that were decided a second time, from the rows, at the same revision */
  doubleCompared = 0;
  /** sampled decisions that were not: the rows had moved on, were too many, or another one was under way */
  doubleSkipped = 0;
  /** of those compared, the ones that the rows decide otherwise; each is an alarm */
  doubleMismatched = 0;
  /** sampled decisions whose rows couldn't be read */
  doubleFailed = 0;

  alarm(what: string): void {
    this.alarms++;
    this.lastAlarm = what;
    log('error', 'alarm', { message: what });
  }
}
