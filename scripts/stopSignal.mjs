/**
 * A signal that aborts on SIGINT, SIGTERM and SIGHUP, and when the `npm run` around this process is gone: npm hands a SIGTERM
 * to its shell alone, which dies and leaves the script behind.
 */
export function stopSignal(onStop = () => undefined) {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) return;
    onStop();
    controller.abort(new Error('stopped'));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, stop);
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) stop();
    }, 500).unref();
  }
  // A closed terminal takes the output away as well; what is left to do is not output.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  return controller.signal;
}
