"use client";

import { CircleCheck, LogIn, SquareTerminal } from "lucide-react";
import { useState } from "react";
import { LogView } from "@/components/ui/log-view";
import { Notice } from "@/components/ui/notice";
import { RadioCards } from "@/components/ui/radio-cards";
import { Section } from "@/components/ui/section";
import { Spinner } from "@/components/ui/spinner";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { EnrolmentView, HostView } from "@/lib/features/hosts/views";
import { EnrolByCommand } from "./enrol-by-command";
import { EnrolByLogin } from "./enrol-by-login";

type Way = EnrolmentView["way"];

const cards = [
  {
    value: "command",
    title: "Paste a command",
    text: "In a root shell on the server. It reports its host key by itself.",
    icon: <SquareTerminal aria-hidden />,
  },
  {
    value: "login",
    title: "Log in once",
    text: "Compare the host key, then give a password or key, used once.",
    icon: <LogIn aria-hidden />,
  },
] as const;

const progress: Partial<Record<EnrolmentView["state"], string>> = {
  connecting: "Connecting to the host…",
  installing: "Installing the agent…",
};

/** A host on its way in. All of it is read from the server, so that a reload or a closed laptop loses nothing. */
export function Enrolment({ host, canEnrol }: { host: HostView; canEnrol: boolean }) {
  const { enrolment } = host;
  const [way, setWay] = useState<Way>(enrolment?.way ?? "command");
  const busy = enrolment ? progress[enrolment.state] : undefined;
  return (
    <Section
      title="Bring this host in"
      lead="Until then nothing is read from it and nothing can be changed on it."
    >
      <div className="grid grid-cols-1 gap-4">
        {enrolment?.state === "failed" && (
          <Notice tone="danger" title="The last try did not succeed">
            <UntrustedText
              text={enrolment.error ?? "No reason was given."}
              keep={"\n"}
              className="whitespace-pre-wrap"
            />
          </Notice>
        )}
        {busy && (
          <p role="status" className="flex items-center gap-2 text-sm">
            <Spinner /> {busy}
          </p>
        )}
        {enrolment?.state === "done" && (
          <p role="status" className="flex items-center gap-2 text-sm">
            <CircleCheck aria-hidden className="size-4 text-ok" /> Installed. Waiting for its first answer…
          </p>
        )}
        {enrolment && enrolment.log !== "" && (
          <LogView label="Log of the installation" text={enrolment.log} live={busy !== undefined} />
        )}
        {!canEnrol && <p className="text-sm text-ink-soft">An owner or admin brings it in.</p>}
        {canEnrol && !busy && enrolment?.state !== "done" && (
          <>
            <RadioCards legend="Way" name="enrolment-way" cards={cards} value={way} onChange={setWay} />
            {way === "command" ? <EnrolByCommand host={host} /> : <EnrolByLogin host={host} />}
          </>
        )}
      </div>
    </Section>
  );
}
