"use client";

import { FileUp, LogIn, SquareTerminal } from "lucide-react";
import { useState } from "react";
import { RadioCards } from "@/components/ui/radio-cards";
import { AddHostForm } from "./add-host-form";
import type { AddWay } from "./add-ways";
import { ImportHosts } from "./import-hosts";

const cards = [
  {
    value: "command",
    title: "Paste a command",
    text: "You have a root shell on the server. Nothing is trusted on first use.",
    icon: <SquareTerminal aria-hidden />,
  },
  {
    value: "login",
    title: "Log in once",
    text: "Gatehouse connects with your password or key, installs itself, and forgets it.",
    icon: <LogIn aria-hidden />,
  },
  {
    value: "import",
    title: "Import a list",
    text: "An ~/.ssh/config, known_hosts, Ansible inventory or CSV. A preview first.",
    icon: <FileUp aria-hidden />,
  },
] as const;

/** The ways to add hosts. */
export function AddHost({ way: firstWay }: { way: AddWay }) {
  const [way, setWay] = useState<AddWay>(firstWay);
  return (
    <div className="grid gap-5">
      <RadioCards
        legend="How the host is added"
        name="way"
        cards={cards}
        value={way}
        onChange={setWay}
        className="sm:grid-cols-3"
      />
      {way === "import" ? <ImportHosts /> : <AddHostForm way={way} />}
    </div>
  );
}
