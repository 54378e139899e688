import ELK from 'elkjs/lib/elk.bundled.js';
import { JSDOM } from 'jsdom';
import { describe, expect, it } from 'vitest';
import { dot } from '../../../src/core/diagram/dot';
import type { DiagramGraph } from '../../../src/core/diagram/graph';
import { layoutGraph } from '../../../src/core/diagram/layout';
import { mermaid } from '../../../src/core/diagram/mermaid';
import { networkGraph } from '../../../src/core/diagram/networkGraph';
import { svg } from '../../../src/core/diagram/svg';
import { text } from '../../../src/core/diagram/text';
import { fitText, printable, textWidth } from '../../../src/core/diagram/textFit';
import { syntheticNetworkId, syntheticTopology, type SyntheticOptions } from './syntheticTopology';

const hostile = ['<script>alert(1)</script>', '"]; end\n  click n1 "javascript:x"', '\u001b[31mred\u0007', '`$(id)`', 'a\\N\\"}', '\u202Egnp.exe', '#quot; & <b>', "x' onload='y", '\uD800half'];

function graph(options: SyntheticOptions): DiagramGraph {
  const made = networkGraph(syntheticTopology(options), syntheticNetworkId);
  if (!made) throw new Error('no graph');
  return made;
}

const hostileGraph = graph({ containers: [hostile.length], name: (_host, index) => hostile[index] ?? '' });

describe('SVG of a synthetic overlay', () => {
  it('is well-formed and holds every box and edge', async () => {
    const made = graph({ containers: [3, 2] });
    const scene = await layoutGraph(made, new ELK());
    const document = new JSDOM(svg(scene), { contentType: 'image/svg+xml' }).window.document;
    expect(document.querySelectorAll('g > rect:not(.label)')).toHaveLength(scene.boxes.length);
    expect(document.querySelectorAll('path')).toHaveLength(scene.edges.length);
    expect([...document.querySelectorAll('text')].map((element) => element.textContent)).toEqual(expect.arrayContaining(['docker1', 'web2-002', '10.13.0.2', 'VNI 4097', 'br0  ·  MTU 1450 · 10.13.255.255/16', 'FDB rows: 2 →  ← 3']));
  });

  it('shows hostile names as text and stays well-formed', async () => {
    const document = new JSDOM(svg(await layoutGraph(hostileGraph, new ELK())), { contentType: 'image/svg+xml' }).window.document;
    expect(document.querySelector('script')).toBeNull();
    expect([...document.querySelectorAll('*')].flatMap((element) => [...element.attributes].map((attribute) => attribute.name)).filter((name) => name.startsWith('on'))).toEqual([]);
    expect([...document.querySelectorAll('title')].map((element) => element.textContent)).toContain('<script>alert(1)</script>');
  });

  it('follows the theme that is asked for', async () => {
    const scene = await layoutGraph(graph({ containers: [1] }), new ELK());
    expect(svg(scene)).toContain('@media(prefers-color-scheme:dark)');
    expect(svg(scene, { theme: 'light' })).not.toContain('#1b1f24');
    expect(svg(scene, { theme: 'dark' })).not.toContain('#f6f8fa');
  });
});

