/** Of what kind DataHub's privileges are: asked about the installation, about one asset, or both. */
import { CLOUD_METADATA, CLOUD_PLATFORM } from './cloud.ts';
import { METADATA } from './metadata.ts';
import { PLATFORM, PLATFORM_AND_METADATA } from './platform.ts';

export type DataHubKind = 'platform' | 'metadata' | 'both';

const KINDS = new Map<string, DataHubKind>([
  ...[...PLATFORM, ...CLOUD_PLATFORM].map(([name]) => [name, 'platform'] as const),
  ...[...METADATA, ...CLOUD_METADATA].map(([name]) => [name, 'metadata'] as const),
  ...PLATFORM_AND_METADATA.map(([name]) => [name, 'both'] as const),
]);

/** Null for those that only DataHub's APIs ask for, which its policies of either kind hold, and for names that it doesn't know. */
export function datahubKind(name: string): DataHubKind | null {
  return KINDS.get(name) ?? null;
}
