import { WebSocket } from 'ws';

/** 250 MiB, the most that the server takes in one message; the same bounds what it may send. */
export const MAX_MESSAGE_BYTES = 250 * 1024 * 1024;

/** Begins to open a WebSocket; it is open with its `open` event. */
export function openSocket(url: string): WebSocket {
  return new WebSocket(url, OPTIONS);
}

// No `agent` and no certificates are given. VS Code replaces http.request and https.request, and puts in its own agent for
// the proxy and the certificates of the settings; that wins over the function that `ws` brings to connect with. With
// `http.proxySupport` at `on`, a request that has an agent of its own would go past the proxy.
const OPTIONS = {
  maxPayload: MAX_MESSAGE_BYTES,
  followRedirects: false,
  // It would cost the server and this process memory and time with every message, and let a small one unpack to a huge
  // one. What is sent often is small.
  perMessageDeflate: false,
  // What awaits an answer goes on before the next event is delivered, and so can listen for events in time.
  allowSynchronousEvents: false,
  closeTimeout: 1000,
};
