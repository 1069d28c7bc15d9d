import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "@/e2e/fixtures";
import { addByCommand, insertLine, openConfiguration, pasteOver } from "@/e2e/journeys";

function side(page: Page, name: string): Locator {
  return page
    .getByRole("tablist", { name: "Beside the text" })
    .getByRole("tab", { name: new RegExp(`^${name}`) });
}

/** The line in the editor that the cursor is on. */
function activeLine(page: Page): Locator {
  return page.locator(".cm-activeLine");
}

async function findBarriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

test("problems are fixed from the list and by key, and each fix can be undone", async ({
  page,
  startHost,
}) => {
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  const editor = await openConfiguration(page, host);

  await insertLine(page, editor, "PermitRotLogin no");
  await page.getByRole("button", { name: /^Write PermitRootLogin/ }).click();
  await expect(editor).toContainText("PermitRootLogin no");
  await expect(editor).toBeFocused();
  await page.keyboard.press("Control+z");
  await expect(editor).toContainText("PermitRotLogin no");

  // By keys alone: to the problem, and the fix that is offered for its line.
  await expect(page.getByRole("button", { name: /^Write PermitRootLogin/ })).toBeVisible();
  await page.keyboard.press("Control+Home");
  // The list may still tell of the text before: the editor's own mark comes with the check of this one.
  await expect(async () => {
    await page.keyboard.press("F8");
    await expect(page.locator(".cm-diagnostic").first()).toContainText("PermitRotLogin", { timeout: 1000 });
  }).toPass();
  await page.keyboard.press("Control+.");
  await expect(activeLine(page)).toHaveText("PermitRootLogin no");
  await expect(page.getByRole("button", { name: /^Write PermitRootLogin/ })).toBeHidden();
});

test("a line that never takes effect is greyed, and its block can be found in the outline", async ({
  page,
  startHost,
}) => {
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  const editor = await openConfiguration(page, host);
  await pasteOver(
    editor,
    "MaxAuthTries 3\nMaxAuthTries 6\nUsePAM yes\n\nMatch User alice\n  MaxSessions 1\n\nMatch User !bob\n  X11Forwarding yes\n",
  );

  const dead = page.locator(".cm-dead-line");
  await expect(dead).toHaveText(["MaxAuthTries 6", "Match User !bob", "  X11Forwarding yes"]);
  const look = await dead.first().evaluate((line) => {
    const faint = document.createElement("span");
    faint.style.color = "var(--ink-faint)";
    document.body.append(faint);
    const expected = getComputedStyle(faint).color;
    faint.remove();
    const text = line.querySelector(".cm-dead-text");
    const keyword = line.querySelector(".cm-dead-text span") ?? line;
    return {
      isFaint: getComputedStyle(keyword).color === expected,
      struck: text && getComputedStyle(text).textDecorationLine,
    };
  });
  expect(look).toEqual({ isFaint: true, struck: "line-through" });

  expect(page.workers(), "a thread of its own finds what is wrong").toHaveLength(1);

  // The outline, by keys alone.
  await side(page, "Problems").focus();
  await page.keyboard.press("ArrowRight");
  const outline = page.getByRole("navigation", { name: "Outline of /etc/ssh/sshd_config" });
  await expect(outline.getByRole("listitem")).toHaveText([
    /For every connection/,
    /Match User alice/,
    /Match User !bob/,
  ]);
  await page.keyboard.press("Tab");
  if (
    !(await outline
      .getByRole("button")
      .first()
      .evaluate((button) => button === document.activeElement))
  )
    await page.keyboard.press("Tab"); // the panel itself is a stop
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(editor).toBeFocused();
  await expect(activeLine(page)).toHaveText("Match User alice");
  await expect(outline.locator("[aria-current]")).toContainText("Match User alice");
  // Out of the editor again: Tab is not typed.
  await page.keyboard.press("Tab");
  await expect(editor).not.toBeFocused();
});

test("effective values follow the connection and the text, and name the line that decides", async ({
  page,
  startHost,
}) => {
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  const editor = await openConfiguration(page, host);
  await pasteOver(
    editor,
    "UsePAM yes\nMaxSessions 5\nMatch User alice Address 10.0.0.0/8\n  MaxSessions 1\nMatch Group wheel\n  MaxSessions 2\n",
  );
  await side(page, "Effective").click();
  const panel = page.getByRole("tabpanel", { name: "Effective" });
  const origin = (line: number) =>
    panel.getByRole("button", { name: `MaxSessions is set at /etc/ssh/sshd_config line ${line}: go there` });
  await expect(origin(2)).toBeVisible();

  await panel.getByLabel("Account", { exact: true }).fill("alice");
  await expect(panel.getByText("Not everything is known")).toBeVisible();
  await panel.getByLabel("From address").fill("10.1.2.3");
  await expect(origin(4)).toBeVisible();
  // Groups of an account are not guessed: asked for while they are unknown, then believed.
  await expect(panel.getByText("asks for the groups of alice")).toBeVisible();
  await panel.getByLabel("From address").fill("192.0.2.1");
  await panel.getByLabel("Its groups").fill("users wheel");
  await expect(origin(6)).toBeVisible();
  await expect(panel.getByText("Not everything is known")).toBeHidden();

  await origin(6).click();
  await expect(activeLine(page)).toHaveText("  MaxSessions 2");
  // Live: a line more in front, and the origin has moved.
  await insertLine(page, editor, "MaxAuthTries 4");
  await expect(origin(7)).toBeVisible();

  await panel.getByLabel("Filter the effective values").fill("tunnel");
  await expect(panel.getByText("No value fits.")).toBeVisible();
  await panel.getByLabel("Only what differs from the default").uncheck();
  await expect(panel.getByText("PermitTunnel")).toBeVisible();
  await expect(panel.getByText("default", { exact: true })).toBeVisible();

  const found = await findBarriers(page);
  for (const name of ["Outline", "Upgrade", "Problems"]) {
    await side(page, name).click();
    await expect(page.getByRole("tabpanel", { name: new RegExp(`^${name}`) })).toBeVisible();
    found.push(...(await findBarriers(page)).map((barrier) => `${name} ${barrier}`));
  }
  expect(found).toEqual([]);
});
