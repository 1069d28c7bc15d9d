import type { CodeFile } from "@/lib/agent/read-codes";
import type { CodeProblemView } from "@/lib/features/host-codes/views";
import { fewScratchCodes } from "@/lib/google-authenticator/new-state-file";
import { clockRefusesSeconds, clockWarnSeconds } from "@/lib/two-factor/account-gaps";

/**
 * What is wrong with a state file, worst first.
 *
 * @param isOurs we hold its secret, so that it can be written again
 */
export function problemsOf(file: CodeFile, isOurs: boolean): CodeProblemView[] {
  const anew = isOurs ? "write" : "enrol";
  const broken = (text: string, remedy: CodeProblemView["remedy"]) => ({ text, remedy, isBroken: true });
  if (file.state === "odd") return [broken(`The module cannot use ${file.path}. ${file.reason}`, anew)];
  if (file.bytes === 0) return [broken(`${file.path} is empty, so every code is refused.`, anew)];
  if (!file.hasSecret || file.kind === null)
    return [broken(`${file.path} holds no usable secret or says no kind, so every code is refused.`, anew)];
  const problems: CodeProblemView[] = [];
  if ((Number.parseInt(file.mode, 8) & 0o077) !== 0)
    problems.push(
      broken(`${file.path} is open to others (mode ${file.mode}), so the module refuses it.`, "mend"),
    );
  if (!file.isWritable)
    problems.push(
      broken(
        `The account may not write to the directory of ${file.path}: a right code is refused, since it cannot be used up.`,
        "mend",
      ),
    );
  if (isOurs && file.writtenBy === null)
    problems.push({
      text: "Somebody replaced the state file on the host: the codes of this app may count no more.",
      remedy: "write",
      isBroken: true,
    });
  if (file.scratchCodes <= fewScratchCodes)
    problems.push({
      text:
        file.scratchCodes === 0
          ? "No scratch codes are left."
          : `${file.scratchCodes} scratch codes are left.`,
      remedy: isOurs ? "scratch" : null,
      isBroken: false,
    });
  return problems;
}

/** What a host's clock does to codes by time; null when it is near enough. */
export function clockProblemOf(offsetSeconds: number): CodeProblemView | null {
  const off = Math.round(Math.abs(offsetSeconds));
  if (off < clockWarnSeconds) return null;
  const way = offsetSeconds > 0 ? "ahead" : "behind";
  return {
    text:
      off > clockRefusesSeconds
        ? `The host's clock is ${off} s ${way}: codes by time are refused. Set its clock, or use a scratch code.`
        : `The host's clock is ${off} s ${way}: beyond ${clockRefusesSeconds} s codes by time are refused.`,
    remedy: null,
    isBroken: off > clockRefusesSeconds,
  };
}
