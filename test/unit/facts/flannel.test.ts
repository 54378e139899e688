import { expect, it } from 'vitest';
import { readFlannel } from '../../../src/core/facts/flannel';

// As WriteSubnetFile of flannel's pkg/subnet writes it for both families.
const both = `FLANNEL_NETWORK=10.244.0.0/16
FLANNEL_SUBNET=10.244.1.1/24
FLANNEL_IPV6_NETWORK=fd00:10:244::/56
FLANNEL_IPV6_SUBNET=fd00:10:244:1::1/64
FLANNEL_MTU=1450
FLANNEL_IPMASQ=true
`;

it("reads flannel's file of both families", () => {
  expect(readFlannel(both)).toEqual({ network: '10.244.0.0/16', ipv6Network: 'fd00:10:244::/56', subnet: '10.244.1.1/24', ipv6Subnet: 'fd00:10:244:1::1/64', mtuBytes: 1450, masquerade: true });
});

it('keeps what is well-formed of a hostile or half-written one', () => {
  expect(readFlannel('FLANNEL_NETWORK=\u001b[31m\nFLANNEL_SUBNET=10.244.1.256/24\nFLANNEL_MTU=-1\nFLANNEL_IPMASQ=constructor\nFLANNEL_IPV6_SUBNET=::/129')).toBeUndefined();
  expect(readFlannel('FLANNEL_SUBNET=10.244.1.1/33\nFLANNEL_NETWORK=10.244.0.0\nFLANNEL_MTU=1500\nFLANNEL_IPMASQ=fal')).toEqual({ mtuBytes: 1500 });
  expect(readFlannel('')).toBeUndefined();
});
