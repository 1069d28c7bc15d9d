import fc from "fast-check";
import { expect, test } from "vitest";
import { buildById, builds } from "@/lib/sshd-config/build";
import { evaluate } from "@/lib/sshd-config/evaluate";
import { type FormField, readForm } from "@/lib/sshd-config/form";
import { writeForm } from "@/lib/sshd-config/form-edit";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";

const bookworm = buildById("deb12-9.2p1")!;
const focal = buildById("ubuntu20.04-8.2p1")!;
const tree = (...texts: string[]): ConfigFile[] =>
  texts.map((text, i) => ({
    path: i === 0 ? "/etc/ssh/sshd_config" : `/etc/ssh/sshd_config.d/${i}.conf`,
    text,
  }));

function fieldOf(files: readonly ConfigFile[], name: string, build = bookworm): FormField {
  const found = readForm(files, build)
    .flatMap(({ fields }) => fields)
    .find(({ keyword }) => keyword.name === name);
  if (!found) throw new Error(`${name} is not in the form.`);
  return found;
}

/** The texts after one edit by the form. */
function written(files: readonly ConfigFile[], name: string, value: string, build = bookworm): string[] {
  const { files: after, refused } = writeForm(files, fieldOf(files, name, build).keyword, value, build);
  if (!after) throw new Error(refused);
  return after.map(({ text }) => text);
}

test("a field shows the line that counts, and in which file", () => {
  const files = tree(
    "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n",
    "PermitRootLogin yes # for now\n",
  );
  expect(fieldOf(files, "PermitRootLogin")).toMatchObject({
    control: "choice",
    written: "yes",
    default: "prohibit-password",
    places: [{ path: "/etc/ssh/sshd_config.d/1.conf", line: 1, value: "yes" }],
  });
});

test("where no line says anything the default of the build holds", () => {
  expect(fieldOf(tree(""), "LoginGraceTime")).toMatchObject({
    written: undefined,
    default: "120",
    places: [],
  });
  expect(fieldOf(tree("#MaxAuthTries 3\n"), "MaxAuthTries").written).toBeUndefined();
});

test("what Match blocks say differently is told with their criteria", () => {
  const files = tree(
    "X11Forwarding no\nMatch User alice,bob Address 10.0.0.0/8\n  X11Forwarding yes\n  X11Forwarding no\nMatch all\n",
  );
  expect(fieldOf(files, "X11Forwarding")).toMatchObject({
    written: "no",
    exceptions: [{ criteria: "User alice,bob Address 10.0.0.0/8", line: 3, value: "yes" }],
  });
});

test("an older sshd has its own names for keyboard-interactive", () => {
  const names = (build: typeof bookworm) =>
    readForm(tree(""), build).flatMap(({ fields }) => fields.map(({ keyword }) => keyword.name));
  expect(names(focal)).toContain("ChallengeResponseAuthentication");
  expect(names(focal)).not.toContain("PubkeyAcceptedAlgorithms");
  expect(names(bookworm)).not.toContain("ChallengeResponseAuthentication");
  expect(fieldOf(tree("ChallengeResponseAuthentication no\n"), "KbdInteractiveAuthentication").written).toBe(
    "no",
  );
});

test("a list of algorithms says what it comes to", () => {
  const all = fieldOf(tree(""), "MACs").algorithms ?? [];
  expect(all).toContain("umac-64@openssh.com");
  expect(fieldOf(tree("MACs -umac-64*\n"), "MACs").algorithms).toEqual(
    all.filter((name) => !name.startsWith("umac-64")),
  );
  expect(fieldOf(tree("MACs -*\n"), "MACs").algorithms).toBeUndefined();
});

test("an edit goes where the value is decided, and touches nothing else", () => {
  const files = tree(
    "Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\n",
    "# cloud\nPasswordAuthentication   yes\t# from the image\n",
  );
  expect(written(files, "PasswordAuthentication", "no")).toEqual([
    files[0]!.text,
    "# cloud\nPasswordAuthentication   no\t# from the image\n",
  ]);
});

test("a new line stands before the first Match block, below the comment that shows the default", () => {
  const files = tree("#MaxAuthTries 6\n\nUsePAM yes\n\n# bob\nMatch User bob\n\tMaxAuthTries 1\n");
  expect(written(files, "MaxAuthTries", "3")).toEqual([
    "#MaxAuthTries 6\nMaxAuthTries 3\n\nUsePAM yes\n\n# bob\nMatch User bob\n\tMaxAuthTries 1\n",
  ]);
  expect(written(files, "LogLevel", "VERBOSE")).toEqual([
    "#MaxAuthTries 6\n\nUsePAM yes\nLogLevel VERBOSE\n\n# bob\nMatch User bob\n\tMaxAuthTries 1\n",
  ]);
});

