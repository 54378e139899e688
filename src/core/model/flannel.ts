/** What flannel wrote of this host: /run/flannel/subnet.env (WriteSubnetFile in flannel's pkg/subnet). Networks and subnets are prefixes, nothing else. */
export interface FlannelFacts {
  /** Of all hosts: `10.244.0.0/16`. */
  readonly network?: string;
  readonly ipv6Network?: string;
  /** Of this host, by its first address: `10.244.1.1/24`. */
  readonly subnet?: string;
  readonly ipv6Subnet?: string;
  readonly mtuBytes?: number;
  /** Whether flannel masquerades what leaves its network. */
  readonly masquerade?: boolean;
}
