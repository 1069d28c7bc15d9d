import { Notice } from "@/components/ui/notice";
import type { FleetCoverage } from "@/lib/features/access/views";
import { count } from "./access-words";

/** Hosts of which the list does not know, or not for certain. Nothing when it knows all. */
export function FleetNotices({ coverage }: { coverage: FleetCoverage }) {
  const { neverRead, refused, stale, incomplete, names, hosts } = coverage;
  const said = [
    neverRead > 0 && `${count(neverRead, "host was", "hosts were")} never read.`,
    refused > 0 &&
      `On ${count(refused, "host", "hosts")} sshd refuses its own configuration: no way in is listed there.`,
    incomplete > 0 && `Of ${count(incomplete, "host", "hosts")} not every way could be listed.`,
    stale > 0 &&
      `${count(stale, "host was", "hosts were")} not read for more than 30 hours, or not with success.`,
  ].filter((sentence) => sentence !== false);
  if (said.length === 0) return null;
  const silent = neverRead + refused;
  return (
    <Notice tone="warn" title={`Of ${count(hosts, "host", "hosts")} not everything is known`}>
      {said.join(" ")}
      {names.length > 0 &&
        ` Nothing is listed of ${names.join(", ")}${silent > names.length ? " and others" : ""}.`}
    </Notice>
  );
}
