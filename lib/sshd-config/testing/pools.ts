import type { Kind } from "@/lib/sshd-config/keyword";
import type { Case } from "@/lib/sshd-config/testing/corpus";

const list = (text: string) => text.split(" ");

const integers = list("0 1 3 10 22 100 010 +5 -1 -0 0x10 1k 2147483647 2147483648 99999999999 abc 1.5 ''");
const times = list(
  "0 1 30 2m 1h30m 1m5s 1h1h 90S 2W 1d -1 +1 1.5 .5 1.5s 1.5h 1. 5x 010 1m30 4294967296 2147483648 s 1ms none",
);
const paths = list(
  "none NONE None /etc/x rel ~/x ~alice/x ~nosuch/x ~ /a//b %h/.ssh /etc/ssh/%u /a%zb internal /x#y",
);
const users = list(
  "alice bob root * !alice a,b al?ce alice@10.0.0.0/8 bob@*.example.org x@y@10.0.0.1 @ carol@10.0.0.1/8 *@!10.1.2.3,10.* alice@",
);
const groups = list("wheel sudo * !wheel a,b ssh-users 'Domain\\ Users' sftp*");
/** By keyword; "keys" for all lists of key types. */
export const algorithms: Record<string, string[]> = {
  ciphers: list(
    "aes128-ctr aes256-ctr,aes128-cbc +3des-cbc -aes* ^aes256-gcm@openssh.com -* foo aes128-ctr,,foo +foo none aes* rijndael-cbc@lysator.liu.se",
  ),
  macs: list(
    "hmac-sha2-256 hmac-sha2-512,hmac-md5 +hmac-sha1-96 -umac* ^hmac-sha1 -* foo hmac* hmac-sha1,hmac-sha1",
  ),
  kexalgorithms: list(
    "curve25519-sha256 ecdh-sha2-nistp256,diffie-hellman-group1-sha1 +diffie-hellman-group14-sha1 -ecdh* ^sntrup761x25519-sha512@openssh.com sntrup761x25519-sha512 mlkem768x25519-sha256 foo gss-gex-sha1- -* gss-foo mlkem768nistp256-sha256 sntrup4591761x25519-sha512@tinyssh.org gss-group14-sha256-x,curve25519-sha256",
  ),
  gssapikexalgorithms: list(
    "gss-group14-sha256- gss-gex-sha1-,gss-nistp256-sha256- foo +gss-gex-sha1- curve25519-sha256 gss-group1-sha1-x",
  ),
  keys: list(
    "ssh-ed25519 ssh-rsa,rsa-sha2-512 +ssh-rsa +ssh-dss -ssh-rsa* ^rsa-sha2-256 ssh-* * -* *,!ssh-rsa !ssh-rsa foo ed25519 RSA dsa null sk-* *-cert-v01@openssh.com +webauthn-sk-ecdsa-sha2-nistp256@openssh.com ecdsa-sha2-nistp256,,foo ssh-dss ssh-mldsa44-ed25519 +*-cert*",
  ),
};
/** Words by kind of directive; sound ones come first. */
export const values: Partial<Record<Kind, readonly string[]>> = {
  "yes-no": list("yes no YES No true on 1 maybe"),
  int: integers,
  "int-or-none": [...integers, "none", "None"],
  time: times,
  "time-or-none": [...times, "None", "NONE"],
  octal: list("0177 022 0 08 9 777 0777 1000 -1 +7 7x x 000"),
  port: list("22 2222 0 65535 65536 ssh http foo -1 +22 0022 22x"),
  string: list("sshd none x"),
  account: list("nobody none root %u x"),
  "routing-domain": list("none %D vrf1 NONE"),
  path: paths,
  "path-added": list(
    "none /etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_rsa_key /etc/ssh/missing rel /etc/ssh/ssh_host_ed25519_key.pub",
  ),
  "path-list": paths,
  "token-path": paths,
  "agent-socket": list("none NONE SSH_AUTH_SOCK /run/agent rel"),
  "agent-path": list("user:.ssh/agent shared:/run/x shared:x user: x:y none"),
  provider: list("internal INTERNAL none /usr/lib/x rel $ENV"),
  raw: ["none", "NONE", "/bin/x -a", "internal-sftp", 'echo "a b" # c', "'x'", "a\\ b", "%h"],
  addendum: ["none", "NONE", "hello there", "x # y", '"quoted"', "a\rb"],
  command: ["none", "NONE", "/usr/bin/x %u", "rel", '/x "a b"', "/x # y", "~/x"],
  words: list("none auth.c:* None x,y kex.c:*:1000,*:kex_exchange_identification():*"),
  "accept-env": list("LANG LC_* A=B * X?"),
  "group-list": groups,
  "user-host-list": users,
  "address-list": list("none 10.0.0.0/8 10.0.0.1/8 1.2.3.4,::1 !10.0.0.0/8 10.* foo , ::1/200 1.2.3.4/33"),
  methods: list(
    "any publickey password publickey,password keyboard-interactive:pam none hostbased gssapi-with-mic gssapi-keyex foo Publickey publickey, publickey:x '' password,any",
  ),
  "open-list": list(
    "any none host:22 host:* *:80 [::1]:22 host 10.0.0.1:0 host:99999 host:ssh a:b:c [::1 x/22 '' ::1:22",
  ),
  "listen-list": list("any none 22 host:22 *:80 localhost:* [::1]:22 0 x 99999 host:ssh '' *"),
  "listen-address": list(
    "0.0.0.0 :: 127.0.0.1:2022 [::1]:22 [::1] ::1 10.1 0x7f.1 [127.0.0.1]:22 [::1 127.0.0.1:0 127.0.0.1:x 1.2.3.4/22 localhost listen.example.test 2001:DB8::0:1 ::ffff:1.2.3.4 127.0.0.1:ssh nosuch.example",
  ),
  "channel-timeouts": list("none session=5m None *=1h session= =5 x session:shell=0 agent=1.5 global=10"),
  "rekey-limit": list(
    "default none 1G 512M 1K 16 15 0 1.5G 1g 10x 99999999999999999999 -1 +64K 1.5 8E default",
  ),
  "ip-qos": list(
    "ef af21 cs1 lowdelay throughput reliability none le 0 8 16 32 0x10 010 255 256 -1 -0 foo AF11 4 1 184",
  ),
  "max-startups": list(
    "10 10:30:100 7 0 -1 10:30 5:50:20 100:30:10 10:0:100 10:101:100 5:50:20x x 10:30:100:1 1:1:1 +5 ' 5'",
  ),
  "net-block": list("24 24:64 32:128 33 -1 24: 24:129 x 0:0 24:64:1"),
  penalties: list(
    "yes no crash:90 authfail:5s noauth:1m max:1h min:0 max-sources4:10 max-sources6:x overflow:deny-all overflow6:permissive overflow:x foo:1 crash: authfail:1.5 invaliduser:3 grace-exceeded:1h refuseconnection:2 YES crash authfail:-1 max:.5",
  ),
  "pubkey-options": list(
    "none touch-required verify-required NONE Touch-Required foo max-pk-ok:3 max-pk-ok: max-pk-ok:x",
  ),
  "set-env": list("A=B A=C B=x=y FOO C= =x '' D=#x"),
  "user-environment": list("yes no YES LANG,LC_* X none"),
  digest: list("md5 sha256 SHA256 sha1 sha512 foo"),
  legacy: list("yes no 2 x"),
};
export const subsystems = [
  "sftp internal-sftp",
  "sftp /usr/lib/openssh/sftp-server -l INFO",
  "x /bin/x 'a b' \"c\"",
  "sftp",
  "y /bin/y # c",
  '"a b" /bin/z',
  "x /bin/other",
  "z /a\\ b c\\\\d",
];
/** What follows Match; sound ones come first. */
export const criteria = [
  "all",
  "ALL",
  "User alice",
  "User bob,root",
  "User !alice,*",
  "User al*",
  "Group wheel",
  "Group sudo,!ssh-users",
  "Group !x",
  "Host *.example.org",
  "Host client.example.org",
  "Address 10.0.0.0/8",
  "Address 192.168.*",
  "Address 10.1.2.3/8",
  "Address 2001:db8::/32",
  "Address foo",
  "Address !10.0.0.0/8,*",
  "LocalAddress 10.0.0.1",
  "LocalPort 22",
  "LocalPort ssh",
  "LocalPort 22,23",
  "RDomain x",
  "User=alice",
  "user = alice",
  "Invalid-User",
  "version OpenSSH_*",
  'User "alice"',
  "User 'alice'",
  "User",
  "Foo x",
  "",
  "exec x",
  "User alice Address 192.168.0.0/16",
  "User alice, bob",
  "User alice #c",
  "User a*,b* Group *",
  "all User x",
  "User x all",
];

/** Connections that many of the criteria tell apart. */
export const queries: Case["queries"] = [
  {},
  { user: "alice", host: "client.example.org", addr: "192.168.1.50", laddr: "10.0.0.1", lport: "22" },
  { user: "bob", host: "build.example.org", addr: "10.1.2.3", laddr: "10.0.0.1", lport: "2222" },
  { user: "nosuchuser", host: "x.example.org", addr: "2001:db8::5", laddr: "::1", lport: "22" },
];
