import { ceremonyRefused } from "@/lib/webauthn/refusal";

/**
 * Refuses an answer that a page of another site got, by showing ours in a frame or being shown in one.
 *
 * WebAuthn Level 3, 7.1 steps 10-11 and 7.2 steps 13-14. The library lets `crossOrigin: true` through when there is no
 * `topOrigin`, and looks at neither at registration.
 */
export function refuseCrossOrigin(clientDataJSON: string): void {
  let clientData: unknown;
  try {
    clientData = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString("utf8"));
  } catch (cause) {
    throw ceremonyRefused("clientDataJSON is not JSON", cause);
  }
  if (typeof clientData !== "object" || clientData === null)
    throw ceremonyRefused("clientDataJSON is no object");
  if ("crossOrigin" in clientData && clientData.crossOrigin !== false)
    throw ceremonyRefused("crossOrigin: the ceremony ran in a frame of another site");
  if ("topOrigin" in clientData)
    throw ceremonyRefused("topOrigin: the ceremony ran in a frame of another site");
}
