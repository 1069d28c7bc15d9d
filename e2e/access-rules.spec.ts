import { mkdirSync } from "node:fs";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { enter, expect, test } from "@/e2e/fixtures";
import { addByCommand, insertLine, openConfiguration, reviewChange } from "@/e2e/journeys";

/** With SCREENSHOTS=folder the pages are photographed there, in four looks instead of one. */
const folder = process.env.SCREENSHOTS;
const desk = { width: 1280, height: 860 };
const phone = { width: 390, height: 844 };
const looks = [
  { name: "phone-dark", colorScheme: "dark", viewport: phone },
  { name: "desktop-light", colorScheme: "light", viewport: desk },
  { name: "desktop-dark", colorScheme: "dark", viewport: desk },
  { name: "phone-light", colorScheme: "light", viewport: phone },
] as const;

test("a rule is written as a sentence, tried, kept, and refuses the change that would break it", async ({
  page,
  browser,
  product,
  owner,
  startHost,
}) => {
  test.setTimeout(folder ? 1_200_000 : 400_000);
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  const hostPath = new URL(page.url()).pathname;
  await page.goto(`${hostPath}/access`);
  await expect(page.getByRole("heading", { level: 3, name: "alice" })).toBeVisible({ timeout: 60_000 });

  await page.goto("/access/rules");
  await expect(page.getByRole("heading", { name: "No rules yet" })).toBeVisible();
  if (folder) await photographEmpty();
  await page
    .getByRole("listitem")
    .filter({ hasText: "on call" })
    .getByRole("link", { name: "Use this" })
    .click();
  await page.getByLabel("Who", { exact: true }).selectOption("account");
  await page.getByLabel("Account", { exact: true }).fill("alice");
  await expect(page.getByRole("status", { name: "The rule as a sentence" })).toContainText(
    "The account alice can always be reached on every host, from at least one address.",
  );
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByText("Holds on 1 host")).toBeVisible();
  await page.getByRole("button", { name: "Make the rule" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "The person on call gets in" })).toBeVisible();
  const kept = new URL(page.url()).pathname;
  // The worker checks it; the page hears of it while it is open.
  await expect(page.getByText("Holds", { exact: true }).first()).toBeVisible();

  await page.goto("/access/rules/new");
  await page.getByLabel("Accounts", { exact: true }).selectOption("all");
  await page.getByLabel("From where").selectOption("any");
  await page.getByLabel("How", { exact: true }).selectOption("single-factor");
  await page.getByLabel("Name", { exact: true }).fill("Two factors everywhere");
  await page.getByRole("button", { name: "Make the rule" }).click();
  await expect(page.getByText("Say why, for whoever meets this rule later.")).toBeVisible();
  await page.getByLabel("Why").fill("A stolen laptop must not be enough.");
  await page.getByRole("button", { name: "Make the rule" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Two factors everywhere" })).toBeVisible();
  await expect(page.getByText("Broken", { exact: true }).first()).toBeVisible();
  const broken = new URL(page.url()).pathname;

  await page.goto("/");
  await page.getByRole("link", { name: /Two factors everywhere/ }).click();
  await page.goto(hostPath);
  await expect(page.getByText("A rule about access is broken")).toBeVisible();

  const editor = await openConfiguration(page, host);
  await insertLine(page, editor, "DenyUsers alice");
  await reviewChange(page, "Keep alice out");
  await expect(page.getByText("A rule does not let this change be applied")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Apply/ })).toBeDisabled();
  const planned = new URL(page.url()).pathname;

  const pages = [
    ["rules", "/access/rules"],
    ["rule-new", "/access/rules/new"],
    ["rule-edit", `${kept}/edit`],
    ["rule-broken", broken],
    ["rule-plan", planned],
    ["rule-overview", "/"],
    ["rule-host", hostPath],
  ] as const;
  const found: string[] = [];
  for (const { name: look, colorScheme, viewport } of folder ? looks : looks.slice(0, 1)) {
    const { page: view, leave } = await enter(browser, product, owner, {
      colorScheme,
      viewport,
      reducedMotion: "reduce",
    });
    for (const [name, address] of folder ? pages : pages.slice(0, 5)) {
      await view.goto(address);
      await expect(view.getByRole("heading", { level: 1 }).first()).toBeVisible();
      const wider = await view.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wider > 0) found.push(`${look} ${name}: wider than the screen by ${wider}`);
      const { violations } = await new AxeBuilder({ page: view })
        .withTags(["wcag2a", "wcag2aa", "wcag22aa"])
        .analyze();
      for (const { id, nodes } of violations)
        found.push(`${look} ${name}: ${id}: ${nodes.map((node) => node.target).join(", ")}`);
      if (folder) await view.screenshot({ path: path.join(folder, `${name}-${look}.png`), fullPage: true });
    }
    await leave();
  }
  expect(found).toEqual([]);

  // Other tests plan changes on this product: these rules would refuse them.
  for (const rule of [kept, broken]) {
    await page.goto(rule);
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove the rule" }).click();
    await expect(page).toHaveURL(/\/access\/rules$/);
  }
  await expect(page.getByRole("heading", { name: "No rules yet" })).toBeVisible();

  async function photographEmpty(): Promise<void> {
    mkdirSync(folder ?? "", { recursive: true });
    await page.screenshot({ path: path.join(folder ?? "", "rules-empty.png"), fullPage: true });
    await page.setViewportSize(phone);
    await page.screenshot({ path: path.join(folder ?? "", "rules-empty-phone.png"), fullPage: true });
    await page.setViewportSize(desk);
  }
});
