// npm run activity:verify -- FILE [--earlier OLDER-FILE] [--signer SHA256:…] [--witness FILE-OF-A-HOST] [--checkpoint-signer SHA256:…]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { verifyExport } from "@/lib/features/activity/verify-export";

const usage =
  "Usage: npm run activity:verify -- FILE [--earlier OLDER-FILE] [--signer SHA256:…] [--witness FILE-OF-A-HOST] [--checkpoint-signer SHA256:…]";
/** Told apart for scripts: 0 whole, 1 tampered with, 2 could not be checked. */
const exit = { whole: 0, faulty: 1, unusable: 2 };

function fail(message: string): never {
  console.error(message);
  process.exit(exit.unusable);
}

function argumentsOf() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        earlier: { type: "string" },
        signer: { type: "string" },
        witness: { type: "string" },
        "checkpoint-signer": { type: "string" },
      },
    });
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

const report = verifyExport(readText(file), {
  ...(values.earlier !== undefined && { earlier: readText(values.earlier) }),
  ...(values.signer !== undefined && { signer: values.signer }),
  ...(values.witness !== undefined && { witness: readText(values.witness) }),
  ...(values["checkpoint-signer"] !== undefined && { checkpointSigner: values["checkpoint-signer"] }),
});
console.log(`${report.rows} rows, ${report.from ?? "–"} to ${report.to ?? "–"}`);
console.log(`Head signed by ${report.signedBy ?? "nobody"}`);
if (report.checkpoints + report.witnessed > 0)
  console.log(
    `${report.checkpoints} checkpoints in it and ${report.witnessed} of the witness, signed by ${report.checkpointSigners.join(", ")}`,
  );
if (report.faults.length === 0) {
  console.log("Whole: no row was edited, removed, put in, moved or cut off.");
  if (!values.signer)
    console.log(
      "Keep the signer's fingerprint, and pass it next time: --signer. What shows a chain that was rewritten as a whole: an older export (--earlier), and what a managed host keeps in /var/lib/gatehouse/witness (--witness).",
    );
  process.exit(exit.whole);
}
console.error(`\nNOT whole, ${report.faults.length} ${report.faults.length === 1 ? "fault" : "faults"}:`);
for (const fault of report.faults.slice(0, 50)) console.error(`  ${fault}`);
if (report.faults.length > 50) console.error(`  … and ${report.faults.length - 50} more`);
process.exit(exit.faulty);
