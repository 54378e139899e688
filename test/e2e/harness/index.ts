/** What the scripts that run a real VS Code take from the harness's bundle. */
export { proveInstalled } from './installed';
export { proveInterrupted } from './interrupted';
export { runEndToEnd } from './main';
export { printResult, summarise, writeResults } from './results';
