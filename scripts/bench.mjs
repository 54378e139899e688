// npm run bench [-- PART…]: the figures of docs/performance.md. Parts are test/bench/<part>.mjs, each with a function `run` that prints its own.
import { existsSync } from 'node:fs';

const all = ['namespaces', 'vscode'];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((part) => !all.includes(part));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}. Parts: ${all.join(', ')}.`);
  process.exit(2);
}
for (const part of wanted.length > 0 ? wanted : all) {
  const file = new URL(`../test/bench/${part}.mjs`, import.meta.url);
  if (!existsSync(file)) {
    console.error(`Part ${part} is missing: ${file.pathname}`);
    process.exitCode = 2;
    continue;
  }
  console.log(`\n# ${part}`);
  const { run } = await import(file.href);
  if ((await run()) === false) process.exitCode = 1;
}
