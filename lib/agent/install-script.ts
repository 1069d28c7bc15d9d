import { createHash } from "node:crypto";
import type { ShippedAgent } from "@/lib/agent/shipped-agent";
import { parsePublicKey, printPublicKey } from "@/lib/openssh-keys/public-key";

export interface InstallScriptOptions {
  readonly hostId: string;
  /** The host's management key, one line. */
  readonly publicKey: string;
  /** Where the installed host posts its report; null: it only prints it, for the login that installs it. */
  readonly reportUrl: string | null;
}

/** What stands between these lines of stdout is the report: `name=value` lines, as `hello` answers them. */
export const reportBegin = "GATEHOUSE-REPORT-BEGIN";
export const reportEnd = "GATEHOUSE-REPORT-END";

/**
 * agent/install.sh and the agent in one script, with what it needs to know in front. It holds no secret.
 *
 * The secret of an install command comes on its stdin, one line, and answers for the report: see `reportMac`.
 * Everything stands in functions that the last line calls, so that a half-loaded script does nothing.
 *
 * @throws RangeError when a value would not fit a single-quoted word, or a text holds its own end mark
 */
export function renderInstallScript(agent: ShippedAgent, options: InstallScriptOptions): string {
  const key = parsePublicKey(options.publicKey);
  if (!key) throw new RangeError("the management key is no public key");
  const agentText = agent.content.toString("utf8");
  if (!Buffer.from(agentText).equals(agent.content)) throw new RangeError("the agent is no UTF-8 text");
  return `#!/bin/sh
# Installs the Gatehouse agent, version ${agent.version}, on this server. Run as root; it says what it does.
set -u
umask 077
LC_ALL=C
export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

GATEHOUSE_HOST_ID=${quote(options.hostId)}
GATEHOUSE_PUBLIC_KEY=${quote(printPublicKey(key))}
GATEHOUSE_AGENT_SHA256=${quote(agent.sha256)}
GATEHOUSE_FROM=
REPORT_URL=${quote(options.reportUrl ?? "")}

say() { printf '%s\\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

write_agent() {
${hereDocument("GATEHOUSE_AGENT", agentText)}
}

write_installer() {
${hereDocument("GATEHOUSE_INSTALLER", agent.installer)}
}

sha256_of() { sha256sum | cut -c 1-64; }

# report_mac SECRET FILE: the envelope of docs/enrolment.md. printf is built in: the secret is in no argument list.
report_mac() {
    report_inner=$({ printf 'gatehouse report inner 1\\n%s\\n' "$1" && cat "$2"; } | sha256_of)
    printf 'gatehouse report outer 1\\n%s\\n%s\\n' "$1" "$report_inner" | sha256_of
}

# post FILE: sends it and prints the answer.
post() {
    if command -v curl >/dev/null 2>&1; then
        curl -sS --max-time 30 -H 'Content-Type: text/plain' --data-binary "@$1" "$REPORT_URL"
    else
        wget -q -T 30 -O - --header 'Content-Type: text/plain' --post-file "$1" "$REPORT_URL"
    fi
}

send_report() {
    {
        printf 'host=%s\\nmac=%s\\n\\n' "$GATEHOUSE_HOST_ID" "$(report_mac "$secret" "$work/report")"
        cat "$work/report"
    } >"$work/message"
    try=1
    until post "$work/message" >"$work/answer"; do
        [ "$try" -lt 4 ] || stop "Installed, but $REPORT_URL cannot be reached from this server, so Gatehouse does not know it. Run the command again when it can."
        say "No answer from $REPORT_URL; trying again in 3 s."
        try=$((try + 1))
        sleep 3
    done
    # What comes back may come from anybody: shown without control characters.
    head -c 600 "$work/answer" | tr -cd '[:print:]\\n'
    grep -q '^done' "$work/answer"
}

main() {
    [ "$(id -u)" = 0 ] || stop "This must run as root."
    secret=
    [ -z "$REPORT_URL" ] || IFS= read -r secret || stop "Paste the whole command that Gatehouse shows."
    work=$(mktemp -d) || stop "No room for a temporary directory."
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    trap '' PIPE
    write_agent >"$work/agent" && write_installer >"$work/install" || stop "The disk is full."
    GATEHOUSE_AGENT_FILE=$work/agent
    export GATEHOUSE_HOST_ID GATEHOUSE_PUBLIC_KEY GATEHOUSE_AGENT_SHA256 GATEHOUSE_AGENT_FILE GATEHOUSE_FROM
    sh "$work/install" </dev/null >"$work/output" || stop "Nothing was installed."
    sed -n '/^${reportBegin}$/,/^${reportEnd}$/p' "$work/output" | sed '1d;$d' >"$work/report"
    [ -s "$work/report" ] || stop "The installer gave no report."
    if [ -n "$REPORT_URL" ]; then
        send_report
    else
        cat "$work/output"
    fi
}

main
`;
}

