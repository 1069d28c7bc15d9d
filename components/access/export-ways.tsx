"use client";

import { Braces, FileSpreadsheet } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { useDownload } from "@/components/ui/use-download";
import type { FleetAccessInput } from "@/lib/features/access/schema";
import { fleetAddress } from "./fleet-address";

const formats = [
  { format: "csv", label: "CSV", icon: FileSpreadsheet },
  { format: "json", label: "JSON", icon: Braces },
] as const;

/** Exactly the ways that the page lists, as a file. Wants a fresh touch. */
export function ExportWays({ filter }: { filter: FleetAccessInput }) {
  const { download, pending, error } = useDownload();
  const [chosen, setChosen] = useState<string>();
  // The order, the groups and the page are the page's own; a file has all that fits.
  const whole = { by: "", sort: "host", direction: "ascending", page: 1, perPage: 50, open: [] } as const;
  return (
    <>
      <FormError error={error} />
      {formats.map(({ format, label, icon: Icon }) => {
        const busy = pending && chosen === format;
        return (
          <Button
            key={format}
            pending={busy}
            disabled={pending}
            onClick={() => {
              setChosen(format);
              const base = `/api/v1/access/ways/export?format=${format}`;
              void download(fleetAddress(filter, { ...whole, open: [] }, base), `gatehouse-access.${format}`);
            }}
          >
            {!busy && <Icon aria-hidden />} {label}
          </Button>
        );
      })}
    </>
  );
}
