import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' };
const NONCE = 'dGhlIG9uZSBhbmQgb25seQ';

export interface PageServer {
  /** The page's address; `?theme=` names a theme of the fixture, `&csp=off` leaves the policy away. */
  readonly origin: string;
  close(): void;
}

/** Serves the built page over loopback with the policy that the host sets. */
export async function servePage(folder: string): Promise<PageServer> {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/') {
      const origin = `http://${request.headers.host}`;
      response.setHeader('content-type', 'text/html; charset=utf-8');
      if (url.searchParams.get('csp') !== 'off') response.setHeader('content-security-policy', policy(origin));
      response.end(markup(url.searchParams.get('theme') ?? 'dark'));
      return;
    }
    try {
      const body = await readFile(join(folder, url.pathname));
      response.setHeader('content-type', TYPES[extname(url.pathname)] ?? 'application/octet-stream');
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function policy(origin: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${NONCE}' 'strict-dynamic'`,
    `style-src ${origin}`,
    `font-src ${origin}`,
    `img-src ${origin} data:`,
  ].join('; ');
}

function markup(theme: string): string {
  const kind = { light: 'vscode-light', 'light-modern': 'vscode-light', 'hc-black': 'vscode-high-contrast' }[theme];
  const classes = theme === 'hc-light' ? 'vscode-high-contrast vscode-high-contrast-light' : (kind ?? 'vscode-dark');
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <title>Pipeline Chat</title>
    <link rel="stylesheet" href="themes.css" />
    <link rel="stylesheet" href="codicon.css" />
    <link rel="stylesheet" href="main.css" />
    <script type="module" nonce="${NONCE}" src="main.js"></script>
  </head>
  <body class="${classes}" data-vscode-theme-id="${theme}" data-pipeline-uri="file:///pipelines/support.pipe"></body>
</html>`;
}
