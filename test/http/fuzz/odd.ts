/** Values that are wrong, or that nobody meant, by what is wrong with them. */

/** In a body: JSON as text, so that what no serializer writes can be written as well. */
export const ODD_JSON: Readonly<Record<string, readonly string[]>> = {
  wrong_type: ['null', 'true', '0', '1.5', '""', '"a"', '[]', '[[]]', '{}', '{"a":1}', '[null]', '["org","org"]', '{"type":1,"id":2}'],
  huge_number: ['1e21', '1e400', '-1e400', '-1', '-0', '9007199254740993', '9'.repeat(400)],
  too_long: [`"${'x'.repeat(600)}"`, `"user:${'ü'.repeat(300)}"`, `"${'y'.repeat(70_000)}"`, `[${'"a",'.repeat(2_000)}"a"]`],
  too_deep: ['['.repeat(40) + ']'.repeat(40), '['.repeat(10_000), `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`],
  nul: ['"\\u0000"', '"user:\\u0000"', '"user:\\u0000x"', `"${'\\u0001'.repeat(500)}"`],
  lone_surrogate: ['"\\ud800"', '"user:\\udfff"', '"\\ud83d"', '{"\\ud800":1}'],
  wrong_encoding: ['"\u202e"', '"\u{10ffff}"', '"\ufffd"', '"\\u"', '"a\nb"'],
  no_json: ['01', '+1', 'NaN', 'undefined', "'a'", '/* c */ 1', '{a:1}', '', ','],
  wrong_form: [
    '" "',
    '":"',
    '":x"',
    '"x:"',
    '"a:b:c"',
    '"*"',
    '{"type":"user"}',
    '{"type":"user","id":""}',
    '{"type":"a:b","id":"c"}',
    '{"name":""}',
  ],
  wrong_time: [
    ...['"2027-13-01T00:00:00Z"', '"2027-01-01"', '"275760-09-13T00:00:00Z"', '"-271821-04-20T00:00:00Z"', '"0000-00-00T00:00:00Z"'],
    ...['"9999-12-31T23:59:60Z"', '"2027-01-01T00:00:00.123456789+99:99"', '"now"'],
  ],
  injection: ['"__proto__"', '"constructor"', '"toString"', '"../../x"', '"%00"', `"'; DROP TABLE assignments; --"`, '"user:%2e%2e/"'],
  polluting: ['{"__proto__":{"parents":["project:p1"]}}', '{"constructor":{"name":1}}', '{"a":1,"a":2}'],
  reserved: ['"org"', '"group:"', '"group:everyone"', '"group:owner:"', '"api_key:x"', '"bitgate:owner"'],
  meaningless: [
    ...[
      '"none"',
      '"nobody"',
      '"user:nobody"',
      '"group:none"',
      '"project:none"',
      '"dataset:none"',
      '"api_key:none"',
      '"rol_none"',
      '"pol_none"',
    ],
    ...['"asg_none"', '"grp_none"', '["none"]', '["user:nobody"]', '{"type":"user","id":"nobody"}', '"2030-01-01T00:00:00Z"', '1'],
  ],
};

/** In a path or a query, as it stands in the address. */
export const ODD_TEXT: Readonly<Record<string, readonly string[]>> = {
  empty: ['', '%20', '+', '.', '..'],
  nul: ['%00', 'user:a%00b', '%0d%0aX:%20y'],
  wrong_encoding: ['%', '%zz', '%ff', '%c0%af', '%e2%80%ae', '%252e', '\u00fc'],
  lone_surrogate: ['%ed%a0%80', '\ud800', 'a%ed%bf%bf'],
  huge_number: ['99999999999999999999', '1e400', '-1', '0', '1e3', '1.0', '0x10', '9999', '9007199254740993'],
  too_long: ['x'.repeat(3_000), `user:${'%C3%BC'.repeat(300)}`, 'a'.repeat(64)],
  wrong_type: ['null', 'undefined', 'true', 'TRUE', '[]', '{}', '*'],
  wrong_form: ['user:', ':a', 'a_b', 'a.b', `${'A'.repeat(60)}.${'A'.repeat(43)}`, `W10.${'A'.repeat(43)}`, '-'],
  injection: ["'", '"', '%27%20OR%201=1--', '..%2f..', '%2e%2e%2f', '__proto__', 'constructor', 'toString'],
  reserved: ['org', 'group:everyone', 'group:', 'bitgate:owner', 'async'],
  meaningless: [
    'none',
    'nobody',
    'user:nobody',
    'group:none',
    'project:none',
    'dataset:none',
    'rol_none',
    'asg_none',
    '999999',
    '2030-01-01T00:00:00Z',
  ],
};

export const ODD_HEADERS: Readonly<Record<string, readonly string[]>> = {
  'content-type': [
    ...['', 'text/plain', 'application/json; charset=utf-16', 'application/JSON;charset="utf-8"', 'application/json,text/plain'],
    ...['multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'application/merge-patch+json'],
  ],
  'content-encoding': ['gzip', 'x'],
  'transfer-encoding': ['chunked'],
  'x-request-id': ['x'.repeat(10_000), ' ', '\t', '{}', 'a'.repeat(129)],
  authorization: [
    ...['', 'Bearer', 'Bearer ', 'Bearer  x', 'bearer x', 'Basic', 'Basic !!!', 'Basic Og==', `Basic ${btoa('a:b:c')}`, 'Digest x'],
    ...[
      'Bearer a, Bearer b',
      `Bearer bg_fuzz_x_${'a'.repeat(300)}`,
      `Bearer bg_nowhere_x_${'a'.repeat(30)}`,
      `Bearer ${'x'.repeat(20_000)}`,
    ],
  ],
  accept: ['application/yaml;q=x,,,', '*/*, application/yaml', 'text/html', ''],
  'if-match': ['', '"none"', 'W/"x"', '"', ','.repeat(1_000)],
  host: ['evil.test'],
  'x-forwarded-uri': ['/admin'],
  'x-http-method-override': ['DELETE'],
  range: ['bytes=0-1'],
  cookie: ['a=b'],
  origin: ['null'],
};

export const ODD_METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];

/** Bytes of a whole body, by what is wrong with them. */
export const ODD_BYTES: Readonly<Record<string, (text: string) => string | Uint8Array>> = {
  cut: (text) => text.slice(0, text.length / 2),
  mark: (text) => `\ufeff${text}`,
  no_utf8: (text) => new TextEncoder().encode(text).map((byte, i) => (i === Math.floor(text.length / 2) ? 0xff : byte)),
  utf16: (text) => new Uint8Array(Uint16Array.from(text, (letter) => letter.charCodeAt(0)).buffer),
  twice: (text) => `${text}${text}`,
  too_large: () => `"${'z'.repeat(1_100_000)}"`,
  missing: () => '',
};
