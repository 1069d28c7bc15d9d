import { z } from "zod";

/** Values by the name of a field, where any value of its type will not do. */
export type Samples = Readonly<Record<string, unknown>>;

/**
 * An input that a schema accepts, made from the schema itself; undefined when none could be made.
 *
 * @param samples taken where a field of that name stands, at any depth
 */
export function sampleInput(schema: z.ZodType, samples: Samples): unknown {
  const json: unknown = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const value = sampleOf(json, samples);
  return schema.safeParse(value).success ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sampleOf(json: unknown, samples: Samples): unknown {
  if (!isRecord(json)) return undefined;
  if ("const" in json) return json.const;
  if (Array.isArray(json.enum)) return json.enum[0];
  for (const choices of [json.anyOf, json.oneOf, json.allOf])
    if (Array.isArray(choices)) return sampleOf(choices.at(-1), samples);
  switch (json.type) {
    case "object":
      return sampleObject(json, samples);
    case "array":
      return Number(json.minItems ?? 0) > 0 ? [sampleOf(json.items, samples)] : [];
    case "string":
      return json.format === "uuid"
        ? crypto.randomUUID()
        : "x".repeat(Math.max(1, Number(json.minLength ?? 1)));
    case "integer":
    case "number":
      return json.minimum ?? 1;
    case "boolean":
      return true;
    default:
      return undefined;
  }
}

/** Required fields, and of the others those that have a sample. */
function sampleObject(json: Record<string, unknown>, samples: Samples): Record<string, unknown> {
  const properties = isRecord(json.properties) ? json.properties : {};
  const required = Array.isArray(json.required) ? json.required : [];
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => required.includes(name))
      .map(([name, property]) => [name, name in samples ? samples[name] : sampleOf(property, samples)]),
  );
}
