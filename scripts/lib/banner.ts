/** What `npm start` prints when it is ready: everything a newcomer needs, and every command works when pasted. */
import { DEMO_ORG } from './demo.ts';

export interface BannerFacts {
  readonly origin: string;
  /** as the user may type it: relative where that is shorter */
  readonly state: string;
  readonly rootToken: string;
  /** absent when nothing was loaded */
  readonly demo: DemoFacts | null;
  readonly seconds: number;
}

export interface DemoFacts {
  readonly key: string;
  readonly questions: readonly ExampleQuestion[];
}

/** A check with its answer; subject and resource as `type:id`. */
export interface ExampleQuestion {
  readonly subject: string;
  readonly action: string;
  readonly resource: string;
  readonly decision: boolean;
}

export function banner(facts: BannerFacts): string {
  return [
    '',
    `  bitgate is ready on ${facts.origin}  (${facts.seconds.toFixed(1)} s)`,
    '',
    `  root token  ${facts.rootToken}`,
    ...(facts.demo ? demoLines(facts, facts.demo) : emptyLines(facts)),
    '',
    `  API         ${facts.origin}/docs   (OpenAPI: ${facts.origin}/openapi.json)`,
    `  state       ${facts.state}   (SQL by hand: npx wrangler d1 execute DB --local --persist-to ${shellWord(facts.state)} --command "…")`,
    '  stop        Ctrl+C',
    '',
  ].join('\n');
}

function demoLines(facts: BannerFacts, demo: DemoFacts): string[] {
  return [
    `  demo key    ${demo.key}`,
    '',
    ...demo.questions.flatMap((question) => [sentence(question), check(facts.origin, demo.key, question), '']),
    ...demo.questions
      .slice(-1)
      .flatMap((question) => ['  # why', why(facts, question), '', '  # who may', whoMay(facts.origin, demo.key, question), '']),
    '  # compile and publish what changed, also by SQL',
    `  curl -X POST ${facts.origin}/admin/orgs/${DEMO_ORG}/recompile -H 'authorization: Bearer ${facts.rootToken}'`,
  ];
}

function emptyLines(facts: BannerFacts): string[] {
  const body = JSON.stringify({ id: 'acme', preset: 'datahub' });
  return [
    '',
    '  # create an organization',
    `  curl ${facts.origin}/admin/orgs -H 'authorization: Bearer ${facts.rootToken}' -H 'content-type: application/json' -d ${shellWord(body)}`,
  ];
}

function sentence({ subject, action, resource, decision }: ExampleQuestion): string {
  return `  # ${decision ? 'allowed' : 'denied'}: ${subject}, ${action}, ${resource}`;
}

function check(origin: string, key: string, { subject, action, resource }: ExampleQuestion): string {
  const body = { subject, action, resource };
  return `  curl ${origin}/check -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d ${shellWord(JSON.stringify(body))}`;
}

function why({ origin, rootToken }: BannerFacts, question: ExampleQuestion): string {
  const { subject, action, resource } = question;
  const query = new URLSearchParams({ subject, action, resource, explain: 'true' });
  const url = shellWord(`${origin}/orgs/${DEMO_ORG}/check?${query}`);
  return `  curl ${url} -H 'authorization: Bearer ${rootToken}' -H 'accept: text/plain'`;
}

function whoMay(origin: string, key: string, { action, resource }: ExampleQuestion): string {
  const body = shellWord(JSON.stringify({ action, resource }));
  return `  curl ${origin}/list/subjects -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d ${body}`;
}

/** Quotes for sh, only where it is needed. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
