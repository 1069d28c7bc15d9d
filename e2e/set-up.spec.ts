import { Authenticator } from "@/e2e/authenticator";
import { expect, test } from "@/e2e/fixtures";
import { becomeOwner } from "@/e2e/journeys";
import { Product } from "@/e2e/product";

test("the token of the console makes an owner with a passkey, and set-up is closed for good", async ({
  lab,
  browser,
}) => {
  const product = new Product(lab, 3100);
  try {
    const token = await product.start();
    expect(token).toMatch(/^[0-9a-z-]{27}$/);
    const context = await browser.newContext({ baseURL: product.url });
    const page = await context.newPage();
    const authenticator = await Authenticator.plugInto(page);

    // Nobody owns it yet: every page leads to the set-up, and a wrong token to nothing.
    await page.goto("/hosts");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^(Set up Gatehouse|Sign in)$/);
    await page.goto("/set-up");
    await page.getByLabel("Set-up token").fill("aaaaaa-bbbbbb-cccccc-dddddd");
    await page.getByLabel("Your name").fill("Mallory");
    await page.getByLabel("Login", { exact: true }).fill("mallory");
    await page.getByRole("button", { name: "Become the owner" }).click();
    await expect(page.getByRole("alert").filter({ hasText: /token/i })).toBeVisible();

    await becomeOwner(page, { token: token ?? "", name: "Olga Owner", login: "olga" });

    // The passkey is the way in from now on, without a name.
    await page.getByRole("button", { name: "Menu of Olga Owner" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page).toHaveURL(/sign-in/);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
    expect((await authenticator.passkey()).signCount).toBeGreaterThan(1);

    // The same token makes no second owner, neither by the page nor by the API.
    const stranger = await browser.newContext({ baseURL: product.url });
    const page2 = await stranger.newPage();
    await page2.goto("/");
    await expect(page2.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    // From the page: only the browser is in the network in which the product listens.
    const again = await page2.evaluate(
      async (body) => {
        const answer = await fetch("/api/v1/setup/passkey-options", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        return { status: answer.status, text: await answer.text() };
      },
      { token, login: "mallory", name: "Mallory" },
    );
    expect(again.status).toBeGreaterThanOrEqual(400);
    expect(again.text).toMatch(/set-up|closed|owner/i);
    await stranger.close();

    // And a restart offers no token any more.
    await product.stop();
    expect(await product.start()).toBeUndefined();
    await context.close();
  } finally {
    await product.remove();
  }
});
