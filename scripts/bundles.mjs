/**
 * Parts that are loaded at first use: each is a bundle of its own, dist/NAME.js, and a dynamic import of its source becomes a `require` of it.
 * (An ESM extension with code splitting would need the extension host's module hooks, which cost more than our activation.)
 * A class that lives in two bundles is two classes: tell errors apart by `name` and `code`, not by `instanceof`.
 */
export const lazyBundles = {
  scan: 'src/discovery/scan.ts',
  commands: 'src/ui/commands/handlers.ts',
  subjectGraph: 'src/core/diagram/subjectGraph.ts',
  documentText: 'src/ui/document/documentText.ts',
  snapshotSchema: 'src/core/model/snapshotSchema.ts',
  chooseClient: 'src/host/ssh/chooseClient.ts',
  sshTransport: 'src/host/sshTransport.ts',
  opensshTransport: 'src/host/opensshTransport.ts',
  dockerTransport: 'src/host/dockerTransport.ts',
  engineClient: 'src/host/engineClient.ts',
  readCompose: 'src/discovery/compose/readCompose.ts',
  readStores: 'src/discovery/readStores.ts',
  readImport: 'src/discovery/imports/readImport.ts',
};
