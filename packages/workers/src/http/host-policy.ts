/** Which hosts and addresses the HTTP worker may reach: public ones, and what the operator lists. */
import { BlockList, isIP } from 'node:net';

/** Never opened by naming a host, only by listing the address: link-local (cloud metadata), unspecified, multicast, reserved. */
const DANGEROUS: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['100.100.100.200', 32, 'ipv4'],
  ['fe80::', 10, 'ipv6'],
  ['fec0::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  ['fd00:ec2::', 32, 'ipv6'],
  // Forms that carry an IPv4 address inside: compatible, NAT64, 6to4, Teredo; documentation and discard ranges.
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['100::', 64, 'ipv6'],
];
/** Opened by naming the host or listing the address. */
const INTERNAL: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['fc00::', 7, 'ipv6'],
];

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

interface NameRule {
  readonly name: string;
  readonly subdomains: boolean;
  readonly port: number | undefined;
}

export class HostPolicy {
  readonly #dangerous = blockList(DANGEROUS);
  readonly #internal = blockList(INTERNAL);
  readonly #names: NameRule[] = [];
  readonly #ranges: { readonly list: BlockList; readonly port: number | undefined }[] = [];
  readonly #public: boolean;

  /** `allow`: the text of PROCOS_HTTP_ALLOW. Throws an `Error` for an entry that cannot be understood. */
  constructor(allow: string, publicHosts: boolean) {
    this.#public = publicHosts;
    for (const entry of allow.split(',')) if (entry.trim() !== '') this.#add(entry.trim().toLowerCase());
  }

  /** May this name be asked for at all? Asked before a name is resolved; addresses are judged by `address`. */
  host(host: string, port: number): Verdict {
    if (isIP(host) !== 0 || this.#named(host, port)) return { allowed: true };
    if (/(^|\.)localhost\.*$/i.test(host) && this.#ranges.length === 0) {
      return refused(`${host} is this machine; list it in PROCOS_HTTP_ALLOW if it is meant`);
    }
    if (this.#public) return { allowed: true };
    return refused(`host ${host} is not listed in PROCOS_HTTP_ALLOW and PROCOS_HTTP_PUBLIC is false`);
  }

  /** May a connection to this address be opened for this host name? */
  address(address: string, host: string, port: number): Verdict {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const listed = this.#ranges.some(
      (range) => (range.port === undefined || range.port === port) && range.list.check(address, family),
    );
    if (listed) return { allowed: true };
    if (this.#dangerous.check(address, family) || lowIPv6(address)) {
      return refused(
        `${address} is a link-local, metadata or reserved address; list the address itself in PROCOS_HTTP_ALLOW if it is meant`,
      );
    }
    const named = this.#named(host, port);
    if (this.#internal.check(address, family) || isLoopback6(address)) {
      return named
        ? { allowed: true }
        : refused(
            `${address} is a loopback or private address; list ${host}:${port} in PROCOS_HTTP_ALLOW if it is meant`,
          );
    }
    if (this.#public || named) return { allowed: true };
    return refused(`${address} is not listed in PROCOS_HTTP_ALLOW and PROCOS_HTTP_PUBLIC is false`);
  }

  #named(host: string, port: number): boolean {
    const name = host.toLowerCase().replace(/\.+$/, '');
    return this.#names.some(
      (rule) =>
        (rule.port === undefined || rule.port === port) &&
        (rule.subdomains ? name.endsWith(`.${rule.name}`) : name === rule.name),
    );
  }

  #add(entry: string): void {
    const range = /^\[?([0-9a-f:.]+?)\]?\/(\d{1,3})$/.exec(entry);
    const [, bracketed, bracketPort] = /^\[([0-9a-f:.]+)\](?::(\d+))?$/.exec(entry) ?? [];
    const [, plain = '', plainPort] = /^([^:]+)(?::(\d+))?$/.exec(entry) ?? [];
    const address = bracketed ?? (isIP(entry) === 6 ? entry : isIP(plain) === 4 ? plain : undefined);
    const portText = bracketed === undefined ? plainPort : bracketPort;
    const port = portText === undefined ? undefined : Number(portText);
    const list = new BlockList();
    try {
      if (range?.[1] !== undefined) list.addSubnet(range[1], Number(range[2]), isIP(range[1]) === 6 ? 'ipv6' : 'ipv4');
      else if (address !== undefined) list.addAddress(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
      else if (/^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/.test(plain)) {
        const name = plain.replace(/^\*\./, '').replace(/\.$/, '');
        this.#names.push({ name, subdomains: plain.startsWith('*.'), port });
        return;
      } else throw new Error('neither a host nor an address');
    } catch {
      throw new Error(`PROCOS_HTTP_ALLOW: '${entry}' is not host, host:port, *.domain, address or CIDR range.`);
    }
    this.#ranges.push({ list, port });
  }
}

function blockList(ranges: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix, family] of ranges) list.addSubnet(net, prefix, family);
  return list;
}

function refused(reason: string): Verdict {
  return { allowed: false, reason };
}

function isLoopback6(address: string): boolean {
  return isIP(address) === 6 && new URL(`http://[${address.split('%')[0]}]`).hostname === '[::1]';
}

/** `::/96` except `::1`: the unspecified address and IPv4-compatible addresses (not the mapped `::ffff:0:0/96`). */
function lowIPv6(address: string): boolean {
  if (isIP(address) !== 6 || isLoopback6(address)) return false;
  const compact = new URL(`http://[${address.split('%')[0]}]`).hostname;
  return /^\[::([0-9a-f]{1,4})?(:[0-9a-f]{1,4})?\]$/.test(compact);
}
