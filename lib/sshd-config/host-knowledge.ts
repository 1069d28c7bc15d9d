/**
 * What is known about the host that a configuration is for, beyond its build. All of it is optional: a rule that needs
 * what is not known says nothing, or says "if".
 */
export interface HostKnowledge {
  /** systemd's ssh.socket listens in place of sshd. */
  isSocketActivated?: boolean;
  /** Absolute paths that were looked at on the host: is there something? A path that is not in it was not looked at. */
  paths?: ReadonlyMap<string, boolean>;
  /** The types of all keys that people have on the host: "ssh-ed25519", "sk-ssh-ed25519@openssh.com". */
  keyTypes?: ReadonlySet<string>;
}
