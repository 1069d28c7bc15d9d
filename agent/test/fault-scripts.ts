import { agentPath, keyFile, wideModes } from "./fault-subject";
import { mainConfig, pamFile } from "./managed-host";

/** What runs inside a host under fault injection; all of it by `sh` of the host, as root. */

/**
 * Prints what the host looks like now, as `name=value` lines. `look` and `rights` are of the subject of the trial
 * (/opt/faults/look and rights).
 */
export const snapshotScript = `
say() { printf '%s=%s\\n' "$1" "$2"; }
while IFS= read -r line; do case $line in state=* | id=*) printf '%s\\n' "$line" ;; esac; done 2>/dev/null </var/lib/gatehouse/state
say live "$(sh /opt/faults/look 2>/dev/null)"
say rights "$(sh /opt/faults/rights 2>/dev/null)"
say strays "$(cd /var/lib/gatehouse && find /etc/ssh /etc/pam.d /home/alice /usr/local/libexec -name '.gatehouse*'; find tx work -mindepth 1 -maxdepth 1 2>/dev/null; find . /usr/local/libexec -name '*.new*')"
say watchers "$(ps -eo args | grep -c '/usr/local/libexec/[g]atehouse-guard watch')"
say listening "$(cat /proc/net/tcp /proc/net/tcp6 | grep -c ':0016 [0-9A-F]*:0000 0A ')"
say history "$(cut -d' ' -f2,3 /var/lib/gatehouse/history 2>/dev/null | tr '\\n' ',')"
say guard "$(cmp -s ${agentPath} /usr/local/libexec/gatehouse-guard && echo same)"
say seen "$(cat /run/seen-by-sshd 2>/dev/null)"
say reached "$(ls -d /opt/faults/hit.* 2>/dev/null | sed 's/.*\\.//' | tr '\\n' ' ')"
say where "$(cat /run/faults/where.* /opt/faults/where 2>/dev/null | tr '\\n' ';')"
say count "$(cat /run/faults/count.* 2>/dev/null | wc -c)"
`;

/** Puts the host back to where it began, whatever is there; $1 is the subject of the next trial. */
export const resetScript = `
for pid in $(pgrep -x -f '/bin/sleep 600'); do kill -9 "$pid"; done
rm -rf /opt/faults/on /opt/faults/plan.* /opt/faults/hit.* /opt/faults/clock /opt/faults/where /run/faults /var/tmp/full
mkdir -p /run/faults && chmod 0777 /run/faults
[ -d /opt/faults/bin ] || mv -T /opt/faults/off /opt/faults/bin
for dir in /proc/[0-9]*; do
  line=; { IFS= read -r line <"$dir/cmdline"; } 2>/dev/null
  case $line in *sh/usr/local/libexec/gatehouse-* | *--posix/usr/local/libexec/gatehouse-*) kill -9 "\${dir#/proc/}" ;; esac
done
cd /var/lib/gatehouse && rm -rf state state.* history history.* tx work kept
rm -f /run/gatehouse/* /etc/ssh/.gatehouse* /etc/pam.d/.gatehouse* /home/alice/.ssh/.gatehouse* /run/seen-by-sshd
rm -f /usr/local/libexec/.gatehouse* /usr/local/libexec/*.new*
for path in ${agentPath} /usr/local/libexec/gatehouse-guard; do
  cmp -s /root/agent.base "$path" || { cp -p /root/agent.base "$path.back" && mv -f "$path.back" "$path"; }
done
cp -p /root/base ${mainConfig}.base && mv -f ${mainConfig}.base ${mainConfig}
cp -p /root/pam.base ${pamFile}.base && mv -f ${pamFile}.base ${pamFile}
rm -f ${keyFile} && cp /root/keys.base ${keyFile} && chown alice:alice ${keyFile} /home/alice/.ssh
chmod 755 /home/alice && chmod 700 /home/alice/.ssh && chmod 600 ${keyFile}
if [ "$1" = modes ]; then
  chmod ${wideModes.split(",")[0]} /home/alice && chmod ${wideModes.split(",")[1]} /home/alice/.ssh && chmod ${wideModes.split(",")[2]} ${keyFile}
fi
cp /root/look.$1 /opt/faults/look && cp /root/rights.$1 /opt/faults/rights || exit 1
if [ -d /run/systemd/system ]; then
  systemctl reset-failed ssh.service ssh.socket; systemctl restart ssh.service || exit 1
else
  listener() { pgrep -f '^sshd: .*\\[listener\\]'; }
  for pid in $(listener); do kill "$pid"; done
  while listener >/dev/null; do sleep 0.05; done
  mkdir -p /run/sshd; /usr/sbin/sshd || exit 1
  until listener >/dev/null; do sleep 0.05; done
fi
rm -f /run/seen-by-sshd
`;

/**
 * Kills every process of the agent at this very moment, its watcher included, or (\`look\`) only looks for one; and notes
 * the state that the change was in. Exit 1: there was none.
 */
export const strikeScript = `
state=$(sed -n 's/^state=//p' /var/lib/gatehouse/state 2>/dev/null)
hit=1
for dir in /proc/[0-9]*; do
  line=; { IFS= read -r line <"$dir/cmdline"; } 2>/dev/null
  case $line in
  *sh/usr/local/libexec/gatehouse-* | *--posix/usr/local/libexec/gatehouse-*)
    case $1 in look) hit=0 ;; *) kill -9 "\${dir#/proc/}" && hit=0 ;; esac
    ;;
  esac
done
if [ "$hit" = 0 ]; then
  mkdir -p /opt/faults/hit.moment
  printf 'while %s\\n' "\${state:-idle}" >/opt/faults/where
fi
exit "$hit"
`;
