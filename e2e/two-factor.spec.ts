import { mkdirSync } from "node:fs";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { enter, expect, test } from "@/e2e/fixtures";
import { addByCommand } from "@/e2e/journeys";
import { keyPath } from "@/e2e/lab/tree";
import { encodeTotpSecret, secretBytes, totpCode } from "@/lib/otp/totp";

/** With SCREENSHOTS=folder what people meet on the way is photographed there. */
const folder = process.env.SCREENSHOTS;
/** The host is read whole before each plan: a busy machine takes its time. */
const patience = 90_000;
const secret = encodeTotpSecret(new Uint8Array(secretBytes).fill(7));

test("a second factor: planned, applied, kept once the host has seen a code", async ({
  page,
  browser,
  product,
  owner,
  startHost,
}) => {
  test.slow();
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  await host.exec("install -d -m 700 /var/lib/google-authenticator");
  const file = `${secret}\n" WINDOW_SIZE 17\n" TOTP_AUTH\n69000714\n69000715\n69000716\n`;
  await host.write("/var/lib/google-authenticator/alice", file, "400");
  await page.goto(`${new URL(page.url()).pathname}/access`);
  await expect(page.getByText(/^\d+ ways in, to \d+ accounts$/)).toBeVisible({ timeout: patience });
  const twoFactor = page.url().replace(/\/access$/, "/two-factor");

  await page.goto(twoFactor);
  await look("card");
  await page.getByRole("button", { name: "Begin: make it optional" }).click();
  const form = page.getByRole("dialog", { name: `A second factor on ${host.name}` });
  await form.getByRole("button", { name: "Plan it" }).click();
  const asked = page.getByRole("region", { name: "Who is asked for what" });
  await expect(asked.getByRole("row", { name: /^alice/ })).toContainText("key and code", {
    timeout: patience,
  });
  await expect(asked.getByRole("row", { name: /^bob/ })).toContainText("once it has a secret");
  await expect(page.getByRole("region", { name: "/etc/pam.d/sshd: before and after" })).toContainText(
    "pam_google_authenticator.so",
  );
  await look("plan");
  await page.getByRole("button", { name: `Apply to ${host.name}` }).click();
  await expect(page.getByText(/Now log in yourself with key and code/)).toBeVisible({ timeout: patience });
  await expect(page.getByRole("button", { name: "Keep this change" })).toBeHidden();
  await look("pending");
  const code = totpCode(secret, Math.floor(Date.now() / 1000));
  expect((await host.login("alice", { key: keyPath(), password: code })).ok).toBe(true);
  await page.getByRole("button", { name: "Keep this change" }).click({ timeout: patience });
  await expect(page.getByRole("region", { name: "Proof" })).toContainText("by the host's own record", {
    timeout: patience,
  });
  await look("kept");

  await page.goto(twoFactor);
  await expect(page.getByRole("region", { name: "Require a second factor" })).toContainText("Optional");
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(form.getByRole("radio", { name: /Required/ })).toBeChecked();

  /** The page in both colours, wide and narrow. */
  async function look(name: string): Promise<void> {
    const kinds = [
      ["desktop-light", "light", 1280],
      ["desktop-dark", "dark", 1280],
      ["phone-light", "light", 390],
      ["phone-dark", "dark", 390],
    ] as const;
    const found: string[] = [];
    for (const [kind, colorScheme, width] of kinds) {
      if (!folder && kind !== "phone-dark") continue;
      const options = { colorScheme, viewport: { width, height: 860 }, reducedMotion: "reduce" as const };
      const { page: view, leave } = await enter(browser, product, owner, options);
      await view.goto(page.url());
      await expect(view.getByRole("heading", { level: 1 })).toBeVisible();
      const { violations } = await new AxeBuilder({ page: view })
        .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
        .analyze();
      found.push(
        ...violations.map(({ id, nodes }) => `${kind} ${name} ${id}: ${nodes[0]?.target.join(" ")}`),
      );
      const isWide = await view.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      if (isWide) found.push(`${kind} ${name} is wider than its screen`);
      if (folder) {
        mkdirSync(folder, { recursive: true });
        await view.screenshot({ path: path.join(folder, `two-factor-${name}-${kind}.png`), fullPage: true });
      }
      await leave();
    }
    expect(found).toEqual([]);
  }
});
