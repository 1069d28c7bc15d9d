/**
 * Configurations that `sshd -t` accepts and that let nobody in, or only strangers: mistakes that people make, each by
 * itself added to Debian's own sshd_config. On the hosts that try them, accounts have keys and no password.
 */
export interface LockoutCase {
  readonly name: string;
  /** Lines in front of the file, where the first value wins; or behind it, as Match blocks must stand. */
  readonly top?: string;
  readonly end?: string;
  /** Shell that makes what the lines need, before the change; `after` takes it away. */
  readonly given?: string;
  readonly after?: string;
  /** OpenSSH releases that take it, as major × 100 + minor; default all. */
  readonly since?: number;
  readonly until?: number;
  /** Who still gets in; default nobody. `people`: only the management account is shut out. */
  readonly letsIn?: "strangers" | "people";
}

const lab = "10.77.0.0/16";
const keyOf = "ssh-keygen -q -t ed25519 -N '' -C stranger -f";
const strangersKey = `rm -f /root/stranger*; ${keyOf} /root/stranger`;

/** Users and groups that are named, or not named. */
const names: readonly LockoutCase[] = [
  { name: "AllowUsers names an account that is not there", top: "AllowUsers nobody-here" },
  { name: "AllowUsers with a slip of the finger", top: "AllowUsers alicce bobb amdin gatehuose" },
  { name: "AllowUsers with commas", top: "AllowUsers alice,bob,admin,gatehouse" },
  { name: "AllowUsers in capitals", top: "AllowUsers Alice Bob Admin Gatehouse" },
  { name: "AllowUsers root, who has neither key nor password", top: "AllowUsers root" },
  {
    name: "AllowUsers of addresses that nobody has",
    top: "AllowUsers *@192.0.2.0/24 gatehouse@198.51.100.7",
  },
  { name: "AllowUsers at localhost only", top: "AllowUsers *@localhost *@127.0.0.1 *@::1" },
  { name: "AllowUsers at a domain, without names of hosts", top: "AllowUsers *@*.example.org" },
  { name: "AllowUsers that only takes away", top: "AllowUsers !alice !bob" },
  { name: "AllowUsers of names longer than any", top: "AllowUsers ????????????????????" },
  {
    name: "AllowUsers of a stranger",
    top: "AllowUsers mallory",
    given: `useradd -m mallory; ${strangersKey}; install -d -o mallory -m 700 /home/mallory/.ssh; install -o mallory -m 600 /root/stranger.pub /home/mallory/.ssh/authorized_keys`,
    after: "userdel -r mallory 2>/dev/null",
    letsIn: "strangers",
  },
  {
    name: "AllowUsers of people, without the management account",
    top: "AllowUsers alice bob admin",
    letsIn: "people",
  },
  { name: "AllowGroups names a group that is not there", top: "AllowGroups ssh-users" },
  { name: "AllowGroups of another system", top: "AllowGroups wheel" },
  { name: "AllowGroups with commas", top: "AllowGroups alice,bob,admin,gatehouse" },
  { name: "AllowGroups in capitals", top: "AllowGroups Alice Gatehouse" },
  { name: "AllowGroups root", top: "AllowGroups root" },
  {
    name: "AllowGroups of people, without that of the management account",
    top: "AllowGroups alice bob admin",
    letsIn: "people",
  },
  { name: "AllowUsers and AllowGroups that never meet", top: "AllowUsers alice gatehouse\nAllowGroups bob" },
  { name: "DenyUsers everybody", top: "DenyUsers *" },
  { name: "DenyUsers everybody from everywhere", top: "DenyUsers *@*" },
  { name: "DenyUsers from the whole network", top: `DenyUsers *@${lab}` },
  { name: "DenyUsers by a pattern that is too wide", top: "DenyUsers a* b* g*" },
  {
    name: "DenyUsers stronger than AllowUsers",
    top: "AllowUsers alice gatehouse\nDenyUsers alice bob admin gatehouse",
  },
  { name: "DenyGroups everybody", top: "DenyGroups *" },
  { name: "DenyGroups by a pattern that is too wide", top: "DenyGroups *a* *o*" },
  { name: "DenyUsers the management account", top: "DenyUsers gate*", letsIn: "people" },
];

