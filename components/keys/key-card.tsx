"use client";

import { Ellipsis, KeyRound, Pencil, Trash2, Usb } from "lucide-react";
import { useState } from "react";
import { Badge, Tag } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Fingerprint } from "@/components/ui/fingerprint";
import { Menu, MenuItem } from "@/components/ui/menu";
import { RelativeTime } from "@/components/ui/relative-time";
import type { KeyView } from "@/lib/features/keys/views";
import { KeyAttestation } from "./key-attestation";
import { canShowPin, kindOf, originOf } from "./key-words";
import { RemoveKey } from "./remove-key";
import { RenameKey } from "./rename-key";

interface Props {
  shown: KeyView;
  path: string | undefined;
  isOwn: boolean;
  /** Shows the key's next step: proving it, or using it with ssh. */
  onOpen: () => void;
  /** Has the person sign with it once more, by PIN or fingerprint. */
  onShowPin: () => void;
}

/** One SSH key: what it is, whether it counts, and what can be done with it. */
export function KeyCard({ shown, path, isOwn, onOpen, onShowPin }: Props) {
  const [asked, setAsked] = useState<"rename" | "remove">();
  const close = () => setAsked(undefined);
  const Icon = shown.isSecurityKey ? Usb : KeyRound;
  const own = `${path}/${shown.id}`;
  return (
    <li
      className="grid grid-cols-1 gap-2 rounded-lg border border-line bg-surface p-3"
      aria-label={shown.name}
    >
      <div className="flex items-start gap-3">
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
        <div className="grid min-w-0 flex-1 grid-cols-1 gap-1.5">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <p className="min-w-0 break-words text-sm font-medium">{shown.name}</p>
            {shown.provedAt ? (
              <Badge tone="ok">Proved</Badge>
            ) : (
              <Badge tone="warn">Not proved: does not count yet</Badge>
            )}
          </div>
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-soft">
            {kindOf(shown)}
            {(shown.origin === "webauthn" || shown.isVerifyRequired) && (
              <Tag>{shown.isVerifyRequired ? "touch and PIN" : "touch"}</Tag>
            )}
            {shown.signsIn && <Tag>signs in here</Tag>}
            {shown.application !== null && (
              <span>
                for <span className="font-mono break-all">{shown.application}</span>
              </span>
            )}
          </p>
          <p>
            <Fingerprint value={shown.fingerprint} />
            <span className="block break-all font-mono text-2xs text-ink-faint">{shown.md5}</span>
          </p>
          {shown.attestation && <KeyAttestation attestation={shown.attestation} />}
          <p className="text-xs text-ink-faint">
            {originOf(shown)} <RelativeTime at={shown.createdAt} />
            {shown.provedAt && shown.origin !== "webauthn" && (
              <>
                {" · proved "}
                <RelativeTime at={shown.provedAt} />
              </>
            )}
          </p>
        </div>
        {path !== undefined && (
          <Menu
            trigger={
              <Button variant="ghost" size="icon-sm" aria-label={`Acts on ${shown.name}`}>
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
        )}
      </div>
      <div className="flex flex-wrap gap-2 pl-7">
        {isOwn && !shown.provedAt && (
          <Button variant="primary" size="sm" onClick={onOpen}>
            Prove that it is yours…
          </Button>
        )}
        {isOwn && shown.provedAt && canShowPin(shown) && (
          <Button size="sm" onClick={onShowPin}>
            Show that it asks for a PIN…
          </Button>
        )}
        {isOwn && shown.provedAt && shown.hasFile && (
          <Button size="sm" onClick={onOpen}>
            Use it with ssh…
          </Button>
        )}
        <CopyButton text={shown.line} label="Copy the public key" withLabel />
      </div>
      {asked === "rename" && <RenameKey shown={shown} path={own} onClose={close} />}
      {asked === "remove" && <RemoveKey shown={shown} path={own} onClose={close} />}
    </li>
  );
}