/** SHA-256 (hex) of a script's bytes: what the pasted command compares before it runs them. */
export function scriptSha256(script: string): string {
  return createHash("sha256").update(script, "utf8").digest("hex");
}

/**
 * The MAC of a report: SHA-256 over the secret and the SHA-256 over the secret and the report (an envelope, as in RFC
 * 2104, in a form that sh can compute: `sha256sum` is everywhere, `openssl` is not).
 *
 * @returns 64 hex digits
 */
export function reportMac(secret: string, report: Uint8Array): string {
  const inner = createHash("sha256")
    .update(`gatehouse report inner 1\n${secret}\n`)
    .update(report)
    .digest("hex");
  return createHash("sha256").update(`gatehouse report outer 1\n${secret}\n${inner}\n`).digest("hex");
}

export interface InstallCommandOptions {
  /** Where hosts reach Gatehouse, without a slash at the end. */
  readonly baseUrl: string;
  readonly hostId: string;
  readonly scriptSha256: string;
  /** Hex digits. */
  readonly secret: string;
}

/**
 * The one line to paste on the server.
 *
 * `echo` is built into every shell, so that the secret stands in no argument list and no address; it goes on by pipes.
 * The space in front keeps the line out of the history where the shell is set so. Works with curl or wget, as root or
 * with sudo, in bash, dash, ash, zsh and fish: no backslash, quote, or "!" inside.
 */
export function printInstallCommand(options: InstallCommandOptions): string {
  const url = `${options.baseUrl}/api/install/script?host=${options.hostId}`;
  for (const value of [url, options.scriptSha256, options.secret]) quote(value);
  const script = [
    `umask 077`,
    `d=$(mktemp -d) || exit 1`,
    `trap "rm -rf $d" EXIT`,
    `u="${url}"`,
    `if command -v curl >/dev/null; then curl -fsS -o $d/i "$u"; else wget -q -O $d/i "$u"; fi || { echo "Gatehouse is not reachable from this server, or the command is no longer valid: $u"; exit 1; }`,
    `echo "${options.scriptSha256}  $d/i" | sha256sum -c >/dev/null 2>&1 || { echo "What came is not what Gatehouse sent. Nothing was run."; exit 1; }`,
    `k=${options.secret}`,
    `if [ $(id -u) = 0 ]; then echo $k | sh $d/i; elif command -v sudo >/dev/null; then echo $k | sudo sh $d/i; else echo "Run this as root."; exit 1; fi`,
  ].join("; ");
  return ` echo '${script}' | sh`;
}

function quote(value: string): string {
  if (/['\\!\x00-\x1f\x7f]/.test(value)) throw new RangeError("a value that cannot stand in single quotes");
  return `'${value}'`;
}

function hereDocument(mark: string, text: string): string {
  if (text.split("\n").includes(mark)) throw new RangeError(`the text holds its own end mark ${mark}`);
  return `cat <<'${mark}'\n${text}${text.endsWith("\n") ? "" : "\n"}${mark}`;
}
