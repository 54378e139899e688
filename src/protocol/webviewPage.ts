/** What a webview's page needs to know about where it runs. */
export interface WebviewPageOptions {
  /** Address of dist/webview/NAME.js, and of the NAME.css beside it. */
  readonly scriptUri: string;
  readonly styleUri: string;
  /** The webview's own source expression for style sheets. */
  readonly cspSource: string;
  /** Fresh for every page: at least 16 random bytes in base64 or hex. */
  readonly nonce: string;
  readonly language: string;
  /** For assistive technology. */
  readonly title: string;
}

/**
 * The document of a webview. Nothing may load but the one script and the one style sheet; data arrives by messages only.
 * @throws Error where an option holds a character that would end its attribute: none comes from a host, so this is a mistake of the caller.
 */
export function webviewPage(options: WebviewPageOptions): string {
  for (const [name, value] of Object.entries(options)) {
    if (/["<>]/.test(value as string)) throw new Error(`A webview's page cannot be made: ${name} holds a quote or an angle bracket.`);
  }
  const policy = `default-src 'none'; style-src ${options.cspSource} 'nonce-${options.nonce}'; script-src 'nonce-${options.nonce}'`;
  return `<!DOCTYPE html>
<html lang="${options.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<!-- Where the controls look for the nonce of the one style element with which they ask what the browser can do. -->
<meta property="csp-nonce" content="${options.nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${options.styleUri}">
<title>${options.title}</title>
</head>
<body>
<div id="app"></div>
<script nonce="${options.nonce}" src="${options.scriptUri}"></script>
</body>
</html>
`;
}
