"use client";

import { ServerCog } from "lucide-react";
import { useState } from "react";
import type { ConfigFileView, HostConfigView, SshdTestView } from "@/lib/features/config/views";
import { Button } from "../ui/button";
import { FormError } from "../ui/form-error";
import { UntrustedText } from "../ui/untrusted-text";
import { useCommand } from "../ui/use-command";
import type { DraftKeeper } from "./draft-keeper";
import { ReviewDialog } from "./review-dialog";
import { SaveStatus } from "./save-status";
import { TestResult } from "./test-result";
import { useDraftStatus } from "./use-drafts";

interface Props {
  config: HostConfigView;
  file: ConfigFileView;
  keeper: DraftKeeper;
  /** Another view than the file's text is shown, which does not say whose draft this is. */
  namesFile: boolean;
  onPlanned: (changeId: string) => void;
}

/** What can be done with the draft of a file: throw it away, ask the host about it, make a change of it. */
export function FileActions({ config, file, keeper, namesFile, onPlanned }: Props) {
  const status = useDraftStatus(keeper);
  const [naming, setNaming] = useState(false);
  const [tested, setTested] = useState<{ result: SshdTestView; content: string }>();
  const check = useCommand<SshdTestView>(`/api/v1/config/files/${file.id}/check`, { refresh: false });
  const canEdit = config.canEdit && file.notEditable === null;
  return (
    <div className="grid grid-cols-1 gap-3">
      {namesFile && (
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-t border-line pt-3 text-xs">
          <UntrustedText text={file.path} className="break-all font-mono" />
          <SaveStatus status={status} />
        </div>
      )}
      {status.error && <FormError error={status.error} />}
      {canEdit && (
        <div className="flex flex-wrap items-center justify-between gap-2">
          <Button
            variant="ghost"
            disabled={(!status.dirty && status.state === "clean") || status.state === "discarding"}
            onClick={() => keeper.discard()}
          >
            Discard draft
          </Button>
          <div className="flex flex-wrap gap-2">
            <Button
              pending={check.pending}
              onClick={async () => {
                const { content } = keeper;
                const result = await check.send({ content });
                if (result) setTested({ result, content });
              }}
            >
              <ServerCog aria-hidden /> Ask the host: sshd -t
            </Button>
            <Button
              variant="primary"
              disabled={!status.dirty || !config.canApply || config.pendingChangeId !== null}
              title={config.pendingChangeId ? "Another change to this host is still open." : undefined}
              onClick={() => setNaming(true)}
            >
              Review change…
            </Button>
          </div>
        </div>
      )}
      <FormError error={check.error} />
      {tested && <TestResult result={tested.result} outdated={tested.content !== keeper.content} />}
      <ReviewDialog
        open={naming}
        onOpenChange={setNaming}
        file={file}
        keeper={keeper}
        onPlanned={onPlanned}
      />
    </div>
  );
}
