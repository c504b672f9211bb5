import { lookup as lookUp, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Networks that only who is inside reaches: RFC 1918, RFC 6598, RFC 4193, this machine, links, and what is set aside by RFC 6890. */
const PRIVATE = new BlockList();
const RANGES: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];
for (const [network, prefix, family] of RANGES) PRIVATE.addSubnet(network, prefix, family);

/** An address leads to where it must not. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
  readonly code = 'PRIVATE_ADDRESS';
}

export function isPrivate(address: string): boolean {
  const family = isIP(address);
  // An IPv4 address in the form of IPv6 (::ffff:10.0.0.1) is matched by the list's IPv4 ranges.
  return family === 0 || PRIVATE.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Looks up names for a connection, and refuses those that lead to a private network: what was checked is what is connected to. */
export const publicLookup: LookupFunction = (host, options, answer) => {
  lookUp(host, { ...options, all: true }, (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => {
    if (error) return answer(error, [], 0);
    if (found.some(({ address }) => isPrivate(address)))
      return answer(new PrivateAddressError('the address leads to a private network'), [], 0);
    if (options.all === true) return answer(null, found);
    const [first] = found;
    return answer(null, first!.address, first!.family);
  });
};
