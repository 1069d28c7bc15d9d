import { pendingStates } from "@/lib/change/machine";
import { stripMarker } from "@/lib/change/marker";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { HostConfigInput, VersionInput } from "@/lib/features/config/schema";
import type {
  ConfigFileView,
  ConfigHistoryView,
  ConfigVersionDetailView,
  ConfigVersionView,
  HostConfigView,
} from "@/lib/features/config/views";
import { HostFacts } from "@/lib/features/hosts/facts";
import { can } from "@/lib/policy/permissions";
import { query } from "@/lib/usecase";

/** What a host has told of its sshd. */
const SshdFacts = HostFacts.pick({ sshdPackage: true, sshdUnit: true });

/** A host's configuration as it was last read, with the actor's own drafts. */
export const getHostConfig = query({
  name: "config.get",
  permission: "config:read",
  input: HostConfigInput,
  async run({ hostId }, { db, actor }): Promise<HostConfigView> {
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    const files = await db.configFile.findMany({
      where: { hostId },
      orderBy: [{ goneAt: { sort: "asc", nulls: "first" } }, { position: "asc" }],
      include: { drafts: true, _count: { select: { versions: true } } },
    });
    const pending = await db.change.findFirst({
      where: { hostId, state: { in: [...pendingStates] } },
      select: { id: true },
    });
    const contents = await newestContents(
      db,
      files.map((file) => file.id),
    );
    const names = await personNames(
      db,
      files.flatMap((file) => file.drafts.map((draft) => draft.personId)),
    );
    const views = files.map((file): ConfigFileView => {
      const own = file.drafts.find((draft) => draft.personId === actor.personId);
      return {
        id: file.id,
        path: file.path,
        position: file.position,
        includedFrom: file.includedFrom,
        mode: file.mode,
        owner: file.owner,
        group: file.group,
        sha256: file.sha256,
        content: stripMarker(contents.get(file.id) ?? ""),
        readAt: file.readAt.toISOString(),
        gone: file.goneAt !== null,
        originalKept: file.originalSha256 !== null,
        notEditable: file.notEditable,
        draft: own
          ? {
              content: own.content,
              baseSha256: own.baseSha256,
              updatedAt: own.updatedAt.toISOString(),
              stale: own.baseSha256 !== file.sha256,
            }
          : null,
        otherDrafts: file.drafts
          .filter((draft) => draft.personId !== actor.personId)
          .map((draft) => ({
            personName: names.get(draft.personId) ?? "Somebody",
            updatedAt: draft.updatedAt.toISOString(),
          })),
        versionCount: file._count.versions,
      };
    });
    const facts = SshdFacts.safeParse(host.facts).data;
    const readAt = files.reduce<Date | null>(
      (latest, file) => (latest && latest > file.readAt ? latest : file.readAt),
      null,
    );
    return {
      hostId,
      hostName: host.name,
      sshdVersion: host.sshdVersion,
      sshdPackage: facts?.sshdPackage ?? null,
      sshdUnit: facts?.sshdUnit ?? null,
      readAt: readAt?.toISOString() ?? null,
      files: views,
      canEdit: can(actor.role, "config:draft"),
      canApply: can(actor.role, "config:apply") && host.state === "managed",
      pendingChangeId: pending?.id ?? null,
      obstacle: obstacleOf(host),
    };
  },
});

/** Every content of a host's files that was ever seen or written, newest first. */
export const getConfigHistory = query({
  name: "config.history",
  permission: "config:read",
  input: HostConfigInput,
  async run({ hostId }, { db }): Promise<ConfigHistoryView> {
    const host = await db.host.findUnique({ where: { id: hostId }, select: { name: true } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    const files = await db.configFile.findMany({
      where: { hostId },
      orderBy: { position: "asc" },
      include: { versions: { orderBy: { number: "desc" }, omit: { content: true } } },
    });
    const viewOf = await describer(
      db,
      files.flatMap((file) => file.versions),
    );
    return {
      hostId,
      hostName: host.name,
      files: files.map((file) => ({
        id: file.id,
        path: file.path,
        versions: file.versions.map((version, index) => viewOf(version, index === 0 && !file.goneAt)),
      })),
    };
  },
});

/** One content of a file, as a person sees it. */
export const getConfigVersion = query({
  name: "config.version",
  permission: "config:read",
  input: VersionInput,
  async run({ versionId }, { db }): Promise<ConfigVersionDetailView> {
    const version = await db.configVersion.findUnique({
      where: { id: versionId },
      include: { file: { include: { host: { select: { name: true } } } } },
    });
    if (!version) throw new AppError("not_found", "There is no such version.");
    const viewOf = await describer(db, [version]);
    const { file } = version;
    const newest = await db.configVersion.aggregate({ where: { fileId: file.id }, _max: { number: true } });
    return {
      ...viewOf(version, newest._max.number === version.number && !file.goneAt),
      fileId: file.id,
      path: file.path,
      hostId: file.hostId,
      hostName: file.host.name,
      content: stripMarker(version.content),
    };
  },
});

/** Why nothing can be read or applied now, for people; null when it can. */
function obstacleOf(host: {
  name: string;
  state: string;
  reachable: boolean | null;
  unreachableReason: string | null;
}): string | null {
  if (host.state === "key_changed")
    return `${host.name} shows another host key than the pinned one. Nothing is sent until it was compared and pinned again.`;
  if (host.state === "enrolling") return `${host.name} is not enrolled yet.`;
  if (host.state === "archived") return `${host.name} is archived. What you see is how it was last read.`;
  if (host.reachable === false)
    return `${host.name} does not answer: ${host.unreachableReason ?? "no reason is known"}`;
  return null;
}

/** File id → its newest content, proof block included. */
async function newestContents(db: Db, fileIds: string[]): Promise<Map<string, string>> {
  const versions = await db.configVersion.findMany({
    where: { fileId: { in: fileIds } },
    orderBy: [{ fileId: "asc" }, { number: "desc" }],
    distinct: ["fileId"],
    select: { fileId: true, content: true },
  });
  return new Map(versions.map((version) => [version.fileId, version.content]));
}

async function personNames(db: Db, ids: string[]): Promise<Map<string, string>> {
  const people = await db.person.findMany({
    where: { id: { in: [...new Set(ids)] } },
    select: { id: true, name: true },
  });
  return new Map(people.map((person) => [person.id, person.name]));
}

interface VersionRow {
  id: string;
  number: number;
  sha256: string;
  origin: string;
  changeId: string | null;
  createdAt: Date;
}

/** Describes versions with the message and author of the change that wrote them, read in one go. */
async function describer(
  db: Db,
  versions: readonly VersionRow[],
): Promise<(version: VersionRow, current: boolean) => ConfigVersionView> {
  const changes = await db.change.findMany({
    where: { id: { in: versions.flatMap((version) => version.changeId ?? []) } },
    select: { id: true, message: true, authorId: true },
  });
  const names = await personNames(
    db,
    changes.map((change) => change.authorId),
  );
  return (version, current) => {
    const change = changes.find((one) => one.id === version.changeId);
    return {
      id: version.id,
      number: version.number,
      sha256: version.sha256,
      origin: version.origin === "change" || version.origin === "original" ? version.origin : "found",
      changeId: version.changeId,
      changeMessage: change?.message ?? null,
      authorName: change ? (names.get(change.authorId) ?? null) : null,
      createdAt: version.createdAt.toISOString(),
      current,
    };
  };
}
