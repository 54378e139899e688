import { describe, expect, it } from 'vitest';
import type { Explorer } from '../../../../src/discovery/explorer';
import { FirstScan } from '../../../../src/ui/hosts/firstScan';
import type { Settings } from '../../../../src/ui/settings';

/** Stands in for an explorer whose hosts never answer, and for the settings. */
function setup(follow: boolean) {
  const log: string[] = [];
  const settings = { followEngineEvents: follow };
  let changed: (affects: (key: string) => boolean) => void = () => undefined;
  const explorer = {
    refresh: () => {
      log.push('refresh');
      return new Promise<void>(() => undefined);
    },
    watch: () => {
      log.push('watch');
      return () => log.push('stop');
    },
  };
  const scan = new FirstScan(explorer as unknown as Explorer, {
    ...settings,
    get followEngineEvents() {
      return settings.followEngineEvents;
    },
    onDidChange: (listener: typeof changed) => {
      changed = listener;
      return { dispose: () => undefined };
    },
  } as unknown as Settings);
  const set = (value: boolean) => {
    settings.followEngineEvents = value;
    changed((key) => key === 'scan.followEngineEvents');
  };
  const setSources = () => changed((key) => key === 'scan.sources');
  return { scan, log, set, setSources };
}

describe('the first scan', () => {
  it('is followed by another one when the sources are changed, and does not come before its time by that', () => {
    const { scan, log, setSources } = setup(false);
    setSources();
    expect(log).toEqual([]);
    void scan.done();
    setSources();
    expect(log).toEqual(['refresh', 'refresh']);
  });

  it('happens once, and events are followed although a host does not answer', () => {
    const { scan, log } = setup(true);
    expect(scan.started).toBe(false);
    void scan.done();
    void scan.done();
    expect(log).toEqual(['watch', 'refresh']);
    scan.dispose();
    expect(log).toEqual(['watch', 'refresh', 'stop']);
  });

  it('follows no events where the settings say so, and starts and stops with them', () => {
    const { scan, log, set } = setup(false);
    set(true);
    expect(log).toEqual([]);
    set(false);
    void scan.done();
    set(true);
    set(false);
    expect(log).toEqual(['refresh', 'watch', 'stop']);
  });
});
