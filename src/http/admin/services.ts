/** What the admin face is given, and one request as its handlers see it. */
import type { ControlTools, OrganizationStore } from '../../pap/control-ports.ts';
import type { RequestLife } from '../../pdp/ports.ts';
import type { Cursors } from '../common/cursor.ts';
import type { GateServices } from '../common/gate.ts';

/** All but what belongs to the caller. */
export type OrganizationTools = Omit<ControlTools, 'open' | 'later'>;

export interface AdminServices extends GateServices {
  readonly organizations: OrganizationStore;
  readonly cursors: Cursors;
  toolsOf(organization: string): OrganizationTools;
  /** ids of the organizations that aren't published up to their newest revision */
  organizationsBehind(): Promise<readonly string[]>;
  fill(bytes: Uint8Array): void;
}

export interface Asked {
  readonly services: AdminServices;
  readonly request: Request;
  /** parts of the address, decoded */
  readonly params: Readonly<Record<string, string>>;
  /** as it was sent, or a new one: the audit names it */
  readonly requestId: string;
  /** what it costs its caller: see `COSTS` */
  readonly units: number;
  readonly life: RequestLife;
}

export type Handler = (asked: Asked) => Promise<Response>;
