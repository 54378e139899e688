/** A network device in one namespace, as `ip -d addr show` reports it (rtnetlink RTM_GETLINK and RTM_GETADDR). */
export interface Link extends DeviceFacts {
  readonly ifindex: number;
  /** Up to 15 bytes of nearly anything (dev_valid_name in net/core/dev.c); hostile text. */
  readonly name: string;
  /** IFLA_INFO_KIND ("veth", "bridge", "vxlan", …); absent for physical devices and loopback. */
  readonly kind?: string;
  /** Device type from the link layer: "loopback", "ether", "none", "gre", … */
  readonly linkType: string;
  readonly mac?: string;
  readonly mtuBytes: number;
  /** IFF_* names without the prefix. */
  readonly flags: readonly string[];
  /** RFC 2863 operational state: UP, DOWN, UNKNOWN, LOWERLAYERDOWN, … */
  readonly operState: string;
  /** Name of the device that this one is enslaved to, in the same namespace. */
  readonly master?: string;
  /** IFLA_LINK: ifindex of the lower or peer device, in the namespace that `linkNetnsId` names. */
  readonly peerIfindex?: number;
  /** IFLA_LINK's name, given by the kernel only where the other device is in the same namespace. */
  readonly peerName?: string;
  /** IFLA_LINK_NETNSID: this namespace's own number for the other device's namespace. */
  readonly linkNetnsId?: number;
  readonly addresses: readonly LinkAddress[];
  readonly bridge?: BridgeFacts;
  readonly vxlan?: VxlanFacts;
  readonly bridgePort?: BridgePortFacts;
  /** Of a port of a bridge that filters VLANs, and of that bridge itself, in rising order. */
  readonly vlans?: readonly BridgeVlan[];
  /** IFLA_INFO_DATA as the tool printed it, for the kinds without a shape of their own above. */
  readonly info?: Readonly<Record<string, unknown>>;
  /** Fields of the tool's record that nothing above holds. */
  readonly rest?: Readonly<Record<string, unknown>>;
}

/** What IFLA_INFO_DATA says of a device, by its kind (linux/if_link.h); only one of them is there. */
export interface DeviceFacts {
  /** Also of a macvtap. */
  readonly macvlan?: { readonly mode: string };
  readonly vlan?: { readonly id: number; /** 802.1Q or 802.1ad. */ readonly protocol: string };
  readonly bond?: {
    readonly mode: string;
    /** Names of devices in the same namespace. */
    readonly activePort?: string;
    readonly primary?: string;
    /** Milliseconds; 0: not monitored. */
    readonly miiMonitorMs?: number;
    readonly hashPolicy?: string;
    readonly lacpRate?: string;
  };
  /** GRE and its kin, IP in IP, SIT, VTI, Geneve. */
  readonly tunnel?: {
    /** Absent: any. */
    readonly local?: string;
    readonly remote?: string;
    /** Geneve's VNI. */
    readonly id?: number;
    /** Geneve's UDP port. */
    readonly port?: number;
    /** 0: taken from the packet inside. */
    readonly ttl: number;
    /** As the tool prints it: an IPv4 address's form, or a number. No secret. */
    readonly inputKey?: string;
    readonly outputKey?: string;
    /** The device that it is bound to, in the namespace of the tunnel's ends. */
    readonly device?: string;
    readonly erspanVersion?: number;
    /** Its ends are given by routes or by the switch above it, for each packet. */
    readonly external?: true;
  };
  /** Mode l2, l3 or l3s; flag bridge, private or vepa. */
  readonly ipvlan?: { readonly mode: string; readonly flag?: string };
  readonly tun?: { readonly layer: 'tun' | 'tap'; readonly persistent: boolean; /** Who may attach to it: a name or number. */ readonly user?: string; readonly group?: string };
  /** Name or number of the routing table. */
  readonly vrf?: { readonly table: string };
  readonly xfrm?: { /** Hexadecimal. */ readonly interfaceId?: string; readonly device?: string };
}

export interface LinkAddress {
  readonly family: 'inet' | 'inet6';
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: string;
}

