import { mkdirSync } from "node:fs";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { enter, expect, test } from "@/e2e/fixtures";
import { addByCommand } from "@/e2e/journeys";

/** The fleet's page: a filter and one way, both in the address. */
async function lookOverTheFleet(page: Page, hostName: string): Promise<void> {
  await page.goto(`/access?host=${hostName}`);
  await page.getByLabel("Account, deploy*").fill("ali*");
  await expect(page.locator("main").getByRole("status")).toHaveText(/^1 of /);
  expect(new URL(page.url()).searchParams.get("account")).toBe("ali*");
  const row = page.getByRole("link", { name: "alice", exact: true });
  await row.click();
  const drawer = page.getByRole("dialog", { name: `alice on ${hostName}` });
  await expect(drawer).toBeVisible();
  expect(new URL(page.url()).searchParams.get("way")).not.toBeNull();
  await page.keyboard.press("Escape");
  await expect(drawer).toBeHidden();
  expect(new URL(page.url()).searchParams.get("way")).toBeNull();
  await expect(row).toBeFocused();
}

/** With SCREENSHOTS=folder the page is photographed there. */
const folder = process.env.SCREENSHOTS;
const looks = [
  { name: "desktop-light", colorScheme: "light", viewport: { width: 1280, height: 860 } },
  { name: "phone-dark", colorScheme: "dark", viewport: { width: 390, height: 844 } },
] as const;

test("an auditor sees who can log in, why, and what a change on the host made of it", async ({
  page,
  browser,
  product,
  owner,
  startHost,
}) => {
  test.setTimeout(400_000);
  const host = await startHost("bookworm");
  await host.write(
    "/etc/ssh/sshd_config.d/10-access.conf",
    "AllowUsers admin alice gatehouse\nMatch User alice\n\tAuthenticationMethods publickey,password\nMatch all\n",
  );
  await addByCommand(page, host);
  const address = `${new URL(page.url()).pathname}/access`;

  await page.goto(address);
  // Read by itself after first contact; the page hears of it while it is open.
  await expect(page.getByRole("heading", { level: 3, name: "alice" })).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("span", { hasText: /^key, then password$/ })).toBeVisible();
  await expect(page.getByText("2 factors")).toBeVisible();
  await page.getByText("Why: a key and a password").click();
  await expect(page.getByText("/etc/ssh/sshd_config.d/10-access.conf:3")).toBeVisible();

  await page.getByLabel("Factors", { exact: true }).selectOption("more");
  await expect(page.getByRole("heading", { level: 3, name: "admin" })).toHaveCount(0);
  expect(new URL(page.url()).search).toBe("?factors=more");
  await page.getByRole("link", { name: "Clear all" }).click();

  await lookOverTheFleet(page, host.name);
  await page.goto(address);

  await host.exec("rm /home/alice/.ssh/authorized_keys");
  await page.getByRole("button", { name: "Read again" }).click();
  await expect(page.getByRole("heading", { level: 3, name: "alice" })).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 3, name: "admin" })).toBeVisible();

  for (const { name, colorScheme, viewport } of looks) {
    const { page: view, leave } = await enter(browser, product, owner, { colorScheme, viewport });
    await view.goto(address);
    await expect(view.getByRole("heading", { level: 3, name: "admin" })).toBeVisible();
    await view.getByText("Why: a key").first().click();
    const wider = await view.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wider).toBe(0);
    const { violations } = await new AxeBuilder({ page: view }).withTags(["wcag2a", "wcag2aa"]).analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(", ")}`),
    ).toEqual([]);
    if (folder) {
      mkdirSync(folder, { recursive: true });
      await view.screenshot({ path: path.join(folder, `host-access-${name}.png`), fullPage: true });
    }
    await leave();
  }
});
