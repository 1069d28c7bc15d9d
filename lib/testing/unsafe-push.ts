/**
 * What a script of twenty lines does: writes the file, `sshd -t`, reload, over one connection a host. No undoing, no
 * proof; a mistake is in force. Started by bench/push.ts: one JSON line in, one JSON line out, round by round.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { Secret } from "@/lib/secrets/secret";
import { connect } from "@/lib/ssh/ssh2";

interface Round {
  readonly keyPath: string;
  readonly content: string;
  readonly hosts: readonly { readonly address: string; readonly hostKeys: readonly string[] }[];
}

const command = "sudo sh -c 'cat >/etc/ssh/sshd_config && sshd -t && service ssh reload'";

async function push({ address, hostKeys }: Round["hosts"][number], key: Secret<string>, content: Buffer) {
  const connection = await connect({
    address,
    port: 22,
    username: "admin",
    auth: { kind: "key", privateKey: key },
    pins: hostKeys.flatMap((line) => parsePublicKey(line) ?? []),
    timeoutSeconds: 60,
  });
  const { code, stderr } = await connection.exec(command, {
    input: content,
    maxBytes: 100_000,
    timeoutSeconds: 60,
  });
  connection.end();
  if (code !== 0) throw new Error(`${address} answered ${code}: ${stderr}`);
}

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const { keyPath, content, hosts }: Round = JSON.parse(line);
  const key = new Secret(readFileSync(keyPath, "utf8"));
  const from = performance.now();
  await Promise.all(hosts.map((host) => push(host, key, Buffer.from(content))));
  console.log(JSON.stringify({ seconds: (performance.now() - from) / 1000 }));
}
