import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addKey } from "@/lib/authorized-keys/edit";
import { parseAuthorizedKeys, printAuthorizedKeys } from "@/lib/authorized-keys/parse";
import { type SampleKey, spellLine, spellOptions } from "@/lib/authorized-keys/testing/lines";
import { readKeyText, skipBlanks } from "@/lib/openssh-keys/key-text";
import { type DecodedKey, fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { encodeText, WireReader } from "@/lib/openssh-keys/wire";
import { mangle } from "@/lib/sshd-config/testing/mangle";
import { seededChoices } from "@/lib/sshd-config/testing/random";
import { blobOf, type Keygen, startKeygen } from "@/lib/testing/keygen";

// How many lines, and from which seed on: npm run test:key-lines is the large run.
const lineCount = Number(process.env.GATEHOUSE_KEY_LINES ?? 2000);
const seed = Number(process.env.GATEHOUSE_KEY_SEED ?? Date.now() % 1_000_000);

/** Patience on a busy machine, not a limit for the code. */
const timeoutMilliseconds = 60_000 + lineCount * 10;

const [, major = "9", minor = "2"] =
  /OpenSSH_(\d+)\.(\d+)/.exec(spawnSync("ssh", ["-V"], { encoding: "utf8" }).stderr) ?? [];
const release = Number(major) * 100 + Number(minor);

let keygen: Keygen;
const keys: SampleKey[] = [];
let point = new Uint8Array();

beforeAll(() => {
  keygen = startKeygen();
  const kinds: [string, number?][] = [
    ["ed25519"],
    ["ecdsa", 256],
    ["ecdsa", 384],
    ["ecdsa", 521],
    ["rsa", 1024],
    ["rsa", 2048],
    ...(release > 909 ? [] : [["dsa"] as [string]]),
  ];
  for (const [type, bits] of kinds) {
    const name = `${type}${bits ?? ""}`;
    keygen.generate(name, type, bits);
    keygen.run("-q", "-s", "ed25519", "-I", name, "-n", "alice", `${name}.pub`);
    for (const file of [`${name}.pub`, `${name}-cert.pub`]) {
      const line = keygen.read(file).toString();
      keys.push({ typeName: line.split(" ")[0] ?? "", blob: blobOf(line) });
      const { key } = parsePublicKey(blobOf(line));
      if (key?.certificate) soundCertificates.add(contentOf(key));
    }
  }
  const reader = new WireReader(blobOf(keygen.read("ecdsa256.pub").toString()));
  reader.readString();
  reader.readString();
  point = new Uint8Array(reader.readString() ?? []);
});
afterAll(() => keygen.remove());

interface Listed {
  readonly bits: number;
  readonly fingerprint: string;
  readonly label: string;
}

/** What `ssh-keygen -lf` makes of a file, one entry a key. */
async function listByKeygen(text: string): Promise<Listed[]> {
  // The first line must not look like a private key's, and one key must be there.
  keygen.write("file", encodeText(`# file\n${text}`));
  // Not synchronously: a large run takes minutes, in which the worker must answer vitest.
  const { stdout } = await promisify(execFile)("ssh-keygen", ["-l", "-f", "file"], {
    cwd: keygen.folder,
    maxBuffer: 2 ** 30,
  });
  return stdout.split("\n").flatMap((line) => {
    const match = /^(\d+) (SHA256:\S+) .*\(([A-Z0-9-]+)\)$/s.exec(line);
    return match ? [{ bits: Number(match[1]), fingerprint: match[2] ?? "", label: match[3] ?? "" }] : [];
  });
}

function describeKey({ bits, blob, label }: DecodedKey): Listed {
  return { bits, fingerprint: fingerprint(blob), label };
}

/** ssh-keygen stops at a carriage return from then on; sshd takes it for white space inside base64, as ever. */
const crEndsSinceRelease = 1000;

/**
 * Which key ssh-keygen would list for a line. It looks for keys as sshd does, but skips any word in front, one
 * blank behind it, and takes no notice of what the word says.
 *
 * @see ssh-keygen.c:do_fingerprint
 */
function listedKey(raw: string): DecodedKey | undefined {
  const [line = ""] = raw.split(release < crEndsSinceRelease ? "\0" : /[\0\r]/);
  const start = skipBlanks(line, 0);
  if (start === line.length || line[start] === "#") return undefined;
  const plain = readKeyText(line, start, release);
  if (plain.key) return plain.key;
  if (/^[+-]?0*[1-9]\d*[ \t]/.test(line.slice(start))) return undefined;
  const word = /^(?:\\"|"(?:\\"|[^"])*(?:"|$)|[^ \t"])*/.exec(line.slice(start))?.[0] ?? "";
  const end = start + word.length;
  return end === line.length ? undefined : readKeyText(line, end + 1, release).key;
}

