import type { Build } from "@/lib/sshd-config/build";
import { logLine } from "@/lib/sshd-config/bytes";
import { applyArguments, readSpecification } from "@/lib/sshd-config/command-line";
import { readConfiguration } from "@/lib/sshd-config/configuration";
import { dumpSettings, printDump } from "@/lib/sshd-config/dump";
import { finishFirstPass, overlayMatch } from "@/lib/sshd-config/effective";
import { type KeyFiles, loadHostKeys } from "@/lib/sshd-config/host-keys";
import type { Source } from "@/lib/sshd-config/include";
import { resolveListenAddresses } from "@/lib/sshd-config/listen";
import type { Connection } from "@/lib/sshd-config/match";
import { Refusal } from "@/lib/sshd-config/reading";
import { checkSense } from "@/lib/sshd-config/sense";
import type { Settings } from "@/lib/sshd-config/settings";
import { Stop, startWalk, type Walk } from "@/lib/sshd-config/walk";
import type { World } from "@/lib/sshd-config/world";

/** What sshd is started with, and what it finds. */
export interface Invocation {
  build: Build;
  world: World;
  source: Source;
  keys: KeyFiles;
  /** The main file. */
  path: string;
  /** Further arguments: -o -h -g -p -4 -6 -C. */
  args: readonly string[];
}

/** How sshd ended and what it printed, byte for byte. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** What `sshd -t` comes to, and what a dump goes on from. */
export interface Tested {
  outcome: Outcome;
  /** Undefined when sshd refuses the configuration. */
  passed: { walk: Walk; settings: Settings; listen: string[] } | undefined;
  invocation: Invocation;
}

/**
 * What `sshd -t` says and how it exits.
 *
 * @see OpenSSH sshd.c:main
 */
export function testConfiguration(invocation: Invocation): Tested {
  return run(invocation, false);
}

/** What `sshd -T -C SPECIFICATION` prints; without a specification, `sshd -T`. */
export function dumpConfiguration(tested: Tested, specification: string | undefined): Outcome {
  const { invocation } = tested;
  const connection: Connection = {};
  for (const text of [
    ...specificationsOf(invocation.args),
    ...(specification === undefined ? [] : [specification]),
  ]) {
    const refused = readSpecification(text, connection, invocation.build, invocation.world);
    if (refused !== undefined) return refuseSpecification(invocation, refused);
  }
  const started = specificationsOf(invocation.args).length > 0 ? run(invocation, true) : tested;
  const { outcome, passed } = started;
  if (!passed) return { ...outcome, stdout: "" };
  let stderr = outcome.stderr;
  const walk: Walk = { ...passed.walk, includes: new Map(passed.walk.includes), report: (m) => add(m.text) };
  const add = (text: string) => {
    stderr += `${logLine(text)}\r\n`;
  };
  try {
    const second = readConfiguration(walk, invocation.path, connection);
    if (crashesOnSubsystem(passed.settings, second, invocation.build))
      return { code: -11, stdout: "", stderr };
    const settings = overlayMatch(passed.settings, second, invocation.build);
    return { code: 0, stdout: printDump(dumpSettings(settings, passed.listen, invocation.build)), stderr };
  } catch (reason) {
    if (reason instanceof Refusal) add(reason.message);
    else if (!(reason instanceof Stop)) throw reason;
    return { code: reason instanceof Stop ? reason.exitCode : 255, stdout: "", stderr };
  }
}

/** Arguments are read in order, and each -o prints what it has to say at once. */
function refuseSpecification({ build, world, source, args }: Invocation, refused: string): Outcome {
  let stderr = "";
  const walk = startWalk(build, world, source, ({ text }) => {
    stderr += `${logLine(text)}\r\n`;
  });
  try {
    const wrong = applyArguments(args, new Map(), walk);
    return { code: wrong ?? 1, stdout: "", stderr: wrong === undefined ? `${stderr}${refused}\n` : stderr };
  } catch (reason) {
    if (!(reason instanceof Stop)) throw reason;
    return { code: reason.exitCode, stdout: "", stderr };
  }
}

/**
 * From 9.5 to 10.2 sshd ends with a segmentation fault when a Match block that holds sets a subsystem and no global
 * line does. At login that ends the connection.
 */
export function crashesOnSubsystem(first: Settings, second: Settings, build: Build): boolean {
  const { release } = build;
  return release >= 905 && release < 1003 && second.has("subsystem") && !first.has("subsystem");
}

function specificationsOf(args: readonly string[]): string[] {
  return args.flatMap((arg, i) => (args[i - 1] === "-C" ? [arg] : []));
}

function run(invocation: Invocation, dumps: boolean): Tested {
  const { build, world, source, path } = invocation;
  let stderr = "";
  const print = (text: string) => {
    stderr += `${logLine(text)}\r\n`;
  };
  const end = (code: number): Tested => ({
    outcome: { code, stdout: "", stderr },
    passed: undefined,
    invocation,
  });
  const walk = startWalk(build, world, source, (message) => print(message.text));
  try {
    const settings: Settings = new Map();
    const wrong = applyArguments(invocation.args, settings, walk);
    if (wrong !== undefined) return end(wrong);
    if (!dumps && specificationsOf(invocation.args).length > 0) {
      print("Config test connection parameter (-C) provided without test mode (-T)");
      return end(255);
    }
    readConfiguration(walk, path, undefined, settings);
    const listen = resolveListenAddresses(settings, world);
    const finished = finishFirstPass(settings, build);
    checkSense(finished, build, print);
    if (!world.accounts.has("sshd")) {
      print("Privilege separation user sshd does not exist");
      return end(255);
    }
    const { lines, usable } = loadHostKeys(finished, build, invocation.keys);
    for (const line of lines) print(line);
    if (!usable) return end(1);
    return {
      outcome: { code: 0, stdout: "", stderr },
      passed: { walk, settings: finished, listen },
      invocation,
    };
  } catch (reason) {
    if (reason instanceof Refusal) {
      print(reason.message);
      return end(255);
    }
    if (!(reason instanceof Stop)) throw reason;
    stderr += reason.plain ?? "";
    return end(reason.exitCode);
  }
}
