/** Prometheus' text form, version 0.0.4. Says nothing of what is counted. */

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly value: number;
  readonly labels?: Labels;
}

export class Exposition {
  readonly #common: Labels;
  #text = '';

  /** @param common labels of every sample of `family` and `histogram` */
  constructor(common: Labels) {
    this.#common = common;
  }

  get text(): string {
    return this.#text;
  }

  /** A metric and its samples; those of the whole deployment, not of this isolate, carry no common labels. */
  family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[], whole = false): void {
    this.#head(name, type, help);
    for (const { labels, value } of samples) this.#sample(name, whole ? { ...labels } : { ...this.#common, ...labels }, value);
  }

  /**
   * @param bounds upper ones, ascending
   * @param counts of each bound by itself, then beyond all
   */
  histogram(name: string, help: string, bounds: readonly number[], counts: ArrayLike<number>, sum: number): void {
    this.#head(name, 'histogram', help);
    let below = 0;
    for (let i = 0; i <= bounds.length; i++) {
      below += counts[i] ?? 0;
      this.#sample(`${name}_bucket`, { ...this.#common, le: i < bounds.length ? String(bounds[i]) : '+Inf' }, below);
    }
    this.#sample(`${name}_sum`, this.#common, sum);
    this.#sample(`${name}_count`, this.#common, below);
  }

  #head(name: string, type: string, help: string): void {
    this.#text += `# HELP ${name} ${help.replace(/[\\\n]/g, escaped)}\n# TYPE ${name} ${type}\n`;
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text.replace(/[\\"\n]/g, escaped)}"`);
    this.#text += `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
  }
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
