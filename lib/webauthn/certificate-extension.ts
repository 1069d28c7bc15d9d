/** One value of DER: its tag, and what is in it. */
interface Value {
  readonly tag: number;
  readonly content: Uint8Array;
}

const tags = { sequence: 0x30, objectId: 0x06, octets: 0x04, extensions: 0xa3 };

/**
 * The content of an extension of an X.509 certificate: Node reads certificates, but not extensions that it does not know.
 *
 * @param objectId as DER writes it, without tag and length
 * @returns undefined when there is none, or the bytes are no certificate; never throws
 * @see RFC 5280, 4.1
 */
export function findExtension(certificate: Uint8Array, objectId: Uint8Array): Uint8Array | undefined {
  const [outer] = readAll(certificate);
  const [signed] = readAll(outer?.content);
  const block = readAll(signed?.content).find(({ tag }) => tag === tags.extensions);
  const [list] = readAll(block?.content);
  for (const extension of readAll(list?.content)) {
    const fields = readAll(extension.content);
    const [name] = fields;
    if (name?.tag !== tags.objectId || Buffer.compare(name.content, objectId) !== 0) continue;
    return fields.find(({ tag }) => tag === tags.octets)?.content;
  }
  return undefined;
}

/** The bytes of one OCTET STRING that fills the whole. */
export function readOctets(bytes: Uint8Array): Uint8Array | undefined {
  const [value, more] = readAll(bytes);
  return value?.tag === tags.octets && !more ? value.content : undefined;
}

/** The values that stand one after the other; none when the bytes are no such row. */
function readAll(bytes: Uint8Array | undefined): Value[] {
  const values: Value[] = [];
  let rest = bytes ?? new Uint8Array();
  while (rest.length > 0) {
    const [tag = 0, first = 0x80] = rest;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || lengthBytes > 3) return [];
    let length = first < 0x80 ? first : 0;
    for (const byte of rest.subarray(2, 2 + lengthBytes)) length = length * 256 + byte;
    const start = 2 + lengthBytes;
    if (start + length > rest.length) return [];
    values.push({ tag, content: rest.subarray(start, start + length) });
    rest = rest.subarray(start + length);
  }
  return values;
}
