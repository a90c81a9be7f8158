/** Invitations that end users send, accept and decline with the tokens of their identity provider; those for an address prove it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, codeOf, makeKey, ROOT } from './client.ts';
import { traces } from './fuzz/world.ts';
import { makeIssuer } from './issuer.ts';
import { ask, idp, inGroups, makeTokenAcme, second } from './token-acme.ts';

beforeAll(makeTokenAcme);

const invite = async (body: object, token: string = ROOT): Promise<string> => {
  const answer = await ask('POST', '/invitations', token, body);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body.token;
};
const respond = (how: 'accept' | 'decline', token: string, by: string, more: object = {}): Promise<Answer> =>
  call('POST', `/invitations/${how}`, { token, ...more }, { token: by });
const accept = (token: string, by: string, more: object = {}): Promise<Answer> => respond('accept', token, by, more);
const views = async (subject: string): Promise<boolean> =>
  (await call('POST', '/check', { org: 'tokens', subject, action: 'view' })).body.decision;

/** Neither accepting nor declining works, nothing is written, and nobody is told the address. */
async function refusedFor(email: string, place: string, claims: object): Promise<void> {
  const link = await invite({ role: 'Viewer', email, scope: `folder:${place.replaceAll(' ', '-')}` });
  const token = await idp.sign('eve', { ...claims });
  const before = await traces();
  for (const how of ['accept', 'decline'] as const) {
    const answer = await respond(how, link, token);
    expect(codeOf(answer)).toBe('403 not_invited');
    expect(answer.text).not.toContain(email);
  }
  expect(await traces()).toBe(before);
}

describe('an invitation', () => {
  it('is accepted by whoever the token says, who need not be named', async () => {
    const accepted = await accept(await invite({ role: 'Viewer' }), await idp.sign('ivy'));
    expect([accepted.status, accepted.body.accepted.subject]).toEqual([200, 'user:ivy']);
    expect(await views('user:ivy')).toBe(true);
    const lines = await ask('GET', '/audit?limit=1', ROOT);
    expect(lines.body.items[0]).toMatchObject({ actor: 'user:ivy', action: 'invitation.accept' });
    const named = await accept(await invite({ role: 'Viewer' }), await idp.sign('jim'), { subject: 'user:jim' });
    expect(named.body.accepted.subject).toBe('user:jim');
  });

  it('is accepted and declined for nobody else, and taken by nobody that it is not for', async () => {
    const link = await invite({ role: 'Viewer' });
    const bound = await invite({ role: 'Viewer', subject: 'user:kim' });
    const before = await traces();
    for (const how of ['accept', 'decline'] as const) {
      expect(codeOf(await respond(how, link, await inGroups('ada', 'idp-owners'), { subject: 'user:lou' }))).toBe('403 not_invited');
      expect(codeOf(await respond(how, bound, await inGroups('ada', 'idp-owners')))).toBe('403 not_invited');
      // of another issuer it is another subject
      expect(codeOf(await respond(how, bound, await second.sign('kim')))).toBe('403 not_invited');
    }
    expect(await traces()).toBe(before);
    expect(codeOf(await accept(bound, await idp.sign('kim')))).toBe('200');
  });

  it('is declined with a token', async () => {
    const link = await invite({ role: 'Viewer' });
    const declined = await respond('decline', link, await idp.sign('lou'));
    expect([declined.status, declined.body.state]).toEqual([200, 'declined']);
  });

  it('proves who accepts by the issuers of its own organization', async () => {
    const link = await invite({ role: 'Viewer' });
    const stranger = await makeIssuer('https://stranger.example');
    const before = await traces();
    const elsewhere = link.replace('bgi_tokens_', 'bgi_nowhere_');
    expect(codeOf(await accept(link, await stranger.sign('mia')))).toBe('401 invalid_credentials');
    expect(codeOf(await accept(elsewhere, await idp.sign('mia')))).toBe('401 invalid_credentials');
    expect(codeOf(await accept('no-invitation', await idp.sign('mia')))).toBe('404 unknown_invitation');
    expect(codeOf(await accept(`${link}x`, await idp.sign('mia')))).toBe('404 unknown_invitation');
    expect(codeOf(await accept(link, await idp.sign('mia', { exp: 1_000 })))).toBe('401 invalid_credentials');
    expect(await traces()).toBe(before);
  });

  it('F68 is accepted from others alone', async () => {
    const own = await invite({ role: 'Viewer' }, await idp.sign('rae'));
    expect(codeOf(await accept(own, await idp.sign('rae')))).toBe('403 own_rights');
    expect(codeOf(await accept(own, await idp.sign('nan')))).toBe('200');
  });
});

