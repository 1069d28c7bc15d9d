import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";
import { Authenticator } from "@/e2e/authenticator";
import { enter, expect, test } from "@/e2e/fixtures";
import { addByCommand, changeState, invite } from "@/e2e/journeys";
import type { LabHost } from "@/e2e/lab/lab";
import { SoftSecurityKey } from "@/lib/testing/security-key";
import { startSecurityKeyAgent } from "@/lib/testing/security-key-agent";

// One person's way through the fleet, in three parts: comes, is asked for more, leaves.
test.describe.configure({ mode: "serial" });

const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-fleet-e2e-"));
const keyFile = "/home/alice/.ssh/authorized_keys";
const tag = "fleet";
let hosts: LabHost[] = [];
/** Of alice's key files before anybody here was let in, with a key of nobody's in one of them. */
let originals: Buffer[] = [];
let stub: { file: string; key: SoftSecurityKey };
const old = path.join(folder, "old-laptop");

test.beforeAll(async ({ lab, browser, product, owner }) => {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "tess old laptop", "-f", old]);
  hosts = await Promise.all(["fleet-a", "fleet-b"].map((name) => lab.start("bookworm", { name })));
  for (const host of hosts) await host.exec(`printf '# caf\\351\\r\\nno key at all\\n' >>${keyFile}`);
  originals = await Promise.all(hosts.map((host) => host.readBytes(keyFile)));
  const line = readFileSync(`${old}.pub`, "utf8");
  await hosts[1]?.exec(`printf 'no-pty ' >>${keyFile}; cat >>${keyFile}`, { input: line });
  const { page, leave } = await enter(browser, product, owner);
  for (const host of hosts) await addByCommand(page, host, tag);
  await leave();
});

test.afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  rmSync(folder, { recursive: true });
});

function firstHost(): LabHost {
  const [host] = hosts;
  if (!host) throw new Error("No host was started.");
  return host;
}

/** Does alice's account open to the very credential that was made by the touch? */
async function login(host: LabHost, flags: number): Promise<boolean> {
  const agent = await startSecurityKeyAgent(stub.key, flags);
  try {
    return (await host.login("alice", { key: stub.file, agent: agent.socket })).ok;
  } finally {
    await agent.close();
  }
}

/** The batch's page says that every host was seen to be as it was meant. */
async function expectAllDone(page: Page): Promise<void> {
  await expect(page.getByRole("status").getByRole("link", { name: /^Done/ })).toHaveText(/2/, {
    timeout: 90_000,
  });
}

test("a key made by one touch is placed on two hosts by tag, and opens both", async ({
  page,
  browser,
  product,
}) => {
  const link = await invite(page, "Tess Touch", "tess");
  const context = await browser.newContext({ baseURL: product.url });
  const joining = await context.newPage();
  const authenticator = await Authenticator.plugInto(joining);
  await joining.goto(link);
  await joining.getByRole("button", { name: "Join" }).click();
  // A member's way ends on his own page.
  await joining.getByRole("button", { name: /with ssh, too$/ }).click();
  const steps = joining.getByRole("dialog", { name: /^Use .* with ssh$/ });
  const [download] = await Promise.all([
    joining.waitForEvent("download"),
    steps.getByRole("link", { name: /^Download id_/ }).click(),
  ]);
  const file = path.join(folder, download.suggestedFilename());
  copyFileSync(await download.path(), file);
  chmodSync(file, 0o600);
  const { privateKey, rpId } = await authenticator.passkey();
  stub = { file, key: SoftSecurityKey.fromPkcs8(Buffer.from(privateKey, "base64"), rpId ?? "") };
  await context.close();

  // Wanted: by a grant for the tag, given on the page of one of the hosts.
  await page.goto("/hosts");
  await page.getByRole("link", { name: "fleet-a", exact: true }).click();
  await page.getByRole("link", { name: /^Accounts/ }).click();
  await page.getByRole("button", { name: "Let somebody use it: alice" }).click({ timeout: 60_000 });
  const giving = page.getByRole("dialog", { name: "Let somebody use alice" });
  await giving.getByLabel("Person").selectOption({ label: "Tess Touch" });
  await giving.getByLabel("Where").selectOption(tag);
  await giving.getByRole("button", { name: "Let them use it" }).click();
  await expect(giving).toBeHidden();

  await page.goto("/access/keys");
  await page.getByRole("button", { name: "By tag…" }).click();
  const planning = page.getByRole("dialog", { name: "Keys of all hosts with a tag" });
  await planning.getByLabel("Tag").selectOption(tag);
  await planning.getByRole("button", { name: "Plan to place what is wanted" }).click();
  await page.getByRole("button", { name: "Apply to 2 hosts…" }).click({ timeout: 60_000 });
  for (const host of hosts) expect(await login(host, 5), "nothing was written yet").toBe(false);
  await page.getByRole("alertdialog").getByRole("button", { name: "Apply", exact: true }).click();
  await expectAllDone(page);

  for (const host of hosts) {
    expect(await login(host, 1), "touched").toBe(true);
    expect(await login(host, 0), "not touched").toBe(false);
  }
  const [before, after] = [originals[0], await firstHost().readBytes(keyFile)];
  expect(after.subarray(0, before?.length)).toEqual(before);
});

