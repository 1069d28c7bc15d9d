import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Locator, Page } from "@playwright/test";
import { Authenticator } from "@/e2e/authenticator";
import { enter, expect, test } from "@/e2e/fixtures";
import type { LabHost } from "@/e2e/lab/lab";
import { printPublicKey } from "@/lib/openssh-keys/public-key";
import { securityKeyBlob } from "@/lib/openssh-keys/security-key";
import { printAttestation, signPacked } from "@/lib/testing/attestation";
import { Authenticator as SoftAuthenticator } from "@/lib/testing/authenticator";
import { SoftSecurityKey } from "@/lib/testing/security-key";
import { startSecurityKeyAgent } from "@/lib/testing/security-key-agent";

const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-keys-e2e-"));
test.afterAll(() => rmSync(folder, { recursive: true }));

const card = (page: Page, name: string) =>
  page.getByRole("region", { name: "SSH keys" }).getByRole("listitem", { name });
const codeOf = async (dialog: Locator, label: string) =>
  (await dialog.getByRole("figure", { name: label }).getByRole("code").textContent()) ?? "";

/** Brings the public half of a fresh key pair and proves it; ends with the card that says so. */
async function bringAndProve(page: Page, name: string): Promise<void> {
  const file = path.join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
  const sent: string[] = [];
  page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""}`));
  await page.getByRole("button", { name: "Bring a public key…" }).click();
  const dialog = page.getByRole("dialog", { name: "Bring a public key" });
  const box = dialog.getByRole("textbox", { name: "Public key" });

  // First the wrong file: it is refused here, and is gone from the page.
  const secret = readFileSync(file, "utf8");
  await box.fill(secret);
  await expect(dialog.getByRole("alert")).toContainText("This is a private key");
  await expect(box).toHaveValue("");
  await expect(dialog.getByRole("button", { name: "Continue" })).toBeDisabled();

  await dialog.locator("input[type=file]").setInputFiles(`${file}.pub`);
  await expect(dialog.getByRole("status")).toContainText("Ed25519");
  await expect(dialog.getByLabel("Name")).toHaveValue(name);
  await dialog.getByRole("button", { name: "Continue" }).click();

  const proof = page.getByRole("dialog", { name: `Prove that ${name} is yours` });
  const command = (await codeOf(proof, "Command that signs")).replace("~/.ssh/id_ed25519", file);
  const signature = execFileSync("sh", ["-c", command], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  await proof.getByRole("textbox", { name: "2. Paste what it printed" }).fill(signature);
  await proof.getByRole("button", { name: "Prove it" }).click();
  await expect(card(page, name)).toContainText("Proved");
  const middle = secret.split("\n")[2] ?? "";
  expect(middle.length).toBeGreaterThan(60);
  expect(sent.join("\n")).toContain("ssh-ed25519 AAAA");
  expect(sent.join("\n")).not.toContain(middle);
}

/** Puts one line into alice's authorized_keys. */
async function authorize(host: LabHost, line: string): Promise<void> {
  const file = "/home/alice/.ssh/authorized_keys";
  const put = `cat > ${file} && chown alice: ${file} && chmod 600 ${file}`;
  const { code, stderr } = await host.exec(put, { input: `${line}\n` });
  expect(code, stderr).toBe(0);
}

test("a security key enrolled by one touch opens a real sshd, with PIN where PIN is due and not without", async ({
  browser,
  product,
  owner,
  startHost,
}) => {
  const host = await startHost("bookworm");
  const { page, authenticator, leave } = await enter(browser, product, owner);
  await page.goto("/me");
  await bringAndProve(page, "laptop"); // Which asks for the fresh touch.

  await authenticator.unplug();
  const blue = await Authenticator.plugInto(page);
  await page.getByRole("button", { name: "Enrol a security key…" }).click();
  const dialog = page.getByRole("dialog", { name: "Enrol a security key" });
  await dialog.getByLabel("Name").fill("Blue key");
  await dialog.getByRole("button", { name: "Continue" }).click();
  const steps = page.getByRole("dialog", { name: "Use Blue key with ssh" });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    steps.getByRole("link", { name: /^Download id_/ }).click(),
  ]);
  const { privateKey, rpId } = await blue.passkey();
  const key = SoftSecurityKey.fromPkcs8(Buffer.from(privateKey, "base64"), rpId ?? "");
  const file = path.join(folder, download.suggestedFilename());
  copyFileSync(await download.path(), file);
  chmodSync(file, 0o600);

  // ssh-keygen reads the file as the key that the authenticator has made.
  const line = execFileSync("ssh-keygen", ["-y", "-f", file], { encoding: "utf8" }).trim();
  expect(line).toBe(key.line.replace(/ soft$/, " Blue key"));
  await steps.getByRole("button", { name: "Done" }).click();
  const fingerprint = execFileSync("ssh-keygen", ["-lf", file], { encoding: "utf8" }).split(" ")[1] ?? "";
  await expect(card(page, "Blue key")).toContainText(fingerprint);
  await expect(card(page, "Blue key")).toContainText("Proved");
  await expect(page.getByRole("region", { name: "Passkeys" })).toContainText("Blue key");

  const login = async (flags: number) => {
    const agent = await startSecurityKeyAgent(key, flags);
    try {
      return (await host.login("alice", { key: file, agent: agent.socket })).ok;
    } finally {
      await agent.close();
    }
  };
  await authorize(host, line);
  expect(await login(1), "touched").toBe(true);
  expect(await login(0), "not touched").toBe(false);
  await authorize(host, `verify-required ${line}`);
  expect(await login(5), "touched, with PIN").toBe(true);
  expect(await login(1), "touched, without PIN").toBe(false);

  // The passkey that the owner came with is an SSH key by one click.
  await page.getByRole("button", { name: /with ssh, too$/ }).click();
  await expect(page.getByRole("dialog", { name: /^Use .* with ssh$/ })).toBeVisible();
  await blue.unplug();
  await authenticator.plugAgain();
  await leave();
});

test("a key made by ssh-keygen is attested; a swapped one is refused with a new challenge", async ({
  page,
}) => {
  await page.goto("/me");
  await page.getByRole("button", { name: "Security key by ssh-keygen…" }).click();
  const dialog = page.getByRole("dialog", { name: "Make a key by ssh-keygen" });
  expect(await codeOf(dialog, "Command that makes the key")).toContain("ssh-keygen -t ed25519-sk");

  const give = async (challenge: string, isSwapped: boolean) => {
    const [made, other] = [make(challenge), make(challenge)];
    await dialog.getByRole("textbox", { name: "Public key" }).fill((isSwapped ? other : made).line);
    await dialog
      .getByLabel("Attestation file")
      .setInputFiles({ name: "gatehouse-attestation", mimeType: "", buffer: Buffer.from(made.file) });
    await dialog.getByLabel("Name").fill("Green key");
    await dialog.getByRole("button", { name: "Check it" }).click();
  };
  const challengeOf = async () =>
    /printf %s (\S+) >/.exec(await codeOf(dialog, "Command that writes the challenge"))?.[1] ?? "";

  const first = await challengeOf();
  await give(first, true);
  await expect(dialog.getByRole("alert")).toContainText("of another key");
  await expect.poll(challengeOf).not.toBe(first);
  await give(await challengeOf(), false);
  await expect(card(page, "Green key")).toContainText("Proved");
  await expect(card(page, "Green key")).toContainText("by its own word");
});

/** What ssh-keygen would make on an authenticator: a public key, and its attestation by itself. */
function make(challenge: string) {
  const key = new SoftAuthenticator("unused", { family: "ed25519" });
  const application = "ssh:gatehouse";
  const authenticatorData = key.dataFor(application, new Uint8Array(16).fill(7));
  const signature = signPacked(key.privateKey, authenticatorData, Buffer.from(challenge));
  const blob = securityKeyBlob(key.numbers, application);
  return {
    line: printPublicKey({ type: "sk-ssh-ed25519@openssh.com", blob, comment: "" }),
    file: printAttestation({ authenticatorData, certificate: new Uint8Array(), signature }),
  };
}
