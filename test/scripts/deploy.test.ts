import { describe, expect, it } from 'vitest';
import { deploy, type Wrangler } from '../../scripts/lib/deploy-steps.ts';

/** A wrangler whose answers are exit codes by the start of the command; everything else succeeds. */
function fake(codes: Record<string, number>, secrets: readonly string[], described = false) {
  const commands: string[] = [];
  const said: string[] = [];
  const wrangler: Wrangler = async (args, { input } = {}) => {
    const command = args.join(' ');
    commands.push(input === undefined ? command : `${command} < input`);
    const code = Object.entries(codes).find(([start]) => command.startsWith(start))?.[1] ?? 0;
    return { code, output: JSON.stringify(secrets.map((name) => ({ name }))) };
  };
  return { commands, said, run: () => deploy(wrangler, described, (line) => void said.push(line)) };
}

describe('a deployment', () => {
  it('makes the database the first time, applies migrations before the Worker, and sets the secrets', async () => {
    const { commands, said, run } = fake({ 'd1 info': 1 }, []);
    await run();
    expect(commands).toEqual([
      'whoami --json',
      'd1 info bitgate --json',
      'd1 create bitgate --update-config=false',
      'd1 migrations apply DB --remote',
      'deploy',
      'secret list',
      'secret put BITGATE_SIGNING_KEY < input',
      'secret put BITGATE_ROOT_TOKEN < input',
    ]);
    expect(said[0]).toMatch(/^root token, shown only now: root_[\w-]{43}$/);
    expect(said[1]).toContain('custom domain');
  });

  it('leaves database and secrets alone the next time', async () => {
    const { commands, said, run } = fake({}, ['BITGATE_SIGNING_KEY', 'BITGATE_ROOT_TOKEN']);
    await run();
    expect(commands).toEqual(['whoami --json', 'd1 info bitgate --json', 'd1 migrations apply DB --remote', 'deploy', 'secret list']);
    expect(said.join()).not.toContain('root token');
  });

  it('builds the description in when it is wanted', async () => {
    const { commands, run } = fake({}, [], true);
    await run();
    expect(commands).toContain('deploy --define DESCRIBED:true');
  });

  it('stops before anything when nobody is logged in, and says what to do', async () => {
    const { commands, run } = fake({ whoami: 1 }, []);
    await expect(run()).rejects.toThrow('run `npx wrangler login`');
    expect(commands).toEqual(['whoami --json']);
  });

  it('does not deploy over migrations that failed', async () => {
    const { commands, run } = fake({ 'd1 migrations': 1 }, []);
    await expect(run()).rejects.toThrow('applying the migrations failed');
    expect(commands).not.toContain('deploy');
  });
});
