import { expect, test } from "vitest";
import { buildById } from "@/lib/sshd-config/build";
import { assembleWhole } from "@/lib/sshd-config/whole";

const bookworm = buildById("deb12-9.2p1")!;
const main = "/etc/ssh/sshd_config";
const folder = "/etc/ssh/sshd_config.d";
const whole = (files: Record<string, string>) =>
  assembleWhole(
    Object.entries(files).map(([path, text]) => ({ path, text })),
    bookworm,
  );
const texts = (document: ReturnType<typeof whole>) =>
  document.parts.flatMap(({ lines }) => lines.map(({ depth, text }) => `${"  ".repeat(depth)}${text}`));

test("an included file stands behind its Include line, in the order in which sshd reads", () => {
  const document = whole({
    [main]: "Port 22\nInclude sshd_config.d/*.conf\nUsePAM yes\n",
    [`${folder}/b.conf`]: "Banner /b\n",
    [`${folder}/a.conf`]: "Banner /a\n",
  });
  expect(texts(document)).toEqual([
    "Port 22",
    "Include sshd_config.d/*.conf",
    "  Banner /a",
    "  Banner /b",
    "UsePAM yes",
  ]);
  expect(document.parts.map(({ path, isContinued }) => [path, isContinued])).toEqual([
    [main, false],
    [`${folder}/a.conf`, false],
    [`${folder}/b.conf`, false],
    [main, true],
  ]);
  expect(document.parts[1]?.includedFrom).toEqual({ path: main, line: 2 });
});

test("an Include in a Match block says so", () => {
  const document = whole({
    [main]: `Match User bob\n  Include ${folder}/bob.conf\n`,
    [`${folder}/bob.conf`]: "Banner /b\n",
  });
  expect(document.parts[1]).toMatchObject({ insideMatch: "Match User bob", depth: 1 });
});

test("files that are read twice or never are told, and Includes of nothing", () => {
  const document = whole({
    [main]: `Include ${folder}/a.conf\nMatch User bob\nInclude ${folder}/a.conf ${folder}/none.conf\n`,
    [`${folder}/a.conf`]: "Banner /a\n",
    [`${folder}/idle`]: "Banner /idle\n",
  });
  expect([...document.repeated]).toEqual([[`${folder}/a.conf`, 2]]);
  expect(document.unread).toEqual([`${folder}/idle`]);
  expect(document.empty).toEqual([{ path: main, line: 3, word: `${folder}/none.conf` }]);
});

test("files that include each other end", () => {
  const a = `${folder}/a.conf`;
  const document = whole({ [main]: `Include ${a}\nInclude ${a}\n`, [a]: `Include ${main}\nInclude ${a}\n` });
  expect(document.isCut).toBe(true);
  expect(texts(document)).toEqual([
    `Include ${a}`,
    `  Include ${main}`,
    `  Include ${a}`,
    `Include ${a}`,
    `  Include ${main}`,
    `  Include ${a}`,
  ]);
});
