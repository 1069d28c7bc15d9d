// The tables of docs/safety.md, from what the harnesses wrote. Pure: the caller reads and writes.

/** @typedef {{ injected: number, reached: number, violations: number }} Tally */

const place = (name) => new RegExp(`(<!-- figures: ${name} -->\n)[\\s\\S]*?(<!-- end of figures -->)`);

/**
 * The document with the figures in their places.
 *
 * @param {string} text docs/safety.md
 * @param {{ faults: any, "faults-earlier": any[], lockouts: any, "false-confirms": any, push: any, web: any }} figures the harnesses' summaries
 * @returns {string}
 * @throws when a place is missing: a table that is nowhere would be missed by nobody
 */
export function fillTables(text, figures) {
  const tables = {
    faults: faultTables(figures.faults),
    "faults-earlier": earlierTable(figures["faults-earlier"]),
    lockouts: lockoutTable(figures.lockouts),
    "false-confirms": confirmTable(figures["false-confirms"]),
    push: pushTable(figures.push),
    web: webTable(figures.web),
  };
  return Object.entries(tables).reduce((filled, [name, table]) => {
    if (!place(name).test(filled)) throw new Error(`docs/safety.md has no place for the figures of ${name}.`);
    return filled.replace(place(name), (_, before, after) => `${before}\n${table}\n\n${after}`);
  }, text);
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? "---" : "--:"))), ...rows.map(line)].join(
    "\n",
  );
}

/** @param {Record<string, Tally>} tallies */
function tallyRows(tallies) {
  return Object.entries(tallies)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { injected, reached, violations }]) => [name, injected, reached, violations]);
}

function faultTables({ commit, startedAt, seconds, seed, trials, total, by, broken, sweeps, violations }) {
  const head = ["", "injected", "reached", "violations"];
  const all = ["**all**", total.injected, total.reached, total.violations];
  const run = `Commit \`${commit}\`, seed ${seed}, ${startedAt.slice(0, 10)}: ${trials} changes in ${Math.round(seconds / 60)} minutes.`;
  const seen = Object.entries(broken).map(
    ([name, invariants]) => `an agent that ${name}: ${invariants.join(", ")}`,
  );
  const swept = Object.entries(sweeps).map(([name, { reached, end }]) =>
    end === null
      ? `${name}: to ${reached}, the end was not met`
      : `${name}: to ${reached}, none left at ${end}`,
  );
  return [
    `${run} Seen to fail, as they must: ${seen.join("; ")}.`,
    table(["what was injected", ...head.slice(1)], [all, ...tallyRows(by.kind)]),
    table(["where", ...head.slice(1)], tallyRows(by.role)),
    table(["what was changed", ...head.slice(1)], tallyRows(by.subject)),
    table(["on", ...head.slice(1)], tallyRows(by.host)),
    swept.length > 0 ? `Sweeps: ${swept.join("; ")}.` : "No sweep was made in this run.",
    violations.length > 0 ? `What was violated:\n\n${violations.map((line) => `- ${line}`).join("\n")}` : "",
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** Runs whose figures are not those of the agent as it is: what they found, all of it. */
function earlierTable(runs) {
  const head = ["commit, seed", "injected", "reached", "violations"];
  const rows = runs.map(({ commit, seed, total }) => [
    `\`${commit}\`, ${seed}`,
    total.injected,
    total.reached,
    total.violations,
  ]);
  const found = runs.flatMap(({ commit, violations }) => violations.map((line) => `- \`${commit}\` ${line}`));
  return [table(head, rows), found.join("\n")].filter(Boolean).join("\n\n");
}

const releaseNames = { 804: "8.4", 902: "9.2", 1000: "10.0" };

function lockoutTable({ commit, startedAt, releases, violations }) {
  const rows = Object.entries(releases).map(([release, of]) => [
    `OpenSSH ${releaseNames[release]}`,
    of.lockouts,
    of.backInTime,
    `${of.longestOutageSeconds} s`,
    of.refusedByAgent,
    of.refusedByDashboard,
    of.notRefused,
    of.sound,
    of.falseAlarms,
  ]);
  const head = [
    "on",
    "shut out",
    "undone in time",
    "longest outage",
    "refused by the agent",
    "by the dashboard only",
    "by nobody",
    "sound",
    "false alarms",
  ];
  return [
    `Commit \`${commit}\`, ${startedAt.slice(0, 10)}.`,
    table(head, rows),
    violations.length > 0 ? `What was violated:\n\n${violations.map((line) => `- ${line}`).join("\n")}` : "",
  ]
    .filter(Boolean)
    .join("\n\n");
}

function confirmTable({ commit, startedAt, tries, accepted, kinds }) {
  const rows = Object.entries(kinds).map(([name, kind]) => [
    name,
    kind.tries,
    kind.accepted,
    Object.keys(kind.answers).join(", "),
  ]);
  return [
    `Commit \`${commit}\`, ${startedAt.slice(0, 10)}.`,
    table(["what was tried", "times", "accepted", "answered"], [["**all**", tries, accepted, ""], ...rows]),
  ].join("\n\n");
}

/** One table: a row for each tool at each number of hosts, the tools in the order in which they ran. */
function pushTable({ commit, startedAt, machine, series }) {
  const seconds = (value) => (value === undefined ? "" : `${value.toFixed(2)} s`);
  const rows = [...series]
    .sort((a, b) => a.hosts - b.hosts)
    .map((one) => [
      one.tool,
      one.hosts,
      one.seconds.length,
      seconds(one.medianSeconds),
      one.ratioToGatehouse === null ? "" : one.ratioToGatehouse.toFixed(2),
      seconds(one.medianPlanSeconds),
      `${Math.round(one.processorMillisecondsPerHost)} ms`,
      `${one.mostMebibytes} MiB`,
      one.medianLoad.toFixed(1),
    ]);
  const head = [
    "",
    "hosts",
    "rounds",
    "median",
    "times Gatehouse's",
    "planned in",
    "controller's processor, a host",
    "memory",
    "load",
  ];
  return `Commit \`${commit}\`, ${startedAt.slice(0, 10)}, ${machine}.\n\n${table(head, rows)}`;
}

function webTable({ commit, startedAt, machine, load, hosts, accounts, people, series }) {
  const rows = series.map(({ use, page, times, medianMilliseconds, p95Milliseconds, mostMilliseconds }) => [
    `${page}, ${use === "reading" ? "people who read" : "all in the same moment"}`,
    times,
    `${medianMilliseconds} ms`,
    `${p95Milliseconds} ms`,
    `${mostMilliseconds} ms`,
  ]);
  const run = `Commit \`${commit}\`, ${startedAt.slice(0, 10)}, ${machine}, load ${load} when it began: ${hosts} hosts of ${accounts} accounts each, ${people} people.`;
  return `${run}\n\n${table(["page", "opened", "median", "p95", "longest"], rows)}`;
}
