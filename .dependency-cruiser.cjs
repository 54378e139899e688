/** The layers of docs/architecture.md, as a rule. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|webview)/', pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('core-sees-core', '^src/core/', [], 'The core is pure.'),
    only('probe-sees-core', '^src/probe/', ['^src/core/'], 'core <- probe'),
    only('host-sees-core', '^src/host/', ['^src/core/'], 'core <- host'),
    only('discovery-sees-below', '^src/discovery/', ['^src/core/', '^src/probe/', '^src/host/'], 'core <- probe, host <- discovery'),
    only('protocol-sees-shapes', '^src/protocol/', ['^src/core/(model|diagram)/'], 'The protocol knows shapes only.'),
    only('webview-sees-shapes', '^webview/', ['^src/protocol/', '^src/core/(model|diagram)/'], 'The webview knows shapes only.'),
    only('cli-sees-below', '^src/cli/', ['^src/(core|probe|host|discovery)/'], 'The command line is no editor.'),
    {
      name: 'core-has-no-io',
      comment: 'No vscode, no node, no DOM in the core; valibot is its only package.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg', 'unknown'], pathNot: 'node_modules/valibot/' },
    },
    {
      name: 'vscode-in-ui-only',
      severity: 'error',
      from: { path: '^(src|webview)/', pathNot: '^src/(ui/|extension\\.ts$)' },
      to: { path: '^vscode$' },
    },
    { name: 'not-into-tests', severity: 'error', from: { path: '^(src|webview)/' }, to: { path: '^(test|scripts)/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};
