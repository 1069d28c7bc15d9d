import { Problem } from "../../lib/db/problem.mjs";

/** sysexits.h EX_CONFIG: "starting me again changes nothing", which the supervisor understands. */
export const EXIT_UNUSABLE = 78;

/** Prints what stopped a program: a Problem as it is, for people; a bug with its stack. */
export function printFailure(error) {
  if (error instanceof Problem) console.error(`\n${error.message}\n`);
  else console.error(error);
}

/** What still closes by itself after the end of a program has this long. */
const CLOSING_SECONDS = 5;

/**
 * Runs a program of ours to its end; a failure is printed and sets the exit code.
 *
 * @param {() => Promise<void>} main
 */
export async function runProgram(main) {
  try {
    await main();
  } catch (error) {
    printFailure(error);
    process.exitCode = error instanceof Problem ? EXIT_UNUSABLE : 1;
  }
  leaveSoon();
}

/** A handle that somebody's library forgot to close must not keep a program that has ended. */
function leaveSoon() {
  const timer = setTimeout(() => {
    console.error(`Left open at the end: ${process.getActiveResourcesInfo().join(", ")}`);
    process.exit();
  }, CLOSING_SECONDS * 1000);
  timer.unref();
}
