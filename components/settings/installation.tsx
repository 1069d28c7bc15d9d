import { Status } from "@/components/ui/badge";
import { Fact, Facts } from "@/components/ui/facts";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import type { InstallationView } from "@/lib/features/settings/views";

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(bytes < 104_857_600 ? 1 : 0)} MiB`;
}

/** What an admin wants to know about this installation when something is odd. */
export function Installation({ installation }: { installation: InstallationView }) {
  const { database, workers } = installation;
  const live = workers.filter((worker) => worker.live);
  return (
    <div className="grid gap-4">
      {live.length === 0 && (
        <Notice tone="danger" title="No worker is running">
          Nothing reaches the hosts: no heartbeat, no change, no installation. Start one with{" "}
          <code className="font-mono">npm run worker</code>, or restart Gatehouse by{" "}
          <code className="font-mono">npm start</code>.
        </Notice>
      )}
      <Facts>
        <Fact name="Version">
          {installation.version} <span className="text-ink-faint">on Node {installation.node}</span>
        </Fact>
        <Fact name="Address">
          <span className="font-mono text-xs">{installation.origin}</span>
        </Fact>
        <Fact name="Passkeys are for">
          <span className="font-mono text-xs">{installation.relyingPartyId}</span>
        </Fact>
        <Fact name="Database">
          PostgreSQL {database.version}, {mebibytes(database.bytes)}{" "}
          <span className="text-ink-faint">
            {database.embedded ? "started by Gatehouse" : "by DATABASE_URL"}
          </span>
        </Fact>
        <Fact name="Holds">
          {installation.hosts} hosts, {installation.people} people, {installation.activityRows} rows of
          activity
        </Fact>
        {installation.setUpAt && (
          <Fact name="Set up">
            <RelativeTime at={installation.setUpAt} />
          </Fact>
        )}
        <Fact name="Workers">
          <ul className="grid gap-1">
            {workers.map((worker) => (
              <li key={worker.id} className="flex flex-wrap items-center gap-x-3">
                <Status tone={worker.live ? "ok" : "neutral"}>{worker.live ? "Running" : "Gone"}</Status>
                <span>{worker.hostname}</span>
                <span className="text-xs text-ink-faint">
                  {worker.version}, seen <RelativeTime at={worker.seenAt} />
                </span>
              </li>
            ))}
          </ul>
        </Fact>
      </Facts>
    </div>
  );
}
