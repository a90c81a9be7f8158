import { describe, expect, it } from 'vitest';
import { type Figure, roundsOf } from '../../../scripts/bench/bench.ts';
import { BENCHES, BY_NAME_ALONE } from '../../../scripts/bench/benches.ts';
import { parseArguments } from '../../../scripts/bench/report/arguments.ts';
import { GOALS, type Goal } from '../../../scripts/bench/report/goals.ts';
import { runJson } from '../../../scripts/bench/report/json.ts';
import { machine, versions } from '../../../scripts/bench/report/machine.ts';
import { judge, NOT_RUN, summaryMarkdown, summaryText } from '../../../scripts/bench/report/summary.ts';
import { count, median, middle, ratio, shown } from '../../../scripts/bench/statistics.ts';

const baseline = { what: 'a Map', value: 500, ratio: 1.4 };
const figures: readonly Figure[] = [
  { id: 'rate', what: 'decisions', value: 700, unit: '/s', baseline, rounds: 3 },
  { id: 'size', what: 'bytes', value: 16, unit: 'B', rounds: 1 },
  { id: 'cpu', what: 'CPU', value: null, unit: 'ms', rounds: 1 },
];

describe('the arithmetic of figures', () => {
  it('takes the middle of odd counts and the mean of the two middle ones of even counts', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), middle([9])]).toEqual([2, 2.5, 9]);
  });

  it('knows no median when a value is missing', () => {
    expect([median([1, null]), median([])]).toEqual([null, null]);
    expect(() => middle([])).toThrow('a median of nothing');
  });

  it('takes ratios within a round, and none to nothing', () => {
    expect(ratio([10, 20, 90], [20, 40, 90])).toBe(0.5);
    expect([ratio([10], [0]), ratio([10], [null]), ratio([10, 20], [5])]).toEqual([null, null, null]);
  });

  it('shows three digits of small numbers and all of large ones', () => {
    expect([count(1_234_567.4), shown(1_234.5), shown(12.345), shown(0.001234), shown(0), shown(null)]).toEqual([
      '1 234 567',
      '1 235',
      '12.3',
      '0.00123',
      '0',
      '',
    ]);
  });

  it('has few rounds when a benchmark is only tried out', () => {
    expect([roundsOf({ quick: false }, 9), roundsOf({ quick: true }, 9), roundsOf({ quick: true }, 1)]).toEqual([9, 2, 1]);
  });
});

describe('the summary', () => {
  const judged = (goal: Goal): boolean | null => judge([goal], figures)[0]!.reached;

  it('says that a goal is reached at its bound, and not beyond', () => {
    expect(judged({ figure: 'size', of: 'value', atMost: 16 })).toBe(true);
    expect(judged({ figure: 'size', of: 'value', atMost: 15.9 })).toBe(false);
    expect(judged({ figure: 'rate', of: 'value', atLeast: 700 })).toBe(true);
    expect(judged({ figure: 'rate', of: 'value', atLeast: 701 })).toBe(false);
  });

  it('judges by the ratio where the goal is one', () => {
    expect(judged({ figure: 'rate', of: 'ratio', atLeast: 1.4 })).toBe(true);
    expect(judged({ figure: 'rate', of: 'ratio', atLeast: 1.5 })).toBe(false);
  });

  it('says of nothing unmeasured that it was reached', () => {
    expect(judge([{ figure: 'cpu', of: 'value', atMost: 1 }], figures)[0]).toMatchObject({ measured: 'not known', reached: null });
    expect(judge([{ figure: 'size', of: 'ratio', atMost: 1 }], figures)[0]).toMatchObject({ measured: 'not known', reached: null });
    expect(judge([{ figure: 'gone', of: 'value', atMost: 1 }], figures)[0]).toMatchObject({ measured: NOT_RUN, reached: null });
  });

  it('is a table for terminals, and one for documents', () => {
    const verdicts = judge(
      [
        { figure: 'rate', of: 'ratio', atLeast: 1.5 },
        { figure: 'size', of: 'value', atMost: 16 },
      ],
      figures,
    );
    expect(summaryMarkdown(verdicts)).toBe(
      [
        '| figure | target | measured | beside it | reached |',
        '|---|---|---|---|---|',
        '| decisions, to a Map | ≥ 1.5 × | 1.4 × | a Map: 500 /s | no |',
        '| bytes | ≤ 16 B | 16 B |  | yes |',
      ].join('\n'),
    );
    expect(summaryText(verdicts).split('\n')).toHaveLength(4);
  });

  it('has a bound in every goal, and one goal for each', () => {
    for (const { atLeast, atMost } of GOALS) expect(atLeast === undefined).not.toBe(atMost === undefined);
    expect(new Set(GOALS.map(({ figure, of }) => `${figure} ${of}`)).size).toBe(GOALS.length);
  });
});

describe('the figures as JSON', () => {
  it('come with the machine, the commit and the versions that they were measured with', () => {
    const run = {
      at: '2026-11-22T08:00:00.000Z',
      seconds: 9,
      quick: false,
      machine: machine(),
      versions: versions(),
      benches: ['decisions'],
      figures,
      goals: judge([{ figure: 'rate', of: 'ratio', atLeast: 1 }], figures),
      failures: [{ bench: 'peers', message: 'no network' }],
    };
    const read = JSON.parse(runJson(run));
    expect(read).toEqual(run);
    expect(read.versions).toMatchObject({ node: process.versions.node, workerd: expect.stringMatching(/^1\.\d{8}\./) });
    expect(read.machine.cores).toBeGreaterThan(0);
  });
});

describe('the command line', () => {
  const parse = (...args: string[]): ReturnType<typeof parseArguments> => parseArguments(args, ['http', 'peers']);

  it('chooses by name, in any place', () => {
    expect(parse('http', '--quick', 'peers')).toEqual({ benches: ['http', 'peers'], quick: true, markdown: false, json: null });
    expect(parse()).toEqual({ benches: [], quick: false, markdown: false, json: null });
  });

  it('takes a file behind `--json`, which no benchmark is', () => {
    expect(parse('--json', 'out.json', 'http')).toMatchObject({ json: 'out.json', benches: ['http'] });
    expect(parse('--json', 'http')).toMatchObject({ json: '-', benches: ['http'] });
    expect(parse('--markdown', '--json')).toMatchObject({ json: '-', markdown: true });
  });

  it('refuses what it does not know', () => {
    expect(() => parse('htpt')).toThrow('no benchmark `htpt`: there are http, peers');
    expect(() => parse('--fast')).toThrow();
  });

  it('leaves to their name only benchmarks that there are', () => {
    expect(Object.keys(BENCHES)).toEqual(expect.arrayContaining([...BY_NAME_ALONE]));
  });
});
