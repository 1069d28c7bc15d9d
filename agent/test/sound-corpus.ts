/**
 * Configurations that people do well to have, and that shut out nobody: the check before a change must let each of them
 * pass. Each by itself added to Debian's own sshd_config.
 */
export interface SoundCase {
  readonly name: string;
  readonly top?: string;
  readonly end?: string;
  readonly given?: string;
  readonly after?: string;
  readonly since?: number;
}

export const soundCorpus: readonly SoundCase[] = [
  { name: "root never", top: "PermitRootLogin no" },
  { name: "root by key", top: "PermitRootLogin prohibit-password" },
  { name: "no passwords", top: "PasswordAuthentication no" },
  { name: "no passwords of any sort", top: "PasswordAuthentication no\nChallengeResponseAuthentication no" },
  { name: "no empty passwords", top: "PermitEmptyPasswords no" },
  { name: "AllowUsers with the management account", top: "AllowUsers alice bob admin gatehouse" },
  { name: "AllowUsers by a pattern", top: "AllowUsers alice gate*" },
  { name: "AllowUsers by address", top: "AllowUsers alice *@10.77.0.0/16" },
  { name: "AllowUsers by address, others", top: "AllowUsers alice@192.0.2.1 gatehouse@10.77.*" },
  { name: "AllowUsers but one", top: "AllowUsers alice bob admin gatehouse\nDenyUsers bob" },
  { name: "AllowGroups with the management account's", top: "AllowGroups alice bob gatehouse" },
  { name: "AllowGroups by a pattern", top: "AllowGroups alice g?tehouse" },
  {
    name: "AllowGroups by a group of its own",
    top: "AllowGroups ssh-users",
    given: "groupadd ssh-users; for u in alice bob admin gatehouse; do usermod -a -G ssh-users $u; done",
    after: "groupdel ssh-users",
  },
  { name: "DenyUsers somebody", top: "DenyUsers mallory eve@192.0.2.0/24" },
  { name: "DenyUsers but not us", top: "DenyUsers gatehouse@192.0.2.0/24" },
  { name: "DenyGroups somebody", top: "DenyGroups games" },
  { name: "AuthenticationMethods publickey", top: "AuthenticationMethods publickey" },
  {
    name: "a second factor, and the management account by key",
    top: "ChallengeResponseAuthentication yes",
    end: "Match User bob\n\tAuthenticationMethods publickey,keyboard-interactive\nMatch User gatehouse\n\tAuthenticationMethods publickey",
  },
  {
    name: "either a key or two things",
    top: "AuthenticationMethods publickey password,publickey",
  },
  {
    name: "AuthorizedKeysFile in two places",
    top: "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u",
  },
  { name: "AuthorizedKeysFile by %h", top: "AuthorizedKeysFile %h/.ssh/authorized_keys" },
  {
    name: "RevokedKeys that revokes somebody else",
    top: "RevokedKeys /etc/ssh/revoked_other",
    given: "cp /etc/ssh/ssh_host_ecdsa_key.pub /etc/ssh/revoked_other",
    after: "rm -f /etc/ssh/revoked_other",
  },
  {
    name: "RevokedKeys that revokes nobody",
    top: "RevokedKeys /etc/ssh/revoked_none",
    given: ": >/etc/ssh/revoked_none",
    after: "rm -f /etc/ssh/revoked_none",
  },
  {
    name: "RevokedKeys by a list of serial numbers",
    top: "RevokedKeys /etc/ssh/revoked_krl",
    given: "ssh-keygen -q -k -f /etc/ssh/revoked_krl /etc/ssh/ssh_host_ecdsa_key.pub",
    after: "rm -f /etc/ssh/revoked_krl",
  },
  {
    name: "Ed25519 and security keys only",
    top: "PubkeyAcceptedKeyTypes ssh-ed25519,sk-ssh-ed25519@openssh.com",
  },
  { name: "no RSA by SHA-1", top: "PubkeyAcceptedKeyTypes -ssh-rsa" },
  { name: "MaxAuthTries 1", top: "MaxAuthTries 1" },
  { name: "MaxAuthTries 2", top: "MaxAuthTries 2" },
  { name: "MaxSessions 1", top: "MaxSessions 1" },
  { name: "MaxStartups of the manual", top: "MaxStartups 10:30:60" },
  { name: "PerSourceMaxStartups 5", top: "PerSourceMaxStartups 5", since: 805 },
  { name: "LoginGraceTime 20", top: "LoginGraceTime 20" },
  { name: "LoginGraceTime 0", top: "LoginGraceTime 0" },
  { name: "ClientAlive", top: "ClientAliveInterval 300\nClientAliveCountMax 2" },
  { name: "strong ciphers", top: "Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes256-ctr" },
  {
    name: "strong key exchange",
    top: "KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org,diffie-hellman-group16-sha512",
  },
  { name: "strong MACs", top: "MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com" },
  {
    name: "one MAC is nothing to ciphers that bring their own",
    top: "Ciphers aes256-gcm@openssh.com\nMACs hmac-md5-96",
  },
  { name: "host key Ed25519 only", top: "HostKeyAlgorithms ssh-ed25519" },
  { name: "Ed25519 host key named", top: "HostKey /etc/ssh/ssh_host_ed25519_key" },
  { name: "ListenAddress of everywhere", top: "ListenAddress 0.0.0.0" },
  { name: "a second port beside the first", top: "Port 22\nPort 2222" },
  { name: "version 4 only", top: "AddressFamily inet" },
  { name: "SFTP for a group", end: "Match Group games\n\tForceCommand internal-sftp\n\tChrootDirectory %h" },
  {
    name: "SFTP for everybody but us",
    end: "Match User *,!gatehouse,!alice,!admin\n\tForceCommand internal-sftp",
  },
  { name: "no keys for one account", end: "Match User bob\n\tPubkeyAuthentication no" },
  { name: "nobody from elsewhere", end: "Match Address *,!10.77.0.0/16,!127.0.0.1\n\tDenyUsers *" },
  { name: "nothing at another port", end: "Match LocalPort 2222\n\tForceCommand /bin/false" },
  {
    name: "everything quiet",
    top: "X11Forwarding no\nAllowTcpForwarding no\nAllowAgentForwarding no\nPermitTunnel no",
  },
  { name: "DisableForwarding", top: "DisableForwarding yes" },
  { name: "a banner", top: "Banner /etc/issue.net" },
  { name: "a banner that is not there", top: "Banner /etc/no-such-banner" },
  { name: "verbose", top: "LogLevel VERBOSE\nSyslogFacility AUTH" },
  { name: "StrictModes yes", top: "StrictModes yes" },
  { name: "UseDNS no", top: "UseDNS no" },
  { name: "no PAM", top: "UsePAM no" },
  { name: "internal-sftp as the subsystem", top: "IgnoreRhosts yes\nHostbasedAuthentication no" },
  { name: "RequiredRSASize", top: "RequiredRSASize 3072", since: 901 },
  { name: "penalties", top: "PerSourcePenalties authfail:10s", since: 908 },
];
