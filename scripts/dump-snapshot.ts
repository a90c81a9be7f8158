/** `node scripts/dump-snapshot.ts FILE…`: what each file, the bytes of one piece of a snapshot, holds. Reads nothing else, changes nothing. */
import { readFileSync } from 'node:fs';
import { describePiece } from '../src/core/snapshot/describe.ts';
import { CorruptPiece } from '../src/core/snapshot/sections.ts';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: node scripts/dump-snapshot.ts FILE…');
  process.exitCode = 2;
}
for (const file of files) {
  const text = describeFile(file);
  if (text === undefined) process.exitCode = 1;
  else process.stdout.write(files.length === 1 ? text : `== ${file}\n${text}\n`);
}

function describeFile(file: string): string | undefined {
  try {
    return describePiece(readFileSync(file));
  } catch (error) {
    if (!(error instanceof CorruptPiece || (error instanceof Error && 'code' in error))) throw error;
    console.error(`${file}: ${error.message}`);
    return undefined;
  }
}
