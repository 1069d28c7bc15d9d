import type { Case } from "@/lib/sshd-config/testing/corpus";
import { mangle } from "@/lib/sshd-config/testing/mangle";
import type { Random } from "@/lib/sshd-config/testing/random";

const folder = "/etc/ssh/sshd_config.d";

const names = [
  "10-a.conf",
  "20-b.conf",
  "9.conf",
  "B.conf",
  "a.conf",
  ".hidden.conf",
  "with blank.conf",
  "[x].conf",
  "ö.conf",
  "c.conf.bak",
  "a-b_c.conf",
  "sub/1.conf",
  "sub/deep/2.conf",
];

/** What an Include may name. Nothing here reaches the host keys: their bytes are none of a case's. */
const patterns = [
  `${folder}/*.conf`,
  "sshd_config.d/*.conf",
  `${folder}/10*`,
  `${folder}/missing`,
  folder,
  `"${folder}/20-b.conf" ${folder}/1*`,
  `${folder}/*.conf ${folder}/*.conf`,
  `${folder}/*/*.conf`,
  `${folder}/[0-9]*.conf`,
  `${folder}/[!0-9]*.conf`,
  `${folder}/[^a]*.conf`,
  `${folder}/[a-z].conf`,
  `${folder}/[]a]*.conf`,
  `${folder}/?.conf`,
  `${folder}/.*.conf`,
  `${folder}/{10-a,20-b}.conf`,
  `"${folder}/with blank.conf"`,
  `${folder}/with\\ blank.conf`,
  `${folder}/\\[x\\].conf`,
  `${folder}/[[]x].conf`,
  `${folder}/../sshd_config.d/a.conf`,
  `${folder}//a.conf`,
  `${folder}/./a.conf`,
  `${folder}/a.conf/`,
  `${folder}/sub/`,
  `${folder}/*`,
  `${folder}/*/`,
  `${folder}/[[:digit:]]*.conf`,
  `${folder}/[a-`,
  "sshd_config.d/a.conf",
  "~/x.conf",
  '""',
  "sub/1.conf",
];

/** A main file that includes others, which may include others in turn. */
export function includeTree(r: Random, lines: (most: number) => string): Case["files"] {
  const files: Case["files"] = {};
  const include = () => {
    const pattern = r.chance(0.92) ? r.pick(patterns) : `${folder}/${mangle(r.pick(names), r)}`;
    return `${r.pick(["Include ", "include\t", "Include="])}${pattern.includes("\0") ? folder : pattern}\n`;
  };
  for (let i = r.between(1, 4); i > 0; i--) {
    const text = r.chance(0.15) ? lines(2) + include() : lines(r.between(1, 3));
    files[`${folder}/${r.pick(names)}`] = r.chance(0.1) ? { text, mode: "0000" } : text;
  }
  if (r.chance(0.06)) files[`${folder}/dir.conf`] = { dir: true };
  if (r.chance(0.06)) files[`${folder}/link.conf`] = { symlink: r.pick([`${folder}/a.conf`, "/nowhere"]) };
  const before = r.chance(0.5) ? lines(3) : "";
  const block = r.chance(0.25)
    ? r.pick(["Match User alice\n", "Match all\n", "Match User nosuchuserever\n"])
    : "";
  files["/etc/ssh/sshd_config"] =
    `${before}${before.endsWith("\n") ? "" : "\n"}${block}${include()}${r.chance(0.3) ? include() : ""}${lines(3)}`;
  return files;
}
