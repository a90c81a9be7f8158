/** The Publisher as the data plane asks it, through the object's RPC. How long to wait for it is the data plane's business. */
import type { KeptRefusal, KeptRevision, PublisherPort, ToldPointer, WantedRevision } from '../pdp/ports.ts';

/** What is called of the Publisher's stub. */
interface PublisherStub {
  pointer(whole?: boolean): Promise<ToldPointer | null>;
  blob(hash: string): Promise<ArrayBuffer | null>;
  kept(wanted: WantedRevision): Promise<KeptRevision | KeptRefusal | null>;
}

interface PublisherNamespace {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId): PublisherStub;
}

/** Methods reject when the object can't be reached or fails. The stub belongs to the request that calls: it is made anew each time. */
export function publisherPort(namespace: PublisherNamespace, organization: string): PublisherPort {
  const stub = (): PublisherStub => namespace.get(namespace.idFromName(organization));
  return {
    pointer: async (whole) => await stub().pointer(whole),
    blob: async (hash) => await stub().blob(hash),
    kept: async (wanted) => await stub().kept(wanted),
  };
}
