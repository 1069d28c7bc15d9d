"use client";

import { Download } from "lucide-react";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { useDownload } from "@/components/ui/use-download";

/** The whole activity as a file, for `npm run activity:verify`. Wants a fresh touch. */
export function ExportActivity() {
  const { download, pending, error } = useDownload();
  const fileName = () => `gatehouse-activity-${new Date().toISOString().slice(0, 10)}.jsonl`;
  return (
    <>
      <FormError error={error} />
      <Button pending={pending} onClick={() => void download("/api/v1/activity/export", fileName())}>
        {!pending && <Download aria-hidden />} Export
      </Button>
    </>
  );
}
