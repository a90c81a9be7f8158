/** The description as a page: one file that asks nobody for anything, made of the document. What the document says is escaped. */
import { html, raw } from 'hono/html';
import { curlOf } from './curl.ts';
import type { Document } from './document.ts';
import { membersOf } from './members.ts';
import { type Described, operationsOf, type Parameter, type Schema } from './read-document.ts';
import { SCRIPT, STYLE } from './style.ts';

type Html = ReturnType<typeof html>;

/** Nothing may be loaded, sent or framed; style and script are the ones with these hashes. */
export async function pageHeaders(): Promise<Record<string, string>> {
  const [style, script] = await Promise.all([sourceHash(STYLE), sourceHash(SCRIPT)]);
  const policy = `default-src 'none'; style-src ${style}; script-src ${script}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { 'content-security-policy': policy, 'referrer-policy': 'no-referrer' };
}

/** Plain text, what stands between backticks as code. */
function prose(text: string): Html[] {
  return text.split('`').map((part, i) => (i % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
}

/** A description as it is written: paragraphs, numbered lists, and code between fences. */
function blocks(text: string): Html[] {
  return text.split(/^```\w*\n?/m).flatMap((part, i) =>
    i % 2 === 1
      ? [html`<pre tabindex="0" aria-label="example">${part.trimEnd()}</pre>`]
      : part
          .split('\n\n')
          .map((each) => each.trim())
          .filter((each) => each !== '')
          .map(block),
  );
}

function block(text: string): Html {
  if (!/^\d+\. /.test(text)) return html`<p>${prose(text)}</p>`;
  return html`<ol>${text.split(/\n(?=\d+\. )/).map((item) => html`<li>${prose(item.replace(/^\d+\. /, ''))}</li>`)}</ol>`;
}

async function sourceHash(source: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(source)));
  return `'sha256-${btoa(String.fromCharCode(...hash))}'`;
}

/** @param origin where the reader is, for the curl lines */
export async function renderPage(document: Document, origin: string): Promise<string> {
  const operations = operationsOf(document);
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  const { title, version, description } = document.info;
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} API</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<a class="skip" href="#operations">Skip to the operations</a>
<div class="frame">
<nav aria-label="Operations">
${tags.map((tag) => html`<h2>${tag}</h2><ul>${operations.filter((each) => each.tag === tag).map(({ id, summary }) => html`<li><a href="#${id}">${summary}</a></li>`)}</ul>`)}
</nav>
<main id="operations">
<h1>${title} API</h1>
<p>${description ?? ''} Version ${version}. <a href="/openapi.json">OpenAPI 3.1</a></p>
<p>Every refusal has one shape: <code>{"error":{"code","message","details"}}</code>. The lines below take the token from <code>$BITGATE_TOKEN</code>.</p>
${operations.map((operation) => section(document, operation, origin))}
</main>
</div>
<script>${raw(SCRIPT)}</script>
</body>
</html>
`;
  return page.toString();
}

function section(document: Document, operation: Described, origin: string): Html {
  const { id, method, path, summary, description, open, parameters, body, answers } = operation;
  const line = `curl-${id}`;
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${summary}</h3>
<p class="address"><code><span class="method">${method}</span> ${path}</code>${open ? html` <span class="soft">no credentials needed</span>` : ''}</p>
${blocks(description)}
<pre class="whole" id="${line}" tabindex="0" aria-label="curl line of ${id}">${curlOf(operation, origin)}</pre>
<button type="button" data-copies="${line}" aria-label="Copy the curl line of ${id}">Copy</button>
${parameters.length === 0 ? '' : html`<h4>Parameters</h4>${parameterTable(document, parameters)}`}
${body === null ? '' : html`<h4>Body <span class="soft">${body.types.join(', ')}</span></h4>${schemaTable(document, body.schema)}${example(body.example)}`}
${answers.map(
  ({ statuses, types, schema, example: shown }) =>
    html`<h4>Answer ${statuses} <span class="soft">${types.join(', ')}</span></h4>${schemaTable(document, schema)}${example(shown)}`,
)}
<details><summary>Refusals</summary><ul>${operation.refusals.map(({ status, description: why }) => html`<li>${status} ${prose(why)}</li>`)}</ul></details>
</section>
`;
}

function parameterTable(document: Document, parameters: readonly Parameter[]): Html {
  return table(
    parameters.map(({ name, place, required, description, schema }) => ({
      name,
      type: `${membersOf(document, schema)[0]?.type ?? ''} in ${place}`,
      required,
      description,
    })),
  );
}

function schemaTable(document: Document, schema: Schema): Html {
  return table(membersOf(document, schema));
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

function table(rows: readonly Row[]): Html {
  return html`<div class="wide"><table><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Required</th><th scope="col">Meaning</th></tr></thead><tbody>
${rows.map(({ name, type, required, description }) => html`<tr><td><code>${name}</code></td><td>${type}</td><td>${required ? 'yes' : 'no'}</td><td>${prose(description)}</td></tr>`)}
</tbody></table></div>`;
}

function example(value: unknown): Html | string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return html`<pre tabindex="0" aria-label="example">${text}</pre>`;
}
