import { readFileSync } from "node:fs";
import { expect, test } from "@/e2e/fixtures";
import { addByCommand, expectReady, nameHost } from "@/e2e/journeys";

test("a host is added by the command that is pasted on it, and is really managed", async ({
  page,
  startHost,
}) => {
  const host = await startHost("trixie");
  await addByCommand(page, host);
  await expect(page.getByText(/10\.0/).first()).toBeVisible();
  // What people and sshd had before is as it was.
  expect((await host.login("alice", { command: "true" })).ok).toBe(true);
  expect((await host.exec("id -u gatehouse && sudo -l -U gatehouse")).stdout).toMatch(/gatehouse-agent rpc/);
});

test("the command works once: pasted again on another host it is refused", async ({ page, startHost }) => {
  const [host, other] = await Promise.all([startHost(), startHost()]);
  await nameHost(page, host, "command");
  await page.getByRole("button", { name: "Show the install command" }).click();
  const command =
    (await page.getByRole("figure", { name: "Install command" }).getByRole("code").textContent()) ?? "";
  expect((await host.exec(command, { timeoutSeconds: 120 })).code).toBe(0);
  await expectReady(page);
  const second = await other.exec(command, { timeoutSeconds: 120 });
  expect(second.code).not.toBe(0);
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 }).getByText("Ready")).toBeVisible();
});

test("a host is added by one login, with the host key compared first", async ({ page, lab, startHost }) => {
  const host = await startHost("bookworm");
  await nameHost(page, host, "login");
  await page.getByText("Log in once", { exact: true }).click();
  const look = page.getByRole("button", { name: "Look at the host's keys" });
  if (await look.isVisible()) await look.click();
  const own = await host.exec("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub");
  const fingerprint = /SHA256:\S+/.exec(own.stdout)?.[0] ?? "";
  await page.getByRole("radio", { name: new RegExp(literal(fingerprint)) }).check();
  await page.getByLabel("Account").fill("admin");
  await page.getByLabel("With", { exact: true }).selectOption("key");
  await page.getByLabel("Private key").fill(readFileSync(lab.keyPath, "utf8"));
  await page.getByRole("button", { name: "Log in and install" }).click();
  await expectReady(page);
});

test("a man in the middle at enrolment gets no credential", async ({ page, startHost }) => {
  const host = await startHost("bookworm");
  await nameHost(page, host, "login");
  await page.getByText("Log in once", { exact: true }).click();
  const look = page.getByRole("button", { name: "Look at the host's keys" });
  if (await look.isVisible()) await look.click();
  await page.getByRole("radio", { name: /ed25519/ }).check();
  await page.getByLabel("Account").fill("root");
  await page.getByLabel("Password", { exact: true }).fill("the-secret-of-root");

  // From now on somebody else answers at this address.
  await host.replaceHostKeys();
  await page.getByRole("button", { name: "Log in and install" }).click();
  await expect(page.getByText("The last try did not succeed")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/host key/i).first()).toBeVisible();
  expect((await host.exec("id gatehouse")).code).not.toBe(0);
});

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
