"use client";

import { Braces, FileSpreadsheet } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { useDownload } from "@/components/ui/use-download";

const formats = [
  { format: "csv", label: "CSV", icon: FileSpreadsheet },
  { format: "json", label: "JSON", icon: Braces },
] as const;

/** The evidence as a file, for people (CSV) and for `npm run review:verify` (JSON). Wants a fresh touch. */
export function ExportEvidence({ reviewId }: { reviewId: string }) {
  const { download, pending, error } = useDownload();
  const [chosen, setChosen] = useState<string>();
  return (
    <>
      {formats.map(({ format, label, icon: Icon }) => (
        <Button
          key={format}
          aria-label={`Evidence as ${label}`}
          pending={pending && chosen === format}
          disabled={pending}
          onClick={() => {
            setChosen(format);
            const query = new URLSearchParams({ reviewId, format });
            void download(`/api/v1/access/reviews/evidence?${query}`, `gatehouse-review.${format}`);
          }}
        >
          {!(pending && chosen === format) && <Icon aria-hidden />} {label}
        </Button>
      ))}
      <FormError error={error} />
    </>
  );
}