describe('an invitation for an address', () => {
  it.each([
    ['that the token proves', 'ned@example.com', 'ned@example.com'],
    ['whatever the case of its letters', 'Ned.Two@Example.COM', 'ned.two@example.com'],
    ['with letters of any script', 'jürgen@exämple.de', 'jürgen@exämple.de'],
  ])('is accepted by a token with the address %s', async (_how, invited, proved) => {
    const link = await invite({ role: 'Viewer', email: invited });
    const subject = `by-${proved}`;
    expect(codeOf(await accept(link, await idp.sign(subject, { email: proved, email_verified: true })))).toBe('200');
    expect(await views(`user:${subject}`)).toBe(true);
  });

  it.each([
    ['no address', {}],
    ['another one', { email: 'eve@example.com', email_verified: true }],
    ['one of another domain', { email: 'pat@example.com.evil.example', email_verified: true }],
    ['it, verified in words', { email: 'pat@example.com', email_verified: 'yes' }],
    ['it, not verified', { email: 'pat@example.com', email_verified: false }],
    ['it, without saying that it is verified', { email: 'pat@example.com' }],
    ['it with a space', { email: ' pat@example.com', email_verified: true }],
    ['it among others', { email: ['pat@example.com', 'eve@example.com'], email_verified: true }],
  ])('is neither accepted nor declined by a token that proves %s', async (what, claims) => {
    await refusedFor('pat@example.com', what, claims);
  });

  it('is not accepted by a token with an address that only looks the same', async () => {
    // the sign of kelvin, which is a `k` once it is folded
    await refusedFor('kat@example.com', 'kelvin', { email: '\u212aat@example.com', email_verified: true });
  });

  it('is proved by an address, not by a subject of that name', async () => {
    const link = await invite({ role: 'Viewer', email: 'quinn@example.com' });
    expect(codeOf(await accept(link, await idp.sign('quinn@example.com')))).toBe('403 not_invited');
  });

  it('is for root and keys as before: whoever gave them the link answers for the address', async () => {
    const link = await invite({ role: 'Viewer', email: 'rob@example.com' });
    expect(codeOf(await accept(link, ROOT, { subject: 'user:rob' }))).toBe('200');
    const { token } = await makeKey('tokens', []);
    expect(codeOf(await accept(await invite({ role: 'Viewer', email: 'sue@example.com' }), token))).toBe('200');
  });
});

describe('SEC-46 an invitation from somebody with a token', () => {
  it('offers what its sender is assigned', async () => {
    expect(codeOf(await accept(await invite({ role: 'Viewer' }, await idp.sign('rae')), await idp.sign('tom')))).toBe('200');
    expect(await views('user:tom')).toBe(true);
  });

  it.each(['idp-admins', 'idp-owners'])(
    'offers nothing that a token alone gives: its sender is judged again, without it (%s)',
    async (group) => {
      const token = await inGroups('ada', group);
      const before = await traces();
      const refused = await ask('POST', '/invitations', token, { role: 'Viewer' });
      expect(codeOf(refused)).toBe('403 token_rights');
      expect(await traces()).toBe(before);
      const { body } = await ask('POST', '/invitations', ROOT, { role: 'Viewer' });
      expect(codeOf(await ask('POST', `/invitations/${body.id}/resend`, token))).toBe('403 token_rights');
      expect(codeOf(await ask('DELETE', `/invitations/${body.id}`, token))).toBe('200');
    },
  );

  it('is worth what its sender could assign, and not what whoever accepts could', async () => {
    await ask('POST', '/assignments', ROOT, { subject: 'user:una', role: 'Administrator', scope: 'org' });
    const link = await invite({ role: 'Viewer' }, await idp.sign('una'));
    await ask('PUT', '/members/user:una', ROOT, { roles: [] });
    const before = await traces();
    for (const by of [await inGroups('ada', 'idp-owners'), await inGroups('vic', 'idp-admins')])
      expect(codeOf(await accept(link, by))).toBe('403 inviter_lacks_rights');
    expect(await traces()).toBe(before);
  });

  it('is void once its sender is suspended, also when they accept it elsewhere by another name', async () => {
    await ask('POST', '/assignments', ROOT, { subject: 'user:wes', role: 'Administrator', scope: 'org' });
    const link = await invite({ role: 'Viewer' }, await idp.sign('wes'));
    await ask('PATCH', '/subjects/user:wes', ROOT, { status: 'suspended' });
    expect(codeOf(await accept(link, await second.sign('wes')))).toBe('403 inviter_lacks_rights');
  });
});
