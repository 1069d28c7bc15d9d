import type { ChangeState } from "@/lib/change/machine";
import { Badge, Status } from "../ui/badge";
import { changeWords } from "./change-words";

/** The state of a change in a row. */
export function ChangeStatus({ state }: { state: ChangeState }) {
  const { label, ...look } = changeWords[state];
  return (
    <Status tone={look.tone} icon={look.icon}>
      {label}
    </Status>
  );
}

/** The state of a change in a title. */
export function ChangeBadge({ state }: { state: ChangeState }) {
  const { label, ...look } = changeWords[state];
  return (
    <Badge tone={look.tone} icon={look.icon}>
      {label}
    </Badge>
  );
}
