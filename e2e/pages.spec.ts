import { mkdirSync } from "node:fs";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { enter, expect, test } from "@/e2e/fixtures";
import { addByCommand, changeState, insertLine, openConfiguration, reviewChange } from "@/e2e/journeys";

/** With SCREENSHOTS=folder every page is photographed there, light and dark, on a desk and on a phone. */
const folder = process.env.SCREENSHOTS;

const looks = [
  { name: "desktop-light", colorScheme: "light", viewport: { width: 1280, height: 860 } },
  { name: "desktop-dark", colorScheme: "dark", viewport: { width: 1280, height: 860 } },
  { name: "phone-light", colorScheme: "light", viewport: { width: 390, height: 844 } },
  { name: "phone-dark", colorScheme: "dark", viewport: { width: 390, height: 844 } },
] as const;

/** Every look for the photographs; both colours and both sizes, once each, for the check of every day. */
const visited = folder ? looks : [looks[0], looks[3]];

/** Rules of WCAG 2.2 A and AA that a machine can check, as far as they hinder somebody. */
async function findBarriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

const narrow = { width: 320, height: 640 };

/** At 320 pixels nothing runs out of the page: only what scrolls by itself may be wider. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

test("no page hinders anybody, light or dark, on a desk or a phone", async ({
  page,
  browser,
  product,
  owner,
  startHost,
}) => {
  test.setTimeout(600_000);
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  const hostPath = new URL(page.url()).pathname;
  const editor = await openConfiguration(page, host);
  await insertLine(page, editor, "ClientAliveInterval 77");
  await reviewChange(page, "Notice dead connections");
  await page.getByRole("button", { name: `Apply to ${host.name}` }).click();
  await expect(changeState(page)).toHaveText("Kept", { timeout: 60_000 });
  const kept = new URL(page.url()).pathname;
  const again = await openConfiguration(page, host);
  await insertLine(page, again, "AllowUsers nobody");
  await reviewChange(page, "Lock everybody out");
  const planned = new URL(page.url()).pathname;
  await openConfiguration(page, host).then((box) => insertLine(page, box, "PermitRotLogin no"));
  const { key, batch } = await planRemoval(page);
  const policy = await makePolicy(page, host.name);

  const pages: [string, string][] = [
    ["overview", "/"],
    ["hosts", "/hosts"],
    ["host-add", "/hosts/add"],
    ["host-import", "/hosts/add?way=import"],
    ["host", hostPath],
    ["host-configuration", `${hostPath}/config`],
    ["host-configuration-form", `${hostPath}/config?view=form`],
    ["host-configuration-difference", `${hostPath}/config?view=difference`],
    ["host-configuration-whole", `${hostPath}/config?view=whole`],
    ["host-accounts", `${hostPath}/accounts`],
    ["host-two-factor", `${hostPath}/two-factor`],
    ["host-history", `${hostPath}/history`],
    ["access-keys", "/access/keys"],
    ["access-two-factor", "/access/two-factor"],
    ["access-key", key],
    ["access-policies", "/access/policies"],
    ["access-policy", policy],
    ["batches", "/changes/batches"],
    ["batch", batch],
    ["access-reviews", "/access/reviews"],
    ["access-review-new", "/access/reviews/new"],
    ["changes", "/changes"],
    ["change-planned", planned],
    ["change-kept", kept],
    ["people", "/people"],
    ["activity", "/activity"],
    ["settings", "/settings"],
    ["me", "/me"],
    ["not-found", "/hosts/00000000-0000-4000-8000-000000000000"],
  ];
  const found: string[] = [];
  for (const { name: look, colorScheme, viewport } of visited) {
    const { page: view, leave } = await enter(browser, product, owner, {
      colorScheme,
      viewport,
      reducedMotion: "reduce",
    });
    for (const [name, address] of pages) {
      // One visit of each page serves both: it is loaded narrow, and then widened.
      const isNarrowFirst = look === "phone-dark";
      if (isNarrowFirst) await view.setViewportSize(narrow);
      await view.goto(address);
      await expect(view.getByRole("heading", { level: 1 }).first()).toBeVisible();
      if (isNarrowFirst) {
        const excess = await overflow(view);
        if (excess > 0) found.push(`320 px ${name}: wider than the screen by ${excess}`);
        await view.setViewportSize(viewport);
      }
      if (name === "host-configuration") await expect(view.getByRole("textbox").first()).toBeVisible();
      found.push(...(await findBarriers(view)).map((barrier) => `${look} ${name}: ${barrier}`));
      if (folder) await photograph(view, `${name}-${look}`);
    }
    await leave();
  }
  expect(found).toEqual([]);
});

/** Plans that a key which was found on the host goes. @returns where the key and the batch stand */
async function planRemoval(page: Page): Promise<{ key: string; batch: string }> {
  const choice = page.getByRole("checkbox", { name: /^Choose SHA256:/ }).first();
  await expect(async () => {
    await page.goto("/access/keys");
    await expect(choice).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 60_000 });
  const key = await page.getByRole("row").nth(1).getByRole("link").first().getAttribute("href");
  await choice.check();
  await page.getByRole("button", { name: "Plan to remove everywhere" }).click();
  await page.waitForURL(/\/changes\/batches\/[0-9a-f-]{36}$/);
  return { key: key ?? "/access/keys", batch: new URL(page.url()).pathname };
}

/** Demands security keys on one host. @returns where the policy stands */
async function makePolicy(page: Page, hostName: string): Promise<string> {
  await page.goto("/access/policies");
  await page.getByRole("button", { name: "New policy" }).click();
  const form = page.getByRole("dialog", { name: "New policy of keys" });
  await form.getByLabel("Where").selectOption({ label: hostName });
  await form.getByRole("button", { name: "Make the policy" }).click();
  await page.waitForURL(/\/access\/policies\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}

test("who is not signed in meets no barrier either", async ({ browser, product, owner }) => {
  expect(owner.cookies.cookies).not.toEqual([]);
  const found: string[] = [];
  for (const { name: look, colorScheme, viewport } of visited) {
    const context = await browser.newContext({ baseURL: product.url, colorScheme, viewport });
    const page = await context.newPage();
    for (const [name, address] of [
      ["sign-in", "/sign-in"],
      ["set-up", "/set-up"],
      ["invitation", "/invitation#aaaaaaaaaaaaaaaaaaaaaaaa"],
    ] as const) {
      await page.goto(address);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      found.push(...(await findBarriers(page)).map((barrier) => `${look} ${name}: ${barrier}`));
      if (folder) await photograph(page, `${name}-${look}`);
    }
    await context.close();
  }
  expect(found).toEqual([]);
});

async function photograph(page: Page, name: string): Promise<void> {
  mkdirSync(folder ?? "", { recursive: true });
  await page.screenshot({ path: path.join(folder ?? "", `${name}.png`), fullPage: true });
}
