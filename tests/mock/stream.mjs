/**
 * A stream of messages over real WebSocket connections (RFC 6455), as exchanges have them: it keeps what it was told, sends
 * what a test says, answers pings unless it is to be silent, and drops connections.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10];

/* One frame without a mask, as servers send them. */
function frame(kind, body, last = true) {
  const n = body.length;
  const head = n < 126 ? Buffer.from([0, n]) : Buffer.alloc(4);
  head[0] = (last ? 0x80 : 0) | kind;
  if (n >= 126) {
    head[1] = 126;
    head.writeUInt16BE(n, 2);
  }
  return Buffer.concat([head, body]);
}

/* The first frame of bytes, null when it is not whole. */
function readFrame(bytes) {
  if (bytes.length < 6) return null;
  let n = bytes[1] & 0x7f;
  let at = 2;
  if (n === 126) {
    n = bytes.readUInt16BE(2);
    at = 4;
  }
  if (bytes.length < at + 4 + n) return null;
  const mask = bytes.subarray(at, at + 4);
  const body = Buffer.from(bytes.subarray(at + 4, at + 4 + n)).map((b, i) => b ^ mask[i % 4]);
  return { kind: bytes[0] & 0x0f, body, rest: bytes.subarray(at + 4 + n) };
}

export class MockStream {
  constructor() {
    Object.assign(this, { sockets: new Set(), told: [], connects: 0, pings: 0, silent: false, refuse: false });
    this.server = createServer((req, res) => { res.writeHead(404).end(); });
    this.server.on('upgrade', (req, socket) => this.#upgrade(req, socket));
  }

  async start() {
    await new Promise((done) => { this.server.listen(0, '127.0.0.1', done); });
    this.url = `ws://127.0.0.1:${this.server.address().port}/market/ws`;
    return this;
  }

  #upgrade(req, socket) {
    socket.on('error', () => {});
    if (this.refuse) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const accept = createHash('sha1').update(req.headers['sec-websocket-key'] + MAGIC).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    this.connects++;
    this.path = req.url;
    this.sockets.add(socket);
    socket.on('end', () => socket.end());
    socket.on('close', () => this.sockets.delete(socket));
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let f = readFrame(bytes); f; f = readFrame(bytes)) {
        bytes = f.rest;
        this.#take(socket, f);
      }
    });
  }

  #take(socket, { kind, body }) {
    const text = body.toString();
    if (kind === CLOSE) socket.end(frame(CLOSE, body));
    const ping = kind === PING || text.includes('ping');
    if (ping) this.pings++;
    else if (kind === TEXT) this.told.push(text);
    if (this.silent) return;
    if (kind === PING) socket.write(frame(PONG, body));
    else if (kind === TEXT) socket.write(frame(TEXT, Buffer.from(text === 'ping' ? 'pong' : '{"success":true,"result":null}')));
  }

  /** A message to all; parts: as so many frames. */
  send(message, parts = 1) {
    const body = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
    const size = Math.ceil(body.length / parts);
    for (const socket of this.sockets) {
      for (let at = 0, i = 0; at < body.length; at += size, i++) {
        socket.write(frame(i ? 0 : TEXT, body.subarray(at, at + size), at + size >= body.length));
      }
    }
  }

  /** Cut all connections. */
  drop() {
    for (const socket of this.sockets) socket.destroy();
  }

  async close() {
    this.drop();
    await new Promise((done) => { this.server.close(done); });
  }
}
