/** The curl lines of the page, as a shell takes them. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { curlOf } from '../../src/http/docs/curl.ts';
import { describeApi } from '../../src/http/docs/document.ts';
import { operationsOf } from '../../src/http/docs/read-document.ts';
import { ALL_OPERATIONS } from '../support/operations.ts';

/** The words that a shell would give to curl. */
function words(line: string): string[] {
  const script = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }; ${line}`;
  return execFileSync('sh', ['-c', script], { env: { BITGATE_TOKEN: 'a token' }, encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

const described = operationsOf(describeApi(ALL_OPERATIONS));
const lineOf = (id: string): string[] => {
  const operation = described.find((each) => each.id === id);
  if (operation === undefined) throw new Error(`no operation \`${id}\``);
  return words(curlOf(operation, 'https://bitgate.test'));
};

describe('a curl line', () => {
  it('sends the example of the body', () => {
    const [address, , authorization, , type, , body] = lineOf('createAssignment');
    expect([address, authorization, type]).toEqual([
      'https://bitgate.test/admin/orgs/acme/assignments',
      'authorization: Bearer a token',
      'content-type: application/json',
    ]);
    const operation = ALL_OPERATIONS.find(({ id }) => id === 'createAssignment');
    expect(JSON.parse(body ?? '')).toEqual(operation?.bodyExample);
  });

  it('names the method where curl would take another, and sends no token where none is needed', () => {
    expect(lineOf('deleteAssignment').slice(0, 3)).toEqual(['-X', 'DELETE', 'https://bitgate.test/admin/orgs/acme/assignments/id']);
    expect(lineOf('recompileAll').slice(0, 2)).toEqual(['-X', 'POST']);
    expect(lineOf('health')).toEqual(['https://bitgate.test/healthz']);
  });

  it('asks with the examples of the query', () => {
    expect(lineOf('checkByQuery')[0]).toBe(
      'https://bitgate.test/check?subject=user%3Aalice&action=EDIT_ENTITY_TAGS&resource=dataset%3Aorders',
    );
  });

  it('sends the examples of headers', () => {
    expect(lineOf('forwardAuth').filter((word) => word.startsWith('x-'))).toEqual([
      'x-bitgate-key: bg_acme_id_secret',
      'x-original-method: GET',
      'x-original-url: https://api.example.com/projects/p1/datasets/orders',
    ]);
  });

  it('is one for every operation, quoted so that a shell takes it', () => {
    for (const operation of described) {
      const quoted = { ...operation, body: operation.body && { ...operation.body, example: { text: `it's "$(exit 1)" \`x\`` } } };
      const all = words(curlOf(quoted, 'https://bitgate.test'));
      expect(
        all.filter((word) => word.startsWith('https://')),
        operation.id,
      ).toHaveLength(1);
      if (operation.body !== null) expect(JSON.parse(all.at(-1) ?? '')).toEqual(quoted.body?.example);
    }
  });
});
