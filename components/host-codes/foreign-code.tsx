"use client";

import { FileKey2 } from "lucide-react";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { Notice } from "@/components/ui/notice";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import { visibleText } from "@/components/ui/visible-text";
import type { ForeignCodeView } from "@/lib/features/host-codes/views";
import { scratchCount } from "./code-words";

interface Props {
  hostId: string;
  file: ForeignCodeView;
  /** Undefined: the viewer may not. */
  onEnrol: (() => void) | undefined;
}

/** A state file that somebody made on the host. Its mode can be mended, its secret is left alone. */
export function ForeignCode({ hostId, file, onEnrol }: Props) {
  const mend = useCommand(`/api/v1/hosts/${hostId}/codes/mend`);
  const kind =
    file.kind === "hotp" ? "by a counter" : file.kind === "totp" ? "by the time" : "no usable kind";
  return (
    <li
      className="grid grid-cols-1 gap-2.5 rounded-lg border border-line bg-surface p-3"
      aria-label={`State file of ${visibleText(file.account)}`}
    >
      <div className="flex items-start gap-3">
        <FileKey2 aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
        <div className="grid min-w-0 flex-1 grid-cols-1 gap-1">
          <p className="font-mono text-sm font-medium">
            <UntrustedText text={file.account} />
          </p>
          <p className="text-xs text-ink-soft">
            {kind} · {scratchCount(file.scratchCodes)}
          </p>
          <code className="break-all font-mono text-xs text-ink-faint">
            <UntrustedText text={file.path} />
          </code>
        </div>
        {onEnrol && (
          <Button size="sm" aria-label={`Enrol somebody for ${visibleText(file.account)}`} onClick={onEnrol}>
            Enrol…
          </Button>
        )}
      </div>
      {file.problems.map(({ text, remedy, isBroken }) => (
        <Notice
          key={text}
          tone={isBroken ? "danger" : "warn"}
          actions={
            onEnrol &&
            remedy === "mend" && (
              <Button
                size="sm"
                pending={mend.pending}
                onClick={() => void mend.send({ account: file.account })}
              >
                Mend it
              </Button>
            )
          }
        >
          <UntrustedText text={text} />
        </Notice>
      ))}
      <FormError error={mend.error} />
    </li>
  );
}
