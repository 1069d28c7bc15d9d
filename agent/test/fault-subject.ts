import { addMarker } from "@/lib/change/marker";
import type { Content, Subject } from "./fault-plan";
import { mainConfig, pamFile, sha256 } from "./managed-host";

/** What one kind of change is about, on a host under fault injection. */
export interface SubjectOnHost {
  /** Shell that prints what stands there now, as one word. */
  readonly look: string;
  /** Shell that prints owner and mode of it. */
  readonly lookAtRights: string;
  /** What that prints, at all times. */
  readonly rights: string;
  /** What `look` prints before the change. */
  readonly before: string;
  /** The request that changes it, and what `look` prints when the change is in place. */
  propose(id: string, content: Content): Proposal;
}

export interface Proposal {
  readonly verb: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string;
  readonly after: string;
}

export const agentPath = "/usr/local/libexec/gatehouse-agent";
export const keyFile = "/home/alice/.ssh/authorized_keys";
/** Of alice's home directory, .ssh and key file: wider than StrictModes of OpenSSH wants, not than Debian's does. */
export const wideModes = "775,775,664";
const safeModes = "755,700,600";

const lookAt = (file: string) => `sha256sum <${file} | cut -c 1-64`;

/** What a fault host began with. */
export interface Bases {
  /** sshd_config */
  readonly config: string;
  /** sshd's PAM file */
  readonly pam: string;
  /** agent.sh, with the harness' patches */
  readonly agent: string;
  /** alice's authorized_keys */
  readonly keys: string;
  /** A public key line of nobody who logs in. */
  readonly otherKey: string;
}

/** The subjects of a host that began with `bases`. */
export function subjectsOf(bases: Bases): Readonly<Record<Subject, SubjectOnHost>> {
  const configOf = (id: string, content: Content) => {
    const text = bases.config.replace("LAB_GENERATION=before", "LAB_GENERATION=after");
    const first = { good: "", "shut-out": "AllowUsers nobody\n", bind: "ListenAddress 192.0.2.9\n" };
    return addMarker(`${first[content]}${text}`, id);
  };
  const ofConfig = (id: string) => ({
    id,
    file: sha256(mainConfig),
    base: sha256(bases.config),
    override: 1,
  });
  return {
    config: {
      look: lookAt(mainConfig),
      lookAtRights: `stat -c '%u:%g %a' ${mainConfig}`,
      rights: "0:0 644",
      before: sha256(bases.config),
      propose(id, content) {
        const body = configOf(id, content);
        return { verb: "apply", headers: ofConfig(id), body, after: sha256(body) };
      },
    },
    pam: {
      look: `printf '%s+%s\\n' "$(${lookAt(mainConfig)})" "$(${lookAt(pamFile)})"`,
      lookAtRights: `stat -c '%u:%g %a' ${mainConfig} ${pamFile} | paste -sd, -`,
      rights: "0:0 644,0:0 644",
      before: `${sha256(bases.config)}+${sha256(bases.pam)}`,
      propose(id, content) {
        const config = configOf(id, content);
        const pam = bases.pam.replace("@include common-auth", "auth required pam_google_authenticator.so");
        const headers = { "pam.base": sha256(bases.pam), "pam.bytes": Buffer.byteLength(pam) };
        return {
          verb: "apply",
          headers: { ...ofConfig(id), ...headers },
          body: config + pam,
          after: `${sha256(config)}+${sha256(pam)}`,
        };
      },
    },
    agent: {
      look: lookAt(agentPath),
      lookAtRights: `stat -c '%u:%g %a' ${agentPath}`,
      rights: "0:0 755",
      before: sha256(bases.agent),
      propose(id, content) {
        // One that works, or one that is a script and answers nothing.
        const body =
          content === "good"
            ? `${bases.agent}# ${id}\n`
            : bases.agent.replace("\nset -u", "\nexit 1\nset -u");
        const headers = { id, sha256: sha256(body) };
        return { verb: "update-agent", headers, body, after: sha256(body) };
      },
    },
    keys: {
      look: lookAt(keyFile),
      lookAtRights: `stat -c '%U:%G %a' ${keyFile}`,
      rights: "alice:alice 600",
      before: sha256(bases.keys),
      propose(id, content) {
        const body = content === "good" ? `${bases.keys}${bases.otherKey}` : bases.otherKey;
        const headers = { id, account: "alice", file: sha256(keyFile), base: sha256(bases.keys) };
        return { verb: "apply-keys", headers, body, after: sha256(body) };
      },
    },
    modes: {
      look: `stat -c %a /home/alice /home/alice/.ssh ${keyFile} | paste -sd, -`,
      lookAtRights: `stat -c %U:%G ${keyFile}`,
      rights: "alice:alice",
      before: wideModes,
      propose(id) {
        const modes = { base: sha256(wideModes), sha256: sha256(safeModes) };
        const headers = { id, account: "alice", file: sha256(keyFile), ...modes };
        return { verb: "repair-modes", headers, body: "", after: safeModes };
      },
    },
  };
}
