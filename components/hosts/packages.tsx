"use client";

import { ArrowUpCircle } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Fact, Facts } from "@/components/ui/facts";
import { FormError } from "@/components/ui/form-error";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { HostView } from "@/lib/features/hosts/views";

const packages = [
  { name: "openssh-server", factOf: (host: HostView) => host.facts?.sshdPackage },
  { name: "openssh-client", factOf: (host: HostView) => host.facts?.sshPackage },
] as const;

/** OpenSSH's packages, by the host's own package manager. Its output is shown below, live. */
export function Packages({ host, canWrite }: { host: HostView; canWrite: boolean }) {
  const command = useCommand<{ operationId: string }>(`/api/v1/hosts/${host.id}/packages`);
  const busy = host.operations.some(({ state }) => state === "queued" || state === "running");
  return (
    <div className="grid gap-3">
      <Facts>
        {packages.map(({ name, factOf }) => {
          const installed = factOf(host);
          const action = installed ? "upgrade" : "install";
          return (
            <Fact key={name} name={name}>
              <div className="flex items-baseline justify-between gap-2">
                <span className="min-w-0 flex-1 break-words">
                  {installed ? (
                    <UntrustedText text={installed} />
                  ) : (
                    <span className="text-ink-faint">not installed</span>
                  )}
                </span>
                {canWrite && (
                  <Button
                    size="sm"
                    disabled={busy || host.condition !== "ready"}
                    pending={command.pending}
                    onClick={() => void command.send({ action, name })}
                    aria-label={`${action === "upgrade" ? "Upgrade" : "Install"} ${name}`}
                  >
                    <ArrowUpCircle aria-hidden /> {action === "upgrade" ? "Upgrade" : "Install"}
                  </Button>
                )}
              </div>
            </Fact>
          );
        })}
      </Facts>
      <FormError error={command.error} />
    </div>
  );
}
