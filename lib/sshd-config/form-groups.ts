/** The directives that a form shows, grouped as people ask about them. All others are edited in the text. */
export const formGroups: readonly { title: string; lead: string; names: readonly string[] }[] = [
  {
    title: "Who may log in",
    lead: "Checked in this order for every account: deny users, allow users, deny groups, allow groups.",
    names: ["PermitRootLogin", "DenyUsers", "AllowUsers", "DenyGroups", "AllowGroups"],
  },
  {
    title: "How people prove who they are",
    lead: "Which ways of logging in there are, and how many tries.",
    names: [
      "PubkeyAuthentication",
      "PasswordAuthentication",
      "KbdInteractiveAuthentication",
      "ChallengeResponseAuthentication",
      "AuthenticationMethods",
      "UsePAM",
      "PermitEmptyPasswords",
      "MaxAuthTries",
      "LoginGraceTime",
    ],
  },
  {
    title: "Where sshd listens",
    lead: "Addresses and ports. Where systemd opens the socket, sshd does not look at them.",
    names: ["Port", "ListenAddress", "AddressFamily"],
  },
  {
    title: "Forwarding",
    lead: "What a login may be used for besides a shell.",
    names: [
      "AllowTcpForwarding",
      "AllowAgentForwarding",
      "X11Forwarding",
      "PermitTunnel",
      "GatewayPorts",
      "DisableForwarding",
    ],
  },
  {
    title: "Sessions",
    lead: "What people see, how long silence lasts, and what is logged.",
    names: ["Banner", "PrintMotd", "MaxSessions", "ClientAliveInterval", "ClientAliveCountMax", "LogLevel"],
  },
  {
    title: "Cryptography",
    lead: "Lists of algorithms, first choice first. A list that begins with + adds to the default, - takes away, ^ puts first.",
    names: ["KexAlgorithms", "Ciphers", "MACs", "HostKeyAlgorithms", "PubkeyAcceptedAlgorithms"],
  },
];
