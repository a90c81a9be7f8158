import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalHost, canonicalMethod, canonicalTarget } from '../../../src/http/forward-auth/canonical.ts';

/** what is sent → the path that is matched; null: refused */
const PATHS: readonly (readonly [string, string | null])[] = [
  ['/', '/'],
  ['/a', '/a'],
  ['/a/', '/a/'],
  ['/a/b/c', '/a/b/c'],
  ['/A/b', '/A/b'],
  ['/a?x=1', '/a'],
  ['/a?', '/a'],
  ['/?a', '/'],
  ['/a?b?c', '/a'],
  ['/a?/../b', '/a'],
  ['/a?x=%2e%2e%2f%00', '/a'],
  ['/a?x=%', '/a'],
  ['/a?x=//', '/a'],
  ['/a?x=;', '/a'],
  ['/a?x=1,2', '/a'],
  ['/a,b', '/a,b'],
  ["/!$&'()*+,=:@", "/!$&'()*+,=:@"],
  ['/a-b._~', '/a-b._~'],
  ['/...', '/...'],
  ['/.well-known/x', '/.well-known/x'],
  ['/a.', '/a.'],
  ['/a..b', '/a..b'],
  ['/..a', '/..a'],
  ['/a%20b', '/a b'],
  ['/a%2Bb', '/a+b'],
  ['/a%2bb', '/a+b'],
  ['/a%40b', '/a@b'],
  ['/a%3Ab', '/a:b'],
  ['/a%5Bb%5D', '/a[b]'],
  ['/%7Ba%7D', '/{a}'],
  ['/%22', '/"'],
  ['/%C3%A9', '/é'],
  ['/%c3%a9', '/é'],
  ['/%F0%9F%98%80', '/😀'],
  ['/%EF%BB%BFa', '/\ufeffa'],
  ['', null],
  ['a', null],
  ['*', null],
  ['?', null],
  ['?/a', null],
  ['http://example.com/a', null],
  ['https://example.com/a', null],
  ['//', null],
  ['//a', null],
  ['/a//b', null],
  ['/a//', null],
  ['//example.com/a', null],
  ['/.', null],
  ['/..', null],
  ['/./a', null],
  ['/../a', null],
  ['/a/.', null],
  ['/a/..', null],
  ['/a/./b', null],
  ['/a/../b', null],
  ['/a/..?x', null],
  ['/%2e', null],
  ['/%2E%2e/a', null],
  ['/.%2e/a', null],
  ['/a%2fb', null],
  ['/a%2Fb', null],
  ['/a%5cb', null],
  ['/a%5Cb', null],
  ['/a\\b', null],
  ['/..\\b', null],
  ['/a%252fb', null],
  ['/a%25', null],
  ['/a;b', null],
  ['/a;jsessionid=1', null],
  ['/..;/a', null],
  ['/a%3bb', null],
  ['/a%3Bb', null],
  ['/a#b', null],
  ['/a?b#c', null],
  ['/a%23b', null],
  ['/a%3fb', null],
  ['/a%3Fb', null],
  ['/%00', null],
  ['/a%00.png', null],
  ['/%01', null],
  ['/%0a', null],
  ['/%0D%0Ax', null],
  ['/%1f', null],
  ['/%7f', null],
  ['/%7F', null],
  ['/%C2%85', null],
  ['/%61', null],
  ['/%41dmin', null],
  ['/%7A', null],
  ['/%30', null],
  ['/%39', null],
  ['/%2d', null],
  ['/%5f', null],
  ['/%5F', null],
  ['/%7e', null],
  ['/%7E', null],
  ['/a b', null],
  ['/a\tb', null],
  ['/a?b c', null],
  ['/a"b', null],
  ['/<a>', null],
  ['/{a}', null],
  ['/a|b', null],
  ['/a^b', null],
  ['/a`b', null],
  ['/[a]', null],
  ['/é', null],
  ['/Ã©', null],
  ['/a\u0000b', null],
  ['/a\u007f', null],
  ['/a\u2215b', null],
  ['/%', null],
  ['/%2', null],
  ['/%zz', null],
  ['/%u0041', null],
  ['/%C3', null],
  ['/%C3/%A9', null],
  ['/%A9', null],
  ['/%FF', null],
  ['/%C0%AF', null],
  ['/%C0%AE%C0%AE', null],
  ['/%E0%80%AF', null],
  ['/%F0%80%80%AF', null],
  ['/%ED%A0%80', null],
  ['/%F4%90%80%80', null],
  ['/public,?x', null],
  ['/public, /admin', null],
  ['/public,/admin', null],
  ['/public?x=,/admin', null],
  ['/public?x, /admin', null],
  ['/public,https://example.com/admin', null],
  ['/public,', null],
  ['/public?x=1, ', null],
  [`/${'a'.repeat(8_192)}`, null],
];

