import { setTimeout as sleep } from "node:timers/promises";
import { parseStateFile, summarizeStateFile } from "@/lib/google-authenticator/state-file";
import { hotpCode } from "@/lib/otp/hotp";
import { type ManagedHost, newId } from "./managed-host";

export interface Race {
  /** Logins that a code let in, and those that were refused because the file changed in their midst. */
  accepted: number;
  refused: number;
  /** Rewrites that the agent said it had done. */
  edits: number;
  /** Looks at the file at which it was empty or no state file. */
  torn: number;
  /** Looks between an exchange of the agent's and its undoing: the counter of a login was away and came back. */
  undone: number;
  /** What was lost: a counter that a login had moved, scratch codes that the agent had written. */
  readonly violations: string[];
}

/** An exchange is undone within milliseconds; on a machine with much else to do, within seconds. */
const undoingMilliseconds = 10_000;

/** Looks at the file without a pause until it is told to stop, and counts how often it was not whole. */
const watchScript = (file: string) => `
torn=0 looks=0
while [ ! -e /run/codes-race-over ]; do
    text=$(cat ${file} 2>/dev/null)
    looks=$((looks + 1))
    case $text in [A-Z2-7]*'" GATEHOUSE '*'" HOTP_COUNTER '*[0-9]) ;; *) torn=$((torn + 1)) ;; esac
done
rm -f /run/codes-race-over
echo $torn $looks`;

/**
 * Logs in by one HOTP code after the other, while the agent replaces the scratch codes of the same file without a pause.
 *
 * A login that is let in has moved the counter for good; scratch codes that the agent said it wrote are there when no
 * login is at work: so each side's word is held against what the other left.
 */
export async function raceWithLogins(
  managed: ManagedHost,
  options: { secret: string; file: string; logins: number; enter: (code: string) => Promise<boolean> },
): Promise<Race> {
  const { secret, file, logins, enter } = options;
  const race: Race = { accepted: 0, refused: 0, edits: 0, torn: 0, undone: 0, violations: [] };
  const summary = async () => summarizeStateFile(parseStateFile(await managed.host.read(file)));
  const watching = managed.host.exec(watchScript(file), { timeoutSeconds: 3500 });
  const isBehind = async (counter: number) => ((await summary()).counter ?? 0) < counter;
  let isOver = false;
  const rewriting = (async () => {
    while (!isOver) {
      // Each at another moment of a login; without a pause no login would get through its own looks at the file.
      await sleep((race.edits * 137) % 700);
      const id = newId();
      const scratch = String(10_000_000 + (race.edits % 80_000_000));
      const answer = await managed.ask("edit-codes", { account: "alice", id }, { body: `${scratch}\n` });
      if (answer.error === "busy") continue;
      if (answer.error) throw new Error(answer.message);
      race.edits++;
      // A login after it keeps the line; one that had begun before must not have put the old file back.
      const { writtenBy } = await summary();
      if (writtenBy !== id) race.violations.push(`rewrite ${id} was lost to ${writtenBy}`);
    }
  })();
  let counter = 1;
  for (let login = 0; login < logins; login++) {
    if (await enter(hotpCode(secret, counter))) {
      race.accepted++;
      counter++;
      if (await isBehind(counter)) {
        // Between an exchange and its undoing the older file has the name for a moment. No other login is at work that
        // could move the counter: when it comes back, it was never lost.
        race.undone++;
        const end = performance.now() + undoingMilliseconds;
        while ((await isBehind(counter)) && performance.now() < end) await sleep(20);
        if (await isBehind(counter)) race.violations.push(`counter ${counter} was lost`);
      }
    } else {
      race.refused++;
      // Refused because the file changed, or because a try that counted was refused: where it stands says the file.
      counter = Math.max(counter, (await summary()).counter ?? counter);
    }
  }
  isOver = true;
  await rewriting;
  await managed.host.exec("touch /run/codes-race-over");
  const [torn = "?", looks = "0"] = (await watching).stdout.trim().split(" ");
  if (Number(looks) < logins) throw new Error(`The file was looked at ${looks} times only.`);
  race.torn = Number(torn);
  return race;
}
