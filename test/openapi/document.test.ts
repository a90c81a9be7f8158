/** The description of the API: valid, whole, and true of its own examples. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeApi, templateOf, VERSION } from '../../src/http/docs/document.ts';
import { renderPage } from '../../src/http/docs/page.ts';
import { operationsOf } from '../../src/http/docs/read-document.ts';
import { ALL_OPERATIONS } from '../support/operations.ts';

/** as a client gets it */
const document = JSON.parse(JSON.stringify(describeApi(ALL_OPERATIONS)));
const described = operationsOf(document);

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    expect(errors ?? []).toEqual([]);
    expect([valid, validator.version]).toEqual([true, '3.1']);
  });

  it('holds every operation, and no other', () => {
    const declared = ALL_OPERATIONS.map(({ method, path, id }) => `${method} ${templateOf(path)} ${id}`);
    expect(described.map(({ method, path, id }) => `${method} ${path} ${id}`).sort()).toEqual(declared.sort());
  });

  it('gives each operation a name of its own, which says whether it is of a project', () => {
    const ids = ALL_OPERATIONS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9]*$/);
    const levels = ALL_OPERATIONS.filter(({ path }) => /^\/admin\/orgs\/:org\/projects\/:project\/./.test(path));
    for (const { id } of levels) expect(id).toMatch(/InProject$/);
  });

  it('gives each operation a summary without final period, and an example of body and answer', () => {
    for (const { summary, id, body, bodyExample, answerExample } of ALL_OPERATIONS) {
      expect(summary, id).toMatch(/^\S.*[^.\s]$/);
      expect(answerExample, id).toBeDefined();
      if (body !== undefined) expect(bodyExample, id).toBeDefined();
    }
  });

  it('is of the version of the package', () => {
    const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
    expect(JSON.parse(text).version).toBe(VERSION);
  });
});

describe('each example', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  beforeAll(() => {
    ajv.addSchema(document, 'openapi');
  });

  /** @param schema with references into the document */
  function faults(schema: object, value: unknown): unknown {
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/')));
    return validate(value) ? [] : validate.errors;
  }

  it.each(ALL_OPERATIONS.map((operation) => [operation.id, operation] as const))('of %s is what its schemas say', (id, operation) => {
    const { body, bodyExample, answer, answerExample, query, queryExample } = operation;
    expect(answer.safeParse(answerExample).error?.issues ?? []).toEqual([]);
    if (body !== undefined) expect(body.safeParse(bodyExample).error?.issues ?? []).toEqual([]);
    // what a query must hold is in its example
    if (query !== undefined) expect(query.safeParse(queryExample ?? {}).error?.issues ?? []).toEqual([]);
    const shown = described.find((each) => each.id === id);
    expect(shown).toBeDefined();
    for (const each of shown?.answers ?? []) expect(faults(each.schema, each.example)).toEqual([]);
    if (shown?.body) expect(faults(shown.body.schema, shown.body.example)).toEqual([]);
  });

  it('of a refusal has the one shape', () => {
    const schema = document.components.schemas.Error;
    for (const response of Object.values<{ content: Record<string, { example: unknown }> }>(document.components.responses)) {
      expect(faults(schema, response.content['application/json']?.example)).toEqual([]);
    }
  });
});

describe('the page', () => {
  it('shows every operation with its address, a curl line, its schema and its example', async () => {
    const page = await renderPage(document, 'https://bitgate.test');
    for (const { id, method, path, summary } of described) {
      const section = page.slice(page.indexOf(`<section id="${id}"`), page.indexOf('</section>', page.indexOf(`<section id="${id}"`)));
      expect(section, id).toContain(summary.replaceAll('&', '&amp;').replaceAll('"', '&quot;'));
      expect(section, id).toContain(`<span class="method">${method}</span> ${path}`);
      expect(section, id).toContain(`id="curl-${id}"`);
      expect(section, id).toContain('<th scope="col">Type</th>');
      const bodiless = ALL_OPERATIONS.find((each) => each.id === id)?.answerTypes?.length === 0;
      expect(section.includes('aria-label="example"'), id).toBe(!bodiless);
    }
  });

  it('escapes what the document says', async () => {
    const evil = '<script>alert(1)</script>';
    const [first] = ALL_OPERATIONS;
    if (first === undefined) throw new Error('no operation');
    const page = await renderPage(describeApi([{ ...first, summary: evil, description: evil, bodyExample: evil }]), `https://${evil}`);
    expect(page).not.toContain(evil);
  });

  it('shows a description as paragraphs, numbered lists and code', async () => {
    const [first] = ALL_OPERATIONS;
    if (first === undefined) throw new Error('no operation');
    const description = 'One `a`\ngoes on.\n\n1. First\n   line.\n2. Second.\n\n```sql\nSELECT 1 < 2\n```\n\nLast.';
    const page = await renderPage(describeApi([{ ...first, description }]), 'https://bitgate.test');
    expect(page).toContain(
      '<p>One <code>a</code>\ngoes on.</p><ol><li>First\n   line.</li><li>Second.</li></ol>' +
        '<pre tabindex="0" aria-label="example">SELECT 1 &lt; 2</pre><p>Last.</p>',
    );
  });

  it('loads nothing from anywhere', async () => {
    const page = await renderPage(document, 'https://bitgate.test');
    expect(page).not.toMatch(/\s(?:src|action|ping|srcset|style|on\w+)=/);
    expect(page).not.toMatch(/@import|url\(|<(?:link|img|iframe|object|form)\b/);
    expect(page.match(/href="[^"#]/g)).toEqual(['href="/']);
  });
});
