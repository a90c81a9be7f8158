/** The recipes of README.md, as a reader would copy them, with what a reader has to put in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const README = join(import.meta.dirname, '../../../README.md');

/** What stands in a recipe → what stands there on this machine. Each must be there. */
export type Placeholders = Readonly<Record<string, string>>;

/**
 * @param heading of the recipe's section
 * @param language of its block
 * @throws Error when there is no such section, no block in it, or a placeholder that isn't in the block
 */
export function recipe(heading: string, language: string, placeholders: Placeholders): string {
  const [, section] = readFileSync(README, 'utf8').split(`\n#### ${heading}\n`);
  const own = section?.split(/\n#{2,4} /)[0];
  let block = new RegExp(`\n\`\`\`${language}\n(.*?\n)\`\`\`\n`, 's').exec(own ?? '')?.[1];
  if (block === undefined) throw new Error(`README.md has no block of \`${language}\` below \`#### ${heading}\``);
  for (const [placeholder, value] of Object.entries(placeholders)) {
    if (!block.includes(placeholder)) throw new Error(`the recipe for ${heading} doesn't hold \`${placeholder}\``);
    block = block.replaceAll(placeholder, value);
  }
  return block;
}
