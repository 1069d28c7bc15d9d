"use client";

import { RefreshCw } from "lucide-react";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";

/** Asks the host for its state files. The page hears of the answer by an event. */
export function ReadCodes({
  hostId,
  isRead,
  obstacle,
}: {
  hostId: string;
  isRead: boolean;
  obstacle: string | null;
}) {
  const read = useCommand(`/api/v1/hosts/${hostId}/codes/read`);
  return (
    <span className="grid justify-items-end gap-1">
      <Button
        size="sm"
        pending={read.pending}
        disabled={obstacle !== null}
        title={obstacle ?? undefined}
        onClick={() => void read.send()}
      >
        {!read.pending && <RefreshCw aria-hidden />}
        {isRead ? "Read again" : "Read the state files"}
      </Button>
      <FormError error={read.error} />
    </span>
  );
}
