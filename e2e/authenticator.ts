import type { CDPSession, Page } from "@playwright/test";

/** A passkey as Chromium's virtual authenticator holds it. */
export interface Passkey {
  credentialId: string;
  isResidentCredential: boolean;
  rpId?: string;
  privateKey: string;
  userHandle?: string;
  signCount: number;
}

/** A security key plugged into one page, with a finger that always touches it. */
export class Authenticator {
  readonly #session: CDPSession;
  #id: string;
  #unplugged: Passkey | undefined;

  private constructor(session: CDPSession, id: string) {
    this.#session = session;
    this.#id = id;
  }

  /** @param passkey one that was made on another page of the same person */
  static async plugInto(page: Page, passkey?: Passkey): Promise<Authenticator> {
    const session = await page.context().newCDPSession(page);
    await session.send("WebAuthn.enable");
    return new Authenticator(session, await plug(session, passkey));
  }

  /** Takes it out, so that another one can be used on the same page. */
  async unplug(): Promise<void> {
    this.#unplugged = await this.passkey();
    await this.#session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: this.#id });
  }

  /** Puts it back with the passkey that was on it. */
  async plugAgain(): Promise<void> {
    this.#id = await plug(this.#session, this.#unplugged);
  }

  /** The one passkey that was made here, to be plugged into the next page. */
  async passkey(): Promise<Passkey> {
    const { credentials } = await this.#session.send("WebAuthn.getCredentials", {
      authenticatorId: this.#id,
    });
    const [credential] = credentials;
    if (!credential) throw new Error("No passkey was made on this page.");
    return credential;
  }
}

async function plug(session: CDPSession, passkey: Passkey | undefined): Promise<string> {
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "usb",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  if (passkey) await session.send("WebAuthn.addCredential", { authenticatorId, credential: passkey });
  return authenticatorId;
}
