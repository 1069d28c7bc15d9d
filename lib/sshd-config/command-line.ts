import type { Build } from "@/lib/sshd-config/build";
import { readCommandLineOption } from "@/lib/sshd-config/configuration";
import type { Connection } from "@/lib/sshd-config/match";
import { parseDecimal } from "@/lib/sshd-config/number";
import { addTo, type Settings } from "@/lib/sshd-config/settings";
import { parseTime } from "@/lib/sshd-config/time";
import type { Walk } from "@/lib/sshd-config/walk";
import type { World } from "@/lib/sshd-config/world";

const origin = { path: "command-line", line: 0, from: 0, to: 0 };

/**
 * Sets what the arguments of sshd set before any file is read; what is set here is not set again by a file.
 *
 * @returns the exit code when sshd stops at an argument
 */
export function applyArguments(args: readonly string[], settings: Settings, walk: Walk): number | undefined {
  const hold = (key: string, value: string) => addTo(settings, key, [{ value, origin }]);
  for (let i = 0; i < args.length; i++) {
    const value = args[i + 1] ?? "";
    switch (args[i]) {
      case "-4":
        settings.set("addressfamily", [{ value: "inet", origin }]);
        continue;
      case "-6":
        settings.set("addressfamily", [{ value: "inet6", origin }]);
        continue;
      case "-o":
        if (!readCommandLineOption(walk, value, settings)) return 1;
        break;
      case "-h":
        hold("hostkey", value.startsWith("/") ? value : `//${value}`);
        break;
      case "-g":
        settings.set("logingracetime", [
          { value: String(parseTime(value, walk.build.release) ?? 0), origin },
        ]);
        break;
      case "-p":
        hold("port", value);
        settings.set("port command-line", [{ value: "yes", origin }]);
        break;
      default:
        if (args[i] !== "-C" && args[i] !== "-f") continue;
    }
    i++;
  }
  return undefined;
}

/**
 * Reads a `-C` specification into `connection`.
 *
 * @returns what sshd prints when it refuses it
 */
export function readSpecification(
  text: string,
  connection: Connection,
  build: Build,
  world: World,
): string | undefined {
  for (const item of text.split(",")) {
    if (item === "") return undefined;
    const [, name, value = ""] = /^(addr|host|user|laddr|rdomain|lport)=(.*)$/s.exec(item) ?? [];
    if (name === "addr") connection.address = value;
    else if (name === "host") connection.host = value;
    else if (name === "user") connection.user = value;
    else if (name === "laddr") connection.localAddress = value;
    else if (name === "rdomain") connection.routingDomain = value;
    else if (name === "lport") {
      const port = parseDecimal(value, 0, 65535);
      connection.localPort = typeof port === "number" ? port : world.services.get(value);
      if (connection.localPort === undefined)
        return `Invalid port '${value}' in test mode specification ${item}`;
    } else if (item === "invalid-user" && build.release >= 909) connection.isInvalidUser = true;
    else return `Invalid test mode specification ${item}`;
  }
  return undefined;
}
