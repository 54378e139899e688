import assert from 'node:assert/strict';
import { driver } from './driver';
import { clearBench, openExplorer } from './support/extension';
import { useLab } from './support/lab';
import { at, labels, nest, shownInode, type Branch } from './support/rows';
import { dockerContainers, dockerNetworks, inodeOf, linksOf, namespaceInodes, overlaySandboxFile } from './support/truth';

const hosts = ['node1', 'node2'] as const;

describe('the tree', () => {
  let tree: readonly Branch[];

  before(async function () {
    this.timeout(180_000);
    await openExplorer();
    await clearBench();
    tree = nest(await driver.readTree(5));
  });

  it('shows the hosts that the settings name, in their order', () => {
    assert.deepEqual(labels(tree), ['node1', 'node2']);
  });

  it('shows a picture of itself', async () => {
    await driver.screenshot('tree-all-open');
  });

  for (const host of hosts) {
    describe(`of ${host}`, () => {
      it('has the networks that docker has, with driver and subnet', async () => {
        const truth = await dockerNetworks(host);
        const shown = at(tree, host, 'Networks').children;
        assert.deepEqual(labels(shown).sort(), truth.map((network) => network.Name).sort());
        for (const network of truth) {
          const { description } = at(shown, network.Name).row;
          for (const fact of [network.Driver, ...(network.IPAM.Config ?? []).map((config) => config.Subnet)]) {
            assert.ok(description.split(' · ').includes(fact), `${network.Name}: "${fact}" is not in "${description}"`);
          }
        }
      });

      it("has the overlays' VNIs that ip shows in their sandboxes", async () => {
        const { lab } = await useLab();
        for (const name of ['mynet01', 'mynet02']) {
          const links = await linksOf(host, overlaySandboxFile(lab.networks[name]!));
          const vni = links.find((link) => link.linkinfo?.info_kind === 'vxlan')?.linkinfo?.info_data?.id;
          assert.ok(vni, `ip shows no vxlan device in the sandbox of ${name}`);
          assert.ok(at(tree, host, 'Networks', name).row.description.split(' · ').includes(`VNI ${String(vni)}`));
        }
      });

      it('has the endpoints of each network that docker has, with address and MAC', async () => {
        const names = new Map((await dockerContainers(host)).map((container) => [container.Id, container.Name.slice(1)]));
        for (const network of await dockerNetworks(host)) {
          const shown = at(tree, host, 'Networks', network.Name).children;
          for (const [id, endpoint] of Object.entries(network.Containers)) {
            // docker_gwbridge calls a container's endpoint by its sandbox; the tree by its name.
            const { description } = at(shown, names.get(id) ?? endpoint.Name).row;
            const address = endpoint.IPv4Address.replace(/\/.*/, '');
            for (const fact of [address, endpoint.MacAddress].filter((each) => each !== '')) {
              assert.ok(description.split(' · ').includes(fact), `${network.Name}, ${endpoint.Name}: "${fact}" is not in "${description}"`);
            }
          }
        }
      });

      it('has each namespace once that findmnt or a process names, and no other', async () => {
        const truth = [...(await namespaceInodes(host))].sort((a, b) => a - b);
        const shown = at(tree, host, 'Namespaces').children.map(({ row }) => shownInode(row));
        assert.deepEqual([...shown].sort((a, b) => a - b), truth);
      });

      it('has the containers that docker has, the stopped ones marked', async () => {
        const truth = await dockerContainers(host);
        const shown = at(tree, host, 'Containers').children;
        assert.deepEqual(labels(shown).sort(), truth.map((container) => container.Name.slice(1)).sort());
        for (const container of truth) {
          const { description } = at(shown, container.Name.slice(1)).row;
          if (!container.State.Running) assert.ok(description.startsWith(container.State.Status), `${container.Name}: "${description}"`);
          for (const { IPAddress } of Object.values(container.NetworkSettings.Networks)) {
            assert.ok(IPAddress === '' || description.includes(IPAddress), `${container.Name}: ${IPAddress} is not in "${description}"`);
          }
        }
      });

      it("shows each container's namespace by the inode that its process has", async () => {
        const shown = at(tree, host, 'Containers').children;
        for (const container of (await dockerContainers(host)).filter(({ State }) => State.Running)) {
          const inode = await inodeOf(host, `/proc/${String(container.State.Pid)}/ns/net`);
          const rows = at(shown, container.Name.slice(1)).children.map(({ row }) => row.description);
          assert.ok(rows.some((row) => row.includes(`net:[${String(inode)}]`)), `${container.Name}: net:[${String(inode)}] is not in ${JSON.stringify(rows)}`);
        }
      });

      it("shows the overlay's sandbox, which has no process, with the links that ip shows in it", async () => {
        const { lab } = await useLab();
        const file = overlaySandboxFile(lab.networks['mynet01']!);
        const sandbox = at(tree, host, 'Networks', 'mynet01', 'overlay sandbox');
        assert.equal(shownInode(sandbox.row), await inodeOf(host, file));
        const truth = await linksOf(host, file);
        assert.deepEqual(
          labels(sandbox.children).map((label) => label.split(' ')[0]).sort(),
          truth.map((link) => link.ifname).sort(),
        );
        for (const link of truth) {
          const { row } = sandbox.children.find((branch) => branch.row.label.split(' ')[0] === link.ifname)!;
          const facts = row.description.split(' · ');
          if (link.linkinfo?.info_kind !== undefined) assert.ok(facts.includes(link.linkinfo.info_kind), `${link.ifname}: ${row.description}`);
          if (link.master !== undefined) assert.ok(facts.includes(`master ${link.master}`), `${link.ifname}: ${row.description}`);
          assert.ok(facts.includes(link.operstate === 'DOWN' ? 'down' : 'up'), `${link.ifname}: ${row.description}`);
        }
      });

      it('names the far end of each veth as its ifindex there says', async () => {
        const { lab } = await useLab();
        const inOverlay = await linksOf(host, overlaySandboxFile(lab.networks['mynet01']!));
        const inRoot = await linksOf(host, '/proc/1/ns/net');
        const { name } = Object.values(lab.containers).find((container) => container.host === host && container.network === 'mynet01' && container.stopped !== true)!;
        const container = (await dockerContainers(host)).find((each) => each.Name === `/${name}`)!;
        const links = (await linksOf(host, `/proc/${String(container.State.Pid)}/ns/net`)).filter((link) => link.linkinfo?.info_kind === 'veth');
        const shown = labels(at(tree, host, 'Networks', 'mynet01', name).children);
        for (const link of links) {
          const far = [...inOverlay, ...inRoot].find((other) => other.ifindex === link.link_index && other.link_index === link.ifindex)!;
          const place = inRoot.includes(far) ? 'root' : 'mynet01';
          assert.ok(shown.includes(`${link.ifname} ⇄ ${far.ifname} in ${place}`), `${link.ifname} ⇄ ${far.ifname} in ${place} is not in ${JSON.stringify(shown)}`);
        }
        assert.ok(links.length > 0);
      });
    });
  }

  it('gives the facts of an overlay sandbox when the mouse rests on it, every name in full', async () => {
    const { lab } = await useLab();
    const text = await driver.rowHover(['node1', 'Networks', 'mynet01', 'overlay sandbox']);
    for (const fact of [overlaySandboxFile(lab.networks['mynet01']!), 'mynet01', 'none']) assert.ok(text.includes(fact), `"${fact}" is not in "${text}"`);
  });
});