test("back to the default takes every global line, or an idle one would begin to count", () => {
  const files = tree("UseDNS no\nMaxAuthTries 3\nMatch User bob\nMaxAuthTries 1\n", "");
  const dead = tree("MaxAuthTries 3\nMaxAuthTries 9\nMatch User bob\nMaxAuthTries 1\n");
  expect(written(files, "MaxAuthTries", "")[0]).toBe("UseDNS no\nMatch User bob\nMaxAuthTries 1\n");
  expect(written(dead, "MaxAuthTries", "")[0]).toBe("Match User bob\nMaxAuthTries 1\n");
});

test("a list keeps the lines whose words stay", () => {
  const files = tree("AllowUsers  alice   bob # ops\nUsePAM yes\nAllowUsers carol\n");
  expect(fieldOf(files, "AllowUsers").written).toBe("alice   bob carol");
  expect(written(files, "AllowUsers", "alice bob carol dave")[0]).toBe(
    "AllowUsers  alice   bob # ops\nUsePAM yes\nAllowUsers carol dave\n",
  );
  expect(written(files, "AllowUsers", "alice erin carol")[0]).toBe(
    "AllowUsers  alice   erin # ops\nUsePAM yes\nAllowUsers carol\n",
  );
  expect(written(files, "AllowUsers", "alice bob")[0]).toBe("AllowUsers  alice   bob # ops\nUsePAM yes\n");
  expect(written(tree("UsePAM yes\n"), "AllowUsers", "alice bob")[0]).toBe(
    "UsePAM yes\nAllowUsers alice bob\n",
  );
});

test("every port has a line of its own", () => {
  expect(written(tree("Port 22\nUsePAM yes\n"), "Port", "22 2222")[0]).toBe(
    "Port 22\nPort 2222\nUsePAM yes\n",
  );
  expect(written(tree("Port 22\nUsePAM yes\n"), "Port", "2222")[0]).toBe("Port 2222\nUsePAM yes\n");
  expect(written(tree("Port 22\nPort 2222\n"), "Port", "22")[0]).toBe("Port 22\n");
  expect(written(tree("UsePAM yes\n"), "Port", "22 2222")[0]).toBe("UsePAM yes\nPort 22\nPort 2222\n");
});

test("what sshd would read otherwise is refused", () => {
  const { keyword } = fieldOf(tree(""), "Banner");
  for (const value of ['"/a', "/a # b", "/a\nPort 1", "/a\u0007"])
    expect(writeForm(tree(""), keyword, value, bookworm).refused).toContain("Banner");
  expect(writeForm(tree(""), keyword, "/a#b", focal).refused).toContain("Banner");
});

test("nothing is written where sshd would not come to read it", () => {
  const files = tree("Include /etc/ssh/sshd_config.d/*.conf\n", "Include /etc/ssh/sshd_config.d/*.conf\n");
  const { keyword } = fieldOf(files, "Banner");
  expect(writeForm(files, keyword, "/a", bookworm).refused).toContain("include each other");
});

