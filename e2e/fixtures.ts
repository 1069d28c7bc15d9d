import path from "node:path";
import { type Browser, type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { Authenticator, type Passkey } from "@/e2e/authenticator";
import { becomeOwner } from "@/e2e/journeys";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import type { Tree } from "@/e2e/lab/tree";
import { Product } from "@/e2e/product";

/** A signed-in person: his cookies, and the passkey for the next touch. */
export interface SignedIn {
  cookies: Awaited<ReturnType<BrowserContext["storageState"]>>;
  passkey: Passkey;
}

interface WorkerFixtures {
  /** A name under which a developer can look into the lab (npm run lab); a random one when left out. */
  labName: string | undefined;
  lab: Lab;
  product: Product;
  owner: SignedIn;
}

interface TestFixtures {
  /** The owner's page. */
  page: Page;
  /** Starts a lab host for this test, under a name of its own. */
  startHost(tree?: Tree, options?: Parameters<Lab["start"]>[1]): Promise<LabHost>;
}

export const chromiumFlags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let hostCount = 0;

/** Journeys: the whole product and real hosts, with the browser in the same network. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  labName: [undefined, { option: true, scope: "worker" }],

  lab: [
    async ({ labName }, use) => {
      const lab = await openLab(labName ? { name: labName } : {});
      await use(lab);
      await lab.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  browser: [
    async ({ playwright, lab }, use) => {
      const browser: Browser = await playwright.chromium.launch({
        executablePath: path.join(import.meta.dirname, "chromium-in-lab.sh"),
        args: chromiumFlags,
        env: { ...definedEnv(), GATEHOUSE_LAB_PID: String(lab.namespacePid) },
      });
      await use(browser);
      await browser.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  product: [
    async ({ lab }, use) => {
      const product = new Product(lab);
      await use(product);
      await product.remove();
    },
    { scope: "worker", timeout: 480_000 },
  ],

  owner: [
    async ({ product, browser }, use) => {
      const token = await product.start();
      if (!token) throw new Error(`A new installation gave no set-up token:\n${product.output}`);
      const context = await browser.newContext({ baseURL: product.url });
      const page = await context.newPage();
      const authenticator = await Authenticator.plugInto(page);
      await becomeOwner(page, { token, name: "Olga Owner", login: "olga" });
      const owner = { cookies: await context.storageState(), passkey: await authenticator.passkey() };
      await context.close();
      await use(owner);
    },
    { scope: "worker", timeout: 480_000 },
  ],

  page: async ({ browser, product, owner }, use) => {
    const { page, leave } = await enter(browser, product, owner);
    await use(page);
    await leave();
  },

  startHost: async ({ lab }, use) => {
    const hosts: LabHost[] = [];
    await use(async (tree = "bookworm", options = {}) => {
      hostCount += 1;
      const host = await lab.start(tree, { name: `${tree.slice(0, 4)}-${hostCount}`, ...options });
      hosts.push(host);
      return host;
    });
    await Promise.all(hosts.map((host) => host.stop()));
  },
});

/** A browser of its own for a signed-in person; asked for a fresh touch, he touches. */
export async function enter(
  browser: Browser,
  product: Product,
  person: SignedIn,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<{ page: Page; authenticator: Authenticator; leave: () => Promise<void> }> {
  const context = await browser.newContext({
    baseURL: product.url,
    storageState: person.cookies,
    ...options,
  });
  const page = await context.newPage();
  const authenticator = await Authenticator.plugInto(page, person.passkey);
  const dialog = page.getByRole("dialog", { name: "Confirm that it is you" });
  await page.addLocatorHandler(dialog, async () => {
    await dialog.getByRole("button", { name: "Use your passkey" }).click();
    await dialog.waitFor({ state: "hidden" });
  });
  return {
    page,
    authenticator,
    leave: async () => {
      // The counter has moved on, and a touch gives a new session: the next page goes on from here.
      person.passkey = await authenticator.passkey();
      person.cookies = await context.storageState();
      await context.close();
    },
  };
}

function definedEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

export { expect };
