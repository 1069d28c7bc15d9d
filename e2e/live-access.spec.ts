import { expect, test } from "@/e2e/fixtures";
import {
  addByCommand,
  changeState,
  expectAccessRead,
  insertLine,
  openConfiguration,
  reviewChange,
} from "@/e2e/journeys";

const main = "/etc/ssh/sshd_config";

test("who would lose access stands beside the draft, in the plan, and is given up by name", async ({
  page,
  startHost,
}) => {
  test.setTimeout(300_000);
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  await expectAccessRead(page);

  const editor = await openConfiguration(page, host);
  const beside = page.getByRole("status", { name: "Who would gain and lose" });
  await insertLine(page, editor, "ClientAliveInterval 77");
  await expect(beside).toHaveText(/Nobody would gain or lose access/);
  await insertLine(page, editor, "DenyUsers alice admin");
  await expect(beside).toContainText("2 accounts would lose access");
  await expect(beside).toContainText("alice");
  await expect(beside).toContainText("admin");
  // Typed, key by key: only what is left of the list counts.
  await editor.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("End");
  for (let i = 0; i < " admin".length; i++) await page.keyboard.press("Backspace");
  await expect(beside).toContainText("1 account would lose access");
  await expect(page.getByText("Draft saved")).toBeVisible();

  await reviewChange(page, "Alice is on leave");
  const lost = page.getByRole("region", { name: "Lose access" });
  await expect(lost.getByText("DenyUsers alice refuses alice.").first()).toBeVisible();
  await expect(lost.getByText(`${main}:1`).first()).toBeVisible();
  await expect(page.getByText("Gatehouse still gets in")).toBeVisible();
  await expect(page.getByRole("button", { name: `Apply to ${host.name}` })).toBeHidden();
  await page.getByRole("button", { name: "Apply all the same…" }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText("Nobody could log in any more as alice");
  await expect(dialog.getByRole("button", { name: "Apply all the same" })).toBeDisabled();
  await dialog.getByLabel(`Type ${host.name} to go on`).fill(host.name);
  await dialog.getByRole("button", { name: "Apply all the same" }).click();
  await expect(changeState(page)).toHaveText("Waiting for you", { timeout: 60_000 });
  expect((await host.login("alice", { command: "true" })).ok).toBe(false);
  await page.getByRole("button", { name: "Roll back now" }).click();
  await expect(changeState(page)).toHaveText("Rolled back", { timeout: 60_000 });
  expect((await host.login("alice", { command: "true" })).ok).toBe(true);
});
