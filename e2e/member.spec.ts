import { Authenticator } from "@/e2e/authenticator";
import { enter, expect, test } from "@/e2e/fixtures";
import { addByCommand, insertLine, invite, openConfiguration, reviewChange } from "@/e2e/journeys";

test("a member who tries an operator's act is refused, and it is in the activity", async ({
  page,
  browser,
  product,
  startHost,
}) => {
  const host = await startHost("bookworm");
  await addByCommand(page, host);
  const before = await host.readBytes("/etc/ssh/sshd_config");
  const editor = await openConfiguration(page, host);
  await insertLine(page, editor, "ClientAliveInterval 77");
  await reviewChange(page, "Notice dead connections");
  const changeId = new URL(page.url()).pathname.split("/").at(-1) ?? "";

  // The owner invites a member, who joins with a key of his own.
  const link = await invite(page, "Mia Member", `mia-${host.name}`);
  const context = await browser.newContext({ baseURL: product.url });
  const joining = await context.newPage();
  const authenticator = await Authenticator.plugInto(joining);
  await joining.goto(link);
  await joining.getByRole("button", { name: "Join" }).click();
  await expect(joining.getByRole("heading", { level: 1, name: "You are invited" })).toBeHidden();
  const member = { cookies: await context.storageState(), passkey: await authenticator.passkey() };
  await context.close();

  const { page: own, leave } = await enter(browser, product, member);
  // His pages do not offer it …
  await own.goto(`/changes/${changeId}`);
  await expect(own.getByRole("heading", { name: "Your role does not allow this" })).toBeVisible();
  await expect(own.getByRole("button", { name: /Apply/ })).toHaveCount(0);
  // … and the door itself refuses what his browser sends all the same.
  const status = await own.evaluate(async (id) => {
    const response = await fetch(`/api/v1/changes/${id}/apply`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ keepBy: "login" }),
    });
    return [response.status, (await response.json()).error.code];
  }, changeId);
  expect(status).toEqual([403, "forbidden"]);
  await leave();
  expect((await host.readBytes("/etc/ssh/sshd_config")).equals(before)).toBe(true);

  await page.goto("/activity?outcome=refused");
  await expect(
    page.getByRole("row", { name: /Mia Member.*change\.apply|change\.apply.*Mia Member/ }).first(),
  ).toBeVisible();
});
