"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeInput, digitsOf } from "@/components/ui/code-input";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";

/** Two codes in a row tell where a counter stands. */
export function ResyncCode({ path, place, onClose }: { path: string; place: string; onClose: () => void }) {
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const resync = useCommand(`${path}/resync`, { onDone: onClose });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Resynchronise ${place}`}
      description="When an app has gone too far ahead, the host takes its codes no more. Make two codes, one right after the other."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          void resync.send({ first: digitsOf(first), second: digitsOf(second) });
        }}
      >
        <Field label="First code" error={resync.fieldError("first")}>
          {(control) => (
            <CodeInput
              {...control}
              required
              value={first}
              onChange={(event) => setFirst(event.target.value)}
            />
          )}
        </Field>
        <Field label="The code after it" error={resync.fieldError("second")}>
          {(control) => (
            <CodeInput
              {...control}
              required
              value={second}
              onChange={(event) => setSecond(event.target.value)}
            />
          )}
        </Field>
        <FormError error={resync.error} shownFields={["first", "second"]} />
        <Button type="submit" variant="primary" size="lg" pending={resync.pending}>
          Resynchronise
        </Button>
      </form>
    </Dialog>
  );
}
