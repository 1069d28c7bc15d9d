import type { z } from "zod";

export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/**
 * The filter that an address asks for. A part that makes no sense (an old link, a typo) is left out rather than
 * refused: a list that shows more than was meant is better than none.
 *
 * @param lists names that may stand more than once
 */
export async function searchInput<Schema extends z.ZodObject>(
  schema: Schema,
  searchParams: SearchParams,
  lists: readonly string[] = [],
): Promise<z.output<Schema>> {
  const given = await searchParams;
  const input: Record<string, unknown> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = given[name];
    if (value === undefined) continue;
    if (lists.includes(name)) input[name] = Array.isArray(value) ? value : [value];
    else input[name] = Array.isArray(value) ? value[0] : value;
  }
  const whole = schema.safeParse(input);
  if (whole.success) return whole.data;
  for (const issue of whole.error.issues) {
    const name = issue.path[0];
    if (typeof name === "string") delete input[name];
  }
  return schema.parse(input);
}
