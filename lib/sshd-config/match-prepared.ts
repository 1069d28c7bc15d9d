import { type Address, matchReadList, parseAddress, readAddressList } from "@/lib/sshd-config/address";
import type { Build } from "@/lib/sshd-config/build";
import { type Connection, readMatchWords } from "@/lib/sshd-config/match";
import type { Line } from "@/lib/sshd-config/model";
import { lowerAscii, matchPatternList } from "@/lib/sshd-config/pattern";

/** A connection whose address was read once for all Match lines. */
export interface Client {
  connection: Connection;
  address: Address | undefined;
}

export function readClient(connection: Connection): Client {
  return {
    connection,
    address: connection.address === undefined ? undefined : parseAddress(connection.address),
  };
}

/** Does the line hold for a client? */
export type PreparedMatch = (client: Client) => boolean;

/**
 * A Match line made ready to be asked about many clients.
 *
 * @param line one that sshd has taken in its first pass
 * @returns undefined for a line that has to be read anew for each connection: it has criteria beside User and
 *   Address, or sshd may refuse it
 */
export function prepareMatch(line: Line, build: Build): PreparedMatch | undefined {
  const words = readMatchWords(line, build);
  if (words.length === 0 || words.length % 2 > 0) return undefined;
  const tests: PreparedMatch[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const name = lowerAscii(words[i]!);
    const test =
      name === "user"
        ? prepareUser(words[i + 1]!)
        : name === "address"
          ? prepareAddress(words[i + 1]!, build)
          : undefined;
    if (!test) return undefined;
    tests.push(test);
  }
  const [first, second] = tests;
  if (tests.length === 1) return first;
  if (tests.length === 2 && first && second) return (client) => first(client) && second(client);
  return (client) => tests.every((test) => test(client));
}

function prepareUser(list: string): PreparedMatch {
  // Plain names, as nearly everywhere: they match themselves. Longer items than 1022 bytes fail the whole list.
  if (list.length <= 1022 && /^[\w.-]+(?:,[\w.-]+)*$/.test(list)) {
    const names = new Set(list.split(","));
    return ({ connection: { user } }) => user !== undefined && names.has(user);
  }
  return ({ connection: { user } }) => user !== undefined && matchPatternList(user, list) === 1;
}

function prepareAddress(list: string, build: Build): PreparedMatch | undefined {
  const items = readAddressList(list, build.release);
  if (items.some(({ network }) => network === "inconsistent")) return undefined;
  return ({ connection, address }) =>
    connection.address !== undefined && matchReadList(connection.address, address, items) === 1;
}
