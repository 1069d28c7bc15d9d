"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { sayDone } from "@/components/ui/toaster";
import { useCommand } from "@/components/ui/use-command";

/** Sets or changes one's password. A fresh proof comes first, so the old password is not asked for again here. */
export function ChangePassword({ hasPassword, onClose }: { hasPassword: boolean; onClose: () => void }) {
  const [password, setPassword] = useState("");
  const { send, pending, error, fieldError } = useCommand("/api/v1/me/password", {
    method: "PUT",
    onDone: () => {
      onClose();
      sayDone("The password is set. Your other sessions have ended.");
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={hasPassword ? "Change your password" : "Set a password"}
      description="Together with the code of an authenticator app it is a way in beside your passkeys."
      className="max-w-sm"
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void send({ password });
        }}
      >
        <Field
          label="New password"
          hint="At least 12 characters. A sentence is easier to remember than a word."
          error={fieldError("password")}
        >
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              autoFocus
              required
              minLength={12}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <FormError error={error} shownFields={["password"]} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
