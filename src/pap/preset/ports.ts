/** What is remembered of presets: what was given, even when it is there no longer. */
import type { RowWriter } from '../ports.ts';
import type { PresetPart } from './parts.ts';

export interface PresetParts {
  /** everything that a preset ever gave the organization */
  given(): Promise<readonly PresetPart[]>;
  /** Writes like `writer`, and remembers in the same transaction what is given. @param parts asked when something is written */
  remembering(writer: RowWriter, parts: () => readonly PresetPart[]): RowWriter;
}
