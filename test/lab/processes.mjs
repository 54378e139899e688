// Processes: running them, and telling whether one that was started earlier is still the same.
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { waitFor } from './wait.mjs';

/** Start time in clock ticks after boot: field 22 of /proc/PID/stat, proc(5). Undefined where there is no such process. */
export async function startTicks(pid) {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold blanks and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}

export async function identityOf(pid) {
  return { pid, startTicks: await startTicks(pid) };
}

export async function selfIdentity() {
  return identityOf(process.pid);
}

/** Whether the process that was identified so is still that process. */
export async function isAlive(identity) {
  return identity.startTicks !== undefined && (await startTicks(identity.pid)) === identity.startTicks;
}

/** Process ids whose environment at their start held NAME=VALUE. */
export async function processesWith(name, value) {
  const wanted = `${name}=${value}`;
  const found = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(wanted)) found.push(Number(entry));
  }
  return found;
}

/** Kills every process that `list` names, again and again until it names none. Never the caller. */
export async function killAll(what, list, limitMs = 20_000) {
  await waitFor(what, async () => {
    const pids = (await list()).filter((pid) => pid !== process.pid && pid > 1);
    let alive = 0;
    for (const pid of pids) {
      if ((await startTicks(pid)) === undefined) continue;
      alive++;
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    }
    return alive === 0;
  }, limitMs);
}

/**
 * Runs a program to its end. Options: `input`, `env`, `check` (default true: a non-zero exit throws).
 * @returns {Promise<{stdout: string, stderr: string, code: number | null}>}
 */
export function run(argv, { input = '', env = process.env, check = true, encoding = 'utf8' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const out = [];
    const err = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const stdout = encoding === 'buffer' ? Buffer.concat(out) : Buffer.concat(out).toString(encoding);
      const stderr = Buffer.concat(err).toString('utf8');
      if (check && code !== 0) {
        const how = code === null ? `was ended by ${signal}` : `exited with ${code}`;
        reject(new Error(`${argv.join(' ').slice(0, 300)} ${how}: ${stderr.trim() || String(stdout).trim()}`));
      } else {
        resolve({ stdout, stderr, code });
      }
    });
    // A program that ends without reading its input is no fault here: its exit status tells.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
