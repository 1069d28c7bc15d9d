"use client";

import { Archive, ArchiveRestore, ArrowUpCircle, Ellipsis, Pencil, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { FormError } from "@/components/ui/form-error";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { sayDone } from "@/components/ui/toaster";
import { useCommand } from "@/components/ui/use-command";
import type { HostView } from "@/lib/features/hosts/views";
import { EditHost } from "./edit-host";
import { RemoveHost } from "./remove-host";

interface Props {
  host: HostView;
  permissions: readonly string[];
}

type Asked = "edit" | "archive" | "remove" | "agent";

/** What can be done with the host as a whole. */
export function HostMenu({ host, permissions }: Props) {
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  const path = `/api/v1/hosts/${host.id}`;
  const refresh = useCommand(`${path}/refresh`, { onDone: () => sayDone("The host is being asked again.") });
  const archive = useCommand(`${path}/archive`, { onDone: close });
  const unarchive = useCommand(`${path}/unarchive`);
  const agent = useCommand(`${path}/update-agent`, { onDone: close });
  const may = (permission: string) => permissions.includes(permission);
  const archived = host.condition === "archived";
  const failed = refresh.error ?? unarchive.error;

  return (
    <>
      {failed && <FormError error={failed} />}
      {may("host:write") && !archived && host.condition !== "enrolling" && (
        <Button onClick={() => void refresh.send()} pending={refresh.pending}>
          {!refresh.pending && <RefreshCw aria-hidden />} Ask again
        </Button>
      )}
      {(may("host:write") || may("host:remove")) && (
        <Menu
          trigger={
            <Button size="icon" aria-label={`More about ${host.name}`}>
              <Ellipsis aria-hidden />
            </Button>
          }
        >
          {may("host:write") && (
            <MenuItem onSelect={() => setAsked("edit")}>
              <Pencil aria-hidden /> Edit name, address, tags, note
            </MenuItem>
          )}
          {may("host:agent") && host.agentOutdated && (
            <MenuItem onSelect={() => setAsked("agent")}>
              <ArrowUpCircle aria-hidden /> Update the agent
            </MenuItem>
          )}
          <MenuSeparator />
          {may("host:write") &&
            (archived ? (
              <MenuItem onSelect={() => void unarchive.send()}>
                <ArchiveRestore aria-hidden /> Bring back
              </MenuItem>
            ) : (
              <MenuItem onSelect={() => setAsked("archive")}>
                <Archive aria-hidden /> Archive…
              </MenuItem>
            ))}
          {may("host:remove") && (
            <MenuItem danger onSelect={() => setAsked("remove")}>
              <Trash2 aria-hidden /> Remove…
            </MenuItem>
          )}
        </Menu>
      )}
      <EditHost open={asked === "edit"} onClose={close} host={host} />
      {/* Mounted anew each time: a name typed once must not stand there the next time. */}
      {asked === "remove" && <RemoveHost onClose={close} host={host} />}
      <DangerDialog
        open={asked === "archive"}
        onOpenChange={(open) => !open && close()}
        title={`Archive ${host.name}?`}
        consequence={
          <p>
            Gatehouse stops watching it and changes nothing on it. Agent, accounts and logins stay as they
            are. You can bring it back.
          </p>
        }
        confirmLabel={`Archive ${host.name}`}
        pending={archive.pending}
        onConfirm={() => void archive.send()}
      >
        <FormError error={archive.error} />
      </DangerDialog>
      <DangerDialog
        open={asked === "agent"}
        onOpenChange={(open) => !open && close()}
        title={`Update the agent on ${host.name}?`}
        consequence={
          <p>
            The new agent must prove itself over a fresh login. If it does not, the host puts the old one back
            by itself.
          </p>
        }
        confirmLabel="Update the agent"
        pending={agent.pending}
        onConfirm={() => void agent.send()}
      >
        <FormError error={agent.error} />
      </DangerDialog>
    </>
  );
}
