import type { Locator, Page } from "@playwright/test";
import { test as base, expect } from "@/e2e/fixtures";
import { invite } from "@/e2e/journeys";
import { insideNames, KeyProviders } from "@/e2e/key-providers";
import { Product } from "@/e2e/product";
import { openPrisma } from "@/lib/db/client";
import { generateKey } from "@/lib/openssh-keys/generated-key";
import { fingerprint, printPublicKey } from "@/lib/openssh-keys/public-key";

// A product whose Internet is ours: names, addresses, certificates, and what the providers answer. Its worker fetches as it
// always does, from the addresses that names have, by TLS, with every check.
const test = base.extend<object, { providers: KeyProviders; product: Product }>({
  providers: [
    async ({ lab }, use) => {
      const providers = await KeyProviders.start(lab);
      await use(providers);
      await providers.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  product: [
    async ({ lab, providers }, use) => {
      const product = new Product(lab, 3000, providers.machine);
      await use(product);
      await product.remove();
    },
    { scope: "worker", timeout: 480_000 },
  ],
});
test.describe.configure({ mode: "serial" });

const prefix = "https://keys.example.org/people/";

interface MadeKey {
  /** As providers publish it that leave the comment away. */
  readonly bare: string;
  readonly line: string;
  readonly print: string;
}

async function makeKey(comment: string): Promise<MadeKey> {
  const { publicKey } = (await generateKey("ed25519", comment)).privateKey;
  const line = printPublicKey(publicKey);
  const bare = line.split(" ").slice(0, 2).join(" ");
  return { bare, line: `${bare} ${comment}`, print: fingerprint(publicKey.blob) };
}

/** Gives a place on the page of a person; ends when the dialog is gone. */
async function addImport(page: Page, from: string, name: string, isSubscribed = false): Promise<void> {
  const dialog = await fillImport(page, from, name);
  if (isSubscribed) await dialog.getByRole("checkbox", { name: /Look again every day/ }).check();
  await dialog.getByRole("button", { name: "Read the keys" }).click();
  await expect(dialog).toBeHidden();
}

async function fillImport(page: Page, from: string, name: string): Promise<Locator> {
  const dialog = page.getByRole("dialog", { name: "Import public keys" });
  if (!(await dialog.isVisible())) await page.getByRole("button", { name: "Import…" }).click();
  await dialog.getByLabel("From").selectOption({ label: from });
  await dialog.getByLabel(from === "Address" ? "Address" : `Name at ${from}`).fill(name);
  return dialog;
}

const card = (page: Page, title: string) =>
  page
    .getByRole("region", { name: "Imported keys" })
    .getByRole("listitem")
    .filter({ has: page.getByRole("button", { name: `Acts on ${title}`, exact: true }) });
const proposal = (from: Locator, { print }: MadeKey) => from.getByRole("listitem").filter({ hasText: print });
const ownKeys = (page: Page) => page.getByRole("region", { name: "SSH keys" });

async function allow(page: Page, text: string): Promise<void> {
  await page.getByLabel("Allow addresses that begin with").fill(text);
  await page.getByRole("button", { name: "Allow", exact: true }).click();
}

test("what each provider publishes is proposed with what differs, and accepted key by key", async ({
  page,
  providers,
}) => {
  const [laptop, desk, phone, robot] = await Promise.all(["laptop", "desk", "phone", "robot"].map(makeKey));
  if (!laptop || !desk || !phone || !robot) throw new Error("four keys are made");
  // As they answer: Launchpad with comments and CR LF, GitHub without comments, GitLab with the name of the account.
  providers.serve("launchpad.net/~ann/+sshkeys", { body: `${laptop.line}\r\n${desk.line}\r\n` });
  providers.serve("github.com/olga.keys", { body: `${phone.bare}\n${desk.bare}\n` });
  providers.serve("gitlab.com/olga.keys", { body: `${phone.bare} Olga Owner (gitlab.com)` });
  providers.serve("keys.example.org/people/olga", {
    body: `# of Olga\n${phone.line}\ncommand="id" ${robot.line}\n`,
  });

  await page.goto("/settings");
  await allow(page, "https://keys.example.org/people");
  await expect(page.getByRole("button", { name: `Allow ${prefix} no more` })).toBeVisible();

  // Somebody else has one of the keys already.
  await invite(page, "Ann Other", "ann");
  await page.goto("/people");
  await page.getByRole("link", { name: "Ann Other" }).click();
  await addImport(page, "Launchpad", "ann");
  const ofAnn = card(page, "Launchpad · ann");
  await expect(proposal(ofAnn, laptop)).toContainText("New");
  await ofAnn.getByRole("button", { name: "Decline laptop" }).click();
  await expect(proposal(ofAnn, laptop)).toContainText("Declined");
  await ofAnn.getByRole("button", { name: "Take desk" }).click();
  await expect(proposal(ofAnn, desk)).toContainText("Here");

  await page.goto("/me");
  await addImport(page, "GitHub", "Olga");
  const github = card(page, "GitHub · olga");
  await expect(proposal(github, desk)).toContainText("Belongs to Ann Other here");
  await expect(proposal(github, desk).getByRole("button", { name: /^Take/ })).toHaveCount(0);
  await expect(proposal(github, phone)).toContainText("New");
  await expect(ownKeys(page)).not.toContainText(phone.print);
  await addImport(page, "GitLab", "olga");
  await expect(proposal(card(page, "GitLab · olga"), phone)).toContainText("Olga Owner (gitlab.com)");
  await addImport(page, "Address", `${prefix}olga`);
  const own = card(page, `Address · ${prefix}olga`);
  await expect(proposal(own, phone)).toContainText("New");
  await own.getByText("1 line was refused").click();
  await expect(own).toContainText(/Line 3: .*options/);

  // Taken in one place it is here for all of them, and counts only when it is proved.
  await own.getByRole("button", { name: "Take phone" }).click();
  for (const each of [own, github, card(page, "GitLab · olga")])
    await expect(proposal(each, phone)).toContainText("It counts when its holder has proved it.");
  await expect(ownKeys(page)).toContainText(phone.print);
  await expect(ownKeys(page)).toContainText("Not proved");
  expect(providers.asked).toEqual([
    "launchpad.net/~ann/+sshkeys",
    "github.com/olga.keys",
    "gitlab.com/olga.keys",
    "keys.example.org/people/olga",
  ]);
});

test("a subscription only proposes: adds come before removals, and a mass removal raises an alarm", async ({
  page,
  product,
  providers,
}) => {
  const [one, two, three, fresh] = await Promise.all(["one", "two", "three", "fresh"].map(makeKey));
  if (!one || !two || !three || !fresh) throw new Error("four keys are made");
  const publish = (...keys: MadeKey[]) =>
    providers.serve("launchpad.net/~olga/+sshkeys", { body: keys.map(({ line }) => `${line}\r\n`).join("") });
  const db = openPrisma(product.databaseUrl, 1);
  /** A day passes: the subscription is due, and the worker's quarter of an hour is over. */
  const passDay = async () => {
    const { count } = await db.keyImport.updateMany({
      where: { name: "olga", provider: "launchpad", nextReadAt: { gt: new Date() } },
      data: { nextReadAt: new Date() },
    });
    expect(count).toBe(1);
    await db.$executeRaw`SELECT graphile_worker.add_job('key-import.sweep', '{}'::json)`;
  };
  try {
    publish(one, two, three);
    await page.goto("/me");
    await addImport(page, "Launchpad", "olga", true);
    const launchpad = card(page, "Launchpad · olga");
    for (const key of [one, two, three]) {
      await proposal(launchpad, key).getByRole("button", { name: /^Take/ }).click();
      await expect(proposal(launchpad, key)).toContainText("Here");
    }

    // The next day one has come and one has gone. The page shows it by itself; nothing else happens by itself.
    publish(one, two, fresh);
    await passDay();
    await expect(proposal(launchpad, fresh)).toContainText("New");
    await expect(proposal(launchpad, three)).toContainText("Gone there");
    await expect(ownKeys(page)).toContainText(three.print);
    await expect(ownKeys(page)).not.toContainText(fresh.print);
    const removing = page.getByRole("alertdialog", { name: "Remove this key here?" });
    await launchpad.getByRole("button", { name: "Remove three here" }).click();
    await removing.getByRole("button", { name: "Remove this key" }).click();
    await expect(removing).toContainText("Add before you remove: one new key waits to be taken or declined.");
    await removing.getByRole("button", { name: "Cancel" }).click();
    await launchpad.getByRole("button", { name: "Take fresh" }).click();
    await expect(proposal(launchpad, fresh)).toContainText("Here");
    await launchpad.getByRole("button", { name: "Remove three here" }).click();
    await removing.getByRole("button", { name: "Remove this key" }).click();
    await expect(proposal(launchpad, three)).toBeHidden();
    await expect(ownKeys(page)).not.toContainText(three.print);

    // Another day: most are gone at once.
    publish(one);
    await passDay();
    await expect(launchpad).toContainText("Most keys vanished there at once");
    for (const name of ["two", "fresh"])
      await expect(launchpad.getByRole("button", { name: `Remove ${name} here` })).toBeDisabled();
    for (const { print } of [one, two, fresh]) await expect(ownKeys(page)).toContainText(print);
    await launchpad.getByRole("button", { name: "This is right" }).click();
    await expect(launchpad).not.toContainText("Most keys vanished there at once");
    await launchpad.getByRole("button", { name: "Remove two here" }).click();
    await removing.getByRole("button", { name: "Remove this key" }).click();
    await expect(ownKeys(page)).not.toContainText(two.print);
    await expect(ownKeys(page)).toContainText(fresh.print);
  } finally {
    await db.$disconnect();
  }
});

test("addresses and names that are tricks are refused where they are typed", async ({ page }) => {
  await page.goto("/settings");
  const field = page.getByLabel("Allow addresses that begin with");
  for (const trick of [
    "http://keys.example.org/people/",
    "https://2130706433/",
    "https://[::ffff:10.77.255.254]/",
    "https://metadata.google.internal/",
    "https://olga@keys.example.org/",
    "https://keys.example.org/people/%2e%2e%2fadmin/",
  ]) {
    await allow(page, trick);
    await expect(field, trick).toHaveAttribute("aria-invalid", "true");
    await field.fill("");
    await expect(page.getByRole("button", { name: "Allow", exact: true })).toBeEnabled();
  }
  await expect(page.getByRole("button", { name: /^Allow .+ no more$/ })).toHaveCount(1);

  await page.goto("/me");
  for (const [from, name] of [
    ["GitHub", "olga/../../login"],
    ["Launchpad", "olga@keys.example.org"],
    ["Address", `${prefix}../admin/olga`],
    ["Address", "https://keys.example.org.example.com/people/olga"],
    ["Address", "https://keys.example.org@127.0.0.1/people/olga"],
  ] as const) {
    const dialog = await fillImport(page, from, name);
    const typed = dialog.getByLabel(from === "Address" ? "Address" : `Name at ${from}`);
    await expect(typed).not.toHaveAttribute("aria-invalid");
    await dialog.getByRole("button", { name: "Read the keys" }).click();
    await expect(typed, name).toHaveAttribute("aria-invalid", "true");
  }
});

test("no name and no redirect leads the worker inside", async ({ page, providers }) => {
  // Whoever owns a name says where it leads: an admin who allows it cannot see that.
  await page.goto("/settings");
  for (const name of Object.keys(insideNames)) {
    await allow(page, `https://${name}/`);
    await expect(page.getByRole("button", { name: `Allow https://${name}/ no more` })).toBeVisible();
  }
  await page.goto("/me");
  const reached = providers.reached.length;
  for (const name of Object.keys(insideNames)) {
    providers.serve(`${name}/keys`, { body: "ssh-ed25519 secret-of-the-inside" });
    await addImport(page, "Address", `https://${name}/keys`);
  }
  for (const [name, addresses] of Object.entries(insideNames))
    await expect(card(page, `Address · https://${name}/keys`), addresses.join()).toContainText(
      "is no address of the public Internet",
    );
  expect(providers.reached.slice(reached), "nobody was even connected to").toEqual([]);

  const moved = { inside: "https://private.example.org/keys", file: "file:///etc/passwd" };
  for (const [name, location] of Object.entries(moved)) {
    providers.serve(`keys.example.org/people/${name}`, { status: 302, headers: { location } });
    await addImport(page, "Address", `${prefix}${name}`);
  }
  for (const [name, location] of Object.entries(moved))
    await expect(card(page, `Address · ${prefix}${name}`), location).toContainText(
      "sends readers elsewhere, which is not followed",
    );
  expect(new Set(providers.reached)).toEqual(new Set(["1.1.1.1"]));
  await expect(page.getByText("secret-of-the-inside")).toHaveCount(0);
});
