/** RULE.md section 8, `in_cidr`, for the oracle: by Node's own parser of addresses and its list of blocks. */
import { BlockList, isIP, isIPv4 } from 'node:net';

type Family = 'ipv4' | 'ipv6';

const mapped = new BlockList();
mapped.addSubnet('::ffff:0:0', 96, 'ipv6');

/** @throws Error when one of the texts is none */
export function inCidr(address: string, cidr: string): boolean {
  const [base, bits, ...more] = cidr.split('/');
  if (base === undefined || bits === undefined || more.length > 0) throw new Error('no network');
  const [given, written] = [familyOf(address), familyOf(base)];
  const length = Number(bits);
  if (String(length) !== bits || !Number.isInteger(length) || length < 0 || length > (written === 'ipv4' ? 32 : 128))
    throw new Error('no length');
  if (isV4(address, given) !== (isV4(base, written) && (written === 'ipv4' || length >= 96))) return false;
  const block = new BlockList();
  block.addSubnet(base, length, written);
  return block.check(address, given);
}

function familyOf(address: string): Family {
  // Node takes zones, which name an interface of one machine
  if (isIP(address) === 0 || address.includes('%')) throw new Error('no address');
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

function isV4(address: string, family: Family): boolean {
  return family === 'ipv4' || mapped.check(address, family);
}
