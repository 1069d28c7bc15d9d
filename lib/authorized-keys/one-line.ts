/** C0, DEL, C1, line and paragraph separator. */
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** What turns the direction of text around, and what nobody sees; scripts and emoji need the two joiners. */
const disguises = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
/** With the flag `u` only halves of a pair match: those that no file can hold, and bytes that were no UTF-8. */
const halves = /[\ud800-\udfff]/u;

/**
 * What makes a text unfit for a line that people read: it would be several lines, or look like what it is not.
 *
 * @returns words that go on from "the comment …"; undefined when nothing is wrong
 */
export function findDisguise(text: string): string | undefined {
  if (controls.test(text)) return "holds a line break or another control character";
  if (disguises.test(text)) return "holds invisible characters, or ones that turn the direction of text";
  if (halves.test(text)) return "holds bytes that are no text";
  return undefined;
}
