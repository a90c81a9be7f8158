/** Use case: a resource is registered. Who does it manages where it shall lie. */
import { formatRef } from '../../core/terms/ref.ts';
import type { ControlTools } from '../control-ports.ts';
import type { ResourceItem } from '../manifest/schema.ts';
import type { Writer } from '../write/moment.ts';
import { existsAlready } from '../write/refusals.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { resolvePlace } from './place.ts';
import { changesOf } from './placed-rows.ts';
import type { PlacedResource } from './ports.ts';
import { refuseProject } from './stored-resource.ts';

/**
 * @param ifExists `return`: a resource that is there is the answer, as it is
 * @throws BitgateError `invalid_reference` (400), `missing_privilege` (403), `resource_exists`, `project_resource` (409),
 *   `invalid_resource` (422)
 */
export async function registerResource(
  tools: ControlTools,
  writer: Writer,
  { type, id, ...wanted }: ResourceItem,
  ifExists: 'refuse' | 'return',
  mode: PublishMode,
): Promise<Written<PlacedResource>> {
  const resource = formatRef(type, id);
  return write(tools, writer, mode, async (moment) => {
    const value = await resolvePlace(tools, moment, resource, wanted, null);
    refuseProject(resource, 'made');
    const there = await tools.resources.resource(resource);
    if (there !== null && ifExists === 'refuse') throw existsAlready('resource', resource);
    return {
      changes: there === null ? changesOf(null, value) : null,
      audit: { action: 'resource.create', target: `resource:${resource}`, before: null, after: JSON.stringify(value) },
      value: there ?? value,
    };
  });
}
