import { createLocalTransport } from '../../src/host/localTransport';
import type { Transport } from '../../src/host/transport';

/* Runs as an ordinary user, inside hostLocalSudo.test.ts: what the local transport does there, as JSON. */

const limitMs = 10_000;
const root = { privilege: 'root' } as const;

async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { code, message };
  }
}

async function sleepers(transport: Transport, seconds: string): Promise<number> {
  const script = 'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " <"$f" 2>/dev/null && echo; done; true';
  const { stdout } = await transport.run({ argv: ['sh', '-c', script], privilege: 'user' }, { limitMs });
  return stdout.split('\n').filter((line) => line.startsWith(`sleep ${seconds} `)).length;
}

async function main(): Promise<void> {
  const [passwords, seconds] = [JSON.parse(process.argv[2] ?? '[]') as string[], process.argv[3] ?? '1'];
  let asked = 0;
  const transport = createLocalTransport({
    questions: { unknownHostKey: () => Promise.resolve(false), secret: () => Promise.resolve(passwords[asked++]) },
  });
  await transport.connect();
  const input = 'first line\n'.repeat(20_000);
  const result = {
    privilege: transport.privilege,
    asked,
    user: await outcome(() => transport.run({ argv: ['id', '-un'], privilege: 'user' }, { limitMs })),
    root: await outcome(() => transport.run({ argv: ['id', '-un'], ...root }, { limitMs })),
    inputIsWhole: await outcome(async () => (await transport.run({ argv: ['cat'], ...root, stdin: input }, { limitMs })).stdout === input),
    limit: await outcome(() => transport.run({ argv: ['sh', '-c', `trap "" TERM; sleep ${seconds} & sleep ${seconds}; sleep ${seconds}`], ...root }, { limitMs: 500 })),
    terminal: await outcome(() => transport.openTerminal({ argv: ['ip', 'link'], ...root }, { columns: 80, rows: 24 })),
    left: -1,
  };
  for (let attempt = 0; attempt < 50 && result.left !== 0; attempt++) {
    result.left = await sleepers(transport, seconds);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  transport.dispose();
  process.stdout.write(JSON.stringify(result));
}

void main();
