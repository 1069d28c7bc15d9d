import { z } from "zod";
import { managedPackages } from "@/lib/agent/answers";
import { OfferedKeys } from "@/lib/features/hosts/schema";
import type { EnrolmentView, OperationView } from "@/lib/features/hosts/views";

/** Kinds of longer acts on a host; the column Operation.kind. */
export const operationKinds = ["packages", "update-agent", "remove", "accounts"] as const;
export type OperationKind = (typeof operationKinds)[number];

/** The column Operation.input of the kind "packages". */
export const PackagesWork = z.object({
  action: z.enum(["install", "upgrade"]),
  name: z.enum(managedPackages),
});

/** The column Operation.input of the kind "remove". */
export const RemoveWork = z.object({ evenIfUnreachable: z.boolean() });

/** What an operation is called where people watch it. */
export function titleOf(kind: string, input: unknown): string {
  const packages = PackagesWork.safeParse(input);
  if (kind === "packages" && packages.success)
    return `${packages.data.action === "install" ? "Install" : "Upgrade"} ${packages.data.name}`;
  if (kind === "update-agent") return "Update the agent";
  if (kind === "remove") return "Remove the host";
  if (kind === "accounts") return "Read the accounts";
  return kind;
}

interface OperationRecord {
  id: string;
  kind: string;
  input: unknown;
  state: string;
  output: string;
  error: string | null;
  createdAt: Date;
  endedAt: Date | null;
}

export function operationView(operation: OperationRecord, actorName: string): OperationView {
  return {
    id: operation.id,
    kind: operation.kind,
    state: z.enum(["queued", "running", "done", "failed"]).parse(operation.state),
    title: titleOf(operation.kind, operation.input),
    output: operation.output,
    error: operation.error,
    actorName,
    createdAt: operation.createdAt.toISOString(),
    endedAt: operation.endedAt?.toISOString() ?? null,
  };
}

interface EnrolmentRecord {
  id: string;
  way: string;
  state: string;
  expiresAt: Date;
  error: string | null;
  log: string;
  offeredKeys: unknown;
}

/** @param hasKey the host's management key pair has been made */
export function enrolmentView(enrolment: EnrolmentRecord, hasKey: boolean): EnrolmentView {
  const offered = OfferedKeys.safeParse(enrolment.offeredKeys);
  return {
    id: enrolment.id,
    way: z.enum(["command", "login"]).parse(enrolment.way),
    state: z
      .enum(["waiting", "connecting", "compare", "installing", "done", "failed"])
      .parse(enrolment.state),
    expiresAt: enrolment.expiresAt.toISOString(),
    error: enrolment.error,
    log: enrolment.log,
    offeredKeys: offered.success ? offered.data.map(({ type, fingerprint }) => ({ type, fingerprint })) : [],
    commandReady: hasKey,
  };
}
