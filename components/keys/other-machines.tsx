import { CodeBlock } from "@/components/ui/code-block";
import type { KeygenWish } from "./keygen-commands";

/** How the key is used on other machines, and what an agent can do with it. */
export function OtherMachines({ wish }: { wish: KeygenWish }) {
  return (
    <details className="rounded-lg border border-line px-3 py-2 text-sm">
      <summary className="cursor-pointer font-medium">On another machine, and with an agent</summary>
      <div className="mt-3 grid grid-cols-1 gap-3 text-xs text-ink-soft">
        {wish.isResident ? (
          <>
            <p>
              Plug the security key in there. Files of all its resident keys come into the folder you are in:
            </p>
            <CodeBlock label="Command that brings resident keys" text="ssh-keygen -K" wrap />
            <p>Or into the agent alone, for this session:</p>
            <CodeBlock label="Command that loads resident keys into the agent" text="ssh-add -K" wrap />
          </>
        ) : (
          <p>Copy the key file there. It holds no secret, but without it ssh cannot find the key.</p>
        )}
        {wish.isVerifyRequired && (
          <p>
            Agents and PIN: an agent of OpenSSH 8.8 or older cannot ask for it. From 8.9 on it asks by
            SSH_ASKPASS, so a program that asks must be installed and the agent must know the display; 9.1
            made it smoother. The agent of GNOME (gcr) has no support for it. Without an agent ssh asks by
            itself, from 8.4 on: <code className="font-mono">ssh -o IdentityAgent=none</code>.
          </p>
        )}
      </div>
    </details>
  );
}