const SUB_DELIMITERS = /[!$&'()*+,=:@]/g;
const hex = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
/** encodes whatever may be encoded: of spellings of one path there is one such form */
const encodedWhole = (path: string): string => path.split('/').map(encodeURIComponent).join('/').replace(SUB_DELIMITERS, hex);
const upperHex = (raw: string): string => raw.replace(/%../g, (escaped) => escaped.toUpperCase());

/** more often near the seams than any text is */
const nearPath = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '/',
        '.',
        '..',
        '%',
        '%2f',
        '%2E',
        '%5C',
        '%25',
        ';',
        '#',
        '?',
        '\\',
        '%C3%A9',
        '%c3',
        '%20',
        'a',
        'B7',
        '~',
        ',',
        '@',
        ' ',
      ),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => `/${parts.join('')}`);

describe('paths', () => {
  it.each(PATHS)('SEC-39 %j', (sent, path) => {
    const result = canonicalTarget(sent);
    expect('value' in result ? result.value.path : null).toBe(path);
  });

  it('SEC-39 every escape of one byte is refused, or stands for a character that may have to be encoded', () => {
    const allowed = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).padStart(2, '0')}`).filter(
      (escaped) => 'value' in canonicalTarget(`/${escaped}`),
    );
    expect(allowed.map(decodeURIComponent).join('')).toBe(' !"$&\'()*+,:<=>@[]^`{|}');
  });

  it('SEC-39 8 KiB are the most of a path, whatever the query adds', () => {
    const longest = `/${'a'.repeat(8_191)}`;
    expect(canonicalTarget(longest)).toHaveProperty('value');
    expect(canonicalTarget(`${longest}?${'b'.repeat(9_000)}`)).toHaveProperty('value.path', longest);
    expect(canonicalTarget(`${longest}a`)).toEqual({ refused: 'path_too_long' });
  });

  it('SEC-39 any text is refused, or has one path that is encoded to the same bytes again', () => {
    fc.assert(
      fc.property(fc.oneof(nearPath, fc.string({ unit: 'binary' }), fc.webPath()), (sent) => {
        const result = canonicalTarget(sent);
        if ('refused' in result) return;
        const [raw = ''] = sent.split('?');
        expect(encodedWhole(result.value.path)).toBe(upperHex(raw).replace(SUB_DELIMITERS, hex));
        expect(result.value.path.split('/').length).toBe(raw.split('/').length);
        expect(result.value.path).not.toMatch(/[\\%;#?\p{Cc}]|\/\/|\/\.\.?(\/|$)/u);
      }),
      { numRuns: 3_000 },
    );
  });

  it('SEC-40 the query takes no part in the path', () => {
    fc.assert(
      fc.property(nearPath, fc.stringMatching(/^[!$-+\--~]*$/), (sent, query) => {
        const [path = ''] = sent.split('?');
        const bare = canonicalTarget(path);
        const asked = canonicalTarget(`${path}?${query}`);
        expect('value' in asked ? asked.value.path : asked).toEqual('value' in bare ? bare.value.path : bare);
      }),
    );
  });
});

describe('hosts', () => {
  it.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.com', 'example.com'],
    ['example.com:443', 'example.com'],
    ['example.com:8080', 'example.com'],
    ['localhost', 'localhost'],
    ['a-b.example', 'a-b.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.1:80', '10.0.0.1'],
    ['[::1]', '[::1]'],
    ['[::1]:8080', '[::1]'],
    ['[0:0:0:0:0:0:0:1]', '[::1]'],
    ['[2001:DB8::A]', '[2001:db8::a]'],
    ['[::ffff:10.0.0.1]', '[::ffff:a00:1]'],
    ['', null],
    ['example.com.', null],
    ['.example.com', null],
    ['a..b', null],
    ['-a.example', null],
    ['a_b.example', null],
    ['user@example.com', null],
    ['example.com, evil.example', null],
    ['example.com,evil.example', null],
    ['example.com evil.example', null],
    ['example.com/x', null],
    ['example.com?x', null],
    ['example.com#x', null],
    ['example.com\\x', null],
    ['example.com:', null],
    ['example.com:0', null],
    ['example.com:080', null],
    ['example.com:65536', null],
    ['example.com:80:80', null],
    ['example.com:http', null],
    ['bücher.example', null],
    ['%65xample.com', null],
    ['*.example.com', null],
    ['127.1', null],
    ['010.0.0.1', null],
    ['10.0.0.256', null],
    ['2130706433', null],
    ['0x7f.0.0.1', null],
    ['1.2.3.0x4', null],
    ['::1', null],
    ['[::1', null],
    ['[::1%25eth0]', null],
    ['[1::2::3]', null],
    [`${'a'.repeat(64)}.example`, null],
    [`${'a.'.repeat(126)}ab`, null],
  ])('SEC-39 %j', (sent, host) => {
    const result = canonicalHost(sent);
    expect('value' in result ? result.value : null).toBe(host);
  });
});

describe('methods', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH'])('SEC-41 %j stays as it was sent', (method) => {
    expect(canonicalMethod(method)).toEqual({ value: method });
  });

  it.each(['', 'get', 'Get', 'GET, POST', 'GET,POST', ' GET', 'G\u00c9T', 'GET\n', 'GET/1', '-GET', 'A'.repeat(33)])(
    'SEC-41 %j is refused',
    (method) => {
      expect(canonicalMethod(method)).toEqual({ refused: 'ambiguous_method' });
    },
  );
});
