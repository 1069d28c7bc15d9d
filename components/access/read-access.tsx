"use client";

import { RefreshCw } from "lucide-react";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";

interface Props {
  hostId: string;
  label: string;
  /** Why the host must not be asked now; null when it may. */
  obstacle: string | null;
}

/** Asks the host who can log in. The page hears of the answer by an event. */
export function ReadAccess({ hostId, label, obstacle }: Props) {
  const read = useCommand(`/api/v1/hosts/${hostId}/access/read`);
  return (
    <span className="grid justify-items-end gap-1">
      <Button
        size="sm"
        pending={read.pending}
        disabled={obstacle !== null}
        title={obstacle ?? undefined}
        onClick={() => read.send()}
      >
        {!read.pending && <RefreshCw aria-hidden />}
        {label}
      </Button>
      <FormError error={read.error} />
    </span>
  );
}
