/** A strict reader of Prometheus' text form 0.0.4: whatever a scraper might refuse or read in two ways is an error. */

export interface Family {
  readonly type: string;
  readonly help: string;
  /** by name and labels, as they are written: `name{a="b"}` */
  readonly samples: Map<string, { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }>;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|\+Inf|NaN)$/;
const LABEL = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?=.)|$)/;
const SUFFIXES = ['_bucket', '_sum', '_count'];

/** @throws Error that names the line */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  let help: { readonly name: string; readonly text: string } | undefined;
  let current: { readonly name: string; readonly family: Family } | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const told = /^# HELP ([a-zA-Z_:][\w:]*) ((?:[^\\]|\\[\\n])+)$/.exec(line);
    const typed = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/.exec(line);
    if (told !== null) help = { name: told[1]!, text: told[2]! };
    else if (typed !== null) {
      const [, name = '', type = ''] = typed;
      if (help?.name !== name || families.has(name)) throw new Error(`no help right before it, or twice: ${line}`);
      if (type === 'counter' && !name.endsWith('_total')) throw new Error(`a counter ends in _total: ${line}`);
      current = { name, family: { type, help: help.text, samples: new Map() } };
      families.set(name, current.family);
    } else addSample(line, current);
  }
  for (const [name, family] of families) if (family.type === 'histogram') proveHistogram(name, family);
  return families;
}

function addSample(line: string, current: { readonly name: string; readonly family: Family } | undefined): void {
  const match = SAMPLE.exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const [, name = '', labels = '', value = ''] = match;
  const names = current?.family.type === 'histogram' ? SUFFIXES.map((suffix) => current.name + suffix) : [current?.name];
  if (current === undefined || !names.includes(name)) throw new Error(`not below its family: ${line}`);
  const key = `${name}{${labels}}`;
  if (current.family.samples.has(key)) throw new Error(`twice: ${line}`);
  if (current.family.type !== 'gauge' && Number(value) < 0) throw new Error(`below nothing: ${line}`);
  current.family.samples.set(key, { name, labels: parseLabels(labels, line), value: Number(value) });
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== ''; ) {
    const [whole, name = '', value = ''] = LABEL.exec(rest) ?? [];
    if (whole === undefined || name in labels) throw new Error(`no labels: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));
    rest = rest.slice(whole.length);
  }
  return labels;
}

function proveHistogram(name: string, { samples }: Family): void {
  const all = [...samples.values()];
  const buckets = all.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => (labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le)));
  const ascending = (values: readonly number[], strictly: boolean): boolean =>
    values.every((value, i) => i === 0 || (strictly ? value > values[i - 1]! : value >= values[i - 1]!));
  const count = all.find((sample) => sample.name === `${name}_count`)?.value;
  const whole =
    bounds.at(-1) === Number.POSITIVE_INFINITY && buckets.at(-1)?.value === count && all.some((each) => each.name === `${name}_sum`);
  if (
    !whole ||
    !ascending(bounds, true) ||
    !ascending(
      buckets.map(({ value }) => value),
      false,
    )
  )
    throw new Error(`no histogram: ${name}`);
}

/** The value of the sample that has all these labels, others beside; 0 without one. */
export function sampleOf(
  families: Map<string, Family>,
  family: string,
  labels: Readonly<Record<string, string>> = {},
  name = family,
): number {
  const samples = [...(families.get(family)?.samples.values() ?? [])];
  const found = samples.filter((each) => each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value));
  if (found.length > 1) throw new Error(`${found.length} samples of \`${family}\` have these labels`);
  return found[0]?.value ?? 0;
}
