/** An organization with a past: what the tests of revisions and rollbacks do to it. */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import type { Publisher } from '../../src/storage/publisher/publisher.ts';
import { manifest } from './acme.ts';
import { type Answer, call, makeOrganization, putManifest, ROOT } from './client.ts';

let organizations = 0;

export class Acme {
  readonly id: string;
  readonly base: string;

  constructor(id: string = `acme-${++organizations}`) {
    this.id = id;
    this.base = `/admin/orgs/${id}`;
  }

  async create(): Promise<this> {
    await makeOrganization(this.id, { owner: 'user:owner' });
    await putManifest(this.id, manifest);
    return this;
  }

  get(path: string, token: string = ROOT): Promise<Answer> {
    return call('GET', `${this.base}${path}`, undefined, { token });
  }

  post(path: string, body?: object, token: string = ROOT): Promise<Answer> {
    return call('POST', `${this.base}${path}`, body, { token });
  }

  async revision(): Promise<number> {
    return (await this.get('')).body.revision;
  }

  async assign(subject: string, role: string, scope = 'org'): Promise<Answer> {
    return this.post('/assignments', { subject, role, scope });
  }

  async sql(statement: string): Promise<void> {
    await env.DB.prepare(statement).bind(this.id).run();
    await this.stub().publish({ org: this.id });
  }

  async rollback(revision: number, query = ''): Promise<Answer> {
    return this.post(`/revisions/${revision}/rollback${query}`);
  }

  async pieces(revision: number): Promise<object> {
    const { manifest: _manifest, published_at: _at, ...pieces } = (await this.get(`/revisions/${revision}`)).body.snapshot;
    return pieces;
  }

  async decides(subject: string, action: string): Promise<boolean> {
    return (await call('POST', '/check', { org: this.id, subject, action })).body.decision;
  }

  stub(): DurableObjectStub<Publisher> {
    return env.PUBLISHER.get(env.PUBLISHER.idFromName(this.id)) as DurableObjectStub<Publisher>;
  }

  /** So many days later, when what retention lets go was dropped. */
  async age(days: number): Promise<void> {
    vi.setSystemTime(Date.now() + days * 86_400_000);
    await runDurableObjectAlarm(this.stub());
  }
}