const word = fc.constantFrom(
  "alice",
  "bob",
  "10.0.0.1",
  "2222",
  "yes",
  "no",
  "any",
  '"a b"',
  "*",
  "publickey",
);
const names = readForm(tree(""), bookworm).flatMap(({ fields }) => fields.map(({ keyword }) => keyword.name));
const someLine = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...names), fc.array(word, { minLength: 1, maxLength: 3 }))
      .map(([name, words]) => `${name} ${words.join("  ")}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "Match User alice",
      "Match all",
      "Include /etc/ssh/sshd_config.d/*.conf",
      "Match Address 10.0.0.0/8",
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "",
      "# a word",
      "#MaxAuthTries 6",
      "\tBanner=/x   # here",
      "Bad line",
      'Banner "open',
    ),
  },
);
/** Files that include themselves are read to the depth at which sshd gives up; no form can mend that. */
const withoutInclude = (text: string) => text.replace(/^Include .*$/gm, "# here was an Include");
const someText = fc
  .tuple(fc.array(someLine, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
  .map(([lines, end, closed]) => lines.join(end) + (closed ? end : ""));
const values: Record<FormField["control"], fc.Arbitrary<string>> = {
  choice: fc.constantFrom("yes", "no", "VERBOSE"),
  number: fc.integer({ min: 0, max: 9 }).map(String),
  text: fc.constantFrom("/etc/issue", "-cbc*", "2m"),
  words: fc
    .uniqueArray(fc.constantFrom("a", "b", "c", "d*", "e@f"), { minLength: 1 })
    .map((w) => w.join(" ")),
};
const onePerWord = (text: string) =>
  parse(`x ${text}`, bookworm).lines[0]?.args.map(({ value }) => value) ?? [];

test("what a form writes it reads again, and no other line of the tree is another one", () => {
  fc.assert(
    fc.property(
      someText,
      fc.array(someText.map(withoutInclude), { maxLength: 2 }),
      fc.constantFrom(...builds),
      fc.nat(),
      fc.infiniteStream(fc.nat()),
      (main, included, build, pick, stream) => {
        const files = tree(main, ...included);
        const fields = readForm(files, build).flatMap((group) => group.fields);
        const field = fields[pick % fields.length]!;
        const isMethods = field.keyword.kind === "methods";
        const arbitrary = isMethods ? fc.constant("publickey") : values[field.control];
        const [value = ""] = fc.sample(arbitrary, { numRuns: 1, seed: stream.next().value ?? 0 });
        const { files: after, refused } = writeForm(files, field.keyword, value, build);
        if (!after) return void expect(refused).toMatch(/AuthenticationMethods/);
        const read = fieldOf(after, field.keyword.name, build);
        expect(onePerWord(read.written ?? "")).toEqual(onePerWord(value));
        for (const other of readForm(after, build).flatMap((group) => group.fields)) {
          if (other.keyword === field.keyword) continue;
          expect(other.written).toBe(fields.find(({ keyword }) => keyword === other.keyword)?.written);
        }
        for (const [i, file] of files.entries()) {
          const foreign = ({ text }: ConfigFile) =>
            parse(text, build)
              .lines.filter((line) => line.text.trim() !== "" && !isAbout(line.keyword?.value, field))
              .map((line) => line.text.replace(/\r?\n$/, ""));
          expect(foreign(after[i]!)).toEqual(foreign(file));
        }
        const cleared = writeForm(after, field.keyword, "", build);
        if (!cleared.files) return void expect(cleared.refused).toMatch(/AuthenticationMethods/);
        expect(fieldOf(cleared.files, field.keyword.name, build).written).toBeUndefined();
      },
    ),
    { numRuns: 1000 },
  );
});

function isAbout(name: string | undefined, { keyword }: FormField): boolean {
  const isOld = keyword.name === "KbdInteractiveAuthentication" && name === "ChallengeResponseAuthentication";
  return name === keyword.name || isOld;
}

test("what the form shows for everyone is what sshd says of a connection that no block is about", () => {
  const files = tree("MaxAuthTries 3\nMatch all\nMaxAuthTries 5\nMatch User alice\nMaxAuthTries 1\n");
  const { settings } = evaluate(files, { user: "nobody" }, bookworm);
  const said = settings?.find(({ keyword }) => keyword === "maxauthtries")?.value;
  expect(fieldOf(files, "MaxAuthTries").written).toBe(said);
});

const refusalOf = (text: string, name: string, value: string) =>
  writeForm(tree(text), fieldOf(tree(text), name).keyword, value, bookworm).refused;

test("the form refuses AuthenticationMethods with which sshd would not start", () => {
  expect(refusalOf("", "AuthenticationMethods", "publickey,pasword")).toMatch(
    /^AuthenticationMethods does not take "publickey,pasword"/,
  );
  expect(refusalOf("PasswordAuthentication no\n", "AuthenticationMethods", "password")).toMatch(
    /^No list of AuthenticationMethods can be fulfilled/,
  );
  expect(
    refusalOf("PasswordAuthentication no\n", "AuthenticationMethods", "password publickey"),
  ).toBeUndefined();
});

test("the form refuses to switch off the method of the only list", () => {
  const text = "AuthenticationMethods password\n";
  expect(refusalOf(text, "PasswordAuthentication", "no")).toMatch(/^No list of AuthenticationMethods/);
  expect(refusalOf(text, "X11Forwarding", "yes")).toBeUndefined();
});

test("a global line behind which sshd reads no other list is not taken away", () => {
  const text = "AuthenticationMethods publickey\nMatch User alice\nAuthenticationMethods alice\n";
  const { keyword } = fieldOf(tree(text), "AuthenticationMethods", focal);
  expect(writeForm(tree(text), keyword, "", focal).refused).toMatch(
    /^AuthenticationMethods does not take "alice"/,
  );
});

test("what sshd refuses already does not keep the form from writing something else", () => {
  const text = "PasswordAuthentication no\nAuthenticationMethods password\n";
  expect(refusalOf(text, "X11Forwarding", "yes")).toBeUndefined();
});
