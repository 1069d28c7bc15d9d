import { startServer } from "@/lib/access/server";
import { stripMarker } from "@/lib/change/marker";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { unpackFacts } from "@/lib/features/access/stored-facts";
import { createConfigChange } from "@/lib/features/changes/commands";
import { newestTexts } from "@/lib/features/changes/rules-of-plan";
import { rootFilePattern } from "@/lib/features/placements/root-place";
import { HostKeysInput } from "@/lib/features/placements/schema";
import { setDirective } from "@/lib/sshd-config/edit";
import { command } from "@/lib/usecase";

/**
 * Makes a change by which sshd looks for keys in a directory of root's first, where their owners cannot edit them: an ordinary
 * one, with its plan, its lock-out check and its proof. Nothing on the host is touched.
 *
 * Files in which sshd looks now stay behind it, so nobody loses a way in, and not a byte of them is changed.
 */
export const planRootFiles = command({
  name: "placement.plan-root-files",
  permission: "config:draft",
  input: HostKeysInput,
  prepare: ({ hostId }, { db }) => writeRootFiles(db, hostId),
  async run(_, { prepared, ...context }) {
    const { fileId, baseSha256, content } = prepared;
    return createConfigChange(
      { ...context, prepared: undefined },
      { fileId, baseSha256, content, message: "Keys in files that only root can edit" },
    );
  },
});

/** The file of the configuration whose AuthorizedKeysFile counts, with the directory in front of what it says. */
async function writeRootFiles(db: Db, hostId: string) {
  const host = await db.host.findUnique({
    where: { id: hostId },
    include: {
      access: { omit: { logins: true } },
      files: { where: { goneAt: null }, orderBy: { position: "asc" } },
    },
  });
  if (!host) throw new AppError("not_found", "There is no such host.");
  if (!host.access?.facts || host.files.length === 0)
    throw new AppError("unavailable", `${host.name} was not read yet. Read its keys first.`);
  const texts = await newestTexts(db, hostId);
  const files = host.files.flatMap(({ path }) => {
    const text = texts.get(path);
    return text === undefined ? [] : [{ path, text: stripMarker(text) }];
  });
  const server = startServer(unpackFacts(host.access.facts), {
    draft: new Map(files.map(({ path, text }) => [path, text])),
  });
  if (server.refused !== undefined)
    throw new AppError("conflict", `sshd refuses the configuration as it is now: ${server.refused}`);
  const nobody = { user: "gatehouse-nobody", address: "192.0.2.1", host: "192.0.2.1" };
  const now = server.effective(nobody).values("authorizedkeysfile");
  if (now.includes(rootFilePattern))
    throw new AppError("conflict", `sshd on ${host.name} looks into ${rootFilePattern} already.`);
  if (now.length === 0 || now.some((pattern) => pattern.toLowerCase() === "none"))
    throw new AppError(
      "conflict",
      `sshd on ${host.name} looks for no key files at all (AuthorizedKeysFile none).`,
    );
  const edited = setDirective(files, "AuthorizedKeysFile", [rootFilePattern, ...now], server.build);
  if (edited.refused !== undefined) throw new AppError("conflict", edited.refused);
  const changed = edited.files.find(({ text }, index) => text !== files[index]?.text);
  const file = host.files.find(({ path }) => path === changed?.path);
  if (!changed || !file) throw new AppError("conflict", "Nothing would be different.");
  return { fileId: file.id, baseSha256: file.sha256, content: changed.text };
}
