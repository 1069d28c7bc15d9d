import fc from "fast-check";
import { expect, test } from "vitest";
import { buildById, builds, newestBuild } from "@/lib/sshd-config/build";
import {
  addDirective,
  removeDirective,
  removeLine,
  setDirective,
  writeDirective,
} from "@/lib/sshd-config/edit";
import { parse } from "@/lib/sshd-config/parser";

const bookworm = buildById("deb12-9.2p1")!;
const tree = (...texts: string[]) =>
  texts.map((text, i) => ({
    path: i === 0 ? "/etc/ssh/sshd_config" : `/etc/ssh/sshd_config.d/${i}.conf`,
    text,
  }));
const texts = (edited: { files?: { text: string }[] }) => edited.files?.map((f) => f.text);

test("a new global directive goes before the first Match block, never behind the last", () => {
  const edited = addDirective(
    tree("Port 22\n\n# for alice\nMatch User alice\n  Banner none\n"),
    "UseDNS",
    ["no"],
    bookworm,
  );
  expect(texts(edited)).toEqual(["Port 22\nUseDNS no\n\n# for alice\nMatch User alice\n  Banner none\n"]);
});

test("a file that begins with a Match block keeps the comment above it", () => {
  const edited = addDirective(
    tree("# for alice\nMatch User alice\n  Banner none\n"),
    "UseDNS",
    ["no"],
    bookworm,
  );
  expect(texts(edited)).toEqual(["UseDNS no\n# for alice\nMatch User alice\n  Banner none\n"]);
});

test("a missing line end is put right, and CRLF stays CRLF", () => {
  expect(texts(addDirective(tree("Port 22"), "UseDNS", ["no"], bookworm))).toEqual(["Port 22\nUseDNS no\n"]);
  expect(texts(addDirective(tree("Port 22\r\n"), "UseDNS", ["no"], bookworm))).toEqual([
    "Port 22\r\nUseDNS no\r\n",
  ]);
});

test("setting rewrites the line that decides, in whatever file it stands, and keeps spacing and comment", () => {
  const files = tree("Include /etc/ssh/sshd_config.d/*.conf\nUseDNS no\n", "\tuseDNS = no   # slow\n");
  expect(texts(setDirective(files, "UseDNS", ["yes"], bookworm))).toEqual([
    files[0]!.text,
    "\tuseDNS = yes   # slow\n",
  ]);
});

test("an Include in a Match block decides nothing for everyone", () => {
  const files = tree("Match User bob\nInclude /etc/ssh/sshd_config.d/*.conf\n", "Banner /x\n");
  expect(texts(setDirective(files, "Banner", ["/y"], bookworm))).toEqual([
    "Banner /y\nMatch User bob\nInclude /etc/ssh/sshd_config.d/*.conf\n",
    "Banner /x\n",
  ]);
});

test("a line behind Match all decides over the global one", () => {
  const files = tree("Banner /x\nMatch all\nBanner /y\n");
  expect(texts(setDirective(files, "Banner", ["/z"], bookworm))).toEqual([
    "Banner /x\nMatch all\nBanner /z\n",
  ]);
});

test("a new directive stands below the comment that shows its default", () => {
  const files = tree("Port 22\n\n#Banner none\n\nUseDNS no\n#Match User a\n#\tBanner x\n");
  expect(texts(setDirective(files, "Banner", ["/y"], bookworm))).toEqual([
    "Port 22\n\n#Banner none\nBanner /y\n\nUseDNS no\n#Match User a\n#\tBanner x\n",
  ]);
});

test("a removed line that somebody commented on is commented out", () => {
  const files = tree("Port 22\nUseDNS no # the resolver is slow\nBanner /x\n");
  const place = (number: number) => ({ path: files[0]!.path, line: { number } });
  expect(texts(removeLine(files, place(2), bookworm))).toEqual([
    "Port 22\n#UseDNS no # the resolver is slow\nBanner /x\n",
  ]);
  expect(texts(removeLine(files, place(3), bookworm))).toEqual([
    "Port 22\nUseDNS no # the resolver is slow\n",
  ]);
});

test("setting a directive that has no line adds one", () => {
  expect(texts(setDirective(tree("Match User a\nBanner /x\n"), "Banner", ["/y"], bookworm))).toEqual([
    "Banner /y\nMatch User a\nBanner /x\n",
  ]);
});

test("removing takes every global line and no line of a Match block", () => {
  const files = tree("AllowUsers a\nPort 22\nallowusers b\nMatch User x\nAllowUsers c\n");
  expect(texts(removeDirective(files, "AllowUsers", bookworm))).toEqual([
    "Port 22\nMatch User x\nAllowUsers c\n",
  ]);
});

const pieces = fc.constantFrom("a", " ", '"', "'", "\\", "#", "=", ",", "ö", "\t", "\u007f");
const words = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.array(pieces, { maxLength: 6 }).map((p) => p.join("")),
);

test("what is written reads back word for word, or is refused", () => {
  fc.assert(
    fc.property(
      fc.array(words, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...builds),
      (words, build) => {
        const line = writeDirective("AllowGroups", words, build);
        if (line === undefined) return;
        const read = parse(line, build).lines;
        expect(read).toHaveLength(1);
        expect(read[0]?.args.map((w) => w.value)).toEqual(words);
      },
    ),
    { numRuns: 2000 },
  );
});

test("control characters and line breaks are refused", () => {
  for (const word of ["a\nPermitRootLogin yes", "a\0", "a\r", "\u001b[31m"]) {
    expect(writeDirective("Banner", [word], newestBuild)).toBeUndefined();
    expect(addDirective(tree(""), "Banner", [word], newestBuild).refused).toContain("Banner");
  }
});

test("a command is written as it stands, without quotes around it", () => {
  expect(writeDirective("ForceCommand", ["/bin/x 'a b' # c"], newestBuild)).toBe(
    "ForceCommand /bin/x 'a b' # c",
  );
  expect(writeDirective("ForceCommand", ["/bin/x # c"], builds[0]!)).toBeUndefined();
});