const contentOf = ({ certificate }: DecodedKey) =>
  certificate && [certificate.signedPart, certificate.signature].join();
/** Certificates whose signature is right: ssh-keygen passes over every other, and nobody looks at it here. */
const soundCertificates = new Set<string | undefined>();

describe(`ssh-keygen -lf (${release}) and we agree, seed ${seed}`, () => {
  test(
    `on ${lineCount} generated and hostile lines`,
    async () => {
      const random = seededChoices(seed);
      const lines = Array.from({ length: lineCount }, () => spellLine(keys, point, random));
      const sound = lines.filter((line) => {
        const key = listedKey(line);
        return !key?.certificate || soundCertificates.has(contentOf(key));
      });
      const text = `${sound.join("\n")}\n`;
      const expected = sound.flatMap((line) => listedKey(line) ?? []);
      const listed = await listByKeygen(text);
      // Element by element: a difference of all shows the first one only, and where.
      const describeAt = (index: number) => ({ index, ...expected.map(describeKey)[index] });
      for (const [index, key] of listed.entries()) {
        if (JSON.stringify(key) === JSON.stringify(expected[index] && describeKey(expected[index]))) continue;
        expect({ index, ...key }).toEqual(describeAt(index));
      }
      expect(listed).toHaveLength(expected.length);
      expect(expected.length).toBeGreaterThan(lineCount / 4);

      const file = parseAuthorizedKeys(text, { release });
      expect(printAuthorizedKeys(file)).toBe(text);
      expect(file.lines).toHaveLength(sound.length);
      let understood = 0;
      for (const line of file.lines) {
        if (line.kind !== "key") continue;
        understood++;
        // sshd takes several blanks behind the options, ssh-keygen takes one.
        const ours = line.key;
        const theirs = listedKey(line.raw.replace(/\n$/, ""));
        if (theirs) expect(fingerprint(theirs.blob)).toBe(fingerprint(ours.blob));
        else if (release < crEndsSinceRelease || !line.base64.includes("\r")) {
          expect(line.raw.slice(0, line.keyAt)).toMatch(/[ \t]{2}$/);
        }
      }
      expect(understood).toBeGreaterThan(lineCount / 5);
    },
    timeoutMilliseconds,
  );

  test(
    `that ${lineCount} hostile additions put in no line but their own`,
    async () => {
      const random = seededChoices(seed + 1);
      const plain = keys.filter(({ typeName }) => !typeName.includes("-cert-") && typeName !== "ssh-dss");
      const pieces = ["\n", "\r\n", "\r", "\0", "\u2028", "\u0085", '"', '\\"', "\\", ",", " ", "#"];
      const hostile = () => {
        const text = random.chance(0.5) ? spellLine(keys, point, random) : spellOptions(random);
        const at = random.between(0, text.length);
        const spoiled = `${text.slice(0, at)}${random.pick(pieces)}${text.slice(at)}`;
        return random.chance(0.3) ? mangle(spoiled, random) : spoiled;
      };
      const expected: DecodedKey[] = [];
      let text = "";
      let refused = 0;
      for (let count = 0; count < lineCount; count++) {
        const { blob } = random.pick(plain);
        const entry = {
          blob,
          comment: random.chance(0.5) ? hostile() : "alice",
          options: random.chance(0.5) ? [{ name: "command", value: hostile() }, { name: "restrict" }] : [],
        };
        const edit = addKey(parseAuthorizedKeys(""), entry, { release });
        if (edit.text === undefined) {
          refused++;
          continue;
        }
        text += edit.text;
        expected.push(parsePublicKey(blob).key ?? expect.fail("no key"));
      }
      expect(await listByKeygen(text)).toEqual(expected.map(describeKey));
      expect(parseAuthorizedKeys(text).lines.map((line) => line.kind)).toEqual(expected.map(() => "key"));
      expect(refused).toBeGreaterThan(lineCount / 10);
      expect(expected.length).toBeGreaterThan(lineCount / 4);
    },
    timeoutMilliseconds,
  );
});
