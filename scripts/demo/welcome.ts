import { now } from "@/lib/clock";
import { groupTotpSecret, stepSeconds, totpCode } from "@/lib/otp/totp";
import type { Owner } from "@/scripts/demo/owner";

/**
 * Says where to go and how to get in.
 *
 * @param changeId the change that is being undone while this is read
 */
export function printWelcome(url: string, owner: Owner, changeId: string): void {
  const press = process.stdin.isTTY ? "Press Enter here for the present one, or add" : "Add";
  console.log(`
  Gatehouse is running: ${url}   (Ctrl-C ends the demo; nothing of it stays)

    Sign in as      ${owner.login}
    with password   ${owner.password}
    and code        ${codeNow(owner)}

    The code changes every ${stepSeconds} s and works once. ${press} this secret to an authenticator app:
      ${groupTotpSecret(owner.totpSecret)}
      ${owner.totpUri}

  Three real servers, each with its own sshd:
    web-1   healthy. One change was kept. Another one locks everybody out at this moment, and within half a minute
            the server undoes it by itself: ${url}/changes/${changeId}
    db-1    its admin turned passwords off, but cloud-init's file is read first and overrules him. Since Gatehouse
            knows the server, somebody has edited it by hand.
    old-1   was added, then lost its power.

  A root shell on a server, to look behind the curtain:   npm run lab -- sh web-1
`);
}

/**
 * Prints the present code at each Enter, where there is a keyboard.
 *
 * @returns lets go of the keyboard
 */
export function offerCodes(owner: Owner): () => Promise<void> {
  const { stdin } = process;
  if (!stdin.isTTY) return async () => {};
  const print = () => console.log(`    code ${codeNow(owner)}`);
  stdin.on("data", print);
  return async () => {
    stdin.off("data", print);
    stdin.destroy();
  };
}

function codeNow({ totpSecret }: Owner): string {
  const seconds = now().getTime() / 1000;
  const left = Math.ceil(stepSeconds - (seconds % stepSeconds));
  return `${totpCode(totpSecret, seconds)}   (for another ${left} s)`;
}