test("a policy for a tag asks for the PIN, behind a plan, and who gives none is refused", async ({
  page,
}) => {
  await page.goto("/access/policies");
  await page.getByRole("button", { name: "New policy" }).click();
  const form = page.getByRole("dialog", { name: "New policy of keys" });
  await form.getByLabel("Where").selectOption(`tag:${tag}`);
  await form.getByRole("checkbox", { name: "A touch" }).uncheck();
  await form.getByRole("checkbox", { name: "Security keys only" }).uncheck();
  await form.getByRole("checkbox", { name: "PIN or fingerprint" }).check();
  await form.getByRole("button", { name: "Make the policy" }).click();
  const row = page.getByRole("listitem").filter({ hasText: "fleet-a" });
  await expect(row.getByText("Not demanded", { exact: true })).toBeVisible();

  // What it would do with security keys only is said before anything is applied: alice's other key goes.
  await page.getByRole("button", { name: "Change", exact: true }).click();
  const change = page.getByRole("dialog", { name: "Change the policy" });
  await change.getByRole("checkbox", { name: "Security keys only" }).check();
  await change.getByRole("button", { name: "Save the policy" }).click();
  await page.getByRole("button", { name: "Plan it on fleet-a" }).click();
  await expect(page.getByRole("heading", { name: "Effective difference" })).toBeVisible();
  await expect(page.getByText("Gatehouse still gets in")).toBeVisible();
  await expect(page.getByRole("region", { name: "Lose access" }).getByText("alice").first()).toBeVisible();
  expect(await login(firstHost(), 1), "only planned").toBe(true);

  await page.getByRole("button", { name: "Apply to fleet-a" }).click();
  await expect(changeState(page)).toHaveText("Waiting for you", { timeout: 60_000 });
  expect(await login(firstHost(), 5), "touched, with PIN").toBe(true);
  expect(await login(firstHost(), 1), "touched, without PIN").toBe(false);
  expect((await firstHost().login("alice")).ok, "another key").toBe(false);
  await page.getByRole("button", { name: "Keep this change" }).click();
  await expect(changeState(page)).toHaveText("Kept", { timeout: 60_000 });
  await page.goto("/access/policies");
  await page.getByRole("link", { name: `All hosts with the tag ${tag}` }).click();
  await expect(row.getByText("Demanded", { exact: true })).toBeVisible();
});

test("who leaves is refused everywhere, by keys that nobody had proved as well, and foreign lines stay", async ({
  page,
}) => {
  // Triage: somebody says whose the old key is.
  const found = page.getByRole("row").filter({ hasText: "tess old laptop" });
  await page.goto("/access/keys");
  await found.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Say whose it is…" }).click();
  const adopting = page.getByRole("dialog", { name: "Say whose key it is" });
  await adopting.getByLabel("Person").selectOption({ label: "Tess Touch" });
  await adopting.getByRole("button", { name: "It is theirs" }).click();
  await expect(adopting).toBeHidden();
  expect((await hosts[1]?.login("alice", { key: old }))?.ok).toBe(true);

  await page.goto("/people");
  await page.getByRole("link", { name: "Tess Touch" }).click();
  await page.getByRole("button", { name: "Let Tess Touch go…" }).click();
  const going = page.getByRole("alertdialog");
  await expect(going).toContainText("1 grant ends");
  await going.getByRole("checkbox", { name: /never proved to be theirs/ }).check();
  const lastWays = going.getByRole("checkbox", { name: /may lose their last way in/ });
  if (await lastWays.isVisible()) await lastWays.check();
  await going.getByLabel("Type tess to go on").fill("tess");
  await going.getByRole("button", { name: "Let Tess Touch go" }).click();
  await expectAllDone(page);
  for (const [index, host] of hosts.entries()) {
    expect(await login(host, 5)).toBe(false);
    expect((await host.login("alice", { key: old })).ok).toBe(false);
    expect(await host.readBytes(keyFile)).toEqual(originals[index]);
  }
  expect((await hosts[1]?.login("alice"))?.ok, "her own key is untouched").toBe(true);
});

test("a policy that asks for something else is planned on both hosts, applied by one act and kept by one", async ({
  page,
}) => {
  const accepts = async (host: LabHost) => (await host.login("alice")).ok;
  const demandsTouch = async (host: LabHost) =>
    /^pubkeyauthoptions touch-required$/m.test(
      (await host.exec("sshd -T -C user=alice,host=x,addr=192.0.2.1")).stdout,
    );
  expect(await Promise.all(hosts.map(accepts)), "security keys only on the first").toEqual([false, true]);
  await page.goto("/access/policies");
  await page.getByRole("link", { name: `All hosts with the tag ${tag}` }).click();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  const change = page.getByRole("dialog", { name: "Change the policy" });
  for (const name of ["Security keys only", "PIN or fingerprint"])
    await change.getByRole("checkbox", { name }).uncheck();
  await change.getByRole("checkbox", { name: "A touch" }).check();
  await change.getByRole("button", { name: "Save the policy" }).click();
  await expect(change).toBeHidden();

  // What the hosts say of it comes to the page by itself.
  await page.getByRole("button", { name: "Plan on 2 hosts" }).click();
  await page.getByRole("button", { name: "Apply to 2 hosts…" }).click({ timeout: 60_000 });
  expect(await Promise.all(hosts.map(demandsTouch)), "only planned").toEqual([false, false]);
  const applying = page.getByRole("alertdialog");
  await expect(applying).toContainText("fleet-b: no way in goes");
  await applying.getByRole("button", { name: "Apply to 2 hosts" }).click();
  await page.getByRole("button", { name: "Keep on 2 hosts…" }).click({ timeout: 90_000 });
  expect(await Promise.all(hosts.map(accepts))).toEqual([true, true]);
  expect(await Promise.all(hosts.map(demandsTouch))).toEqual([true, true]);
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: /^I have logged in/ })
    .click();
  const row = page.getByRole("listitem");
  await expect(row.getByText("Demanded", { exact: true })).toHaveCount(2, { timeout: 60_000 });
  await expect(row.getByRole("link", { name: "Look at the open change" })).toHaveCount(0, {
    timeout: 60_000,
  });
});
