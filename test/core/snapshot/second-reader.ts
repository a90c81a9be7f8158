/** A reader of catalogs and manifests written from FORMAT.md alone: by section numbers, without any of the code that it is held against. */

interface Pieces {
  readonly count: number;
  u8(section: number): number[];
  u16(section: number): number[];
  u32(section: number): number[];
  f64(section: number): number[];
  /** the texts of the list or table whose `starts` are in this section */
  texts(section: number): string[];
  hashes(section: number): string[];
}

function open(bytes: Uint8Array, letter: string): Pieces {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(8, true);
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== `bg${letter}1` || view.getUint32(4, true) !== bytes.length)
    throw new Error('no piece');
  const up = (at: number): number => at + ((8 - (at % 8)) % 8);
  const places: { from: number; length: number }[] = [];
  let from = up(16 + 4 * count);
  for (let i = 0; i < count; i++) {
    const length = view.getUint32(16 + 4 * i, true);
    places.push({ from, length });
    from = up(from + length);
  }
  const read = (section: number, width: number, get: (at: number) => number): number[] => {
    const place = places[section]!;
    return Array.from({ length: place.length / width }, (_, i) => get(place.from + i * width));
  };
  const u32 = (section: number): number[] => read(section, 4, (at) => view.getUint32(at, true));
  const part = (section: number, start: number, end: number): Uint8Array =>
    bytes.subarray(places[section]!.from + start, places[section]!.from + end);
  return {
    count,
    u8: (section) => read(section, 1, (at) => view.getUint8(at)),
    u16: (section) => read(section, 2, (at) => view.getUint16(at, true)),
    u32,
    f64: (section) => read(section, 8, (at) => view.getFloat64(at, true)),
    texts: (section) => {
      const starts = u32(section);
      return starts
        .slice(1)
        .map((end, i) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part(section + 1, starts[i]!, end)));
    },
    hashes: (section) =>
      Array.from({ length: places[section]!.length / 32 }, (_, i) => Buffer.from(part(section, i * 32, i * 32 + 32)).toString('hex')),
  };
}

/** The table of names in sections 0 and 1. */
function sharing(piece: Pieces): string[] {
  const [lengths, rests] = [piece.u16(0), piece.u8(1)];
  const texts: number[][] = [];
  for (let i = 0; i < lengths.length; i += 2) {
    texts.push([...(texts.at(-1) ?? []).slice(0, lengths[i]), ...rests.splice(0, lengths[i + 1]!)]);
  }
  return texts.map((text) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(text)));
}

export function readCatalog(bytes: Uint8Array): unknown {
  const piece = open(bytes, 'c');
  const [starts, lists, bitsets] = [piece.u32(36), piece.u16(37), piece.u32(38)];
  const names = sharing(piece);
  const words = Math.ceil(names.length / 32);
  const row = (reference: number): number[] => {
    const i = Math.floor(reference / 2);
    if (reference % 2 === 0) return lists.slice(starts[i], starts[i + 1]);
    return names.flatMap((_, bit) => ((bitsets[i * words + Math.floor(bit / 32)]! / 2 ** (bit % 32)) % 2 >= 1 ? [bit] : []));
  };
  const rows = (section: number): number[][] => piece.u32(section).map(row);
  const types = piece.texts(5);
  const projects = piece.texts(7);
  const typed = piece.u16(3);
  const typesOf = rows(4);
  const texts = piece.texts(39);
  const flags = { privilege: piece.u8(2), role: piece.u8(14), policy: piece.u8(26) };
  const has = (value: number, flag: number): boolean => Math.floor(value / flag) % 2 === 1;
  const columns = [15, 16, 17, 18, 19, 20, 27, 28, 29, 35].map((section) => [section, rows(section)] as const);
  const at = new Map(columns);
  return {
    privileges: names.map((name, bit) => ({
      name,
      org: has(flags.privilege[bit]!, 1),
      project: has(flags.privilege[bit]!, 2),
      types: (typesOf[typed.indexOf(bit)] ?? []).map((type) => types[type]),
      impliesAll: has(flags.privilege[bit]!, 4),
    })),
    roles: piece.texts(9).map((id, i) => ({
      id,
      project: projects[piece.u32(13)[i]!],
      name: piece.texts(11)[i],
      all: has(flags.role[i]!, 1),
      reachesRestricted: has(flags.role[i]!, 2),
      allow: at.get(15)![i],
      deny: at.get(16)![i],
      inline: at.get(17)![i],
      special: at.get(18)![i],
      policies: at.get(19)![i],
      inherits: at.get(20)![i],
    })),
    policies: piece.texts(21).map((id, i) => ({
      id,
      project: projects[piece.u32(25)[i]!],
      name: piece.texts(23)[i],
      effect: has(flags.policy[i]!, 1) ? 'deny' : 'allow',
      active: has(flags.policy[i]!, 2),
      bits: at.get(27)![i],
      named: at.get(28)![i],
      types: at.get(29)![i]!.map((type) => types[type]),
      condition: piece.u16(30)[i] === 65_535 ? -1 : piece.u16(30)[i],
    })),
    groups: piece.texts(31).map((id, i) => ({ id, name: piece.texts(33)[i], above: at.get(35)![i] })),
    conditions: texts.slice(0, -2),
    settings: texts.at(-2),
    routes: texts.at(-1),
  };
}

export function readManifest(bytes: Uint8Array): unknown {
  const piece = open(bytes, 'm');
  const directory = (first: number): unknown[] => {
    const [hashes, lengths, weights, tops] = [piece.hashes(first + 2), piece.u32(first + 3), piece.u32(first + 4), piece.u32(first + 5)];
    return piece.texts(first).map((firstKey, i) => ({ firstKey, hash: hashes[i], bytes: lengths[i], weight: weights[i], top: tops[i] }));
  };
  return {
    organization: piece.texts(2)[0],
    revision: piece.f64(0)[0],
    catalog: { hash: piece.hashes(4)[0], bytes: piece.u32(1)[1] },
    reserved: piece.texts(5),
    leaves: { principals: directory(7), resources: directory(13), keys: directory(19) },
  };
}

export function readKeys(bytes: Uint8Array): unknown {
  const piece = open(bytes, 'k');
  const [hashes, previous, times] = [piece.hashes(4), piece.hashes(5), piece.f64(6)];
  const bound = (time: number): number | null => (Math.abs(time) === Number.POSITIVE_INFINITY ? null : time);
  return piece.texts(0).map((key, i) => ({
    key,
    hash: hashes[i],
    previousHash: times[2 * i] === Number.NEGATIVE_INFINITY ? null : previous[i],
    previousUntil: bound(times[2 * i]!),
    disabled: piece.u8(2)[i] === 1,
    expiresAt: bound(times[2 * i + 1]!),
    project: piece.texts(7)[i],
    forwardAuth: ['', 'nginx', 'forwarded', 'envoy'][piece.u8(3)[i]!],
  }));
}
