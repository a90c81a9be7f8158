/** What a Markdown file promises about the tree: relative links, file names in backticks, folders of a tree drawing. */

export interface Mention {
  /** as written */
  readonly text: string;
  /** counted from 1 */
  readonly line: number;
}

const LINK = /\]\(([^)\s]+)\)/g;
/** `src/…`, `test/…`, `scripts/…` in backticks, without placeholders */
const PATH = /`((?:src|test|scripts|\.ci)\/[\w./-]*)`/g;

/** Relative links, without their `#fragment`. */
export function linksIn(markdown: string): Mention[] {
  return mentions(markdown, LINK)
    .filter(({ text }) => !/^([a-z][a-z0-9+.-]*:|#|\/)/i.test(text))
    .map((mention) => ({ ...mention, text: mention.text.replace(/#.*$/, '') }));
}

/** Paths from the project's root. */
export function pathsIn(markdown: string): Mention[] {
  return mentions(markdown, PATH);
}

/**
 * Folders named in a code block that draws a tree: a name and a slash at the start of a line, nested by two spaces.
 * @returns paths as drawn: `src/core/terms/`
 */
export function treeFolders(markdown: string): Mention[] {
  const found: Mention[] = [];
  const above: string[] = [];
  let inBlock = false;
  markdown.split('\n').forEach((row, index) => {
    if (row.startsWith('```')) {
      inBlock = !inBlock;
      above.length = 0;
      return;
    }
    const drawn = inBlock ? /^( *)([\w.-]+)\/(?=\s|$)/.exec(row) : null;
    if (!drawn) return;
    above.length = (drawn[1] ?? '').length / 2;
    above.push(drawn[2] ?? '');
    found.push({ text: `${above.join('/')}/`, line: index + 1 });
  });
  return found;
}

function mentions(markdown: string, pattern: RegExp): Mention[] {
  return markdown
    .split('\n')
    .flatMap((row, index) => [...row.matchAll(pattern)].map((match) => ({ text: match[1] ?? '', line: index + 1 })));
}
