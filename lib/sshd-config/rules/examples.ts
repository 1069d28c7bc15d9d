import type { BuildId } from "@/lib/sshd-config/build";
import type { HostKnowledge } from "@/lib/sshd-config/host-knowledge";

/** For each rule, texts in which it finds something and sound ones like them. For tests and for docs/rules.md. */
export interface RuleExample {
  code: string;
  /** The first of them stands in docs/rules.md. */
  found: readonly string[];
  sound: readonly string[];
  /** Debian 12 where none is named. */
  build?: BuildId;
  host?: HostKnowledge;
}

const keysAreOff = "PasswordAuthentication no\nKbdInteractiveAuthentication no\n";

export const ruleExamples: readonly RuleExample[] = [
  {
    code: "dead-line",
    found: [
      "PermitRootLogin no\nPermitRootLogin yes\n",
      "Match User a\nX11Forwarding no\nX11Forwarding yes\n",
    ],
    sound: ["AllowUsers a\nAllowUsers b\n", "X11Forwarding no\nMatch User a\n  X11Forwarding yes\n"],
  },
  {
    code: "no-line-behind-match",
    found: [
      "Match User bob\n  X11Forwarding no\n\nPermitRootLogin no\n",
      "Match Group g\n\tBanner /b\nMaxSessions 4\nMaxAuthTries 3\n",
    ],
    sound: [
      "Match User bob\n  X11Forwarding no\n  PermitRootLogin no\n",
      "Match User bob\nX11Forwarding no\nPermitRootLogin no\n",
      "Match User bob\n  X11Forwarding no\nMatch all\nPermitRootLogin no\n",
    ],
  },
  {
    code: "no-closed-door",
    found: [
      `PubkeyAuthentication no\n${keysAreOff}`,
      "PubkeyAuthentication no\nPasswordAuthentication no\nUsePAM no\n",
      "AuthenticationMethods publickey:pam\n",
      `AuthorizedKeysFile none\n${keysAreOff}`,
      `UsePAM yes\nMatch User bob\n  PubkeyAuthentication no\n  ${keysAreOff.replace("\n", "\n  ")}`,
      "UsePAM yes\nMatch User bob\n  PasswordAuthentication no\n  AuthenticationMethods password\n",
    ],
    sound: [
      keysAreOff,
      "UsePAM yes\nPubkeyAuthentication no\nPasswordAuthentication no\n",
      `AuthorizedKeysFile none\nAuthorizedKeysCommand /bin/x\nAuthorizedKeysCommandUser nobody\n${keysAreOff}`,
      "UsePAM yes\nAuthenticationMethods publickey,keyboard-interactive:pam\n",
    ],
  },
  {
    code: "no-disabled-method",
    found: [
      "AuthenticationMethods publickey hostbased\n",
      "Match User bob\n  PasswordAuthentication no\n  AuthenticationMethods publickey,password publickey\n",
    ],
    sound: ["AuthenticationMethods publickey,password publickey\n"],
  },
  {
    code: "no-root-dead-end",
    found: [
      "UsePAM yes\nPermitRootLogin prohibit-password\nAuthenticationMethods publickey,keyboard-interactive\n",
      "UsePAM yes\nAuthenticationMethods password\n",
    ],
    sound: [
      "UsePAM yes\nPermitRootLogin yes\nAuthenticationMethods publickey,keyboard-interactive\n",
      "PermitRootLogin prohibit-password\nAuthenticationMethods publickey publickey,password\n",
      "PermitRootLogin prohibit-password\nAuthenticationMethods publickey,password\n" +
        "Match User root\n  AuthenticationMethods publickey\n",
    ],
  },
  {
    code: "no-questions-without-pam",
    found: ["UsePAM no\nKbdInteractiveAuthentication yes\n", "KbdInteractiveAuthentication yes\n"],
    sound: ["UsePAM yes\nKbdInteractiveAuthentication yes\n", "UsePAM no\n"],
  },
  {
    code: "no-comma-in-names",
    found: ["AllowUsers alice,bob\n", "DenyGroups !wheel\n"],
    sound: ["AllowUsers alice@10.0.0.0/8,!10.1.2.3 bob\n"],
  },
  {
    code: "no-nobody-allowed",
    found: ["AllowUsers alice,bob\n", "AllowGroups !wheel\n"],
    sound: ["AllowUsers alice,bob carol\n", "AllowGroups wheel\n"],
  },
  {
    code: "no-name-without-dns",
    found: ["AllowUsers alice@example.com\n", "DenyUsers *@*.example.com\n"],
    sound: [
      "UseDNS yes\nAllowUsers alice@example.com\n",
      "AllowUsers alice@10.0.0.* bob@2001:db8::/32 carol@* dave@10.1.1.1,*.example.com\n",
    ],
  },
  {
    code: "no-everyone-denied",
    found: ["DenyUsers *\n", "DenyUsers *@*\n", "DenyGroups *\n"],
    sound: ["DenyUsers b*\n", "Match Address 192.0.2.0/24\n  DenyUsers *\n"],
  },
  {
    code: "no-allowed-and-denied",
    found: ["AllowUsers alice bob\nDenyUsers b*\n", "AllowGroups wheel\nDenyGroups wheel\n"],
    sound: ["AllowUsers alice\nDenyUsers bob\n", "AllowUsers alice\nDenyUsers alice@192.0.2.1\n"],
  },
  {
    code: "no-idle-match",
    found: [
      "Match Group !admins\n  X11Forwarding no\n",
      "Match Address host.example.com\n  X11Forwarding no\n",
      "Match Host host.example.com\n  X11Forwarding no\n",
      "Port 2222\nMatch LocalPort 22\n  X11Forwarding no\n",
      "PermitRootLogin no\nMatch User root\n  X11Forwarding no\n",
    ],
    sound: [
      "Match Group *,!admins\n  X11Forwarding no\n",
      "Match Address 10.0.*,2001:db8::/32\n  X11Forwarding no\n",
      "UseDNS yes\nMatch Host host.example.com\n  X11Forwarding no\n",
      "Port 2222\nPort 22\nMatch LocalPort 22\n  X11Forwarding no\n",
      "Match LocalPort 2222\n  X11Forwarding no\n",
      "PermitRootLogin no\nMatch User root Address 10.0.0.0/8\n  PermitRootLogin prohibit-password\n",
    ],
  },
  {
    code: "no-empty-match",
    found: ["Match User bob\n", "Match User bob\n# nothing\nMatch User carol\n  X11Forwarding no\n"],
    sound: ["Match User bob\n  X11Forwarding no\n"],
  },
  {
    code: "no-include-in-match",
    found: ["Match User bob\n  X11Forwarding no\nInclude /etc/ssh/sshd_config.d/*.conf\n"],
    sound: [
      "Include /etc/ssh/sshd_config.d/*.conf\nMatch User bob\n  X11Forwarding no\n",
      "Match all\nInclude /etc/ssh/sshd_config.d/*.conf\n",
    ],
  },
  {
    code: "no-missing-include",
    found: ["Include /etc/ssh/sshd_config.local\n"],
    sound: ["Include /etc/ssh/sshd_config.d/*.conf\n"],
  },
  {
    code: "no-zero-tries",
    found: ["MaxAuthTries 0\n", "MaxSessions 00\n", "Match User tunnel\n  MaxSessions 0\n"],
    sound: ["MaxAuthTries 1\nMaxSessions 1\n"],
  },
  {
    code: "no-single-try",
    found: ["MaxAuthTries 1\n"],
    sound: ["MaxAuthTries 2\n"],
  },
  {
    code: "no-odd-grace-time",
    found: ["LoginGraceTime 2\n", "LoginGraceTime 5\n", "LoginGraceTime 0\n"],
    sound: ["LoginGraceTime 30\n", "LoginGraceTime 2m\n"],
  },
  {
    code: "no-closed-startups",
    found: ["PerSourceMaxStartups 0\n", "MaxStartups 1\n", "MaxStartups 2:100:60\n"],
    sound: ["MaxStartups 10:30:60\n", "MaxStartups 5\n", "PerSourceMaxStartups none\n"],
  },
  {
    code: "no-missing-revoked-keys",
    found: ["RevokedKeys /etc/ssh/gone\n", "RevokedKeys /etc/ssh/unknown\n"],
    sound: ["RevokedKeys /etc/ssh/revoked\n", "RevokedKeys none\n"],
    host: {
      paths: new Map([
        ["/etc/ssh/gone", false],
        ["/etc/ssh/revoked", true],
      ]),
    },
  },
  {
    code: "no-missing-file",
    found: ["Subsystem sftp /usr/libexec/sftp-server\n", "TrustedUserCAKeys /usr/libexec/sftp-server\n"],
    sound: [
      "Subsystem sftp internal-sftp\n",
      "Subsystem sftp /usr/lib/openssh/sftp-server -l INFO\n",
      "Banner /x\n",
    ],
    host: {
      paths: new Map([
        ["/usr/libexec/sftp-server", false],
        ["/usr/lib/openssh/sftp-server", true],
      ]),
    },
  },
  {
    code: "no-unknown-token",
    found: ["AuthorizedKeysFile .ssh/%x\n", "ChrootDirectory /srv/%\n"],
    sound: ["AuthorizedKeysFile /etc/ssh/keys/%u %h/.ssh/keys\n"],
  },
  {
    code: "no-shared-keys-file",
    found: ["AuthorizedKeysFile /etc/ssh/authorized_keys\n", "AuthorizedKeysFile none\n"],
    sound: ["AuthorizedKeysFile /etc/ssh/keys/%u .ssh/authorized_keys\n"],
  },
  {
    code: "no-security-keys-only",
    found: ["PubkeyAcceptedAlgorithms sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com\n"],
    sound: ["PubkeyAcceptedAlgorithms sk-ssh-ed25519@openssh.com,ssh-ed25519\n", "Port 22\n"],
  },
  {
    code: "no-client-excluded",
    found: [
      "Ciphers aes256-cbc\n",
      "Ciphers aes256-ctr\nMACs hmac-md5\n",
      "KexAlgorithms sntrup761x25519-sha512@openssh.com\n",
      "PubkeyAcceptedAlgorithms rsa-sha2-512\n",
      "PubkeyAuthentication no\n",
    ],
    sound: [
      "Ciphers aes256-gcm@openssh.com\nMACs umac-128-etm@openssh.com\n",
      "PubkeyAuthentication no\nMatch User gatehouse\n  PubkeyAuthentication yes\n",
      "KexAlgorithms curve25519-sha256\n",
    ],
  },
  {
    code: "no-empty-algorithms",
    found: ["Ciphers -*\n", "KexAlgorithms -*\n", "MACs -*\nCiphers aes128-ctr\n", "MACs -*\n"],
    sound: [
      "Ciphers -aes*\n",
      "PubkeyAcceptedAlgorithms -*\n",
      "MACs -*\nCiphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com\n",
    ],
  },
  {
    code: "no-host-key-left",
    found: ["HostKey /etc/ssh/ssh_host_rsa_key\nHostKeyAlgorithms ssh-ed25519\n"],
    sound: [
      "HostKey /etc/ssh/ssh_host_rsa_key\nHostKeyAlgorithms rsa-sha2-512\n",
      "HostKey /etc/ssh/mine\nHostKeyAlgorithms ssh-ed25519\n",
      "HostKeyAlgorithms ssh-ed25519\n",
    ],
  },
  {
    code: "no-weak-algorithms",
    found: [
      "Ciphers aes256-gcm@openssh.com,3des-cbc\n",
      "MACs hmac-sha2-256,hmac-md5\n",
      "KexAlgorithms +diffie-hellman-group1-sha1\n",
      "PubkeyAcceptedAlgorithms +ssh-rsa\n",
      "MACs hmac-sha2-256,hmac-sha1\n",
    ],
    sound: [
      "Ciphers -*-cbc\n",
      "MACs hmac-sha2-512-etm@openssh.com,umac-128@openssh.com\n",
      "HostKeyAlgorithms rsa-sha2-512,rsa-sha2-256\n",
    ],
  },
  {
    code: "no-dsa-host-key",
    found: ["HostKey /etc/ssh/ssh_host_dsa_key\nHostKey /etc/ssh/ssh_host_ed25519_key\n"],
    sound: ["HostKey /etc/ssh/ssh_host_ecdsa_key\n"],
    build: "deb13-10.0p1",
  },
  {
    code: "no-port-of-socket",
    found: ["Port 2222\n", "ListenAddress 0.0.0.0\n"],
    sound: ["X11Forwarding no\n"],
    host: { isSocketActivated: true },
  },
  {
    code: "no-loopback-only",
    found: ["ListenAddress 127.0.0.1\nListenAddress ::1\n", "ListenAddress *\n"],
    sound: ["ListenAddress 127.0.0.1\nListenAddress 192.0.2.1\n", "ListenAddress 0.0.0.0\n"],
  },
  {
    code: "no-chroot-trap",
    found: [
      "ChrootDirectory /srv\n",
      "Match User bob\n  ChrootDirectory srv/bob\n  ForceCommand internal-sftp\n",
      "Match User bob\n  ChrootDirectory /srv/bob\n",
    ],
    sound: ["Match User bob\n  ChrootDirectory /srv/%u\n  ForceCommand internal-sftp -l INFO\n"],
  },
  {
    code: "no-command-for-all",
    found: ["ForceCommand internal-sftp\n"],
    sound: ["Match User bob\n  ForceCommand internal-sftp\n", "ForceCommand none\n"],
  },
  {
    code: "no-quoted-command",
    found: [
      'Match User bob\n  ForceCommand "internal-sftp"\n',
      'Match User bob\n  ForceCommand "/usr/bin/rrsync /srv/backup"\n',
    ],
    sound: [
      'Match User bob\n  ForceCommand /bin/echo "hello world"\n',
      'Match User bob\n  ForceCommand "/bin/true"\n',
    ],
  },
  {
    code: "no-comment-in-value",
    found: [
      "VersionAddendum hello # a greeting\n",
      "Match User bob\n  ForceCommand internal-sftp # files only\n",
    ],
    sound: ["Match User bob\n  ForceCommand echo '#1'\n", "Banner /etc/issue.net # shown first\n"],
  },
  {
    code: "no-lone-match-subsystem",
    found: ["Match User bob\n  Subsystem sftp internal-sftp\n"],
    sound: ["Subsystem sftp internal-sftp\nMatch User bob\n  Subsystem sftp internal-sftp\n"],
    build: "deb13-10.0p1",
  },
  {
    code: "no-wide-environment",
    found: ["AcceptEnv *\n", "AcceptEnv LANG LD_*\n"],
    sound: ["AcceptEnv LANG LC_*\n"],
  },
  {
    code: "no-root-password",
    found: ["PermitRootLogin yes\n", "PermitRootLogin yes\nAuthenticationMethods publickey\n"],
    sound: ["PermitRootLogin prohibit-password\n", "PermitRootLogin no\n"],
  },
  {
    code: "no-dead-keepalive",
    found: ["ClientAliveInterval 300\nClientAliveCountMax 0\n"],
    sound: ["ClientAliveInterval 300\nClientAliveCountMax 2\n", "ClientAliveCountMax 0\n"],
  },
  {
    code: "no-old-name",
    found: ["DSAAuthentication no\n", "ChallengeResponseAuthentication no\n"],
    sound: ["KbdInteractiveAuthentication no\nTCPKeepAlive yes\n"],
  },
  { code: "no-ignored-directive", found: ["Protocol 2\n"], sound: ["Port 22\n"] },
  { code: "no-empty-passwords", found: ["PermitEmptyPasswords yes\n"], sound: ["PermitEmptyPasswords no\n"] },
  { code: "no-loose-modes", found: ["StrictModes no\n"], sound: ["StrictModes yes\n"] },
  {
    code: "no-user-environment",
    found: ["PermitUserEnvironment yes\n"],
    sound: ["PermitUserEnvironment no\n", "PermitUserEnvironment LANG,LC_*\n"],
  },
  {
    code: "no-open-display",
    found: ["X11Forwarding yes\nX11UseLocalhost no\n"],
    sound: ["X11Forwarding yes\n", "X11UseLocalhost no\n"],
  },
  { code: "no-gateway-ports", found: ["GatewayPorts yes\n"], sound: ["GatewayPorts clientspecified\n"] },
  { code: "no-missing-pam", found: ["UsePAM no\n"], sound: ["UsePAM yes\n"] },
  { code: "no-silent-log", found: ["LogLevel QUIET\n"], sound: ["LogLevel VERBOSE\n"] },
  { code: "no-passwords", found: ["PasswordAuthentication yes\n"], sound: ["PasswordAuthentication no\n"] },
  {
    code: "no-trusted-machines",
    found: ["HostbasedAuthentication yes\n"],
    sound: ["HostbasedAuthentication no\n"],
  },
];
