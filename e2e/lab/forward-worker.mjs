/**
 * forward-worker.mjs SOCKET ADDRESS PORT: runs inside a lab's network. What connects to the Unix socket SOCKET,
 * which has no network, is connected to ADDRESS:PORT there. Says so on stdout once it listens.
 */
import net from "node:net";

const [socket, address, port] = process.argv.slice(2);

const server = net.createServer({ allowHalfOpen: true }, (outside) => {
  const inside = net.connect({ host: address, port: Number(port), allowHalfOpen: true });
  outside.once("error", () => inside.resetAndDestroy());
  inside.once("error", () => outside.destroy());
  outside.pipe(inside).pipe(outside);
});
server.listen(socket, () => console.log("listening"));