/** Keys: where they are looked for, which of them count. */
const keys: readonly LockoutCase[] = [
  { name: "PubkeyAuthentication no", top: "PubkeyAuthentication no" },
  {
    name: "passwords and keys off",
    top: "PubkeyAuthentication no\nPasswordAuthentication no\nKbdInteractiveAuthentication no",
    since: 807,
  },
  { name: "AuthorizedKeysFile none", top: "AuthorizedKeysFile none" },
  { name: "AuthorizedKeysFile in British", top: "AuthorizedKeysFile .ssh/authorised_keys" },
  { name: "AuthorizedKeysFile moved, the keys not", top: "AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u" },
  { name: "AuthorizedKeysFile one directory too deep", top: "AuthorizedKeysFile %h/.ssh/%u/authorized_keys" },
  { name: "AuthorizedKeysFile that is a directory", top: "AuthorizedKeysFile %h/.ssh" },
  { name: "AuthorizedKeysFile that is empty for ever", top: "AuthorizedKeysFile /dev/null" },
  {
    name: "AuthorizedKeysFile that is a FIFO",
    top: "AuthorizedKeysFile /var/tmp/fifo",
    given: "rm -f /var/tmp/fifo; mkfifo /var/tmp/fifo",
    after: "rm -f /var/tmp/fifo",
  },
  {
    name: "AuthorizedKeysFile that everybody may write to",
    top: "AuthorizedKeysFile /var/tmp/keys/%u",
    given:
      "mkdir -p /var/tmp/keys; for u in alice bob admin; do cp /home/$u/.ssh/authorized_keys /var/tmp/keys/$u; done; cp $(sed -n 's/^key-file=//p' /var/lib/gatehouse/installed) /var/tmp/keys/gatehouse; chmod -R 777 /var/tmp/keys",
    after: "rm -rf /var/tmp/keys",
  },
  {
    name: "AuthorizedKeysFile with the keys of strangers",
    top: "AuthorizedKeysFile /etc/ssh/all_keys",
    given: `${strangersKey}; install -m 644 /root/stranger.pub /etc/ssh/all_keys`,
    after: "rm -f /etc/ssh/all_keys",
    letsIn: "strangers",
  },
  { name: "RevokedKeys that is not there", top: "RevokedKeys /etc/ssh/revoked_keys" },
  { name: "RevokedKeys that is a directory", top: "RevokedKeys /etc/ssh" },
  {
    name: "RevokedKeys with everybody's keys",
    top: "RevokedKeys /etc/ssh/revoked_all",
    given:
      "cat /home/*/.ssh/authorized_keys $(sed -n 's/^key-file=//p' /var/lib/gatehouse/installed) | sed 's/.*\\(ssh-ed25519 \\)/\\1/' >/etc/ssh/revoked_all",
    after: "rm -f /etc/ssh/revoked_all",
  },
  {
    name: "RevokedKeys that is cut off",
    top: "RevokedKeys /etc/ssh/revoked_cut",
    given:
      "ssh-keygen -q -k -f /etc/ssh/revoked_cut /home/alice/.ssh/authorized_keys && truncate -s -9 /etc/ssh/revoked_cut",
    after: "rm -f /etc/ssh/revoked_cut",
  },
  { name: "only RSA keys accepted", top: "PubkeyAcceptedKeyTypes rsa-sha2-512,rsa-sha2-256" },
  { name: "only ECDSA keys accepted", top: "PubkeyAcceptedKeyTypes ecdsa-sha2-nistp256" },
  { name: "only security keys accepted", top: "PubkeyAcceptedKeyTypes sk-*" },
  { name: "Ed25519 taken out", top: "PubkeyAcceptedKeyTypes -ssh-ed25519*" },
  { name: "only certificates accepted", top: "PubkeyAcceptedKeyTypes *-cert-v01@openssh.com" },
];

/** Methods, attempts, sessions. */
const methods: readonly LockoutCase[] = [
  { name: "AuthenticationMethods password", top: "AuthenticationMethods password" },
  { name: "a key and a password that nobody has", top: "AuthenticationMethods publickey,password" },
  { name: "two keys of who has one", top: "AuthenticationMethods publickey,publickey" },
  {
    name: "a second factor that nobody enrolled",
    top: "ChallengeResponseAuthentication yes\nAuthenticationMethods publickey,keyboard-interactive",
  },
  {
    name: "a second factor by PAM that nobody enrolled",
    top: "ChallengeResponseAuthentication yes\nAuthenticationMethods publickey,keyboard-interactive:pam",
  },
  {
    name: "keyboard-interactive only",
    top: "ChallengeResponseAuthentication yes\nAuthenticationMethods keyboard-interactive",
  },
  {
    name: "hostbased only, and no host is known",
    top: "HostbasedAuthentication yes\nAuthenticationMethods hostbased",
  },
  {
    name: "Kerberos only, and no realm",
    top: "GSSAPIAuthentication yes\nAuthenticationMethods gssapi-with-mic",
  },
  { name: "MaxAuthTries 0", top: "MaxAuthTries 0" },
  { name: "MaxSessions 0", top: "MaxSessions 0" },
  { name: "MaxStartups 0", top: "MaxStartups 0" },
  { name: "PerSourceMaxStartups 0", top: "PerSourceMaxStartups 0", since: 805 },
  {
    name: "no PAM, and passwords that are locked",
    top: "UsePAM no",
    given: "for u in alice bob admin gatehouse; do usermod -p '!' $u; done",
    after: "for u in alice bob admin gatehouse; do usermod -p '*' $u; done",
  },
  { name: "RefuseConnection for everybody", end: "Match all\nRefuseConnection yes", since: 909 },
];

