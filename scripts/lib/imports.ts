/** Which modules a TypeScript file names, read from its text: no compiler, no resolution. */

export interface ImportFound {
  readonly specifier: string;
  /** vanishes when types are stripped */
  readonly typeOnly: boolean;
  /** counted from 1 */
  readonly line: number;
}

/** Strings and templates are matched too, so that what looks like a comment within them stays. */
const STRING_OR_COMMENT = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

const STATEMENT = /^[ \t]*(import|export)\s+(type\s+(?!from\b))?([\w*{}\s,$]*?)\s*from\s*(['"])([^'"\n]+)\4/gm;
const SIDE_EFFECT = /^[ \t]*import\s*(['"])([^'"\n]+)\1/gm;
const CALL = /(typeof\s+)?\bimport\s*\(\s*(['"`])([^'"`\n]+)\2\s*\)(\s*\.\s*[A-Z]\w*)?/g;

export function importsOf(text: string): ImportFound[] {
  const code = withoutComments(text);
  const found: ImportFound[] = [];
  for (const match of code.matchAll(STATEMENT)) {
    const [, , keyword, names = '', , specifier = ''] = match;
    found.push({ specifier, typeOnly: Boolean(keyword) || onlyTypes(names), line: lineAt(code, match.index) });
  }
  for (const match of code.matchAll(SIDE_EFFECT))
    found.push({ specifier: match[2] ?? '', typeOnly: false, line: lineAt(code, match.index) });
  for (const match of code.matchAll(CALL)) {
    // `typeof import('x')` and `import('x').Name` are types; `await import('x')` is code
    found.push({ specifier: match[3] ?? '', typeOnly: Boolean(match[1] || match[4]), line: lineAt(code, match.index) });
  }
  return found.sort((a, b) => a.line - b.line);
}

/** Line ends stay, so that line numbers do. */
function withoutComments(text: string): string {
  return text.replace(STRING_OR_COMMENT, (token) => (token.startsWith('/') ? token.replace(/[^\n]/g, ' ') : token));
}

/** `{ type A, type B }`: verbatimModuleSyntax would still load the module for its effects, so this is rare, but it imports no value. */
function onlyTypes(names: string): boolean {
  const list = /^\{([\s\S]*)\}$/.exec(names.trim());
  const items = list?.[1]
    ?.split(',')
    .map((item) => item.trim())
    .filter(Boolean);
  return items !== undefined && items.length > 0 && items.every((item) => item.startsWith('type '));
}

function lineAt(text: string, index: number): number {
  // a match starts with the indentation of its own line
  return text.slice(0, index).split('\n').length;
}
