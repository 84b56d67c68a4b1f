// A proxy on this machine that sees the heads of requests, holds some, and cuts connections.
import { connect, createServer } from "node:net";

const never = () => false;
const unlimited = () => Number.POSITIVE_INFINITY;

/**
 * @param port of the store.
 * @param limit how many bytes pass through a connection before it is cut, asked for each connection.
 * @param isChanged whether a byte of a request's body is changed, by its method and path.
 * @param isHeld whether a request never arrives, by its method and path.
 */
export async function openProxy(port, { limit = unlimited, isHeld = never, isChanged = never } = {}) {
  const sockets = new Set();
  const proxy = { seen: [], cut: 0, changed: 0 };
  const server = createServer((client) => {
    const store = connect(port, "127.0.0.1");
    let left = limit();
    let isDue = false; // the next bytes are a body, and are to be changed
    const end = () => {
      client.destroy();
      store.destroy();
    };
    for (const socket of [client, store]) {
      sockets.add(socket);
      socket.on("error", end);
      socket.on("close", () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on("data", (bytes) => {
      const [head] = /^(GET|PUT|POST|DELETE|HEAD) \S+/.exec(bytes.subarray(0, 2000).toString("latin1")) ?? [];
      if (head !== undefined) proxy.seen.push(head);
      if (head !== undefined && isHeld(head)) client.removeAllListeners("data").resume();
      if (client.listenerCount("data") === 0) return;
      if (head === undefined && isDue) {
        bytes[0] ^= 1;
        proxy.changed += 1;
        isDue = false;
      }
      isDue ||= head !== undefined && isChanged(head);
      left -= bytes.length;
      if (left < 0) {
        proxy.cut += 1;
        end();
      } else if (!store.write(bytes)) {
        client.pause();
        store.once("drain", () => client.resume());
      }
    });
    store.pipe(client);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(proxy, {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
