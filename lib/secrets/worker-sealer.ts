import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { readKeyFile } from "@/lib/secrets/key-file";
import { type Sealer, sealerOf } from "@/lib/secrets/sealer";

let made: Sealer | undefined;

/**
 * The worker's sealer: the hosts' management keys and nonces.
 *
 * Only jobs import this file (an import rule says so), and only the worker is told where its key is: the web process,
 * which faces people, can neither call this nor open the file's path, which it does not know.
 *
 * @throws AppError `unavailable` when the key file is not named or not there: the installation is sealed
 */
export function workerSealer(): Sealer {
  if (made) return made;
  const path = env().workerKeyFile;
  if (!path)
    throw new AppError(
      "unavailable",
      "Gatehouse is sealed: start the worker by `npm run worker`, or name its key file in GATEHOUSE_WORKER_KEY_FILE.",
    );
  made = sealerOf(readKeyFile(path));
  return made;
}
