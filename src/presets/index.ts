/** The presets by name: what a new organization can start from. */
import { blank } from './blank.ts';
import { confidentAi } from './confident-ai.ts';
import { datahub } from './datahub.ts';
import { diffgram } from './diffgram.ts';
import type { Preset } from './manifest.ts';

export const PRESET_NAMES = ['blank', 'datahub', 'diffgram', 'confident-ai'] as const;

export type PresetName = (typeof PRESET_NAMES)[number];

export const presets: Readonly<Record<PresetName, Preset>> = { blank, datahub, diffgram, 'confident-ai': confidentAi };
