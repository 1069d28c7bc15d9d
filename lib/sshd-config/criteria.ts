import type { Build } from "@/lib/sshd-config/build";
import type { Connection } from "@/lib/sshd-config/match";
import type { ConfigFile, Line } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";
import { lowerAscii } from "@/lib/sshd-config/pattern";

/** One criterion of a Match line. */
export interface Criterion {
  /** In lower case. */
  name: string;
  /** The list of patterns or addresses; "" when it is missing. */
  value: string;
}

/** The criteria of a Match line in order, for people: `readMatch` judges as sshd does. Those without a value are left out. */
export function criteriaOf(line: Line): Criterion[] {
  const found: Criterion[] = [];
  for (let at = 0; at < line.args.length; at++) {
    const word = line.args[at]!.value;
    const equals = word.indexOf("=");
    const name = lowerAscii(equals < 0 ? word : word.slice(0, equals));
    if (name === "all" || name === "invalid-user") continue;
    if (equals >= 0) found.push({ name, value: word.slice(equals + 1) });
    else found.push({ name, value: line.args[++at]?.value ?? "" });
  }
  return found;
}

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
        : criteriaOf(line)
            .filter(({ name }) => isKnown[name] === false)
            .map(({ name, value }) => ({ path, line: line.number, criterion: name, value })),
    ),
  );
}
