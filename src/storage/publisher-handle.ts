/** The Publisher as the control plane asks it, through the object's RPC. */
import type { PublisherHandle, PublishReport } from '../pap/control-ports.ts';
import type { HeldRevision, PublishedRevision } from '../pap/history/ports.ts';

/** What is called of the Publisher's stub. */
interface PublisherStub {
  pointer(): Promise<{ readonly revision: number } | null>;
  publish(options: { readonly org: string; readonly full?: boolean }): Promise<PublishReport>;
  revisions(): Promise<readonly PublishedRevision[]>;
  hold(revision: number): Promise<HeldRevision | null>;
}

interface PublisherNamespace {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId): PublisherStub;
}

/** Methods reject when the object can't be reached or fails. The stub belongs to the request that calls: it is made anew each time. */
export function publisherHandle(namespace: PublisherNamespace, organization: string): PublisherHandle {
  const stub = (): PublisherStub => namespace.get(namespace.idFromName(organization));
  return {
    pointer: async () => await stub().pointer(),
    publish: async (options) => await stub().publish({ org: organization, full: options?.full === true }),
    revisions: async () => await stub().revisions(),
    hold: async (revision) => await stub().hold(revision),
  };
}
