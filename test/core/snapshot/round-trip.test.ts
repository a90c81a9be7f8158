/** What was encoded is decoded: the same values, whatever they are named. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashText } from '../../../src/core/sets/hash.ts';
import { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { CODECS } from '../../../src/core/snapshot/codec.ts';
import { describePiece } from '../../../src/core/snapshot/describe.ts';
import { encodeCatalog } from '../../../src/core/snapshot/encode-catalog.ts';
import { KeyLeaf } from '../../../src/core/snapshot/key-leaf.ts';
import { encodeManifest, LEAF_KINDS, type LeafRecord, Manifest } from '../../../src/core/snapshot/manifest.ts';
import { PrincipalLeaf } from '../../../src/core/snapshot/principal-leaf.ts';
import { catalog, keys, principals, ref, resources, text } from './arbitrary.ts';

const RUNS = { numRuns: 300 };

describe('a piece gives back what was put into it', () => {
  it('as principal leaf', () => {
    fc.assert(
      fc.property(principals, (entries) => {
        const bytes = CODECS.principals.encode(entries);
        expect(CODECS.principals.decode(bytes)).toEqual(entries);
        expect(CODECS.principals.encode(CODECS.principals.decode(bytes))).toEqual(bytes);
      }),
      RUNS,
    );
  });

  it('as resource leaf', () => {
    fc.assert(
      fc.property(resources, (entries) => {
        const bytes = CODECS.resources.encode(entries);
        expect(CODECS.resources.decode(bytes)).toEqual(entries);
        expect(CODECS.resources.encode(CODECS.resources.decode(bytes))).toEqual(bytes);
      }),
      RUNS,
    );
  });

  it('as key leaf', () => {
    fc.assert(
      fc.property(keys, text, (entries, other) => {
        const bytes = CODECS.keys.encode(entries);
        const leaf = new KeyLeaf(bytes);
        for (const entry of entries) expect(leaf.find(entry.key)).toEqual(entry);
        expect(leaf.find(other)).toEqual(entries.find((entry) => entry.key === other));
        expect(CODECS.keys.encode(CODECS.keys.decode(bytes))).toEqual(bytes);
      }),
      RUNS,
    );
  });

  it('as catalog', () => {
    fc.assert(
      fc.property(catalog, (model) => {
        const bytes = encodeCatalog(model);
        expect(new Catalog(bytes).model()).toEqual(model);
        expect(encodeCatalog(new Catalog(bytes).model())).toEqual(bytes);
      }),
      RUNS,
    );
  });

  it('as manifest', () => {
    const u32 = fc.oneof(fc.nat(), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1));
    const hash = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map((n) => n.toString(16).padStart(64, '0'));
    const record: fc.Arbitrary<LeafRecord> = fc.record({ firstKey: ref, hash, bytes: u32, weight: u32, top: u32 });
    const sorted = fc
      .uniqueArray(record, { maxLength: 6, selector: ({ firstKey }) => firstKey })
      .map((records) => records.sort((a, b) => Buffer.compare(Buffer.from(a.firstKey), Buffer.from(b.firstKey))));
    const model = fc.record({
      organization: text,
      revision: fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 2 ** 53 - 1)),
      catalog: fc.record({ hash, bytes: u32 }),
      reserved: fc.constantFrom([], ['group:anyone', 'group:owner:\uffff', 'group:owner:\u{10000}']),
      leaves: fc.record({ principals: sorted, resources: sorted, keys: sorted }),
    });
    fc.assert(
      fc.property(model, (given) => {
        const manifest = new Manifest(encodeManifest(given));
        expect(manifest.model()).toEqual(given);
        expect(manifest.pieces()).toEqual([
          given.catalog.hash,
          ...LEAF_KINDS.flatMap((kind) => given.leaves[kind].map((leaf) => leaf.hash)),
        ]);
      }),
      RUNS,
    );
  });

  it('and reserved groups lie in one order, whatever the order they come in', () => {
    const leaves = { principals: [], resources: [], keys: [] };
    const of = (reserved: string[]) =>
      encodeManifest({ organization: 'o', revision: 1, catalog: { hash: '0'.repeat(64), bytes: 1 }, reserved, leaves });
    expect(of(['group:owner:\u{10000}', 'group:owner:\uffff', 'group:anyone'])).toEqual(
      of(['group:anyone', 'group:owner:\uffff', 'group:owner:\u{10000}']),
    );
  });
});

describe('every piece', () => {
  it('has one description, and values that differ have different ones', () => {
    fc.assert(
      fc.property(principals, principals, (a, b) => {
        const describeEntries = (entries: typeof a): string => describePiece(CODECS.principals.encode(entries)).replace(/^.*\n/, '');
        expect(describeEntries(a)).toBe(describeEntries(structuredClone(a)));
        expect(describeEntries(a) === describeEntries(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      RUNS,
    );
    fc.assert(
      fc.property(catalog, (model) => {
        expect(describePiece(encodeCatalog(model))).toContain(`policies: ${model.policies.length}`);
      }),
      { numRuns: 50 },
    );
  });
});

describe('what a principal leaf finds', () => {
  it('is what its entries say, by key, window and end', () => {
    const now = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31, 2 ** 32, 2 ** 53 - 1));
    fc.assert(
      fc.property(principals, now, ref, (entries, at, other) => {
        const leaf = new PrincipalLeaf(CODECS.principals.encode(entries));
        expect(leaf.keys.indexOfHashed(other, hashText(other))).toBe(entries.findIndex(({ key }) => key === other));
        entries.forEach((entry, i) => {
          expect(leaf.keys.indexOf(entry.key)).toBe(i);
          expect(leaf.suspendedAt(i, at)).toBe(entry.suspended || (entry.suspendedFrom !== null && entry.suspendedFrom <= at));
          expect(leaf.properties(i)).toBe(entry.properties);
          entry.grants.forEach(({ notBefore, expiresAt }, g) => {
            const expected = notBefore !== null && at < notBefore ? -1 : expiresAt !== null && at >= expiresAt ? 1 : 0;
            expect(leaf.windowAt(leaf.grantStarts[i]! + g, at)).toBe(expected);
          });
        });
      }),
      RUNS,
    );
  });
});
