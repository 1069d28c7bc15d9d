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
  readonly #id: string;

  private constructor(session: CDPSession, id: string) {
    this.#session = session;
    this.#id = id;
  }

  /** @param passkey one that was made on another page of the same person */
  static async plugInto(page: Page, passkey?: Passkey): Promise<Authenticator> {
    const session = await page.context().newCDPSession(page);
    await session.send("WebAuthn.enable");
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
    return new Authenticator(session, authenticatorId);
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
