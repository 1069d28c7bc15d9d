"use client";

import { Ellipsis, Link2, LogOut, UserCheck, UserCog, UserX } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { FormError } from "@/components/ui/form-error";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { sayDone } from "@/components/ui/toaster";
import { useCommand } from "@/components/ui/use-command";
import type { InvitationView, PersonRow } from "@/lib/features/people/views";
import { InvitationLink } from "./invitation-link";
import { RoleDialog } from "./role-dialog";

interface Props {
  person: PersonRow;
  isViewer: boolean;
  mayMakeOwners: boolean;
}

type Asked = "role" | "link" | "disable" | "sign-out" | "enable";

/** What an admin may do about a person. */
export function PersonMenu({ person, isViewer, mayMakeOwners }: Props) {
  const [asked, setAsked] = useState<Asked>();
  const [invitation, setInvitation] = useState<InvitationView>();
  const close = () => setAsked(undefined);
  const path = `/api/v1/people/${person.id}`;
  const link = useCommand<InvitationView>(`${path}/invitation`, {
    onDone: (view) => {
      close();
      setInvitation(view);
    },
  });
  const disable = useCommand(`${path}/disable`, { onDone: close });
  const enable = useCommand(`${path}/enable`, { onDone: close });
  const signOut = useCommand(`${path}/sign-out`, {
    onDone: () => {
      close();
      sayDone(`${person.name} is signed out everywhere.`);
    },
  });
  // An owner is an owner's affair.
  const untouchable = person.role === "owner" && !mayMakeOwners;

  return (
    <>
      <Menu
        trigger={
          <Button variant="ghost" size="icon-sm" aria-label={`Acts on ${person.name}`} disabled={untouchable}>
            <Ellipsis aria-hidden />
          </Button>
        }
      >
        <MenuItem onSelect={() => setAsked("role")}>
          <UserCog aria-hidden /> Change the role…
        </MenuItem>
        <MenuItem onSelect={() => setAsked("link")} disabled={person.disabled}>
          <Link2 aria-hidden /> {person.invited ? "New invitation link…" : "Link to sign in anew…"}
        </MenuItem>
        <MenuItem onSelect={() => setAsked("sign-out")} disabled={person.disabled}>
          <LogOut aria-hidden /> Sign out everywhere…
        </MenuItem>
        <MenuSeparator />
        {person.disabled ? (
          <MenuItem onSelect={() => setAsked("enable")}>
            <UserCheck aria-hidden /> Enable…
          </MenuItem>
        ) : (
          <MenuItem danger onSelect={() => setAsked("disable")} disabled={isViewer}>
            <UserX aria-hidden /> Disable…
          </MenuItem>
        )}
      </Menu>
      {asked === "role" && <RoleDialog person={person} mayMakeOwners={mayMakeOwners} onClose={close} />}
      {invitation && (
        <InvitationLink name={person.name} invitation={invitation} onClose={() => setInvitation(undefined)} />
      )}
      <DangerDialog
        open={asked === "link"}
        onOpenChange={(open) => !open && close()}
        title={`Make a link for ${person.name}?`}
        consequence={
          <p>
            Whoever opens it can add a way to sign in as {person.name}, once. Hand it over in person or by a
            channel that you trust. An older link stops working.
          </p>
        }
        confirmLabel="Make the link"
        pending={link.pending}
        onConfirm={() => void link.send()}
      >
        <FormError error={link.error} />
      </DangerDialog>
      <DangerDialog
        open={asked === "sign-out"}
        onOpenChange={(open) => !open && close()}
        title={`Sign ${person.name} out everywhere?`}
        consequence={
          <p>All sessions end at once. Passkeys and passwords stay; signing in again is possible.</p>
        }
        confirmLabel="Sign out everywhere"
        pending={signOut.pending}
        onConfirm={() => void signOut.send()}
      >
        <FormError error={signOut.error} />
      </DangerDialog>
      <DangerDialog
        open={asked === "disable"}
        onOpenChange={(open) => !open && close()}
        title={`Disable ${person.name}?`}
        consequence={
          <p>
            {person.name} is signed out and cannot sign in to Gatehouse. Logins to hosts by SSH are not
            touched: this is about the dashboard only.
          </p>
        }
        confirmLabel={`Disable ${person.name}`}
        pending={disable.pending}
        onConfirm={() => void disable.send()}
      >
        <FormError error={disable.error} />
      </DangerDialog>
      <DangerDialog
        open={asked === "enable"}
        onOpenChange={(open) => !open && close()}
        title={`Enable ${person.name}?`}
        consequence={
          <p>
            {person.name} can sign in again, with the role {person.role}.
          </p>
        }
        confirmLabel={`Enable ${person.name}`}
        pending={enable.pending}
        onConfirm={() => void enable.send()}
      >
        <FormError error={enable.error} />
      </DangerDialog>
    </>
  );
}
