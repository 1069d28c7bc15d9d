import type { Build } from "@/lib/sshd-config/build";
import type { Connection } from "@/lib/sshd-config/match";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";
import { readCriteria } from "@/lib/sshd-config/rules/match-criteria";

/** A Match block whose answer depends on something that is not known. */
export interface OpenQuestion {
  path: string;
  /** From 1. */
  line: number;
  /** What would have to be known: "group", "address", … */
  criterion: string;
  /** The list that it would be compared with. */
  value: string;
}

/**
 * The criteria of all Match blocks that cannot be decided for this connection: they count as not fulfilled.
 *
 * @param connection what is known of it; an empty text is not known
 * @param knowsGroups are the groups of its account known?
 */
export function findOpenQuestions(
  files: readonly ConfigFile[],
  connection: Connection,
  knowsGroups: boolean,
  build: Build,
): OpenQuestion[] {
  const isKnown: Readonly<Record<string, boolean>> = {
    user: !!connection.user,
    group: knowsGroups,
    address: !!connection.address,
    host: !!connection.host,
    localaddress: !!connection.localAddress,
    rdomain: !!connection.routingDomain,
  };
  return files.flatMap(({ path, text }) =>
    parse(text, build).lines.flatMap((line) =>
      line.keyword?.value.toLowerCase() !== "match"
        ? []
        : readCriteria(line, build)
            .filter(({ name }) => isKnown[name] === false)
            .map(({ name, value }) => ({ path, line: line.number, criterion: name, value })),
    ),
  );
}
