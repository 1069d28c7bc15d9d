/**
 * key-provider.mjs FOLDER: runs inside a lab's network, as every server of the Internet at once: https on port 443 of all
 * addresses that this network has. FOLDER holds `certificate.pem`, `key.pem` and `answers.json`, which is read at each
 * question: {"github.com/alice.keys": {"status": 200, "headers": {}, "body": "…"}}; everything else is 404.
 * A line of JSON on stdout for each connection ({"to": its address here}) and each question ({"asked": place});
 * {"listening": true} comes first.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import path from "node:path";

const [folder = "."] = process.argv.slice(2);
const read = (name) => readFileSync(path.join(folder, name), "utf8");
const say = (message) => console.log(JSON.stringify(message));

const server = createServer({ cert: read("certificate.pem"), key: read("key.pem") }, (request, response) => {
  const place = `${request.headers.host}${request.url}`;
  say({ asked: place });
  const { status = 404, headers = {}, body = "Not Found" } = JSON.parse(read("answers.json"))[place] ?? {};
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers }).end(body);
});
server.on("connection", (socket) => say({ to: (socket.localAddress ?? "").replace(/^::ffff:/, "") }));
server.listen(443, "::", () => say({ listening: true }));
