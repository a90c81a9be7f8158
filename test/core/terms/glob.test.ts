/** Patterns against a naive matcher, and what they cost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPattern, matchesPattern } from '../../../src/core/terms/glob.ts';

/** Tries everything: a star is nothing, or one more character. */
function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*') return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)));
  return pattern[0] === text[0] && naive(pattern.slice(1), text.slice(1));
}

describe('a pattern', () => {
  it('matches what the naive matcher matches', () => {
    const letters = (alphabet: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength });
    fc.assert(
      fc.property(letters('ab*', 7), letters('ab', 9), (pattern, text) => {
        expect(matchesPattern(pattern, text)).toBe(naive(pattern, text));
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['*', '', true],
    ['*', 'anything *', true],
    ['**', '', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*a*', 'bab', true],
    ['ab*bc', 'abc', false],
    ['*ab*ab*', 'abab', true],
    ['*aba*aba', 'ababa', false],
    ['a.*', 'abc', false],
    ['[a]?', '[a]?', true],
    ['Ä*', 'Äpfel', true],
    ['a*', 'A', false],
  ])('%j and %j: %s', (pattern, text, expected) => {
    expect(matchesPattern(pattern, text)).toBe(expected);
  });

  it('has 1 to 256 characters and 8 stars at most', () => {
    expect(['a', '*', 'x'.repeat(256), '*a'.repeat(8)].map(isPattern)).toEqual([true, true, true, true]);
    expect(['', 'x'.repeat(257), '*a'.repeat(9), '*'.repeat(9)].map(isPattern)).toEqual([false, false, false, false]);
  });

  it('that would make a backtracking matcher hang is answered', () => {
    const text = 'a'.repeat(16_000);
    for (let i = 0; i < 100; i++) expect(matchesPattern('*a*a*a*a*a*a*a*b', text)).toBe(false);
    for (let i = 0; i < 100; i++) expect(matchesPattern('a*a*a*a*a*a*ab*c', `${text}c`)).toBe(false);
  });
});
