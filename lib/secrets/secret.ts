import { inspect } from "node:util";

const mask = "[secret]";

/**
 * A value that must never be seen by accident: every way of printing it gives "[secret]".
 *
 * The value is a private field, so that spreading, cloning, JSON, template strings, `console.log` and a logger that
 * walks objects all miss it. Only `reveal()` gives it away, which a reviewer can search for.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself; keep it in the narrowest scope there is. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [Symbol.toPrimitive](): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}
