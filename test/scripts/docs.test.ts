import { describe, expect, it } from 'vitest';
import { linksIn, pathsIn, treeFolders } from '../../scripts/lib/doc-links.ts';

describe('what a document promises', () => {
  it('includes relative links without their fragment, and no address', () => {
    const text = '[a](src/README.md#x)\n[b](https://example.com) [c](#here) [d](../LICENSE)';
    expect(linksIn(text)).toEqual([
      { text: 'src/README.md', line: 1 },
      { text: '../LICENSE', line: 2 },
    ]);
  });

  it('includes paths in backticks', () => {
    expect(pathsIn('see `src/core/RULE.md`, `npm start` and `src/<face>`')).toEqual([{ text: 'src/core/RULE.md', line: 1 }]);
  });

  it('includes the folders of a drawn tree', () => {
    const text = 'x/\n```\nsrc/\n  core/      pure\n    terms/   a\n  worker.ts  root\n  pap/\n```';
    expect(treeFolders(text).map((mention) => mention.text)).toEqual(['src/', 'src/core/', 'src/core/terms/', 'src/pap/']);
  });
});
