/** What a host's Open vSwitch database says (ovs-vswitchd.conf.db(5)), read with ovs-vsctl. All names and values are hostile text. */
export interface OvsFacts {
  /** `none`: no ovs-vswitchd runs, so what the database says is not done. `stopped`: it was sent a SIGSTOP, or is traced. */
  readonly daemon: 'running' | 'stopped' | 'none';
  readonly bridges: readonly OvsBridge[];
}

export interface OvsBridge {
  readonly uuid: string;
  readonly name: string;
  /** `system` (the kernel's), `netdev` (user space). */
  readonly datapathType: string;
  /** What it does without its controller: `standalone` or `secure`. */
  readonly failMode?: string;
  readonly stp: boolean;
  readonly externalIds: Readonly<Record<string, string>>;
  /** By name. */
  readonly ports: readonly OvsPort[];
}

export interface OvsPort {
  readonly uuid: string;
  readonly name: string;
  /** VLAN of an access port, native VLAN of a trunk. */
  readonly tag?: number;
  /** Empty: all, on a port without a tag. */
  readonly trunks: readonly number[];
  /** access, trunk, native-tagged, native-untagged, dot1q-tunnel; absent: by tag and trunks. */
  readonly vlanMode?: string;
  /** Of a bond, which is a port with more than one interface. */
  readonly bondMode?: string;
  readonly interfaces: readonly OvsInterface[];
}

export interface OvsInterface {
  readonly name: string;
  /** "" or `system`: a network device of the host; `internal`: one that the switch made; `patch`; gre, vxlan, geneve and their kin: a tunnel. */
  readonly type: string;
  /** `remote_ip`, `local_ip`, `key`, `dst_port`, `peer`, …; never `psk`. */
  readonly options: Readonly<Record<string, string>>;
  /** OpenFlow port number; 65534 is the bridge's own port, -1 one that could not be made. */
  readonly ofport?: number;
  readonly adminState?: string;
  readonly linkState?: string;
  /** Why the switch could not make it. */
  readonly error?: string;
  readonly externalIds: Readonly<Record<string, string>>;
  readonly mac?: string;
  readonly mtuBytes?: number;
}
