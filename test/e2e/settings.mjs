/** User settings by which the extension sees the lab's two Docker hosts, and nothing of the machine that the tests run on. */
export function labSettings(lab) {
  return {
    'netnsExplorer.hosts': ['ssh://node1', 'ssh://node2'],
    'netnsExplorer.local.enabled': false,
    'netnsExplorer.ssh.configFile': lab.sshConfig,
  };
}
