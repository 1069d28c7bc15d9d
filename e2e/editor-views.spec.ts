import { expect, test } from "@/e2e/fixtures";
import { addByCommand, openConfiguration, reviewChange } from "@/e2e/journeys";

const main = "/etc/ssh/sshd_config";
const included = "/etc/ssh/sshd_config.d/10-lab.conf";

test("what is chosen in the form is in the text, in the difference and in the plan", async ({
  page,
  startHost,
}) => {
  const host = await startHost("bookworm");
  const made = await host.exec(
    `printf 'ClientAliveInterval 33 # lab\\nMatch User alice\\n\\tMaxAuthTries 2\\n' >${included}`,
  );
  expect(made.code, made.stderr).toBe(0);
  await addByCommand(page, host);
  const editor = await openConfiguration(page, host);
  const before = await host.read(main);
  expect(before).toContain("\n#MaxAuthTries 6\n");

  const views = page.getByRole("tablist", { name: "Views of the configuration" });
  await views.getByRole("tab", { name: "Text" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(views.getByRole("tab", { name: "Form" })).toBeFocused();
  await expect(page).toHaveURL(/\?view=form$/);

  // A value that another file decides is edited there; one that no line sets gets a line of its own.
  await expect(page.getByLabel("ClientAliveInterval", { exact: true })).toHaveValue("33");
  await expect(page.getByRole("button", { name: "10-lab.conf:1" })).toBeVisible();
  const tries = page.getByLabel("MaxAuthTries", { exact: true });
  await expect(tries).toHaveValue("");
  await expect(page.getByText(/^Differs for User alice: 2/)).toBeVisible();
  await tries.fill("4");
  await tries.press("Enter");
  await expect(page.getByText(`MaxAuthTries written to ${main}`)).toBeVisible();
  await page.getByLabel("X11Forwarding", { exact: true }).selectOption("no");
  await expect(page.getByText(`X11Forwarding written to ${main}`)).toBeVisible();

  // Each edit is one step back.
  await page.getByLabel("PermitRootLogin", { exact: true }).selectOption("yes");
  await expect(page.getByText(`PermitRootLogin written to ${main}`)).toBeVisible();
  await page.getByRole("button", { name: "Undo the last edit of this file" }).click();
  await expect(page.getByLabel("PermitRootLogin", { exact: true })).toHaveValue("");
  await expect(page.getByLabel("X11Forwarding", { exact: true })).toHaveValue("no");

  // What sshd would not accept is said at its control.
  await page.getByLabel("LoginGraceTime", { exact: true }).fill("soon");
  await page.getByLabel("LoginGraceTime", { exact: true }).press("Enter");
  await expect(page.getByText('LoginGraceTime does not take "soon".').first()).toBeVisible();
  await page.getByRole("button", { name: "LoginGraceTime back to the default" }).click();
  await expect(page.getByLabel("LoginGraceTime", { exact: true })).toHaveValue("");

  // The text is the host's with these two edits, and nothing else.
  await views.getByRole("tab", { name: "Text" }).click();
  await expect(editor).toContainText("#MaxAuthTries 6");
  await expect(page.getByText("Draft saved")).toBeVisible();
  await views.getByRole("tab", { name: "Difference" }).click();
  const meaning = page.getByRole("region", { name: "What it means" });
  await expect(meaning.getByRole("listitem")).toHaveCount(2);
  await expect(meaning.getByRole("listitem").filter({ hasText: "MaxAuthTries" })).toContainText(
    "for everyone",
  );
  await expect(meaning.getByRole("listitem").filter({ hasText: "X11Forwarding" })).toContainText(/yes.*no/);
  const merged = page.getByRole("region", { name: "On the host against Your draft" });
  await expect(merged).toContainText("MaxAuthTries 4");

  await reviewChange(page, "Fewer tries, no windows");
  await expect(page.getByRole("row", { name: /maxauthtries .*6 4/i })).toBeVisible();
  await expect(page.getByRole("row", { name: /x11forwarding everyone yes no/i })).toBeVisible();
  const text = page.getByRole("region", { name: /before and after/ });
  await expect(text.getByText("MaxAuthTries 4", { exact: true })).toBeVisible();
  await expect(text.getByText("added: ")).toHaveCount(2);
  await expect(text.getByText("removed: ")).toHaveCount(1);
});

test("all files are one text, and a line of it leads to its file", async ({ page, startHost }) => {
  const host = await startHost("bookworm");
  const made = await host.exec(`printf 'ClientAliveInterval 33\\nLogLevel VERBOSE\\n' >${included}`);
  expect(made.code, made.stderr).toBe(0);
  await addByCommand(page, host);
  await openConfiguration(page, host);
  await page.getByRole("tab", { name: "Whole" }).click();
  const whole = page.getByRole("textbox", { name: `All that sshd on ${host.name} reads, in its order` });
  await expect(whole).toContainText(new RegExp(`Include .*${included}.*ClientAliveInterval 33.*continued`));
  await whole.getByText("LogLevel", { exact: true }).first().click();
  await page.keyboard.press("Enter");
  const editor = page.getByRole("textbox", { name: `${included} on ${host.name}` });
  await expect(editor).toBeFocused();
  // The cursor stands on the line: what is typed there is in it.
  await page.keyboard.press("End");
  await page.keyboard.insertText(" # here");
  await expect(editor).toContainText("LogLevel VERBOSE # here");
});

test("a draft that is discarded stays discarded, whatever was on its way", async ({ page, startHost }) => {
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  const editor = await openConfiguration(page, host);
  const asked: string[] = [];
  await page.route("**/api/v1/config/files/*/draft", async (route) => {
    asked.push(route.request().method());
    // The save is slow; the discard would overtake it.
    if (route.request().method() === "PUT") await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.continue();
  });
  await editor.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.insertText("UseDNS yes\n");
  await expect.poll(() => asked).toEqual(["PUT"]);
  await page.getByRole("button", { name: "Discard draft" }).click();
  await expect(page.getByText("As on the host")).toBeVisible();
  expect(asked).toEqual(["PUT", "DELETE"]);
  await page.reload();
  await expect(editor).toBeVisible();
  await expect(page.getByText("As on the host")).toBeVisible();
  await expect(editor).not.toContainText("UseDNS yes");
});

test("a file that was changed outside is a drift, and its versions are compared", async ({
  page,
  startHost,
}) => {
  const host = await startHost("bookworm");
  const write = async (seconds: number) => {
    const made = await host.exec(`echo 'ClientAliveInterval ${seconds}' >${included}`);
    expect(made.code, made.stderr).toBe(0);
  };
  await write(33);
  await addByCommand(page, host);
  await openConfiguration(page, host); // Read for the first time.
  await write(44);
  await page.getByRole("button", { name: "Read again" }).click();
  // The same word as in the list.
  await expect(page.getByRole("heading", { level: 1 }).getByText("Drifted")).toBeVisible();
  await page.getByRole("link", { name: "History", exact: true }).click();
  const versions = page.getByRole("region", { name: `Versions of ${included}` });
  await versions.getByRole("link", { name: "1", exact: true }).click();
  const meaning = page.getByRole("listitem").filter({ hasText: "ClientAliveInterval" });
  await expect(meaning).toContainText(/33.*44/);
  await page.getByLabel("To", { exact: true }).selectOption({ label: "Version 1" });
  await expect(page.getByText("The text is the same on both sides.")).toBeVisible();
});
