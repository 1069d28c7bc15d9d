import type { Answer, CommandError } from "@/components/ui/send-command";
import type { AskForStepUp } from "@/components/ui/step-up-context";
import type { HostRow } from "@/lib/features/hosts/views";

export interface EachResult {
  failures: { host: HostRow; error: CommandError }[];
}

/**
 * Sends one act a host, one after another, so that each has its own row in the activity and its own refusal.
 *
 * Where a fresh touch is wanted the person is asked once; when he turns away, the rest is left undone.
 */
export async function forEachHost(
  hosts: readonly HostRow[],
  send: (host: HostRow) => Promise<Answer<unknown>>,
  askForStepUp: AskForStepUp,
): Promise<EachResult> {
  const failures: EachResult["failures"] = [];
  let turnedAway = false;
  for (const host of hosts) {
    let answer = await send(host);
    if ("error" in answer && answer.error.code === "step_up_required" && !turnedAway) {
      if (await askForStepUp()) answer = await send(host);
      else turnedAway = true;
    }
    if ("error" in answer) failures.push({ host, error: answer.error });
  }
  return { failures };
}
