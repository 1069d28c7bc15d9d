import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BrowserContext } from "@playwright/test";
import { expect, test } from "@/e2e/fixtures";
import { generatedKinds, generateKey } from "@/lib/openssh-keys/generated-key";
import { printPlainPrivateKey } from "@/lib/openssh-keys/private-key-file";
import { printPublicKey } from "@/lib/openssh-keys/public-key";

const passphrase = "four honest grey wolves";

/** Everything that leaves the browser from now on: addresses, headers, bodies, messages. */
function listenToAll(context: BrowserContext): string[] {
  const sent: string[] = [];
  context.on("request", (request) => {
    sent.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? "");
  });
  context.on("page", (page) => page.on("websocket", (socket) => sent.push(socket.url())));
  return sent;
}

test("a key that is made in the browser stays there, is proved by itself, and ssh logs in with its file", async ({
  page,
  startHost,
}) => {
  const host = await startHost("bookworm");
  const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-generated-"));
  try {
    await page.goto("/me");
    const sent = listenToAll(page.context());
    await page.getByRole("button", { name: "Make a key…" }).click();
    const dialog = page.getByRole("dialog", { name: "Make a key in this browser" });
    await dialog.getByLabel("Name").fill("Made in Chromium");
    await dialog.getByLabel("Passphrase", { exact: true }).fill(passphrase);
    await dialog.getByLabel("Passphrase again").fill(`${passphrase}!`);
    await dialog.getByRole("button", { name: "Make the key" }).click();
    await expect(dialog.getByText("This is not what stands above.")).toBeVisible();
    await dialog.getByLabel("Passphrase again").fill(passphrase);
    await dialog.getByRole("button", { name: "Make the key" }).click();

    const saving = page.getByRole("dialog", { name: "Save your key" });
    const download = page.waitForEvent("download");
    await saving.getByRole("link", { name: "Download id_ed25519" }).click();
    const file = path.join(folder, "id_ed25519");
    await (await download).saveAs(file);
    chmodSync(file, 0o600);
    const bring = saving.getByRole("button", { name: "Bring and prove it" });
    await expect(bring).toBeDisabled();
    await saving.getByLabel("I have the file").check();
    await bring.click();
    await expect(page.getByText("Made in Chromium is proved: it counts as yours.")).toBeVisible();
    const card = page.getByRole("listitem").filter({ hasText: "Made in Chromium" });
    const line = execFileSync("ssh-keygen", ["-y", "-P", passphrase, "-f", file], {
      encoding: "utf8",
    }).trim();
    const [, blob = ""] = line.split(" ");
    const listed = execFileSync("ssh-keygen", ["-l", "-f", file], { encoding: "utf8" });
    await expect(card.getByText(listed.split(" ")[1] ?? "")).toBeVisible();

    // The very file, with ssh asking for the passphrase.
    await host.write("/home/alice/.ssh/authorized_keys", `${line}\n`);
    const login = await host.login("alice", { key: file, password: passphrase, command: "id -un" });
    expect(login, login.stderr).toMatchObject({ ok: true, stdout: "alice\n" });
    const refused = await host.login("alice", { key: file, password: "another phrase" });
    expect(refused.ok).toBe(false);

    // So do files of every other kind.
    const kinds = generatedKinds.filter((kind) => kind !== "ed25519");
    const others = await Promise.all(kinds.map((kind) => generateKey(kind, kind)));
    const lines = others.map(({ privateKey }) => printPublicKey(privateKey.publicKey));
    await host.write("/home/alice/.ssh/authorized_keys", `${lines.join("\n")}\n`);
    for (const [index, { privateKey }] of others.entries()) {
      const key = path.join(folder, kinds[index] ?? "");
      writeFileSync(key, printPlainPrivateKey(privateKey, index), { mode: 0o600 });
      expect(await host.login("alice", { key }), kinds[index]).toMatchObject({ ok: true });
    }

    // Nothing private has left the browser: not the file, not the passphrase, not the number inside.
    const locked = readFileSync(file, "utf8");
    execFileSync("ssh-keygen", ["-q", "-p", "-P", passphrase, "-N", "", "-f", file]);
    const bytes = Buffer.from(readFileSync(file, "utf8").replace(/-----.*-----|\n/g, ""), "base64");
    const publicBytes = Buffer.from(blob, "base64").subarray(-32);
    const seed = bytes.subarray(bytes.lastIndexOf(publicBytes) - 32, bytes.lastIndexOf(publicBytes));
    const secrets = [
      passphrase,
      encodeURIComponent(passphrase),
      ...locked.split("\n").filter((part) => part.length === 70 && !part.startsWith("-")),
      ...(["base64", "base64url", "hex"] as const).map((encoding) => seed.toString(encoding)),
    ];
    expect(secrets.length).toBeGreaterThan(6);
    const all = sent.join("\n");
    expect(all).toContain(blob);
    for (const secret of secrets) expect(all.includes(secret), secret).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an import is asked for, and the worker's answer stands on the page by itself", async ({ page }) => {
  await page.goto("/me");
  const imports = page.getByRole("region", { name: "Imported keys" });
  await imports.getByRole("button", { name: "Import…" }).click();
  const dialog = page.getByRole("dialog", { name: "Import public keys" });
  await dialog.getByLabel("Name at GitHub").fill("../evil");
  await dialog.getByRole("button", { name: "Read the keys" }).click();
  await expect(dialog.getByText(/A GitHub name has up to 39 letters/)).toBeVisible();
  await dialog.getByLabel("Name at GitHub").fill("octo-olga");
  await dialog.getByRole("button", { name: "Read the keys" }).click();
  await expect(dialog).toBeHidden();
  // The lab has no way out: this is what people see when a provider cannot be reached.
  const card = imports.getByRole("listitem").filter({ hasText: "github.com/octo-olga.keys" });
  await expect(card.getByText("The last reading failed")).toBeVisible();
  await expect(card.getByText(/^github\.com (could not be read|did not answer)/)).toBeVisible();
  await card.getByRole("button", { name: "Acts on GitHub · octo-olga" }).click();
  await page.getByRole("menuitem", { name: "Remove…" }).click();
  await page.getByRole("button", { name: "Remove this import" }).click();
  await expect(imports.getByText("Nothing is imported")).toBeVisible();
});
