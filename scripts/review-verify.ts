// npm run review:verify -- FILE [--sha256 HASH]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { verifyEvidence } from "@/lib/features/access-reviews/verify-evidence";

const usage = "Usage: npm run review:verify -- FILE [--sha256 HASH]";
/** Told apart for scripts: 0 whole, 1 tampered with, 2 could not be checked. */
const exit = { whole: 0, faulty: 1, unusable: 2 };

function fail(message: string): never {
  console.error(message);
  process.exit(exit.unusable);
}

function argumentsOf() {
  try {
    return parseArgs({ allowPositionals: true, options: { sha256: { type: "string" } } });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return fail(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

const { positionals, values } = argumentsOf();
const [file] = positionals;
if (!file || positionals.length > 1) fail(usage);

const report = verifyEvidence(readText(file), values);
console.log(
  `${report.name ?? "–"}: ${report.ways} ways, ${report.closedAt ? `closed ${report.closedAt}` : "not closed"}`,
);
console.log(`Hash of the evidence: ${report.evidenceSha256 ?? "–"}`);
if (report.faults.length === 0) {
  console.log("Whole: what was frozen and what was decided belong to the hash.");
  if (values.sha256 === undefined)
    console.log(
      "Compare the hash with the one in the activity's row review.close, or pass it next time: --sha256.",
    );
  process.exit(exit.whole);
}
console.error(`\nNOT whole, ${report.faults.length} ${report.faults.length === 1 ? "fault" : "faults"}:`);
for (const fault of report.faults) console.error(`  ${fault}`);
process.exit(exit.faulty);