/** Where sshd listens, and in which words it speaks. */
const wire: readonly LockoutCase[] = [
  { name: "ListenAddress of loopback", top: "ListenAddress 127.0.0.1" },
  { name: "ListenAddress of loopback, version 6", top: "ListenAddress ::1" },
  { name: "ListenAddress that the host does not have", top: "ListenAddress 192.0.2.9" },
  { name: "ListenAddress of a neighbour", top: "ListenAddress 10.77.255.250" },
  { name: "another port", top: "Port 2222" },
  { name: "two other ports", top: "Port 2222\nPort 22022" },
  { name: "version 6 only", top: "AddressFamily inet6" },
  { name: "ciphers that nobody speaks any more", top: "Ciphers 3des-cbc" },
  { name: "ciphers of another time", top: "Ciphers aes128-cbc,aes256-cbc" },
  { name: "a key exchange that nobody speaks any more", top: "KexAlgorithms diffie-hellman-group1-sha1" },
  { name: "MACs that nobody speaks any more", top: "Ciphers aes128-ctr\nMACs hmac-md5-96" },
  { name: "no host key of the algorithms", top: "HostKeyAlgorithms rsa-sha2-512,rsa-sha2-256" },
];

/** Logins that succeed and lead nowhere. */
const sessions: readonly LockoutCase[] = [
  { name: "ForceCommand false", top: "ForceCommand /bin/false" },
  { name: "ForceCommand nologin", top: "ForceCommand /usr/sbin/nologin" },
  { name: "ForceCommand that is not there", top: "ForceCommand /usr/local/bin/jail" },
  { name: "SFTP for everybody", top: "ForceCommand internal-sftp" },
  { name: "ChrootDirectory that is not there", top: "ChrootDirectory /srv/jail" },
  { name: "ChrootDirectory without a shell", top: "ChrootDirectory /home" },
  { name: "ChrootDirectory that its user owns", top: "ChrootDirectory %h" },
];

/** The same, from inside Match blocks. */
const blocks: readonly LockoutCase[] = [
  { name: "Match everybody: no keys", end: "Match User *\n\tPubkeyAuthentication no" },
  { name: "Match a network: no keys", end: `Match Address ${lab}\n\tPubkeyAuthentication no` },
  { name: "Match what is not local: denied", end: "Match Address *,!127.0.0.1\n\tDenyUsers *" },
  {
    name: "Match the port: another key file",
    end: "Match LocalPort 22\n\tAuthorizedKeysFile /etc/ssh/keys/%u",
  },
  { name: "Match any group: false", end: "Match Group *\n\tForceCommand /bin/false" },
  { name: "Match any host: no sessions", end: "Match Host *\n\tMaxSessions 0" },
  { name: "Match all, at the end: denied", end: "Match all\n\tDenyUsers *" },
  {
    name: "Match the management account: no keys",
    end: "Match User gatehouse\n\tPubkeyAuthentication no",
    letsIn: "people",
  },
  {
    name: "Match the management account: passwords",
    end: "Match User gate*\n\tAuthenticationMethods password",
    letsIn: "people",
  },
  {
    name: "Match the management account's group: another command",
    end: "Match Group gatehouse\n\tForceCommand /bin/true",
    letsIn: "people",
  },
  {
    name: "an included file that denies",
    top: "Include /etc/ssh/more/*.conf",
    given: "mkdir -p /etc/ssh/more; echo 'DenyUsers *' >/etc/ssh/more/10.conf",
    after: "rm -rf /etc/ssh/more",
  },
];

export const lockoutCorpus: readonly LockoutCase[] = [
  ...names,
  ...keys,
  ...methods,
  ...wire,
  ...sessions,
  ...blocks,
];
