"use client";

import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";
import type { UsablePasskeyView } from "@/lib/features/keys/views";

/** Passkeys on security keys that ssh could use, too, without another touch. */
export function PasskeysForSsh({ passkeys }: { passkeys: readonly UsablePasskeyView[] }) {
  if (passkeys.length === 0) return null;
  return (
    <div className="grid grid-cols-1 gap-2 rounded-lg border border-line bg-surface p-3">
      <p className="text-xs text-ink-soft">
        These passkeys of yours can be SSH keys, too: no new touch, and nothing to bring. ssh then asks for
        the PIN.
      </p>
      <ul className="grid grid-cols-1 gap-1.5">
        {passkeys.map((passkey) => (
          <PasskeyForSsh key={passkey.id} passkey={passkey} />
        ))}
      </ul>
    </div>
  );
}

function PasskeyForSsh({ passkey }: { passkey: UsablePasskeyView }) {
  const router = useRouter();
  const { send, pending, error } = useCommand<{ keyId: string }>(`/api/v1/me/passkeys/${passkey.id}/key`, {
    onDone: ({ keyId }) => router.replace(`/me?key=${keyId}`, { scroll: false }),
  });
  return (
    <li className="grid grid-cols-1 gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="min-w-0 break-words text-sm font-medium">{passkey.name}</span>
        <Button
          size="sm"
          pending={pending}
          aria-label={`Use ${passkey.name} with ssh, too`}
          onClick={() => void send()}
        >
          Use it with ssh, too
        </Button>
      </div>
      <FormError error={error} />
    </li>
  );
}
