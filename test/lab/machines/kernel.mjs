// The kernel of the virtual machines: Debian's cloud kernel, unpacked from its package and not installed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const metaPackage = 'linux-image-cloud-amd64';
/** Where what was downloaded stays. */
export const cacheRoot = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'netns-explorer');

/** @returns the paths of the kernel and of its modules' folder (lib/modules/RELEASE) @throws Error with a sentence */
export async function machineKernel() {
  const name = kernelPackage();
  const folder = join(cacheRoot, name);
  if (!existsSync(folder)) {
    const work = await mkdtemp(join(tmpdir(), 'netns-kernel-'));
    try {
      run('apt-get', ['download', '-o', 'APT::Sandbox::User=root', name], { cwd: work });
      const [deb] = (await readdir(work)).filter((file) => file.endsWith('.deb'));
      run('dpkg', ['-x', join(work, deb), join(work, 'root')]);
      run('depmod', ['-b', join(work, 'root'), release(name)]);
      await mkdir(cacheRoot, { recursive: true });
      // The temporary folder may be on another file system.
      const half = `${folder}.${process.pid}`;
      run('cp', ['-a', join(work, 'root'), half]);
      await rename(half, folder).catch(async (error) => {
        await rm(half, { recursive: true, force: true });
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return { image: join(folder, 'boot', `vmlinuz-${release(name)}`), modules: join(folder, 'lib', 'modules', release(name)) };
}

/** The newest kernel's package, which the meta package depends on. */
function kernelPackage() {
  const find = () => /^\s*Depends: (linux-image-\S+)$/m.exec(spawnSync('apt-cache', ['depends', metaPackage], { encoding: 'utf8' }).stdout ?? '')?.[1];
  let name = find();
  if (name === undefined) {
    run('apt-get', ['update']);
    name = find();
  }
  if (name === undefined) throw new Error(`The package ${metaPackage} is not known here: the virtual machines need Debian's archive.`);
  return name;
}

function release(name) {
  return name.replace(/^linux-image-/, '');
}

export function run(file, argv, options = {}) {
  const result = spawnSync(file, argv, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  if (result.error !== undefined || result.status !== 0) throw new Error(`${file} ${argv.join(' ')} failed: ${result.error?.message ?? result.stderr.trim().split('\n').slice(-3).join(' ')}`);
  return result.stdout;
}
