"use client";

import { Sparkles } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { KeyForm } from "./key-form";
import { findObstacle, type MadeKey } from "./make-key";
import { SaveKey } from "./save-key";

/** Makes a key pair in this browser; the private half goes to the person's disk and nowhere else. */
export function GenerateKey() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Sparkles aria-hidden /> Make a key…
      </Button>
      {open && <GenerateDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function GenerateDialog({ onClose }: { onClose: () => void }) {
  const [saving, setSaving] = useState<{
    made: MadeKey;
    name: string;
    fileName: string;
    isLocked: boolean;
  }>();
  const [isLeaving, setIsLeaving] = useState(false);
  const obstacle = findObstacle();
  return (
    <Dialog
      open
      // A slip beside the dialog must not throw a key away that exists nowhere else.
      onOpenChange={(open) => !open && (saving ? setIsLeaving(true) : onClose())}
      title={saving ? "Save your key" : "Make a key in this browser"}
      description={
        saving
          ? "It exists in this page only. Close the page without saving, and it is gone."
          : "The private half is made here and saved by you. It is never sent, not even to Gatehouse."
      }
      className="max-w-xl"
    >
      {obstacle && (
        <Notice tone="warn" title="Not from this page">
          {obstacle}
        </Notice>
      )}
      {!obstacle && !saving && <KeyForm onMade={setSaving} onClose={onClose} />}
      {isLeaving && (
        <Notice
          tone="warn"
          urgent
          title="The key is not brought here yet"
          className="mb-4"
          actions={
            <>
              <Button size="sm" onClick={() => setIsLeaving(false)}>
                Go on
              </Button>
              <Button size="sm" variant="danger-quiet" onClick={onClose}>
                Forget this key
              </Button>
            </>
          }
        >
          Close now, and this page forgets it. A file that you have saved stays yours, and counts for nothing
          here.
        </Notice>
      )}
      {saving && <SaveKey {...saving} onDone={onClose} />}
    </Dialog>
  );
}
