import { History, type LucideIcon } from "lucide-react";
import type { ChangeState } from "@/lib/change/machine";
import { Badge, Status } from "../ui/badge";
import { changeWords } from "./change-words";

const icons: Partial<Record<ChangeState, LucideIcon>> = { rolled_back: History };

/** The state of a change in a row. */
export function ChangeStatus({ state }: { state: ChangeState }) {
  const { tone, label } = changeWords[state];
  return (
    <Status tone={tone} {...(icons[state] && { icon: icons[state] })}>
      {label}
    </Status>
  );
}

/** The state of a change in a title. */
export function ChangeBadge({ state }: { state: ChangeState }) {
  const { tone, label } = changeWords[state];
  return (
    <Badge tone={tone} {...(icons[state] && { icon: icons[state] })}>
      {label}
    </Badge>
  );
}
