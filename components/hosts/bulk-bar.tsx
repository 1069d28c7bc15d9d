"use client";

import { Archive, Tag as TagIcon, X } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { Notice } from "@/components/ui/notice";
import { sendCommand } from "@/components/ui/send-command";
import { useStepUp } from "@/components/ui/step-up-context";
import { sayDone } from "@/components/ui/toaster";
import type { HostRow } from "@/lib/features/hosts/views";
import { BulkTagDialog } from "./bulk-tag-dialog";
import { type EachResult, forEachHost } from "./for-each-host";

interface Props {
  hosts: readonly HostRow[];
  onClear: () => void;
}

/** Names of the hosts, as many as a person can read. */
function namesOf(hosts: readonly HostRow[]): string {
  const names = hosts.slice(0, 4).map((host) => host.name);
  const rest = hosts.length - names.length;
  return rest > 0 ? `${names.join(", ")} and ${rest} more` : names.join(", ");
}

/** What can be done with the selected hosts. */
export function BulkBar({ hosts, onClear }: Props) {
  const router = useRouter();
  const askForStepUp = useStepUp();
  const [asking, setAsking] = useState<"tag" | "archive">();
  const [pending, setPending] = useState(false);
  const [failures, setFailures] = useState<EachResult["failures"]>([]);
  const many = `${hosts.length} ${hosts.length === 1 ? "host" : "hosts"}`;

  async function perform(done: string, send: (host: HostRow) => ReturnType<typeof sendCommand>) {
    setPending(true);
    const { failures } = await forEachHost(hosts, send, askForStepUp);
    setPending(false);
    setFailures(failures);
    setAsking(undefined);
    router.refresh();
    if (failures.length === 0) {
      sayDone(done);
      onClear();
    }
  }

  return (
    <div className="sticky bottom-18 z-20 mx-auto grid w-fit max-w-full gap-2 md:bottom-6">
      {failures.length > 0 && (
        <Notice tone="danger" urgent title={`${failures.length} of ${many} refused`}>
          <ul>
            {failures.map(({ host, error }) => (
              <li key={host.id}>
                {host.name}: {error.message}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <section
        aria-label="Selected hosts"
        className="mx-auto flex flex-wrap items-center gap-2 rounded-xl border border-line-strong bg-raised py-1.5 pr-1.5 pl-3.5 shadow-float"
      >
        <span className="pr-1 text-sm">{many} selected</span>
        <Button size="sm" onClick={() => setAsking("tag")}>
          <TagIcon aria-hidden /> Tag
        </Button>
        <Button size="sm" onClick={() => setAsking("archive")}>
          <Archive aria-hidden /> Archive
        </Button>
        <Button size="icon-sm" variant="ghost" aria-label="Clear the selection" onClick={onClear}>
          <X aria-hidden />
        </Button>
      </section>
      {asking === "tag" && (
        <BulkTagDialog
          title={`Tag ${many}`}
          hosts={hosts}
          pending={pending}
          onCancel={() => setAsking(undefined)}
          onTags={(tagsOf) =>
            perform(`Tagged ${many}.`, (host) =>
              sendCommand(`/api/v1/hosts/${host.id}`, { tags: tagsOf(host) }, "PUT"),
            )
          }
        />
      )}
      <DangerDialog
        open={asking === "archive"}
        onOpenChange={(open) => setAsking(open ? "archive" : undefined)}
        title={`Archive ${many}?`}
        consequence={
          <p>
            {namesOf(hosts)}: Gatehouse stops watching them and changes nothing on them. Agent, accounts and
            logins stay as they are. You can bring them back.
          </p>
        }
        confirmLabel={`Archive ${many}`}
        pending={pending}
        onConfirm={() =>
          void perform(`Archived ${many}.`, (host) => sendCommand(`/api/v1/hosts/${host.id}/archive`))
        }
      />
    </div>
  );
}
