import * as v from 'valibot';
import { anything, family, text, texts, whole } from './primitives';

/* What ip and bridge tell: links, routes, neighbours, forwarding databases. */

export const LinkSchema = v.object({
  ifindex: whole,
  name: text,
  kind: v.exactOptional(text),
  linkType: text,
  mac: v.exactOptional(text),
  mtuBytes: whole,
  flags: texts,
  operState: text,
  master: v.exactOptional(text),
  peerIfindex: v.exactOptional(whole),
  peerName: v.exactOptional(text),
  linkNetnsId: v.exactOptional(whole),
  addresses: v.array(v.object({ family, address: text, prefixLength: whole, scope: text })),
  bridge: v.exactOptional(v.object({ stp: v.boolean(), vlanFiltering: v.boolean(), ageingTimeS: v.exactOptional(v.number()), bridgeId: v.exactOptional(text) })),
  vxlan: v.exactOptional(
    v.object({
      vni: whole,
      external: v.exactOptional(v.literal(true)),
      port: whole,
      local: v.exactOptional(text),
      remote: v.exactOptional(text),
      device: v.exactOptional(text),
      learning: v.boolean(),
      proxy: v.boolean(),
      l2miss: v.boolean(),
      l3miss: v.boolean(),
      ageingS: v.exactOptional(v.number()),
    }),
  ),
  macvlan: v.exactOptional(v.object({ mode: text })),
  vlan: v.exactOptional(v.object({ id: whole, protocol: text })),
  bond: v.exactOptional(
    v.object({
      mode: text,
      activePort: v.exactOptional(text),
      primary: v.exactOptional(text),
      miiMonitorMs: v.exactOptional(whole),
      hashPolicy: v.exactOptional(text),
      lacpRate: v.exactOptional(text),
    }),
  ),
  tunnel: v.exactOptional(
    v.object({
      local: v.exactOptional(text),
      remote: v.exactOptional(text),
      id: v.exactOptional(whole),
      port: v.exactOptional(whole),
      ttl: whole,
      inputKey: v.exactOptional(text),
      outputKey: v.exactOptional(text),
      device: v.exactOptional(text),
      erspanVersion: v.exactOptional(whole),
      external: v.exactOptional(v.literal(true)),
    }),
  ),
  ipvlan: v.exactOptional(v.object({ mode: text, flag: v.exactOptional(text) })),
  tun: v.exactOptional(v.object({ layer: v.picklist(['tun', 'tap']), persistent: v.boolean(), user: v.exactOptional(text), group: v.exactOptional(text) })),
  vrf: v.exactOptional(v.object({ table: text })),
  xfrm: v.exactOptional(v.object({ interfaceId: v.exactOptional(text), device: v.exactOptional(text) })),
  bridgePort: v.exactOptional(v.object({ state: text, hairpin: v.exactOptional(v.boolean()), learning: v.exactOptional(v.boolean()), flood: v.exactOptional(v.boolean()) })),
  vlans: v.exactOptional(v.array(v.object({ id: whole, lastId: v.exactOptional(whole), pvid: v.exactOptional(v.literal(true)), untagged: v.exactOptional(v.literal(true)) }))),
  info: v.exactOptional(anything),
  rest: v.exactOptional(anything),
});

export const RouteSchema = v.object({
  family,
  destination: text,
  type: text,
  table: text,
  gateway: v.exactOptional(text),
  device: v.exactOptional(text),
  source: v.exactOptional(text),
  protocol: v.exactOptional(text),
  scope: v.exactOptional(text),
  metric: v.exactOptional(v.number()),
  nexthops: v.exactOptional(v.array(v.object({ gateway: v.exactOptional(text), device: v.exactOptional(text), weight: v.exactOptional(v.number()) }))),
  rest: v.exactOptional(anything),
});

export const NeighbourSchema = v.object({
  address: text,
  device: text,
  mac: v.exactOptional(text),
  states: texts,
  proxy: v.exactOptional(v.boolean()),
  rest: v.exactOptional(anything),
});

export const FdbEntrySchema = v.object({
  mac: text,
  device: text,
  destination: v.exactOptional(text),
  master: v.exactOptional(text),
  vlan: v.exactOptional(whole),
  vni: v.exactOptional(whole),
  port: v.exactOptional(whole),
  flags: texts,
  state: text,
  rest: v.exactOptional(anything),
});
