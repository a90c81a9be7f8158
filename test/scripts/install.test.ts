import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { causeOfNpmFailure, localNode, whatIsMissing } from '../../scripts/lib/install.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bitgate-install-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), JSON.stringify(content));
}

function lock(version: string): unknown {
  return { packages: { '': {}, 'node_modules/a': { version }, 'node_modules/other-platform': { version: '1.0.0', optional: true } } };
}

function installed(version: string): void {
  write('node_modules/.package-lock.json', { packages: { 'node_modules/a': { version } } });
  write('node_modules/a/package.json', {});
  mkdirSync(dirname(localNode(root)), { recursive: true });
  writeFileSync(localNode(root), '');
}

describe('what is missing', () => {
  it('is everything in a fresh clone', () => {
    write('package-lock.json', lock('1.0.0'));
    expect(whatIsMissing(root)).toBe('node_modules is missing');
  });

  it('is nothing when every package has its locked version; packages of other platforms may be absent', () => {
    write('package-lock.json', lock('1.0.0'));
    installed('1.0.0');
    expect(whatIsMissing(root)).toBeNull();
  });

  it('is a package whose version the lockfile has moved past', () => {
    write('package-lock.json', lock('1.1.0'));
    installed('1.0.0');
    expect(whatIsMissing(root)).toBe('`node_modules/a` is 1.0.0, and the lockfile asks for 1.1.0');
  });

  it('is a package whose folder was removed by hand', () => {
    write('package-lock.json', lock('1.0.0'));
    installed('1.0.0');
    rmSync(join(root, 'node_modules/a'), { recursive: true });
    expect(whatIsMissing(root)).toBe('`node_modules/a` is missing');
  });

  it('is the project’s own Node.js when its download was interrupted', () => {
    write('package-lock.json', lock('1.0.0'));
    installed('1.0.0');
    rmSync(localNode(root));
    expect(whatIsMissing(root)).toContain('is missing');
  });
});

describe('why npm failed', () => {
  it.each([
    ['npm error code ENOTFOUND', 'was not reached'],
    ['npm error code EACCES', 'could not be written'],
    ['npm error code ENOSPC', 'disk is full'],
    ['npm error code EUSAGE', 'do not agree'],
    ['npm error something else', 'its own message is above'],
  ])('after %s', (stderr, cause) => {
    expect(causeOfNpmFailure(stderr)).toContain(cause);
  });
});

describe('the lockfile', () => {
  const { packages }: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8'),
  );

  it('has every platform’s optional packages, without which `npm ci` refuses it everywhere', () => {
    const wanted = Object.values(packages).flatMap((each) => Object.keys(each.optionalDependencies ?? {}));
    const absent = wanted.filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)));
    expect(absent).toEqual([]);
  });

  it('has one workerd: tests, `npm start` and wrangler run the same', () => {
    expect(Object.keys(packages).filter((path) => path.endsWith('node_modules/workerd'))).toEqual(['node_modules/workerd']);
  });
});