export interface BridgeFacts {
  readonly stp: boolean;
  readonly vlanFiltering: boolean;
  /** Seconds. */
  readonly ageingTimeS?: number;
  readonly bridgeId?: string;
}

/** VLANs that a bridge with VLAN filtering has for one of its ports, or for itself (bridge_vlan_info in linux/if_bridge.h). */
export interface BridgeVlan {
  /** 1 to 4094. */
  readonly id: number;
  /** The last one of a range that begins with `id`. */
  readonly lastId?: number;
  /** What comes without a tag is of this one. */
  readonly pvid?: true;
  /** What leaves in this one leaves without a tag. */
  readonly untagged?: true;
}

/** A port's STP state: disabled, listening, learning, forwarding, blocking (linux/if_bridge.h). */
export interface BridgePortFacts {
  readonly state: string;
  readonly hairpin?: boolean;
  readonly learning?: boolean;
  readonly flood?: boolean;
}

/** IFLA_VXLAN_* (linux/if_link.h). */
export interface VxlanFacts {
  /** 0 where each packet brings its own. */
  readonly vni: number;
  /** IFLA_VXLAN_COLLECT_METADATA: VNI and destination come with each packet, from flows of Open vSwitch, routes or eBPF, and no table of the device tells them. */
  readonly external?: true;
  readonly port: number;
  readonly local?: string;
  /** Multicast group or default unicast destination. */
  readonly remote?: string;
  /**
   * The underlay device that its packets leave by (IFLA_VXLAN_LINK), as the tool wrote its index: the name of the device of this namespace that has it, else `if` and
   * the index. With a namespace number on the link the device is in that one, and a name here is that of another device with the same index.
   */
  readonly device?: string;
  readonly learning: boolean;
  readonly proxy: boolean;
  readonly l2miss: boolean;
  readonly l3miss: boolean;
  readonly ageingS?: number;
}

/** `VNI 42`, in a row or on a box. */
export const vniText = ({ vni, external }: Pick<VxlanFacts, 'vni' | 'external'>): string => (external === true ? 'VNI by packet' : `VNI ${String(vni)}`);

/** One row of `ip route show table all`. */
export interface Route {
  readonly family: 'inet' | 'inet6';
  /** "default" or a prefix; a bare address means a host route. */
  readonly destination: string;
  /** unicast, local, broadcast, multicast, blackhole, unreachable, prohibit, … */
  readonly type: string;
  readonly table: string;
  readonly gateway?: string;
  readonly device?: string;
  readonly source?: string;
  readonly protocol?: string;
  readonly scope?: string;
  readonly metric?: number;
  /** Of a multipath route, which has no gateway and device of its own. */
  readonly nexthops?: readonly { readonly gateway?: string; readonly device?: string; readonly weight?: number }[];
  /** Fields of the tool's record that nothing above holds. */
  readonly rest?: Readonly<Record<string, unknown>>;
}

/** One row of `ip neigh show`. */
export interface Neighbour {
  readonly address: string;
  readonly device: string;
  readonly mac?: string;
  /** NUD_* names: REACHABLE, STALE, PERMANENT, FAILED, … */
  readonly states: readonly string[];
  readonly proxy?: boolean;
  /** Fields of the tool's record that nothing above holds. */
  readonly rest?: Readonly<Record<string, unknown>>;
}

/** One row of `bridge fdb show` (RTM_GETNEIGH, AF_BRIDGE). */
export interface FdbEntry {
  readonly mac: string;
  readonly device: string;
  /** The remote VTEP; only rows of a VXLAN device have one. */
  readonly destination?: string;
  readonly master?: string;
  readonly vlan?: number;
  readonly vni?: number;
  readonly port?: number;
  /** self, master, router, extern_learn, offload, … */
  readonly flags: readonly string[];
  /** permanent, static, stale, or "" for a learned row. */
  readonly state: string;
  /** Fields of the tool's record that nothing above holds. */
  readonly rest?: Readonly<Record<string, unknown>>;
}
