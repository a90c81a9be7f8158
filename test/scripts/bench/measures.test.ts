import { describe, expect, it } from 'vitest';
import { allocationRate } from '../../../scripts/bench/allocations/garbage.ts';
import { gzipKib } from '../../../scripts/bench/bundle/bundle.ts';
import { ReadLog } from '../../../scripts/bench/cold/reads.ts';

describe('reads that wait for one another', () => {
  it('are counted by what had ended when each began', () => {
    const log = new ReadLog();
    log.begin('pointer')(10);
    const [leaf, catalog] = [log.begin('leaf'), log.begin('catalog')];
    catalog(200);
    leaf(100);
    log.begin('last')(1);
    expect(log.take()).toEqual([
      { what: 'pointer', depth: 1, bytes: 10 },
      { what: 'catalog', depth: 2, bytes: 200 },
      { what: 'leaf', depth: 2, bytes: 100 },
      { what: 'last', depth: 3, bytes: 1 },
    ]);
  });

  it('begin anew when they were taken', () => {
    const log = new ReadLog();
    log.begin('one')(1);
    expect(log.take()).toHaveLength(1);
    log.begin('two')(1);
    expect(log.take()).toEqual([{ what: 'two', depth: 1, bytes: 1 }]);
  });
});

describe('what V8 says of its collections', () => {
  const line = (isolate: string, at: number, before: number, after: number): string =>
    `[12317:${isolate}] ${at} ms: Scavenge ${before}.0 (15.5) -> ${after}.0 (15.5) MB, pooled: 0.0 MB, 0.65 / 0.00 ms (average mu = 1.000) allocation failure; `;

  it('gives the rate of the busiest isolate in the window behind', () => {
    const said = [
      line('0x1a', 0, 50, 1),
      line('0x1a', 5_000, 9, 3),
      line('0x2b', 5_500, 4, 3),
      line('0x1a', 6_000, 7, 4),
      line('0x1a', 7_000, 8, 4),
      line('0x2b', 7_500, 4, 3),
    ].join('\n');
    // 4 MiB and 4 MiB in two seconds
    expect(allocationRate(said, 2_000)).toBe((8 * 1024 * 1024) / 2_000);
  });

  it('is nothing without two collections', () => {
    expect([allocationRate('', 1_000), allocationRate(line('0x1a', 1, 2, 1), 1_000)]).toEqual([null, null]);
  });
});

describe('what wrangler says of the size', () => {
  it('is read in KiB', () => {
    expect([gzipKib('Total Upload: 938.93 KiB / gzip: 297.71 KiB'), gzipKib('error')]).toEqual([297.71, null]);
  });
});
