import { includePattern, normalize } from "@/lib/sshd-config/include";
import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-missing-include";

/** sshd says nothing of an Include that names no file. */
export const noMissingInclude: Rule = {
  code,
  severity: "info",
  what: "An Include names one file, and there is none.",
  why: "sshd goes on without a word: what the file should set is not set.",
  find: ({ of, files, build }) => {
    const paths = new Set(files.map((file) => normalize(file.path)));
    return of("Include").flatMap((visit) =>
      visit.line.args.flatMap((word) => {
        const path = includePattern(word.value, visit.line.keyword?.value ?? "Include", build.release);
        if (word.value === "" || /[*?[\\~]/.test(path) || paths.has(normalize(path))) return [];
        return [
          findingAt(visit, word, "info", code, {
            what: `${path} is not among the files that were read.`,
            why: "sshd goes on without a word when a file that is included is missing.",
            advice: "Correct the path, create the file, or remove the line.",
          }),
        ];
      }),
    );
  },
};
