/** F42: a TypeScript client is generated from the description, compiles, and refuses what the API would refuse. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { clientSource, type OpenApiDocument } from '../../scripts/lib/client-types.ts';
import { describeApi } from '../../src/http/docs/document.ts';
import { ALL_OPERATIONS } from '../support/operations.ts';

const folder = mkdtempSync(join(tmpdir(), 'bitgate-client-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TSC = join(import.meta.dirname, '../../node_modules/.bin/tsc');

/** What the compiler says of a module that uses the client. */
function compiled(use: string): string {
  const document: OpenApiDocument = JSON.parse(JSON.stringify(describeApi(ALL_OPERATIONS)));
  writeFileSync(join(folder, 'client.ts'), clientSource(document));
  writeFileSync(join(folder, 'use.ts'), `import { ask } from './client.ts';\n${use}\n`);
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    '--target',
    'es2024',
    '--lib',
    'es2024,dom',
    '--types',
    '',
  ];
  try {
    return execFileSync(TSC, [...options, '--allowImportingTsExtensions', 'use.ts'], { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    return String((error as { stdout: string }).stdout); // what execFileSync throws holds the output
  }
}

describe('F42 the generated client', () => {
  it('F42 compiles, and types questions and answers', () => {
    const use = `
      const answer = await ask('https://x.test', 't', 'check', { body: { subject: 'user:a', action: 'view' } });
      export const decision: boolean = answer.decision;
      const made = await ask('https://x.test', 't', 'createAssignment', { params: { org: 'a' }, body: { subject: 'user:a', role: 'R', scope: 'org' } });
      export const revision: number = made.revision;`;
    expect(compiled(use)).toBe('');
  }, 120_000);

  it('F42 asks what it was told to, and throws what is refused', async () => {
    compiled('');
    // what was just generated
    const { ask } = (await import(join(folder, 'client.ts'))) as {
      ask: (origin: string, token: string, id: string, asked: object) => Promise<unknown>;
    };
    const sent: Request[] = [];
    const answers = [Response.json({ id: 'asg_1' }, { status: 201 }), Response.json({ error: { code: 'not_found' } }, { status: 404 })];
    vi.stubGlobal('fetch', async (...asked: ConstructorParameters<typeof Request>) => {
      sent.push(new Request(...asked));
      return answers.shift();
    });
    const body = { subject: 'user:a', role: 'R', scope: 'org' };
    const made = ask('https://x.test', 't', 'createAssignment', { params: { org: 'a' }, query: { dry_run: 'true' }, body });
    expect(await made).toEqual({ id: 'asg_1' });
    await expect(ask('https://x.test', 't', 'getRole', { params: { org: 'a', role: 'p/x y' } })).rejects.toEqual({
      error: { code: 'not_found' },
    });
    vi.unstubAllGlobals();
    const [first, second] = sent;
    expect([first?.method, first?.url, first?.headers.get('authorization'), await first?.json()]).toEqual([
      'POST',
      'https://x.test/admin/orgs/a/assignments?dry_run=true',
      'Bearer t',
      body,
    ]);
    expect([second?.method, second?.url]).toEqual(['GET', 'https://x.test/admin/orgs/a/roles/p%2Fx%20y?']);
  });

  it('F42 refuses unknown members and missing ones', () => {
    const use = `
      await ask('https://x.test', 't', 'check', { body: { subjekt: 'user:a', action: 'view' } });
      await ask('https://x.test', 't', 'createAssignment', { body: { subject: 'user:a', scope: 'org' } });`;
    expect(compiled(use).match(/error TS\d+/g)).toHaveLength(2);
  }, 120_000);
});
