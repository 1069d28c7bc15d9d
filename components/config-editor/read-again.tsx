"use client";

import { RefreshCw } from "lucide-react";
import { Button } from "../ui/button";
import { FormError } from "../ui/form-error";
import { useCommand } from "../ui/use-command";

/** Asks the host for its files again. */
export function ReadAgain({ hostId }: { hostId: string }) {
  const read = useCommand(`/api/v1/hosts/${hostId}/config/read`);
  return (
    <span className="grid justify-items-end gap-1">
      <Button size="sm" pending={read.pending} onClick={() => read.send()}>
        <RefreshCw aria-hidden /> Read again
      </Button>
      <FormError error={read.error} />
    </span>
  );
}
