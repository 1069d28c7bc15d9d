import { expect, type Locator, type Page } from "@playwright/test";
import type { LabHost } from "@/e2e/lab/lab";

// What people do again and again, as they do it: by roles and names.

/** Sets the product up with a passkey; ends on the overview. */
export async function becomeOwner(
  page: Page,
  { token, name, login }: { token: string; name: string; login: string },
): Promise<void> {
  await page.goto("/set-up");
  await page.getByLabel("Set-up token").fill(token);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Login", { exact: true }).fill(login);
  await page.getByRole("button", { name: "Become the owner" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
}

/** Names a new host; ends on its page, where it is brought in. */
export async function nameHost(
  page: Page,
  host: LabHost,
  way: "command" | "login",
  tags = "",
): Promise<void> {
  await page.goto(`/hosts/add?way=${way}`);
  await page.getByLabel("Name", { exact: true }).fill(host.name);
  await page.getByLabel("Address").fill(host.address);
  await page.getByRole("textbox", { name: "Port" }).fill(String(host.port));
  await page.getByRole("textbox", { name: "Tags" }).fill(tags);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { level: 1, name: host.name })).toBeVisible();
}

/** Invites somebody as a member. @returns the link that he is given */
export async function invite(page: Page, name: string, login: string): Promise<string> {
  await page.goto("/people");
  await page.getByRole("button", { name: "Invite" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite a person" });
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  await dialog.getByLabel("Login", { exact: true }).fill(login);
  await dialog.getByRole("button", { name: "Make the link" }).click();
  const link = await page.getByRole("figure", { name: "Invitation link" }).getByRole("code").textContent();
  await page.getByRole("button", { name: "I have handed it over" }).click();
  return link ?? "";
}

/** Adds a host by the command that is pasted on it; ends when its configuration was read. */
export async function addByCommand(page: Page, host: LabHost, tags = ""): Promise<void> {
  await nameHost(page, host, "command", tags);
  await page.getByRole("button", { name: "Show the install command" }).click();
  const command =
    (await page.getByRole("figure", { name: "Install command" }).getByRole("code").textContent()) ?? "";
  const pasted = await host.exec(command, { timeoutSeconds: 120 });
  expect(pasted.code, pasted.stdout + pasted.stderr).toBe(0);
  await expectReady(page);
}

/** The host's page says that it is managed. */
export async function expectReady(page: Page): Promise<void> {
  await expect(page.getByRole("region", { name: "Bring this host in" })).toBeHidden({ timeout: 60_000 });
  await expect(page.getByRole("heading", { level: 1 }).getByText("Ready")).toBeVisible();
}

/** On the page of a host that was just added: who can log in there has been read for the first time. */
export async function expectAccessRead(page: Page): Promise<void> {
  await page.goto(`${new URL(page.url()).pathname}/access`);
  await expect(page.getByRole("heading", { level: 3, name: "alice" })).toBeVisible({ timeout: 60_000 });
}

/** Opens a host's configuration with its main file in the editor. */
export async function openConfiguration(
  page: Page,
  host: LabHost,
  file = "/etc/ssh/sshd_config",
): Promise<Locator> {
  await page.goto("/hosts");
  await page.getByRole("link", { name: host.name, exact: true }).click();
  const tabs = page.getByRole("navigation", { name: `Pages of ${host.name}` });
  await tabs.getByRole("link", { name: /^Configuration/ }).click(); // With the number of drafts, where there are any.
  const editor = page.getByRole("textbox", { name: `${file} on ${host.name}` });
  await expect(editor).toBeVisible();
  return editor;
}

/** Puts a line in front of the text in the editor. */
export async function insertLine(page: Page, editor: Locator, line: string): Promise<void> {
  await editor.click();
  await page.keyboard.press("Control+Home");
  // Pasted, not typed key by key: completion would help along.
  await page.keyboard.insertText(`${line}\n`);
  await expect(page.getByText("Draft saved")).toBeVisible();
}

/** Pastes a whole text over the one in the editor. Not by `insertText`: the browser types that line by line. */
export async function pasteOver(editor: Locator, text: string): Promise<void> {
  await editor.click();
  await editor.press("Control+a");
  await editor.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** Makes a change of what is in the editor; ends on its page with the host's answer. */
export async function reviewChange(page: Page, message: string): Promise<void> {
  await page.getByRole("button", { name: "Review change…" }).click();
  await page.getByLabel("What is it for?").fill(message);
  await page.getByRole("button", { name: "Plan the change" }).click();
  await expect(page.getByRole("heading", { level: 1, name: message })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Effective difference" })).toBeVisible();
}

/** What the page says the change is now. */
export function changeState(page: Page): Locator {
  return page.getByRole("status").filter({
    hasText:
      /^(Applying|Testing a login|Waiting for you|Keeping|Rolling back|No answer|Kept|Rolled back|Refused)$/,
  });
}

/** Opens a page's change again after a restart or on another day. */
export async function reopen(page: Page): Promise<void> {
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 60_000 });
}