describe('Mermaid of a synthetic overlay', () => {
  it('nests subgraphs and draws every edge', () => {
    const made = graph({ containers: [1, 1] });
    const lines = mermaid(made).split('\n');
    expect(lines.filter((line) => line.trim().startsWith('subgraph')).length).toBe(lines.filter((line) => line.trim() === 'end').length);
    expect(lines.filter((line) => / (---|-\.-|<==>)/.test(line))).toHaveLength(made.edges.length);
    expect(lines.filter((line) => line.includes('<==>')).map((line) => line.replaceAll(/n\d+/g, 'n'))).toEqual(['  n <==>|"FDB rows: 1 →  ← 1"| n']);
  });

  it('lets no hostile name out of its quotes', () => {
    const made = mermaid(hostileGraph);
    for (const line of made.split('\n').slice(3)) {
      const labels = [...line.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '');
      for (const label of labels) expect(label.replaceAll('<br>', '')).not.toMatch(/[<>`"\\]/);
      expect(line.replaceAll(/"[^"]*"/g, '').trim()).toMatch(/^(subgraph n\d+ \[\]|end|n\d+\[\]:::\w+|n\d+ (---|-\.-|<==>)(\|\|)? n\d+|classDef [\w#:, -]+|flowchart TB|---|)$/);
    }
  });
});

describe('DOT of a synthetic overlay', () => {
  it('balances its braces, draws every edge, and keeps hostile names in their quotes', () => {
    for (const made of [graph({ containers: [2, 1], orphanPort: true }), hostileGraph, graph({ driver: 'host', containers: [2] })]) {
      const bare = dot(made).replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
      expect(bare.split('{').length).toBe(bare.split('}').length);
      expect(bare.split('\n').filter((line) => line.includes(' -- '))).toHaveLength(made.edges.length);
      expect(bare).not.toMatch(/[<>`$\\]/);
    }
  });
});

describe('text of a synthetic overlay', () => {
  it('reads from host to tunnel', () => {
    expect(text(graph({ containers: [2, 1], orphanPort: true })).split('\n')).toEqual([
      'mynet01 (overlay)',
      '',
      'Host docker1',
      '  web1-001  eth0  10.13.0.2  02:42:0a:00:00:00',
      '  web1-002  eth0  10.13.0.3  02:42:0a:00:00:01',
      '  Namespace mynet01  sandbox  10.13.17.0/24  gateway 10.13.17.1  net:[4026532274]',
      '    bridge br0  MTU 1450 · 10.13.255.255/16',
      '      veth00a00b ⇄ eth0 of web1-001',
      '      veth01a00b ⇄ eth0 of web1-002',
      '      vethlost  [not known] ⇄ lies in a namespace that was not read',
      '    vxlan vxlan0  VNI 4097  UDP 4789 · MTU 1450',
      '  VTEP 192.168.56.101  eth0 · MTU 1500',
      '',
      'Host docker2',
      '  web2-001  eth0  10.14.0.2  02:42:0a:01:00:00',
      '  Namespace mynet01  sandbox  10.13.17.0/24  gateway 10.13.17.1  net:[4026532274]',
      '    bridge br0  MTU 1450 · 10.14.255.255/16',
      '      veth00a01b ⇄ eth0 of web2-001',
      '    vxlan vxlan0  VNI 4097  UDP 4789 · MTU 1450',
      '  VTEP 192.168.56.102  eth0 · MTU 1500',
      '',
      'Tunnels',
      '  192.168.56.101 (docker1) ⇄ 192.168.56.102 (docker2)',
      '    docker1 → docker2 (web2-001): 02:42:0a:01:00:00 dev vxlan0 dst 192.168.56.102 self permanent',
      '    docker2 → docker1 (web1-001): 02:42:0a:00:00:00 dev vxlan0 dst 192.168.56.101 self permanent',
      '    docker2 → docker1 (web1-002): 02:42:0a:00:00:01 dev vxlan0 dst 192.168.56.101 self permanent',
      '',
    ]);
  });

  it('sends no control character of a hostile name to the terminal', () => {
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(text(hostileGraph)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
  });
});

describe('text that is made to fit', () => {
  it('is cut with an ellipsis and never wider than asked', () => {
    for (const sample of ['short', 'a name that is much too long for its box', '名前が長すぎるコンテナ', 'WWWWWWWWWWWWWWWW', '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦']) {
      const fitted = fitText(sample, 80, 12);
      expect(textWidth(fitted, 12)).toBeLessThanOrEqual(80);
      expect(fitted === printable(sample) || fitted.endsWith('…')).toBe(true);
    }
  });
});
