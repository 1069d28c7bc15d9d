import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { readKeyFile } from "@/lib/secrets/key-file";
import { type Sealer, sealerOf } from "@/lib/secrets/sealer";

let made: Sealer | undefined;

/**
 * The worker's sealer: the hosts' management keys and nonces.
 *
 * Only the worker is told where that key is. The web process, which faces people, must not even know the path: it
 * refuses when it finds both.
 *
 * @throws AppError `unavailable` when the key file is not named, not there, or this is (also) the web process
 */
export function workerSealer(): Sealer {
  if (made) return made;
  const { workerKeyFile, webKeyFile } = env();
  if (webKeyFile)
    throw new AppError("unavailable", "The hosts' keys are opened by the worker alone.", {
      detail: "workerSealer() in a process that holds GATEHOUSE_WEB_KEY_FILE",
    });
  if (!workerKeyFile)
    throw new AppError(
      "unavailable",
      "Gatehouse is sealed: start the worker by `npm run worker`, or name its key file in GATEHOUSE_WORKER_KEY_FILE.",
    );
  made = sealerOf(readKeyFile(workerKeyFile));
  return made;
}
