/** An organization with nothing but what every organization has: for those who bring a manifest of their own. */
import type { Preset } from './manifest.ts';
import { organizationSystem } from './system.ts';

export const blank: Preset = {
  name: 'blank',
  title: 'Blank',
  description: 'An empty catalog and no roles but the reserved ones.',
  system: organizationSystem,
  manifest: { bitgate: 1, catalog: { privileges: [] } },
};
