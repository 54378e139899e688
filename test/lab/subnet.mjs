import { LabError } from './instance.mjs';
import { run } from './processes.mjs';

function toNumber(address) {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function range(cidr) {
  const [address, length = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(toNumber(address) / size) * size;
  return { first, last: first + size - 1 };
}

/** Whether two IPv4 prefixes share an address. */
export function overlap(a, b) {
  const x = range(a);
  const y = range(b);
  return x.first <= y.last && y.first <= x.last;
}

/** The first of 192.168.56.0/24 … 192.168.119.0/24 that this machine neither has nor routes. @throws LabError */
export async function freeSubnet() {
  const { stdout } = await run(['ip', '-j', '-4', 'route', 'show', 'table', 'all']);
  const taken = JSON.parse(stdout || '[]')
    .map((route) => route.dst)
    .filter((destination) => /^\d+(\.\d+){3}(\/\d+)?$/.test(destination));
  for (let third = 56; third < 120; third++) {
    const subnet = `192.168.${third}.0/24`;
    if (!taken.some((other) => overlap(subnet, other))) return subnet;
  }
  throw new LabError('This machine already routes every subnet from 192.168.56.0/24 to 192.168.119.0/24; the lab found no free one.');
}
