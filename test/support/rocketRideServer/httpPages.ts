import type { RequestListener } from 'node:http';
import { PUBLIC_PROBE } from './commands.ts';

/** What a browser gets on the same port. */
export const httpPages: RequestListener = (request, response) => {
  const path = new URL(request.url ?? '/', 'http://server').pathname;
  if (path === '/version') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: 'OK', data: { version: PUBLIC_PROBE.version } }));
  } else if (path === '/chat' || path.startsWith('/chat/')) {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>Chat</title><h1>RocketRide chat</h1>');
  } else {
    response.writeHead(404).end();
  }
};
