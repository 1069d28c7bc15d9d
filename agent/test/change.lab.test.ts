import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import type { Init, Tree } from "@/e2e/lab/tree";
import { inShell, ManagedHost, mainConfig, type Shell, shortDeadlines } from "./managed-host";

interface Kind {
  tree: Tree;
  init: Init;
  shell: Shell;
}

const smallMatrix: Kind[] = [
  { tree: "bullseye", init: "none", shell: "dash" },
  { tree: "bookworm", init: "none", shell: "busybox" },
  { tree: "trixie", init: "none", shell: "bash" },
  { tree: "bookworm-systemd", init: "service", shell: "dash" },
  { tree: "trixie-systemd", init: "socket", shell: "dash" },
];

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

describe.each(smallMatrix)("a change on $tree, init $init, in $shell", ({ tree, init, shell }) => {
  let managed: ManagedHost;

  beforeAll(async () => {
    const host = await lab.start(tree, { init });
    managed = await new ManagedHost(lab, host).installed([inShell(shell), shortDeadlines]);
  });
  afterAll(() => managed?.forget());

  test("is kept when a fresh login proves it", async () => {
    const before = await managed.host.read(mainConfig);
    const change = await managed.apply(`${before}\nMaxSessions 7\n`);
    expect(change.answer.message).toBe("");
    const confirmed = await managed.confirm(change);
    expect(confirmed.message).toBe("");
    expect(await managed.host.read(mainConfig)).toBe(change.content);
    expect(await managed.waitForEnd()).toBe("confirmed");
    expect((await managed.host.login("alice")).ok).toBe(true);
  });
});
