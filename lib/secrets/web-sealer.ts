import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { readKeyFile } from "@/lib/secrets/key-file";
import { type Sealer, sealerOf } from "@/lib/secrets/sealer";

let made: Sealer | undefined;

/**
 * The web process's sealer: people's factors.
 *
 * @throws AppError `unavailable` when the key file is not named or not there: the installation is sealed
 */
export function webSealer(): Sealer {
  if (made) return made;
  const path = env().webKeyFile;
  if (!path)
    throw new AppError(
      "unavailable",
      "Gatehouse is sealed: start it by `npm start`, or name the web process's key file in GATEHOUSE_WEB_KEY_FILE.",
    );
  made = sealerOf(readKeyFile(path));
  return made;
}
