import type { Lab } from "@/e2e/lab/lab";
import { brokenAgents } from "./broken-agents";
import { brokenInstallers } from "./broken-installers";
import { FaultHost } from "./fault-host";
import type { Counts, HostKind, Trial } from "./fault-plan";
import { runTrial, type TrialResult } from "./fault-trial";
import { type InstallHostKind, type InstallTrial, installHostKinds } from "./install-plan";
import { InstallPlace } from "./install-trial";
import { pick } from "./random";

/** Called with each trial, for the record. */
export type Record = (
  who: string,
  kind: HostKind | InstallHostKind,
  trial: Trial | InstallTrial,
  result: TrialResult,
) => void;

/**
 * Runs the harness against agents and installers that each lack one safeguard.
 *
 * @returns for each the invariants that it was seen to violate; where one has none, the harness proves nothing
 */
export async function proveHarness(
  lab: Lab,
  counts: Promise<Counts>,
  isPatient: boolean,
  write: Record,
): Promise<{ [name: string]: string[] }> {
  const seen = await Promise.all([
    ...brokenAgents.map(async ({ name, patches, trials }) => {
      const kind = { tree: "bookworm", init: "none", shell: "dash" } as const;
      const host = await FaultHost.open(lab, kind, patches);
      const violations: string[] = [];
      for (const trial of await trials(counts.then(({ config }) => config))) {
        const result = await runTrial(host, trial, isPatient);
        write(name, kind, trial, result);
        violations.push(...result.violations);
      }
      host.managed.forget();
      await host.managed.host.stop();
      return tell(`an agent that ${name}`, name, violations);
    }),
    ...brokenInstallers.map(async ({ name, patches, trial }) => {
      const kind = pick(installHostKinds, 0);
      const place = new InstallPlace(lab, kind, patches);
      const planned = trial((await place.measure()).names);
      const result = await place.run(planned);
      write(name, kind, planned, result);
      await place.close();
      return tell(`an installer that ${name}`, name, result.violations);
    }),
  ]);
  return Object.fromEntries(seen);
}

function tell(who: string, name: string, violations: readonly string[]): readonly [string, string[]] {
  const found = [...new Set(violations.map((violation) => violation.slice(0, 2)))].sort();
  const verdict = found.length > 0 ? `fails, as it must (${found.join(", ")})` : "NOT SEEN TO FAIL";
  console.log(`${who}: ${verdict}`);
  return [name, found];
}
