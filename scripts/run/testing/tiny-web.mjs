import { existsSync } from "node:fs";
import { createServer } from "node:http";

console.log(
  `web ${process.pid} starts, key ${existsSync(process.env.GATEHOUSE_WEB_KEY_FILE ?? "") && !process.env.GATEHOUSE_WORKER_KEY_FILE}`,
);
if (process.env.TINY_WEB_EXIT) process.exit(Number(process.env.TINY_WEB_EXIT));
const server = createServer((_, response) => response.end("hello"));
server.listen(Number(process.env.PORT), process.env.HOST, () => process.send?.({ ready: true }));
process.on("SIGTERM", () => {
  console.log("web ends");
  process.exit(0);
});
