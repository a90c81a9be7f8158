/** Names of other systems as names of ours: unique whatever the letter case, of bounded length, not mistaken for ids or reserved ones. */
import { LIMITS } from '../../../core/terms/limits.ts';
import { foldName } from '../name-index.ts';
import { type ImportContext, type NamedKind, nameKey } from './context.ts';
import type { Reporter } from './report.ts';

const RESERVED = /^(?:bitgate:|(?:rol|pol|grp)_)/;
const RESERVED_GROUP = /^(?:everyone|anyone|owner|owner:.*)$/s;
/** room for what is put behind a name to make it unique */
const SUFFIX_CHARS = 20;

export class ImportNames {
  readonly #context: ImportContext;
  readonly #report: Reporter;
  readonly #taken = new Set<string>();

  constructor(context: ImportContext, report: Reporter) {
    this.#context = context;
    this.#report = report;
  }

  /**
   * A name that nothing else of the import has at that level. One that is there already, in whatever letter case, is written as it is there:
   * what it stands for is replaced.
   */
  claim(kind: NamedKind, project: string, wanted: string, path: string): string {
    const clean = cleaned(kind, wanted);
    const first = this.#isSystem(kind, clean) ? `${clean} (imported)` : clean;
    let name = first;
    for (let i = 2; this.#taken.has(nameKey(kind, project, name)); i++) name = `${first} (${i})`;
    this.#taken.add(nameKey(kind, project, name));
    const present = this.#context.names.get(nameKey(kind, project, name));
    const written = present ?? name;
    if (written !== wanted) this.#report.tell('renamed', path, `the ${kind} \`${shown(wanted)}\` is called \`${written}\` here`);
    if (present !== undefined && kind !== 'group')
      this.#report.tell('replaced', path, `the ${kind} \`${present}\` was there and is replaced`);
    return written;
  }

  #isSystem(kind: NamedKind, name: string): boolean {
    if (kind === 'group') return false;
    return (kind === 'role' ? this.#context.systemRoles : this.#context.systemPolicies).has(foldName(name));
  }
}

function cleaned(kind: NamedKind, wanted: string): string {
  const printable = wanted.replace(/\p{Cc}/gu, ' ').trim() || `imported ${kind}`;
  const folded = foldName(printable);
  const reserved = RESERVED.test(folded) || (kind === 'group' && RESERVED_GROUP.test(folded));
  const name = reserved ? `imported ${printable}` : printable;
  const characters = [...name];
  const room = LIMITS.nameChars - SUFFIX_CHARS;
  return characters.length <= room ? name : characters.slice(0, room).join('').trim();
}

export function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
