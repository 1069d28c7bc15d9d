"use client";

import { KeyRound } from "lucide-react";
import { useState } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import type { KeyView } from "@/lib/features/keys/views";
import { KeyCard } from "./key-card";
import { canShowPin } from "./key-words";
import { ProveKey } from "./prove-key";
import { UseKey } from "./use-key";

interface Props {
  keys: readonly KeyView[];
  /** Below which the keys are changed: "/api/v1/me/keys"; undefined: they are only looked at. */
  path?: string;
  /** They are the viewer's own: he can prove them and fetch their files. */
  isOwn: boolean;
  /** The key whose next step is shown at once: it has just come. */
  openKeyId?: string;
}

/** A person's SSH keys, as cards. */
export function KeyList({ keys, path, isOwn, openKeyId }: Props) {
  const [opened, setOpened] = useState(openKeyId);
  const [pinOf, setPinOf] = useState<string>();
  const [given, setGiven] = useState(openKeyId);
  if (given !== openKeyId) {
    setGiven(openKeyId);
    setOpened(openKeyId);
  }
  const open = isOwn ? keys.find(({ id }) => id === opened) : undefined;
  const ofPin = isOwn ? keys.find((key) => key.id === pinOf && canShowPin(key)) : undefined;
  const asked = open && !open.provedAt ? open : ofPin;
  const close = () => {
    setOpened(undefined);
    setPinOf(undefined);
  };
  if (keys.length === 0)
    return (
      <EmptyState icon={KeyRound} title={isOwn ? "You have no SSH key here yet" : "No SSH key yet"}>
        {isOwn
          ? "Bring the one that you use, or make one: a security key is the best, for it cannot be copied."
          : "Whoever this is can bring keys by signing in; an admin can bring a public key for him."}
      </EmptyState>
    );
  return (
    <>
      <ul className="grid grid-cols-1 gap-3">
        {keys.map((key) => (
          <KeyCard
            key={key.id}
            shown={key}
            path={path}
            isOwn={isOwn}
            onOpen={() => setOpened(key.id)}
            onShowPin={() => setPinOf(key.id)}
          />
        ))}
      </ul>
      {asked && (
        <ProveKey
          name={asked.name}
          type={asked.type}
          challengePath={`/api/v1/me/keys/${asked.id}/challenge`}
          proofPath={`/api/v1/me/keys/${asked.id}/proof`}
          {...(asked.provedAt && { done: `${asked.name} asks for PIN or fingerprint.` })}
          onClose={close}
        />
      )}
      {open?.provedAt && open.hasFile && <UseKey shown={open} onClose={close} />}
    </>
  );
}
