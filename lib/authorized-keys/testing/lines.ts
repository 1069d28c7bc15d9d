import { optionForms } from "@/lib/authorized-keys/option-table";
import { printBase64 } from "@/lib/openssh-keys/base64";
import { keyTypes } from "@/lib/openssh-keys/key-types";
import { concatenate, padMpint, printString } from "@/lib/openssh-keys/wire";
import { mangle } from "@/lib/sshd-config/testing/mangle";
import type { Random } from "@/lib/sshd-config/testing/random";

/** A key as it stands on a line. */
export interface SampleKey {
  readonly typeName: string;
  readonly blob: Uint8Array;
}

const otherNames: Readonly<Record<string, readonly string[]>> = {
  "ssh-rsa": ["rsa-sha2-256", "rsa-sha2-512"],
  "sk-ecdsa-sha2-nistp256@openssh.com": ["webauthn-sk-ecdsa-sha2-nistp256@openssh.com"],
};
const strangeNames = [
  "ssh-xmss@openssh.com",
  "ssh-ed448",
  "ssh-ed25519-cert-v00@openssh.com",
  "SSH-RSA",
  "dsa",
  "",
];

function randomBytes(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => random.between(0, 255));
}

/** Keys that no tool hands out: security keys without hardware, RSA keys of any length, points beside the curve. */
export function assembleKey(point: Uint8Array, random: Random): SampleKey {
  const application = random.pick(["ssh:", "ssh:work", "gate.example", "ssh:\0", "s\0h", "", "caf\u00e9"]);
  const strings = (typeName: string, ...parts: (string | Uint8Array)[]): SampleKey => ({
    typeName,
    blob: concatenate([typeName, ...parts].map(printString)),
  });
  switch (random.between(0, 4)) {
    case 0:
      return strings(
        "sk-ssh-ed25519@openssh.com",
        randomBytes(random.chance(0.9) ? 32 : 31, random),
        application,
      );
    case 1:
      return strings("sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", point, application);
    case 2: {
      const other = point.map((byte, index) => (index === 40 ? byte ^ random.between(0, 1) : byte));
      return strings("ecdsa-sha2-nistp256", random.pick(["nistp256", "nistp256\0", "nistp384"]), other);
    }
    case 3:
      return strings("ssh-ed25519", randomBytes(random.pick([31, 32, 32, 32, 33]), random));
    default: {
      const modulus = randomBytes(random.pick([96, 127, 128, 129, 256, 2048, 2049]), random);
      modulus[0] = random.pick([0, 1, 0x7f, 0x80, 0xff]);
      const exponent = random.pick([[1, 0, 1], [3], [], [0, 0, 1, 0, 1], [0x80]]);
      const numbers = random.chance(0.8)
        ? [padMpint(Uint8Array.from(exponent)), padMpint(modulus)].map(printString)
        : [Uint8Array.from(exponent), modulus].map(printString);
      return { typeName: "ssh-rsa", blob: concatenate([printString("ssh-rsa"), ...numbers]) };
    }
  }
}

function damageBlob(blob: Uint8Array, random: Random): Uint8Array {
  const at = random.between(0, blob.length - 1);
  switch (random.between(0, 3)) {
    case 0:
      return blob.map((byte, index) => (index === at ? byte ^ (1 << random.between(0, 7)) : byte));
    case 1:
      return blob.subarray(0, at);
    case 2:
      return concatenate([blob, randomBytes(random.between(1, 4), random)]);
    default:
      return concatenate([blob.subarray(0, at), randomBytes(1, random), blob.subarray(at)]);
  }
}

function spellBase64(blob: Uint8Array, random: Random): string {
  const text = printBase64(blob);
  const at = random.between(0, text.length);
  switch (random.between(0, 11)) {
    case 0:
      return `${text.slice(0, at)}${random.pick(["\v", "\f", "\r", "\v\f", "-", "_", "=", "\u00a0", "\0", "\\"])}${text.slice(at)}`;
    case 1:
      return text.replace(/=+$/, "");
    case 2:
      return `${text}${random.pick(["=", "==", "\r", "\v", "A"])}`;
    case 3:
      return text.replace(/[A-Za-z](=+)$/, "B$1");
    default:
      return text;
  }
}

const values = [
  "",
  "ls -l",
  'echo "a, b"',
  "10.0.0.0/8,!10.0.0.1",
  "20300101Z",
  "A=b",
  "host:22",
  "any",
  "a\\b",
  "#",
  "x,y z",
];

/** Options in front of a key: mostly sound, at times nonsense. */
export function spellOptions(random: Random): string {
  const parts = Array.from({ length: random.between(1, 4) }, () => {
    const { name, hasValue } = random.pick(optionForms);
    const spelled = random.chance(0.1) ? name.toUpperCase() : name;
    if (!hasValue) return spelled;
    const value = random.pick(values);
    return `${spelled}=${random.chance(0.95) ? `"${value.replaceAll('"', '\\"')}"` : value}`;
  });
  const text = parts.join(random.pick([",", ",", ",", ",", ",,", ", "]));
  return random.chance(0.2) ? mangle(text, random) : text;
}

/** A line as people, tools and attackers write them, without its newline. */
export function spellLine(keys: readonly SampleKey[], point: Uint8Array, random: Random): string {
  if (random.chance(0.03))
    return random.pick(["", " ", "\t\t", "# comment", "  #x", "\r", "\0", "hello", ",", '"']);
  const key = random.chance(0.3) ? assembleKey(point, random) : random.pick(keys);
  const blob = random.chance(0.25) ? damageBlob(key.blob, random) : key.blob;
  const name = random.chance(0.85)
    ? key.typeName
    : random.pick([...(otherNames[key.typeName] ?? []), ...strangeNames, random.pick(keyTypes).name]);
  const blank = () => random.pick([" ", " ", " ", " ", "\t", "  ", " \t "]);
  const front = random.chance(0.4)
    ? `${random.chance(0.85) ? spellOptions(random) : random.pick(["1024", "0", "7x", "host,1.2.3.4", "@revoked"])}${blank()}`
    : "";
  const comment = random.pick([
    "",
    " alice",
    "\tbob at home ",
    " # no",
    " caf\u00e9",
    " \u001b[31m",
    " (ED25519)",
    " a\0b",
  ]);
  const line = `${random.chance(0.1) ? blank() : ""}${front}${name}${blank()}${spellBase64(blob, random)}${comment}`;
  const mangled = random.chance(0.1) ? mangle(line, random) : line;
  return `${mangled.replaceAll("\n", "")}${random.chance(0.1) ? "\r" : ""}`;
}
