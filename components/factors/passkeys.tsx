"use client";

import { Cloud, Ellipsis, KeyRound, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { FormError } from "@/components/ui/form-error";
import { Menu, MenuItem } from "@/components/ui/menu";
import { RelativeTime } from "@/components/ui/relative-time";
import { useCommand } from "@/components/ui/use-command";
import type { PasskeyView } from "@/lib/features/people/views";
import { AddPasskey } from "./add-passkey";
import { RenamePasskey } from "./rename-passkey";

const transportWords: Record<string, string> = {
  usb: "USB",
  nfc: "NFC",
  ble: "Bluetooth",
  internal: "this device",
  hybrid: "phone",
  "smart-card": "smart card",
};

/** A person's passkeys, as cards, and the way to another one. */
export function Passkeys({ passkeys }: { passkeys: readonly PasskeyView[] }) {
  const [adding, setAdding] = useState(false);
  return (
    <div className="grid gap-3">
      <ul className="grid gap-3 sm:grid-cols-2">
        {passkeys.map((passkey) => (
          <Passkey key={passkey.id} passkey={passkey} />
        ))}
        <li className="grid">
          <button
            type="button"
            onClick={() => setAdding(true)}
            className="flex min-h-16 items-center justify-center gap-2 rounded-lg border border-dashed border-line-strong text-sm text-ink-soft transition-colors hover:bg-hover hover:text-ink focus-visible:rounded-lg"
          >
            <Plus aria-hidden className="size-4" /> Add a passkey
          </button>
        </li>
      </ul>
      {adding && <AddPasskey onClose={() => setAdding(false)} />}
    </div>
  );
}

function Passkey({ passkey }: { passkey: PasskeyView }) {
  const [asked, setAsked] = useState<"rename" | "remove">();
  const close = () => setAsked(undefined);
  const remove = useCommand(`/api/v1/me/passkeys/${passkey.id}`, { method: "DELETE", onDone: close });
  const Icon = passkey.backedUp ? Cloud : KeyRound;
  const reached = passkey.transports.map((transport) => transportWords[transport] ?? transport).join(", ");
  return (
    <li className="flex items-start gap-3 rounded-lg border border-line bg-surface p-3">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
      <div className="grid min-w-0 flex-1 gap-0.5">
        <p className="truncate text-sm font-medium">{passkey.name}</p>
        <p className="text-xs text-ink-soft">
          {passkey.backedUp ? "Synchronised by its vendor" : "On one device only"}
          {reached && ` · ${reached}`}
        </p>
        <p className="text-xs text-ink-faint">
          {passkey.lastUsedAt ? (
            <>
              used <RelativeTime at={passkey.lastUsedAt} />
            </>
          ) : (
            "never used yet"
          )}
          {" · added "}
          <RelativeTime at={passkey.createdAt} />
        </p>
      </div>
      <Menu
        trigger={
          <Button variant="ghost" size="icon-sm" aria-label={`Acts on ${passkey.name}`}>
            <Ellipsis aria-hidden />
          </Button>
        }
      >
        <MenuItem onSelect={() => setAsked("rename")}>
          <Pencil aria-hidden /> Rename…
        </MenuItem>
        <MenuItem danger onSelect={() => setAsked("remove")}>
          <Trash2 aria-hidden /> Remove…
        </MenuItem>
      </Menu>
      {asked === "rename" && <RenamePasskey passkey={passkey} onClose={close} />}
      <DangerDialog
        open={asked === "remove"}
        onOpenChange={(open) => !open && close()}
        title={`Remove ${passkey.name}?`}
        consequence={
          <p>It no longer signs you in here. Your other sessions end. SSH logins are not touched.</p>
        }
        confirmLabel="Remove this passkey"
        pending={remove.pending}
        onConfirm={() => void remove.send()}
      >
        <FormError error={remove.error} />
      </DangerDialog>
    </li>
  );
}
