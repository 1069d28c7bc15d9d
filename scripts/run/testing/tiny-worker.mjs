import { existsSync } from "node:fs";

console.log(
  `worker ${process.pid} starts, key ${existsSync(process.env.GATEHOUSE_WORKER_KEY_FILE ?? "") && !process.env.GATEHOUSE_WEB_KEY_FILE}`,
);
const life = setInterval(() => {}, 1000);
process.on("SIGTERM", () => {
  clearInterval(life);
  console.log("worker ends");
});
