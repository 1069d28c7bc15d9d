import type { Build } from "@/lib/sshd-config/build";

/** The keyword under which a build holds the algorithms of people's keys. */
export function acceptedKeysOf(build: Build): "pubkeyacceptedalgorithms" | "pubkeyacceptedkeytypes" {
  return build.release < 805 ? "pubkeyacceptedkeytypes" : "pubkeyacceptedalgorithms";
}
