/** How far something has come: one line that is written over on a terminal, plain lines elsewhere. */

export interface Progress {
  readonly lines: number;
  /** 0 to 1; null: nobody knows how much there is */
  readonly share: number | null;
}

const BAR = 24;
/** between two plain lines */
const PLAIN_EVERY_MS = 5_000;

export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #now: () => number;
  #start: number;
  #first: Progress = { lines: 0, share: 0 };
  #written = Number.NEGATIVE_INFINITY;

  /** @param now ms */
  constructor(stream: NodeJS.WriteStream, now: () => number) {
    this.#stream = stream;
    this.#now = now;
    this.#start = now();
  }

  /** From here on time counts; what was done before took none of it. */
  begin(at: Progress): void {
    this.#first = at;
    this.#start = this.#now();
  }

  show(progress: Progress): void {
    const text = progressText(progress, this.#first, (this.#now() - this.#start) / 1_000);
    if (this.#stream.isTTY) this.#stream.write(`\r\u001b[K${text}`);
    else if (this.#now() - this.#written >= PLAIN_EVERY_MS) {
      this.#written = this.#now();
      this.#stream.write(`${text}\n`);
    }
  }

  /** A line of its own; the progress goes on below it. */
  say(text: string): void {
    this.#stream.write(this.#stream.isTTY ? `\r\u001b[K${text}\n` : `${text}\n`);
  }
}

/** @param first where it began: what was done before took none of the time */
export function progressText({ lines, share }: Progress, first: Progress, seconds: number): string {
  const rate = seconds > 0 ? (lines - first.lines) / seconds : 0;
  const parts = [`${lines.toLocaleString('en')} lines`, `${Math.round(rate).toLocaleString('en')}/s`];
  if (share === null) return parts.join(', ');
  const full = Math.floor(share * BAR);
  const done = share - (first.share ?? 0);
  if (done > 0 && share < 1) parts.push(`${timeText((seconds / done) * (1 - share))} left`);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${String(Math.floor(share * 100)).padStart(3)} %  ${parts.join(', ')}`;
}

function timeText(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
