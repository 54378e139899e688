import * as v from 'valibot';
import { integer, text, textMap, whole } from './primitives';

/* What Open vSwitch's database tells. */

const OvsPortSchema = v.object({
  uuid: text,
  name: text,
  tag: v.exactOptional(whole),
  trunks: v.array(whole),
  vlanMode: v.exactOptional(text),
  bondMode: v.exactOptional(text),
  interfaces: v.array(
    v.object({
      name: text,
      type: text,
      options: textMap,
      ofport: v.exactOptional(integer),
      adminState: v.exactOptional(text),
      linkState: v.exactOptional(text),
      error: v.exactOptional(text),
      externalIds: textMap,
      mac: v.exactOptional(text),
      mtuBytes: v.exactOptional(integer),
    }),
  ),
});

export const OvsSchema = v.object({
  daemon: v.picklist(['running', 'stopped', 'none']),
  bridges: v.array(v.object({ uuid: text, name: text, datapathType: text, failMode: v.exactOptional(text), stp: v.boolean(), externalIds: textMap, ports: v.array(OvsPortSchema) })),
});
