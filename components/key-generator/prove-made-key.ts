import { type CommandError, sendCommand } from "@/components/ui/send-command";
import type { KeyChallengeView } from "@/lib/features/keys/views";
import { signMessage } from "@/lib/openssh-keys/sign-message";
import type { MadeKey } from "./make-key";

/**
 * Proves by the key itself that it is here: asks for a challenge, signs it, hands the signature in. The private half is
 * used, and not sent.
 *
 * @returns why it was refused; undefined: it is proved
 */
export async function proveMadeKey(keyId: string, { generated }: MadeKey): Promise<CommandError | undefined> {
  const path = `/api/v1/me/keys/${keyId}`;
  const asked = await sendCommand<KeyChallengeView>(`${path}/challenge`);
  if ("error" in asked) return asked.error;
  const { challenge, namespace } = asked.output;
  const signature = await signMessage(
    generated.privateKey.publicKey.blob,
    generated.signingKey,
    namespace,
    // As `echo` would end it: what people sign in a terminal ends so.
    new TextEncoder().encode(`${challenge}\n`),
  );
  const proved = await sendCommand(`${path}/proof`, { signature });
  return "error" in proved ? proved.error : undefined;
}
