import { agentPath, keyFile, wideModes } from "./fault-subject";
import { mainConfig, pamFile } from "./managed-host";

/** What runs inside a host under fault injection; all of it by `sh` of the host, as root. */

/**
 * Prints what the host looks like now, as `name=value` lines. `look` and `rights` are of the subject of the trial
 * (/opt/faults/look and rights).
 */
export const snapshotScript = `
say() { printf '%s=%s\\n' "$1" "$2"; }
# all FILES...: their lines, each with "; " behind it; without a process, since this runs several times for each change.
all() { for file in "$@"; do while IFS= read -r line; do printf '%s;' "$line"; done 2>/dev/null <"$file"; done; }
while IFS= read -r line; do case $line in state=* | id=*) printf '%s\\n' "$line" ;; esac; done 2>/dev/null </var/lib/gatehouse/state
say live "$(. /opt/faults/look 2>/dev/null)"
say rights "$(. /opt/faults/rights 2>/dev/null)"
say strays "$(cd /var/lib/gatehouse && find /etc/ssh /etc/pam.d /home/alice /usr/local/libexec -name '.gatehouse*'; find tx -mindepth 1 -maxdepth 1 2>/dev/null; for dir in work/*; do [ ! -d "$dir" ] || if [ -d "/proc/\${dir##*/}" ]; then echo "working/\${dir##*/}"; else echo "$dir"; fi; done; find . /usr/local/libexec -name '*.new*')"
watchers=0
for dir in /proc/[0-9]*; do
  line=; { IFS= read -r line <"$dir/cmdline"; } 2>/dev/null
  case $line in */usr/local/libexec/gatehouse-guardwatch*) watchers=$((watchers + 1)) ;; esac
done
say watchers "$watchers"
listening=0
while read -r _ local _ state _; do
  case $local:$state in *:0016:0A) listening=$((listening + 1)) ;; esac
done <<END
$(cat /proc/net/tcp /proc/net/tcp6)
END
say listening "$listening"
history=
while read -r _ id verdict _; do history="$history$id $verdict,"; done 2>/dev/null </var/lib/gatehouse/history
say history "$history"
say guard "$(cmp -s ${agentPath} /usr/local/libexec/gatehouse-guard && echo same)"
say seen "$(cat /run/seen-by-sshd 2>/dev/null)"
reached=
for hit in /opt/faults/hit.*; do [ ! -e "$hit" ] || reached="$reached \${hit##*.}"; done
say reached "$reached"
say where "$(all /run/faults/where.* /opt/faults/where)"
count=; for file in /run/faults/count.*; do line=; { IFS= read -r line <"$file"; } 2>/dev/null; count=$count$line; done
say count "\${#count}"
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
