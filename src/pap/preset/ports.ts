/** What is remembered of presets: what was given, even when it is there no longer. */
import type { PresetPart } from './parts.ts';

export interface PresetParts {
  /** everything that a preset ever gave the organization */
  given(): Promise<readonly PresetPart[]>;
}
