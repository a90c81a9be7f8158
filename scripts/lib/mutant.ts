/** A planted fault: one place in the code, made wrong on purpose. A suite that stays green with it does not test what it says. */

export interface Mutant {
  /** what is wrong, as a sentence: `deny ignored` */
  readonly name: string;
  /** path from the project's root */
  readonly file: string;
  /** more than one where a fault is guarded against twice */
  readonly edits: readonly Edit[];
  /** test files or folders of which at least one test must fail */
  readonly tests: readonly string[];
}

export interface Edit {
  /** occurs exactly once in the file */
  readonly find: string;
  readonly replace: string;
}

/**
 * @returns the file's text with the fault
 * @throws Error when a place isn't there, isn't the only one, or a replacement changes nothing
 */
export function plant({ name, file, edits }: Mutant, text: string): string {
  return edits.reduce((changed, { find, replace }) => {
    const places = changed.split(find).length - 1;
    if (places !== 1) throw new Error(`mutant \`${name}\`: \`${find}\` occurs ${places} times in \`${file}\`, and must occur once`);
    if (find === replace) throw new Error(`mutant \`${name}\` changes nothing`);
    // a function, so that `$` in the replacement means itself
    return changed.replace(find, () => replace);
  }, text);
}
