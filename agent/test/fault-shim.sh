#!/bin/sh
# Stands in for one of the agent's commands on a host under fault injection (fault-host.ts puts it in front of the
# agent's PATH, under the command's name). Passes everything on, but for the one call that /opt/faults/plan names:
#
#   <role> <number> <kind>     the number-th command that the role runs: rpc, undo (watcher and timer) or boot
#
# What it does then is said in fault-plan.ts. /opt/faults/hit marks that it was done; it is done once.

name=${0##*/}

pass() {
    for dir in /usr/sbin /usr/bin /sbin /bin; do
        if [ -x "$dir/$name" ]; then exec "$dir/$name" "$@"; fi
    done
    exit 127
}

# look_up PID: the command line of a shell that runs the agent, without its NULs (dash drops them), into LINE; empty for
# others. No subshell: this runs for each of the agent's commands.
look_up() {
    LINE=
    { IFS= read -r LINE <"/proc/$1/cmdline"; } 2>/dev/null
    case $LINE in /bin/sh/usr/local/libexec/gatehouse-*) ;; *) LINE= ;; esac
}

# callers: the agent's processes above us, its subshells included.
callers() {
    pid=$PPID
    look_up "$pid"
    while [ -n "$LINE" ]; do
        printf '%s\n' "$pid"
        pid=$(/usr/bin/sed 's/^.*) [A-Za-z] \([0-9]*\) .*/\1/' "/proc/$pid/stat")
        look_up "$pid"
    done
}

# processes PATTERN: pids whose command line, NULs taken out, matches.
processes() {
    for directory in /proc/[0-9]*; do
        line=
        { IFS= read -r line <"$directory/cmdline"; } 2>/dev/null
        # shellcheck disable=SC2254
        case $line in $1) printf '%s\n' "${directory#/proc/}" ;; esac
    done
}

kill_all() { for pid in $1; do kill -9 "$pid" 2>/dev/null; done; }

if [ ! -e /opt/faults/plan ] || [ -e /opt/faults/hit ]; then pass "$@"; fi
read -r role number kind </opt/faults/plan
look_up "$PPID"
case $LINE in
*-agentrpc) mine=rpc ;;
*-guardwatch* | *-guardtick) mine=undo ;;
*-guardboot) mine=boot ;;
*) mine= ;;
esac
[ "$mine" = "$role" ] || pass "$@"

# One byte for each command: appending loses none, though several run at once, as in a pipeline.
{ printf x >>/run/faults/count; } 2>/dev/null || {
    /bin/mkdir -p /run/faults
    printf x >>/run/faults/count
}
IFS= read -r counted </run/faults/count
count=${#counted}
[ "$count" -ge "$number" ] || pass "$@"
/bin/mkdir /opt/faults/hit 2>/dev/null || pass "$@"
printf '%.200s\n' "$name $*" >/run/faults/where

case $kind in
kill) kill_all "$(callers)" ;;
orphan)
    kill_all "$(callers)"
    pass "$@"
    ;;
power)
    for pid in $(callers); do kill -STOP "$pid"; done
    : >/run/faults/power
    exec /bin/sleep 600
    ;;
fail) exit 1 ;;
mute) exit 0 ;;
hang) exec /bin/sleep 600 ;;
full)
    /usr/bin/head -c 1073741824 /dev/zero >/var/tmp/full 2>/dev/null
    pass "$@"
    ;;
watcher)
    kill_all "$(processes '/bin/sh/usr/local/libexec/gatehouse-guardwatch*')"
    pass "$@"
    ;;
sshd)
    kill_all "$(processes 'sshd: *\[listener\]*')"
    pass "$@"
    ;;
connection)
    kill_all "$(processes 'sshd: gatehouse*')"
    pass "$@"
    ;;
esac
