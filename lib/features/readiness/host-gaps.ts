import type { HostCodes } from "@/lib/agent/read-codes";
import { isStale } from "@/lib/features/access/freshness";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import type { Prisma } from "@/lib/generated/prisma/client";
import type { HostGap } from "@/lib/two-factor/evidence";

/** What decides whether a host's readings may be trusted. */
export const hostColumns = {
  id: true,
  name: true,
  tags: true,
  state: true,
  reachable: true,
  codeReading: true,
  access: {
    select: {
      readAt: true,
      failedAt: true,
      refused: true,
      notDerived: true,
      isConsistent: true,
      pathsLeftOut: true,
      cuts: true,
    },
  },
} as const satisfies Prisma.HostSelect;

export type HostRow = Prisma.HostGetPayload<{ select: typeof hostColumns }>;

/**
 * Why nobody can say who would be shut out, or nobody could help; worst first.
 *
 * @param hasWayBack Gatehouse's own account gets in, by the last reading
 */
export function findHostGaps(
  host: HostRow,
  codes: HostCodes | undefined,
  hasWayBack: boolean,
  now: Date,
): HostGap[] {
  const gaps: HostGap[] = [];
  const obstacle = obstacleOf(host);
  if (obstacle) gaps.push({ code: "not-managed", text: obstacle });
  else if (host.reachable !== true)
    gaps.push({
      code: "unreachable",
      text: "Gatehouse does not reach the host, so it could not help anybody who is shut out. Mend that first.",
    });
  gaps.push(...findAccessGaps(host.access, hasWayBack, now), ...findCodesGaps(host, codes, now));
  return gaps;
}

function findAccessGaps(access: HostRow["access"], hasWayBack: boolean, now: Date): HostGap[] {
  if (!access?.readAt)
    return [
      {
        code: "access-not-read",
        text: "Who can log in was never read on this host. Read it on its page Access.",
      },
    ];
  const gaps: HostGap[] = [];
  if (isStale(access, now))
    gaps.push({
      code: "access-stale",
      text: "Who can log in was not read lately. Read it again on its page Access.",
    });
  const { refused, notDerived, isConsistent, pathsLeftOut, cuts } = access;
  const isLeftOut = refused !== null || notDerived !== null || pathsLeftOut > 0;
  if (isLeftOut || !isConsistent || cuts > 0)
    gaps.push({
      code: isLeftOut ? "access-left-out" : "access-partial",
      text: "Not everybody who can log in is known, by the last reading: its page Access says why.",
    });
  else if (!hasWayBack)
    gaps.push({
      code: "no-way-back",
      text: "By the last reading Gatehouse's own account has no way in, so it could not take the requirement back.",
    });
  return gaps;
}

function findCodesGaps({ codeReading }: HostRow, codes: HostCodes | undefined, now: Date): HostGap[] {
  if (!codes || !codeReading)
    return [{ code: "codes-not-read", text: "State files of codes were never read here. Read them." }];
  const gaps: HostGap[] = [];
  if (isStale(codeReading, now))
    gaps.push({ code: "codes-stale", text: "State files of codes were not read lately. Read them again." });
  if (codes.isCut || codes.reason !== "")
    gaps.push({
      code: "codes-partial",
      text: codes.reason || "The host has more state files than were read.",
    });
  if (!codes.hasModule)
    gaps.push({
      code: "module-missing",
      text: "The PAM module is not on the host, so every code would be refused. Install libpam-google-authenticator.",
    });
  return gaps;
}
