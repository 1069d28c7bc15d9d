import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from "@simplewebauthn/browser";

/** What the browser's ceremony gave: the answer for the API, or a sentence for the person. */
export type Ceremony = { response: unknown } | { problem: string };

/** Whether this browser, on this address, can use passkeys at all. */
export function passkeysWork(): boolean {
  return typeof window !== "undefined" && window.isSecureContext && "PublicKeyCredential" in window;
}

const sentences: Record<string, string> = {
  NotAllowedError:
    "The browser stopped before a key was used: it was cancelled, or the time ran out. Try again.",
  AbortError: "It was cancelled. Try again.",
  InvalidStateError: "This key is already registered for you. Use another one, or sign in with it.",
  NotSupportedError:
    "This authenticator cannot make the kind of key that Gatehouse asks for. Use another one.",
  SecurityError:
    "The address in the browser is not the one that Gatehouse was set up with. Open it by its own address (GATEHOUSE_ORIGIN), by https or on localhost.",
  ConstraintError:
    "The authenticator cannot verify you by PIN, fingerprint or face. Set a PIN on it, or use another one.",
};

function problemOf(error: unknown): string {
  // The library wraps the browser's error and keeps its name, or puts it into `cause`.
  const names =
    error instanceof Error ? [error.name, error.cause instanceof Error ? error.cause.name : ""] : [];
  for (const name of names) if (sentences[name]) return sentences[name];
  return error instanceof Error ? error.message : "The browser could not use a passkey.";
}

async function hold(ceremony: () => Promise<unknown>): Promise<Ceremony> {
  if (!passkeysWork())
    return {
      problem: "Passkeys need https (or localhost) and a current browser. Use a password and a code instead.",
    };
  try {
    return { response: await ceremony() };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** Makes a new passkey. The person touches the key and proves himself by PIN, fingerprint or face. */
export function makePasskey(optionsJSON: PublicKeyCredentialCreationOptionsJSON): Promise<Ceremony> {
  return hold(() => startRegistration({ optionsJSON }));
}

/** Proves that the person holds one of his passkeys. */
export function provePasskey(optionsJSON: PublicKeyCredentialRequestOptionsJSON): Promise<Ceremony> {
  return hold(() => startAuthentication({ optionsJSON }));
}
