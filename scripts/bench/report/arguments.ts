/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';

export interface Wanted {
  /** names of benchmarks; empty: all that run by themselves */
  readonly benches: readonly string[];
  readonly quick: boolean;
  readonly markdown: boolean;
  /** a file, `-` for standard output, null for none */
  readonly json: string | null;
}

/**
 * `--json` may have a file behind it: what isn't the name of a benchmark is one.
 * @throws Error for an unknown option, or for a name that no benchmark has
 */
export function parseArguments(args: readonly string[], known: readonly string[]): Wanted {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean' }, markdown: { type: 'boolean' }, json: { type: 'boolean' } },
    allowPositionals: true,
    tokens: true,
  });
  const benches: string[] = [];
  let json: string | null = values.json === true ? '-' : null;
  tokens.forEach((token, i) => {
    if (token.kind !== 'positional') return;
    const before = tokens[i - 1];
    if (known.includes(token.value)) benches.push(token.value);
    else if (before?.kind === 'option' && before.name === 'json') json = token.value;
    else throw new Error(`no benchmark \`${token.value}\`: there are ${known.join(', ')}`);
  });
  return { benches, quick: values.quick === true, markdown: values.markdown === true, json };
}
