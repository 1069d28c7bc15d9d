"use client";

import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Dialog } from "@/components/ui/dialog";
import { RelativeTime } from "@/components/ui/relative-time";
import type { InvitationView } from "@/lib/features/people/views";

interface Props {
  name: string;
  invitation: InvitationView;
  onClose: () => void;
}

/** The one-time link, this once. */
export function InvitationLink({ name, invitation, onClose }: Props) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Link for ${name}`}
      description="It is shown only now, works once, and lets whoever opens it sign in."
      footer={
        <Button variant="primary" onClick={onClose}>
          I have handed it over
        </Button>
      }
    >
      <div className="grid gap-2">
        <CodeBlock label="Invitation link" text={invitation.url} wrap />
        <p className="text-xs text-ink-faint">
          Ends <RelativeTime at={invitation.expiresAt} />.
        </p>
      </div>
    </Dialog>
  );
}
