import type { Release } from "@/lib/sshd-config/build";

/** A line of `sshd -T` in the order in which it is printed. */
interface Entry {
  keyword: string;
  /** From this release on, and up to but without that one; for keywords that moved. */
  since?: Release;
  before?: Release;
}

const names = (text: string): Entry[] => text.split(/\s+/).map((keyword) => ({ keyword }));

const order: readonly Entry[] = [
  ...names(
    `Port AddressFamily ListenAddress UsePAM PAMServiceName LoginGraceTime X11DisplayOffset MaxAuthTries MaxSessions
    ClientAliveInterval ClientAliveCountMax RequiredRSASize StreamLocalBindMask UnusedConnectionTimeout
    PermitRootLogin IgnoreRhosts IgnoreUserKnownHosts HostbasedAuthentication HostbasedUsesNameFromPacketOnly
    PubkeyAuthentication KerberosAuthentication KerberosOrLocalPasswd KerberosTicketCleanup
    GSSAPIAuthentication GSSAPICleanupCredentials`,
  ),
  { keyword: "GSSAPIStrictAcceptorCheck", since: 1002 },
  { keyword: "GSSAPIKeyExchange" },
  { keyword: "GSSAPIStrictAcceptorCheck", before: 1002 },
  ...names(
    `GSSAPIStoreCredentialsOnRekey GSSAPIKexAlgorithms PasswordAuthentication KbdInteractiveAuthentication
    ChallengeResponseAuthentication PrintMotd PrintLastLog X11Forwarding X11UseLocalhost PermitTTY PermitUserRC
    StrictModes TCPKeepAlive PermitEmptyPasswords Compression GatewayPorts UseDNS AllowTcpForwarding
    AllowAgentForwarding DisableForwarding AllowStreamLocalForwarding StreamLocalBindUnlink FingerprintHash
    ExposeAuthInfo WarnWeakCrypto RefuseConnection DebianBanner PidFile ModuliFile XAuthLocation Ciphers MACs Banner
    ForceCommand ChrootDirectory TrustedUserCAKeys`,
  ),
  { keyword: "RevokedKeys", before: 1003 },
  ...names(
    `SecurityKeyProvider AuthorizedPrincipalsFile VersionAddendum AuthorizedKeysCommand AuthorizedKeysCommandUser
    AuthorizedPrincipalsCommand AuthorizedPrincipalsCommandUser HostKeyAgent KexAlgorithms CASignatureAlgorithms
    HostbasedAcceptedKeyTypes HostbasedAcceptedAlgorithms HostKeyAlgorithms PubkeyAcceptedKeyTypes
    PubkeyAcceptedAlgorithms RDomain SshdSessionPath SshdAuthPath PerSourcePenaltyExemptList AgentSocketPath LogLevel
    SyslogFacility AuthorizedKeysFile`,
  ),
  { keyword: "RevokedKeys", since: 1003 },
  ...names(
    `HostKey HostCertificate AllowUsers DenyUsers AllowGroups DenyGroups AcceptEnv SetEnv AuthenticationMethods
    LogVerbose ChannelTimeout Subsystem MaxStartups PerSourceMaxStartups PerSourceNetBlockSize PermitTunnel IPQoS
    RekeyLimit PermitOpen PermitListen PermitUserEnvironment PubkeyAuthOptions PerSourcePenalties`,
  ),
];

/** The keywords that `sshd -T` of this release may print, in its order. */
export function dumpOrder(release: Release): string[] {
  return order
    .filter(
      (e) => (e.since === undefined || release >= e.since) && (e.before === undefined || release < e.before),
    )
    .map((e) => e.keyword);
}
