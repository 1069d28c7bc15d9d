/** What stands in large configurations: a Match block for each of many accounts. */
const block = [
  (i: number) => `# Delivery of partner ${i}, see the wiki`,
  (i: number) => `Match User user${i},backup${i} Address 10.0.${i % 250}.0/24,192.168.${i % 250}.7`,
  (i: number) => `    ChrootDirectory /srv/sftp/user${i}`,
  () => "    ForceCommand internal-sftp -f AUTH -l INFO",
  () => "    AllowTcpForwarding no",
  () => "    X11Forwarding no",
  (i: number) => `    AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/user${i}`,
  () => "    AuthenticationMethods publickey publickey,password",
  (i: number) => `    PermitOpen db${i}.example.org:5432 10.0.${i % 250}.9:22`,
  () => "",
];

const head = [
  "# This is the sshd server system-wide configuration file.",
  "Port 22",
  "AddressFamily any",
  "ListenAddress 0.0.0.0",
  "ListenAddress ::",
  "SyslogFacility AUTH",
  "LogLevel VERBOSE",
  "LoginGraceTime 1m",
  "PermitRootLogin no",
  "StrictModes yes",
  "MaxAuthTries 4",
  "PubkeyAuthentication yes",
  "PasswordAuthentication no",
  "KbdInteractiveAuthentication no",
  "UsePAM yes",
  "AllowGroups ssh-users sftponly",
  "X11Forwarding no",
  "PrintMotd no",
  "AcceptEnv LANG LC_*",
  "Ciphers aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr",
  "Subsystem sftp internal-sftp",
  "",
];

/** A configuration of exactly so many lines that sshd takes: global settings, then Match blocks of ten lines. */
export function everydayConfiguration(lines: number): string {
  const text = [...head];
  for (let i = 0; text.length < lines; i++) text.push(...block.map((line) => line(i)));
  return `${text.slice(0, lines).join("\n")}\n`;
}
