/**
 * systemd-networkd, netplan's `generate` and `ifup` from Debian's packages, for a virtual machine.
 * @returns the path of a tar archive with the folders `bin` and `lib` @throws Error with a sentence
 */
export function configurators(): Promise<string>;
