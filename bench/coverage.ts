import { Session } from "node:inspector";

/** Which parts of our own code have run, as V8 counts blocks. */
export interface Coverage {
  /** The blocks that have run since the last call, by file and place. */
  take(): Set<string>;
  stop(): void;
}

interface Script {
  url: string;
  functions: { ranges: { startOffset: number; endOffset: number; count: number }[] }[];
}

/** Counts blocks of the files whose address contains `folder`, from now on. */
export function startCoverage(folder: string): Coverage {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return {
    take() {
      const run = new Set<string>();
      session.post("Profiler.takePreciseCoverage", (error, result) => {
        if (error) throw error;
        for (const { url, functions } of result.result as Script[]) {
          if (!url.includes(folder)) continue;
          for (const { ranges } of functions) {
            for (const { startOffset, endOffset, count } of ranges) {
              if (count > 0) run.add(`${url}:${startOffset}-${endOffset}`);
            }
          }
        }
      });
      return run;
    },
    stop() {
      session.post("Profiler.stopPreciseCoverage");
      session.disconnect();
    },
  };
}
