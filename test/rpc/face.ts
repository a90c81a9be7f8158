/** The entrypoint as a client of workerd's RPC sees it, and the organization that the tests of it ask about. */
import { exports } from 'cloudflare:workers';
import { expect } from 'vitest';
import { makeAcme } from '../http/acme.ts';
import { call, makeKey, makeOrganization } from '../http/client.ts';

/** of a binding that names its caller */
export const PROPS = { organization: 'acme', subject: 'service:billing' };

/** What comes back, as far as tests name it: answers have many shapes. */
export interface Told {
  readonly decision?: boolean;
  readonly reason?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly details: object };
  readonly next_cursor?: string | null;
  readonly [member: string]: unknown;
}

/** As a client sees it: what comes back is what the test looks into. */
export interface Face {
  check(...given: unknown[]): Promise<Told>;
  explain(...given: unknown[]): Promise<Told>;
  checkBatch(...given: unknown[]): Promise<Told>;
  listSubjects(...given: unknown[]): Promise<Told>;
  listResources(...given: unknown[]): Promise<Told>;
  listActions(...given: unknown[]): Promise<Told>;
}

export function bound(props?: unknown): Face {
  // `as`: props may be of any shape here, and answers are looked into
  return exports.Pdp({ props } as { props: object }) as unknown as Face;
}

export const pdp = bound(PROPS);
export const question = { subject: 'user:v', action: 'view', resource: 'dataset:d1' };
export const refusal = (code: string): object => ({
  decision: false,
  error: { code, message: expect.any(String), details: expect.any(Object) },
});

/** Tokens of keys of the organization. */
export interface Keys {
  /** may ask what `bitgate:checker` may */
  readonly key: string;
  /** may ask, and ask why */
  readonly asking: string;
  /** may nothing */
  readonly idle: string;
}

export async function makeAsked(): Promise<Keys> {
  await makeAcme();
  expect((await call('POST', '/admin/orgs/acme/roles', { name: 'Lister', privileges: ['bitgate:list'] })).status).toBe(201);
  const asker = { name: 'Asker', privileges: ['bitgate:check', 'bitgate:explain'] };
  expect((await call('POST', '/admin/orgs/acme/roles', asker)).status).toBe(201);
  for (const assignment of [
    { subject: 'service:asker', role: 'Asker', scope: 'org' },
    { subject: 'service:lister', role: 'Lister', scope: 'org' },
    { subject: 'user:w', role: 'Viewer', scope: 'dataset:d1' },
    { subject: 'user:w', role: 'Editor', scope: 'project:p1' },
    { subject: 'user:v', role: 'Viewer', scope: 'project:p1' },
    { subject: 'service:billing', role: 'bitgate:checker', scope: 'org' },
  ]) {
    expect((await call('POST', '/admin/orgs/acme/assignments', assignment)).status).toBe(201);
  }
  await makeOrganization('other', { owner: 'user:owner' });
  return {
    key: (await makeKey('acme')).token,
    asking: (await makeKey('acme', ['Asker'])).token,
    idle: (await makeKey('acme', [])).token,
  };
}
