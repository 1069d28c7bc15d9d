import { mkdirSync } from "node:fs";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { enter, expect, test } from "@/e2e/fixtures";
import { addByCommand } from "@/e2e/journeys";
import { keyPath } from "@/e2e/lab/tree";
import { stepSeconds, totpCode } from "@/lib/otp/totp";

/** With SCREENSHOTS=folder what people meet on the way is photographed there. */
const folder = process.env.SCREENSHOTS;
const seconds = () => Math.floor(Date.now() / 1000);
/** As PAM takes it; the shell that writes the line must not. */
const user = "{USER}";

test("codes for a host: enrolled by picture and code, in force at the prompt, lost and recovered", async ({
  page,
  browser,
  product,
  owner,
  startHost,
}) => {
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  const hostPath = new URL(page.url()).pathname;
  // Read before codes are asked for: from then on who has none has no way in, and nobody waits for her to be ready.
  await page.goto(`${hostPath}/access`);
  await expect(page.getByText(/^\d+ ways in, to \d+ accounts$/)).toBeVisible({ timeout: 90_000 });
  await host.write(
    "/etc/ssh/sshd_config.d/10-codes.conf",
    "KbdInteractiveAuthentication yes\nMatch User alice\n\tAuthenticationMethods publickey,keyboard-interactive\nMatch all\n",
  );
  await host.exec(
    `sed -i 's/^@include common-auth/auth required pam_google_authenticator.so user=root secret=\\/var\\/lib\\/google-authenticator\\/$${user}/' /etc/pam.d/sshd; kill -HUP $(cat /run/sshd.pid)`,
  );
  const enterCode = async (code: string) =>
    (await host.login("alice", { key: keyPath(), password: code })).ok;

  await page.goto(`${hostPath}/two-factor`);
  await page.getByRole("button", { name: "Read the state files" }).click();
  await expect(page.getByText("from everybody")).toBeVisible();
  const readiness = page.getByRole("listitem", { name: "Readiness of alice" });
  await expect(readiness).toContainText("neither an app for codes nor a security key");
  await page.getByRole("button", { name: "Enrol somebody" }).click();
  const form = page.getByRole("dialog", { name: `Enrol somebody on ${host.name}` });
  await form.getByRole("combobox", { name: "Account" }).selectOption("alice");
  await photograph(page, "codes-form");
  await form.getByRole("button", { name: "Go on" }).click();
  // Nobody has proved whose key it is that gets in: whoever holds it would need these codes.
  await form.getByLabel("Name of the account").fill("alice");
  await form.getByRole("button", { name: "Go on" }).click();

  const proof = page.getByRole("dialog", { name: `Codes for alice on ${host.name}` });
  const secret = ((await proof.getByRole("code").textContent()) ?? "").replaceAll(" ", "");
  await photograph(page, "codes-proof");
  await proof.getByLabel("Code", { exact: true }).fill("000000");
  await proof.getByRole("button", { name: "Confirm the code" }).click();
  await expect(proof.getByText("Not a code of this secret.")).toBeVisible();
  await proof.getByLabel("Code", { exact: true }).fill(totpCode(secret, seconds()));
  await proof.getByRole("button", { name: "Confirm the code" }).click();

  const kept = page.getByRole("dialog", { name: `Scratch codes for alice on ${host.name}` });
  const items = kept.getByRole("list", { name: "Your scratch codes" }).getByRole("listitem");
  await expect(items).toHaveCount(5);
  const scratch = await items.allTextContents();
  await photograph(page, "codes-scratch");
  await expect(kept.getByRole("button", { name: "Done" })).toBeDisabled();
  await kept.getByRole("checkbox", { name: /I have kept/ }).check();
  await kept.getByRole("button", { name: "Done" }).click();

  const card = page.getByRole("listitem", { name: `alice on ${host.name}` });
  await expect(card.getByText("Works", { exact: true })).toBeVisible();
  await expect(card.getByText("5 scratch codes left")).toBeVisible();
  // What is still missing is said; somebody answers for it, with his name, and takes that back.
  await expect(readiness).toContainText("codes by the time · entered once · 5 scratch codes");
  await expect(readiness).toContainText("A key gets in that nobody has proved to be his");
  await readiness.getByRole("button", { name: "Answer for alice" }).click();
  const answer = page.getByRole("dialog", { name: "Except alice" });
  await answer.getByLabel("Why").fill("The key's owner is being asked.");
  await answer.getByLabel("Until").fill(inDays(7));
  await photograph(page, "codes-except");
  await answer.getByRole("button", { name: "I answer for it" }).click();
  await expect(readiness.getByText("Excepted")).toBeVisible();
  await readiness.getByRole("button", { name: "Take it back" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Take it back" }).click();
  await expect(readiness.getByText("Not ready")).toBeVisible();
  await page.goto(`/access/two-factor?q=${host.name}`);
  await expect(page.getByRole("row", { name: new RegExp(host.name) })).toContainText(
    "Asked for, and somebody is not ready",
  );
  await page.goto(`${hostPath}/two-factor`);

  expect(await enterCode("000000")).toBe(false);
  expect(await enterCode(totpCode(secret, seconds() + stepSeconds))).toBe(true);
  await expect(page.locator("body")).not.toContainText(secret.slice(0, 8));

  // The phone is lost: a scratch code lets her in, and the others go with new ones.
  expect(await enterCode(scratch[0] ?? "")).toBe(true);
  await page.goto("/me");
  const mine = page.getByRole("listitem", { name: `alice on ${host.name}` });
  await mine.getByRole("button", { name: "Acts on the codes" }).click();
  await page.getByRole("menuitem", { name: "New scratch codes…" }).click();
  await page.getByRole("button", { name: "Make new codes" }).click();
  const renewed = page.getByRole("dialog", { name: `Scratch codes for alice on ${host.name}` });
  await renewed.getByRole("checkbox", { name: /I have kept/ }).check();
  await renewed.getByRole("button", { name: "Done" }).click();
  await expect(mine.getByText("5 scratch codes left")).toBeVisible();

  // What somebody broke on the host is found, said and mended from the page.
  await host.exec("chmod 644 /var/lib/google-authenticator/alice");
  await page.goto(`${hostPath}/two-factor`);
  await page.getByRole("button", { name: "Read again" }).click();
  await expect(card.getByText("Does not work")).toBeVisible();
  await host.exec("cp -p /var/lib/google-authenticator/alice /var/lib/google-authenticator/bob");
  await page.getByRole("button", { name: "Read again" }).click();
  await expect(page.getByRole("listitem", { name: "State file of bob" })).toBeVisible();
  await look();
  await card.getByRole("button", { name: "Mend it" }).click();
  await expect(card.getByText("Works", { exact: true })).toBeVisible();

  await page.goto("/me");
  await page.getByRole("button", { name: "My phone is lost…" }).click();
  await photograph(page, "codes-lost");
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke all" }).click();
  // On the host itself: an open dialog hides the page behind it, too.
  await expect.poll(async () => (await host.exec("ls /var/lib/google-authenticator/alice")).code).not.toBe(0);
  await expect(mine).toBeHidden();
  expect(await enterCode(totpCode(secret, seconds()))).toBe(false);
  await page.goto(`${hostPath}/two-factor`);
  await expect(readiness).toContainText("neither an app for codes nor a security key");

  /** Both pages in both colours, wide and narrow, with what is on them now. */
  async function look(): Promise<void> {
    const found: string[] = [];
    for (const [name, colorScheme, width] of [
      ["desktop-light", "light", 1280],
      ["desktop-dark", "dark", 1280],
      ["phone-light", "light", 390],
      ["phone-dark", "dark", 390],
    ] as const) {
      if (!folder && name !== "phone-dark") continue;
      const options = { colorScheme, viewport: { width, height: 860 }, reducedMotion: "reduce" as const };
      const { page: view, leave } = await enter(browser, product, owner, options);
      for (const [title, address] of [
        ["two-factor", `${hostPath}/two-factor`],
        ["me", "/me"],
      ] as const) {
        await view.goto(address);
        await expect(view.getByRole("listitem", { name: `alice on ${host.name}` })).toBeVisible();
        const { violations } = await new AxeBuilder({ page: view })
          .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
          .analyze();
        found.push(
          ...violations.map(({ id, nodes }) => `${name} ${title} ${id}: ${nodes[0]?.target.join(" ")}`),
        );
        await photograph(view, `codes-${title}-${name}`);
      }
      await leave();
    }
    expect(found).toEqual([]);
  }
});

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

async function photograph(page: Page, name: string): Promise<void> {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}
