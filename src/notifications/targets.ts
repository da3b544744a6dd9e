import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { createNetworks } from '../access/identity/networks.ts';
import type { Text } from '../fhir/outcome.ts';

/** Where the server may send to. */
export interface Targets {
  /** Why an address is none to send to, as far as it says so itself; undefined: it may be one. */
  problem(url: string): Text | undefined;
  /** Finds the addresses of a name for a connection, and fails when one of them is inside of the server's own network. */
  lookup: LookupFunction;
}

/** What the operator allows beyond what is safe for a server on the Internet. */
export interface TargetSettings {
  /** Networks inside that may be sent to all the same. */
  networks: readonly string[];
  /** Whether plain HTTP is allowed. */
  http: boolean;
}

/**
 * Addresses that lead back into the network of the server: this machine, private networks, what answers about the machine
 * itself (169.254.169.254), and all else that is not of the open Internet
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry).
 */
const insideIPv4 = createNetworks([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]);
/** What is not global unicast, and of that documentation and what holds an IPv4 address (Teredo, 6to4). */
const insideIPv6 = createNetworks([
  ...['::/3', '2001::/32', '2001:db8::/32', '2002::/16', '3fff::/20', '4000::/2', '8000::/1'],
]);
const inside = (address: string) => (isIP(address) === 6 ? insideIPv6(address) : insideIPv4(address));

const refusedInside: Text = {
  zh: '地址在服务器自己的网络内(设置 SUBSCRIPTION_NETWORKS 可放行)',
  en: "it is inside of the server's own network (allowed by the setting SUBSCRIPTION_NETWORKS)",
};

/** Names of this machine and of what is not of the open Internet (RFC 6761, RFC 6762, RFC 8375). */
const insideName = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|localdomain)\.?$/i;

/** What is refused, and what was looked up is checked at the moment of connecting: a name can lead elsewhere by then. */
export function createTargets({ networks, http }: TargetSettings): Targets {
  const isAllowed = createNetworks(networks);
  const isInside = (address: string) => inside(address) && !isAllowed(address);
  return {
    problem: (text) => {
      const url = URL.parse(text);
      if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
        return { zh: '须为 https 地址', en: 'it must be an https URL' };
      if (url.protocol === 'http:' && !http)
        return {
          zh: '须为 https(设置 SUBSCRIPTION_HTTP=on 可放行 http)',
          en: 'it must be https (plain http is allowed by the setting SUBSCRIPTION_HTTP=on)',
        };
      if (url.username !== '' || url.password !== '')
        return {
          zh: '地址中不得有用户名和密码;请用 channel.header',
          en: 'no user name and password in the URL; use channel.header',
        };
      if (url.hash !== '') return { zh: '地址中不得有 #', en: 'no # in the URL' };
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const isWithin = isIP(host) ? isInside(host) : insideName.test(host) && networks.length === 0;
      return isWithin ? refusedInside : undefined;
    },
    lookup: (host, options, callback) => {
      lookup(host, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, []);
        const refused = addresses.find(({ address }) => isInside(address));
        if (refused) return callback(new RefusedTarget(), []);
        if (options.all) return callback(null, addresses);
        const [first] = addresses;
        return callback(null, first!.address, first!.family);
      });
    },
  };
}

/** A name leads into the server's own network. */
export class RefusedTarget extends Error {
  constructor() {
    super(refusedInside.en);
  }
}
