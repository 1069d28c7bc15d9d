import { expect, test } from "vitest";
import { meet } from "@/lib/access/connection";
import { authorizeKey } from "@/lib/access/public-key";
import { startServer } from "@/lib/access/server";
import { connectionTo, offersOf } from "@/lib/access/testing/agreement";
import { hostWith } from "@/lib/access/testing/host";
import { whoCanLogIn } from "@/lib/access/who-can-log-in";
import { loadLoginWorld } from "@/lib/testing/login-corpus";

const world = loadLoginWorld();
const text = (name: string) => new TextDecoder().decode(world.files.get(name)).trim();
const facts = hostWith({
  config: "UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n",
  accounts: [{ name: "alice", keys: `cert-authority,no-x11-forwarding ${text("ca1.pub")}` }],
});

/** What somebody may do who shows the certificate. */
function grantOf(file: string, address = "10.1.2.3") {
  const server = startServer(facts);
  const situation = meet(server, connectionTo("alice", address));
  const offer = offersOf({
    ...world,
    files: new Map([[file, world.files.get(file) ?? new Uint8Array()]]),
  })[0];
  if (!situation.account || !offer) throw new Error(`The world has no ${file}.`);
  const verdict = authorizeKey(situation, situation.account, { ...offer.key, sent: offer.sent }, undefined);
  return verdict.kind === "granted" ? verdict.grant : verdict.kind;
}

test("a certificate's own command and permissions hold beside those of the line", () => {
  const grant = grantOf("c_force.cert");
  const own = offersOf(world).find(({ key }) =>
    key.certificate?.criticalOptions.some((o) => o.name === "force-command"),
  );
  expect(own).toBeDefined();
  expect(grant).toMatchObject({
    source: "/home/alice/.ssh/authorized_keys:1",
    options: { permitsX11Forwarding: false },
  });
  const { forcedCommand, options } = grant as Exclude<typeof grant, string>;
  expect(forcedCommand).toBeTruthy();
  expect(options.command).toBe(forcedCommand);
});

test("a certificate that is for other addresses opens nothing from here", () => {
  expect(grantOf("c_src.cert", "203.0.113.5")).toBe("refused");
});

test("the way of an authority says that its certificates may permit less", () => {
  const [path] = whoCanLogIn(facts, { now: connectionTo("alice", "10.1.2.3").now });
  expect(path?.limits).toMatchObject({ isNarrowedByCertificate: true });
});
