import type { HostId } from '../model/address';

export const tunnelKinds = ['gre', 'gretap', 'ipip', 'vxlan', 'geneve'] as const;
export type TunnelKind = (typeof tunnelKinds)[number];

/** IANA's ports: RFC 7348, RFC 8926. */
export const tunnelPorts = { vxlan: 4789, geneve: 6081 } as const;

/** One host's device of a tunnel, as it is to be or as it was read. Addresses are IPv4. */
export interface TunnelDevice {
  readonly hostId: HostId;
  readonly name: string;
  readonly kind: TunnelKind;
  /** Absent: any address of the host; a Geneve device has none of its own. */
  readonly local?: string;
  readonly remote: string;
  /** Absent: the inner packet's. */
  readonly ttl?: number;
  /** GRE, both ways. */
  readonly key?: number;
  /** VXLAN and Geneve. */
  readonly vni?: number;
  /** UDP, where it is not IANA's. */
  readonly port?: number;
  readonly mtuBytes: number;
  /** With prefix length. */
  readonly addresses: readonly string[];
  /** The Linux bridge that it is a port of. */
  readonly bridge?: string;
  /** Networks that are sent through it. */
  readonly routes: readonly string[];
  /** The far end's address in the tunnel, by which they are sent: where frames are carried, packets need somebody to be sent to. Absent: the tunnel carries packets. */
  readonly via?: string;
  /** Rules let its packets through the FORWARD chain. */
  readonly forward: boolean;
}

export function kindName(kind: TunnelKind): string {
  return { gre: 'GRE', gretap: 'GRETAP', ipip: 'IPIP', vxlan: 'VXLAN', geneve: 'Geneve' }[kind];
}
