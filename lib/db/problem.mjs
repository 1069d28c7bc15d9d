/**
 * Something that stops the product and that a person can mend: shown as it is, without a stack.
 *
 * The message says what, why and what to do. Everything else that is thrown is a bug and keeps its stack.
 */
export class Problem extends Error {
  /** @param {string} message @param {{ cause?: unknown }} [options] */
  constructor(message, options) {
    super(message, options);
    this.name = "Problem";
  }
}

/**
 * A failed write as a Problem where a person can mend it, else the error itself.
 *
 * @param {unknown} error
 * @param {string} place the folder that was written to
 */
export function explainWrite(error, place) {
  const text = `${error instanceof Error && "code" in error ? error.code : ""} ${error instanceof Error ? error.message : error}`;
  if (/ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/.test(text))
    return new Problem(
      `The disk is full: ${place} cannot be written. Free some space (at least 200 MB) and start again; nothing is lost.`,
      { cause: error },
    );
  if (/EACCES|EPERM|EROFS|Permission denied|Read-only file system/.test(text))
    return new Problem(
      `${place} cannot be written by this account. Give it to the account that runs Gatehouse, or name another folder in GATEHOUSE_DATA.`,
      { cause: error },
    );
  return error;
}
