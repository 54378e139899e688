/** A script for `sh` that makes every kind of device that `ip` can make, with ends at the IPv4 addresses `near` (its own, on eth1) and `far`. */
export function everyDevice(near: string, far: string): string;
