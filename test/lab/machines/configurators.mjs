// What configures a host's network when it starts (systemd-networkd, netplan's generator, ifupdown), for a virtual machine: unpacked from Debian's packages and not installed.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cacheRoot, run } from './kernel.mjs';

// With the libraries that not every Debian has.
const packages = ['systemd', 'libsystemd-shared', 'netplan.io', 'libnetplan0', 'ifupdown', 'libyaml-0-2', 'libglib2.0-0', 'libffi8', 'libip4tc2', 'libkmod2', 'libseccomp2', 'libcap-ng0'];
const programs = ['lib/systemd/systemd-networkd', 'usr/libexec/netplan/generate', 'sbin/ifup'];

/** @returns the path of a tar archive with the folders `bin` (the programs) and `lib` (the libraries that they need, but for the C library's own) @throws Error with a sentence */
export async function configurators() {
  const archive = join(cacheRoot, 'configurators.tgz');
  if (existsSync(archive)) return archive;
  const work = await mkdtemp(join(tmpdir(), 'netns-configurators-'));
  try {
    run('apt-get', ['download', '-o', 'APT::Sandbox::User=root', ...packages], { cwd: work });
    const root = join(work, 'root');
    for (const deb of (await readdir(work)).filter((file) => file.endsWith('.deb'))) run('dpkg', ['-x', join(work, deb), root]);
    const folders = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu/systemd'].map((folder) => join(root, folder));
    const [bin, lib] = [join(work, 'out/bin'), join(work, 'out/lib')];
    await Promise.all([bin, lib].map((folder) => mkdir(folder, { recursive: true })));
    for (const program of programs) {
      const path = join(root, program);
      await copyFile(path, join(bin, basename(program)));
      const needed = run('ldd', [path], { env: { ...process.env, LD_LIBRARY_PATH: folders.join(':') } });
      if (needed.includes('not found')) throw new Error(`${basename(program)} needs a library that is not here:\n${needed}`);
      for (const [, library] of needed.matchAll(/=> (\/\S+)/g)) if (!/\/(libc|libm|ld-linux\S*)\.so/.test(library)) await copyFile(library, join(lib, basename(library)));
    }
    await mkdir(cacheRoot, { recursive: true });
    const half = `${archive}.${process.pid}`;
    run('tar', ['-czf', half, '-C', join(work, 'out'), 'bin', 'lib']);
    await rename(half, archive);
    return archive;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
