import type { FlannelFacts } from '../model/flannel';
import { whole } from './record';

/** IPv4 or IPv6 in flannel's own spelling (ip.IP4Net, ip.IP6Net), with a prefix length. */
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!\/)|(?=\/))){4}\/(?:[12]?\d|3[0-2])$/;
const ipv6 = /^(?=[0-9a-f:.]{2,45}\/)[0-9a-f.]*:[0-9a-f:.]+\/(?:\d|[1-9]\d|1[01]\d|12[0-8])$/i;

/** Reads lines `FLANNEL_NAME=VALUE`. A value of another form is left out; undefined where none is left. */
export function readFlannel(text: string): FlannelFacts | undefined {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^FLANNEL_([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, value.trim());
  }
  const prefix = (name: string, form: RegExp): string | undefined => {
    const value = values.get(name);
    return value !== undefined && form.test(value) ? value : undefined;
  };
  const network = prefix('NETWORK', ipv4);
  const ipv6Network = prefix('IPV6_NETWORK', ipv6);
  const subnet = prefix('SUBNET', ipv4);
  const ipv6Subnet = prefix('IPV6_SUBNET', ipv6);
  const mtu = /^\d{1,6}$/.test(values.get('MTU') ?? '') ? whole(Number(values.get('MTU'))) : undefined;
  const masquerade = values.get('IPMASQ') === 'true' ? true : values.get('IPMASQ') === 'false' ? false : undefined;
  const facts: FlannelFacts = {
    ...(network !== undefined && { network }),
    ...(ipv6Network !== undefined && { ipv6Network }),
    ...(subnet !== undefined && { subnet }),
    ...(ipv6Subnet !== undefined && { ipv6Subnet }),
    ...(mtu !== undefined && { mtuBytes: mtu }),
    ...(masquerade !== undefined && { masquerade }),
  };
  return Object.keys(facts).length === 0 ? undefined : facts;
}
