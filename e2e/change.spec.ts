import { expect, test } from "@/e2e/fixtures";
import {
  addByCommand,
  changeState,
  expectAccessRead,
  insertLine,
  openConfiguration,
  reopen,
  reviewChange,
} from "@/e2e/journeys";

const main = "/etc/ssh/sshd_config";

test("an edit is checked while typing, planned, applied, and kept by a fresh login", async ({
  page,
  startHost,
}) => {
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  const editor = await openConfiguration(page, host);

  // What sshd would not accept is said at once, and by the host itself when asked.
  await insertLine(page, editor, "PermitRotLogin no");
  const problems = page.getByRole("complementary", { name: "Problems" });
  await expect(problems.getByRole("button", { name: /error line 1 .*PermitRotLogin/ })).toBeVisible();
  await page.getByRole("button", { name: "Ask the host: sshd -t" }).click();
  await expect(page.getByText("sshd -t on the host refuses this")).toBeVisible();
  await page.getByRole("button", { name: "Discard draft" }).click();
  await expect(page.getByText("As on the host")).toBeVisible();

  await insertLine(page, editor, "ClientAliveInterval 77");
  await expect(problems.getByText("PermitRotLogin")).toBeHidden();
  await reviewChange(page, "Notice dead connections");
  await expect(page.getByRole("row", { name: /clientaliveinterval everyone 0 77/i })).toBeVisible();
  await expect(page.getByText("Gatehouse still gets in")).toBeVisible();
  await page.getByRole("button", { name: `Apply to ${host.name}` }).click();
  await expect(changeState(page)).toHaveText("Kept", { timeout: 60_000 });
  await expect(page.getByRole("heading", { name: "Proof" })).toBeVisible();

  expect(await host.read(main)).toMatch(/^ClientAliveInterval 77\n/);
  expect((await host.exec("sshd -T | grep -i '^clientaliveinterval '")).stdout.toLowerCase()).toBe(
    "clientaliveinterval 77\n",
  );
  expect((await host.login("alice", { command: "true" })).ok).toBe(true);

  // The history has it, and the original can be brought back from there.
  await page.getByRole("link", { name: host.name }).first().click();
  await page.getByRole("link", { name: "History", exact: true }).click();
  const versions = page.getByRole("region", { name: `Versions of ${main}` });
  await expect(
    versions.getByRole("row", { name: /^2 on the host Notice dead connections Olga Owner/ }),
  ).toBeVisible();
  await versions.getByRole("row", { name: /^1 / }).getByRole("button", { name: "Restore…" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Restore version 1" })).toBeVisible();
  await page.getByRole("button", { name: `Apply to ${host.name}` }).click();
  await expect(changeState(page)).toHaveText("Kept", { timeout: 60_000 });
  expect(await host.read(main)).not.toContain("ClientAliveInterval 77");
});

test("a change that shuts everybody out undoes itself, byte for byte", async ({ page, startHost }) => {
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  await expectAccessRead(page); // A plan that was made before would be refused: it tells no loss.
  const before = await host.readBytes(main);
  const editor = await openConfiguration(page, host);
  await insertLine(page, editor, "AllowUsers nobody");
  await reviewChange(page, "Lock everybody out");
  await expect(page.getByText("This change shuts the management account out")).toBeVisible();
  await expect(page.getByRole("button", { name: `Apply to ${host.name}` })).toBeHidden();

  await page.getByLabel("Undone by itself after").selectOption({ label: "30 seconds" });
  await page.getByRole("button", { name: "Apply all the same…" }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog.getByRole("button", { name: "Apply all the same" })).toBeDisabled();
  await dialog.getByLabel(`Type ${host.name} to go on`).fill(host.name);
  await dialog.getByRole("button", { name: "Apply all the same" }).click();
  await expect(async () => {
    expect((await host.login("alice", { command: "true" })).ok).toBe(false);
  }).toPass({ timeout: 30_000 });
  await expect(changeState(page)).toHaveText("Rolled back", { timeout: 90_000 });
  expect((await host.readBytes(main)).equals(before)).toBe(true);
  expect((await host.login("alice", { command: "true" })).ok).toBe(true);
});

test("a man in the middle at apply gets nothing, and everything stops for the host", async ({
  page,
  startHost,
}) => {
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  const before = await host.readBytes(main);
  const editor = await openConfiguration(page, host);
  await insertLine(page, editor, "ClientAliveInterval 77");
  await reviewChange(page, "Notice dead connections");
  await host.replaceHostKeys();
  await page.getByRole("button", { name: `Apply to ${host.name}` }).click();
  await expect(changeState(page)).toHaveText("Refused", { timeout: 60_000 });
  expect((await host.readBytes(main)).equals(before)).toBe(true);
  await page.getByRole("link", { name: host.name }).first().click();
  await expect(page.getByRole("region", { name: "The host key changed" })).toBeVisible();
});

test("the dashboard killed in mid-change tells the truth when it is started again", async ({
  page,
  product,
  startHost,
}) => {
  test.setTimeout(400_000); // Two restarts and a deadline.
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  const before = await host.readBytes(main);
  const editor = await openConfiguration(page, host);

  // Killed, and back before the deadline: the change is still open, and can be kept.
  await insertLine(page, editor, "MaxAuthTries 4");
  await reviewChange(page, "Fewer guesses");
  await page.getByRole("button", { name: `Apply to ${host.name}` }).click();
  await expect(changeState(page)).toHaveText("Waiting for you", { timeout: 60_000 });
  await product.kill();
  await product.start();
  await reopen(page);
  await expect(changeState(page)).toHaveText("Waiting for you");
  await page.getByRole("button", { name: "Keep this change" }).click();
  await expect(changeState(page)).toHaveText("Kept", { timeout: 60_000 });
  const kept = await host.readBytes(main);
  expect(kept.toString()).toMatch(/^MaxAuthTries 4\n/);

  // Killed, and back after it: the host has undone the change by itself, and the page says so.
  const again = await openConfiguration(page, host);
  await insertLine(page, again, "MaxAuthTries 3");
  await reviewChange(page, "Even fewer");
  await page.getByLabel("Undone by itself after").selectOption({ label: "30 seconds" });
  await page.getByRole("button", { name: `Apply to ${host.name}` }).click();
  await expect(changeState(page)).toHaveText("Waiting for you", { timeout: 60_000 });
  await product.kill();
  await expect(async () => {
    expect((await host.readBytes(main)).equals(kept)).toBe(true);
  }).toPass({ timeout: 60_000 });
  await product.start();
  await reopen(page);
  await expect(changeState(page)).toHaveText("Rolled back", { timeout: 60_000 });
  expect(kept.equals(before)).toBe(false);
});
