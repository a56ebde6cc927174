import net from 'node:net';

const given = new Set();

/** Free, never given before, and below what the system hands to outgoing connections: nothing takes it meanwhile. */
export async function freePort() {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

const isFree = (port) => new Promise((done) => {
  const socket = net.createServer().once('error', () => done(false));
  socket.listen(port, '127.0.0.1', () => socket.close(() => done(true)));
});
