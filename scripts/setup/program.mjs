import { Problem } from "../../lib/db/problem.mjs";

/** sysexits.h EX_CONFIG: "starting me again changes nothing", which the supervisor understands. */
export const EXIT_UNUSABLE = 78;

/** Prints what stopped a program: a Problem as it is, for people; a bug with its stack. */
export function printFailure(error) {
  if (error instanceof Problem) console.error(`\n${error.message}\n`);
  else console.error(error);
}

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
}
