/** Use case: a resource gets other parents, owners, access or properties; a project too. What isn't named stays. */
import type { ControlTools } from '../control-ports.ts';
import { quote } from '../manifest/problems.ts';
import type { OwnerItem } from '../manifest/schema.ts';
import type { Writer } from '../write/moment.ts';
import { thereIsNo } from '../write/refusals.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { resolvePlace, type WantedPlace } from './place.ts';
import { changesOf } from './placed-rows.ts';
import type { PlacedResource } from './ports.ts';
import { resourceToChange } from './stored-resource.ts';

/** What is to be changed, given what is there. */
export type PlaceChange = (current: PlacedResource) => WantedPlace;

/**
 * @throws BitgateError `missing_privilege` (403), `unknown_resource` (404), `outside_project` (409), `changed_meanwhile` (412),
 *   `invalid_resource` (422)
 */
export async function changeResource(
  tools: ControlTools,
  writer: Writer,
  resource: string,
  change: PlaceChange,
  precondition: (current: PlacedResource) => Promise<void>,
  mode: PublishMode,
): Promise<Written<PlacedResource>> {
  return write(tools, writer, mode, async (moment) => {
    const before = await resourceToChange(tools, moment, resource);
    await precondition(before);
    const after = await resolvePlace(tools, moment, resource, change(before), before);
    return {
      changes: changesOf(before, after),
      audit: {
        action: 'resource.update',
        target: `resource:${resource}`,
        before: JSON.stringify(before),
        after: JSON.stringify(after),
      },
      value: after,
    };
  });
}

/** It stays where it is, and lies below `parent` too. */
export function withParent(parent: string): PlaceChange {
  return ({ parents }) => ({ parents: [...parents, parent] });
}

/** @throws BitgateError `unknown_resource` (404) when it isn't one */
export function withoutParent(parent: string): PlaceChange {
  return ({ row, parents }) => {
    if (!parents.includes(parent)) throw thereIsNo('parent', parent, quote(row.resource));
    return { parents: parents.filter((each) => each !== parent) };
  };
}

export function withOwner(owner: OwnerItem): PlaceChange {
  return ({ owners }) => ({ owners: [...owners.map(itemOf), owner] });
}

/** By the owner's name or id. @throws BitgateError `unknown_resource` (404) when it isn't one */
export function withoutOwner({ subject, kind = '' }: OwnerItem): PlaceChange {
  return ({ row, owners }) => {
    const left = owners.filter((each) => each.kind !== kind || (each.owner !== subject && each.subject !== subject));
    if (left.length === owners.length) throw thereIsNo('owner', `${subject}${kind === '' ? '' : ` (${kind})`}`, quote(row.resource));
    return { owners: left.map(itemOf) };
  };
}

/** By id: a name may be that of another group by now. */
function itemOf({ owner, kind }: PlacedResource['owners'][number]): OwnerItem {
  return { subject: owner, ...(kind === '' ? {} : { kind }) };
}
