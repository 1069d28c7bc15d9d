#!/bin/sh
# Stands in for one of the agent's commands on a host under fault injection (fault-host.ts puts it in front of the
# agent's PATH, under the command's name). Passes everything on, but for the calls that files of /opt/faults name, one for
# each role (rpc, undo: watcher and timer, boot, install: the installer and the script that brings it):
#
#   plan.<role>: <number> <kind>     the number-th command that the role runs
#
# What it does then is said in fault-plan.ts. /opt/faults/hit.<role> marks that it was done; it is done once. Where it
# cannot be done there (nobody to kill), the next command is tried. Once everything planned is done, the shims go out of
# the agent's way. /opt/faults and /run/faults are writable for everybody: what the agent does with an account's rights is
# counted, too.

name=${0##*/}

pass() {
    for dir in /opt/busybox /usr/sbin /usr/bin /sbin /bin; do
        if [ -x "$dir/$name" ]; then exec "$dir/$name" "$@"; fi
    done
    exit 127
}

# look_up PID: the command line of a shell that runs the agent, without its NULs (dash drops them), into
# LINE; `sh-c` is what the agent starts with an account's rights; empty for others. No subshell: this runs for each of
# the agent's commands.
look_up() {
    LINE=
    { IFS= read -r LINE <"/proc/$1/cmdline"; } 2>/dev/null
    case $LINE in
    *sh/usr/local/libexec/gatehouse-* | *--posix/usr/local/libexec/gatehouse-* | sh-c) ;;
    sh-s | sh/tmp/tmp.*/install) ;; # the script that the dashboard sends, and the installer in it
    *) LINE= ;;
    esac
}

# parent_of PID: into PARENT.
parent_of() {
    PARENT=1
    { read -r _ _ _ PARENT _ <"/proc/$1/stat"; } 2>/dev/null
}

# find_owner: the command line of the shell of the agent that this command is of, into LINE.
find_owner() {
    look_up "$PPID"
    [ "$LINE" = sh-c ] || return 0
    pid=$PPID
    for _ in 1 2 3; do
        parent_of "$pid"
        pid=$PARENT
        look_up "$pid"
        case $LINE in '' | sh-c) ;; *) return 0 ;; esac
    done
    LINE=
}

# callers: the agent's processes above us, its subshells and what it started with an account's rights included.
callers() {
    pid=$PPID
    misses=0
    while [ "$pid" -gt 1 ] && [ "$misses" -lt 2 ]; do
        look_up "$pid"
        if [ -n "$LINE" ]; then
            printf '%s\n' "$pid"
            [ "$LINE" = sh-c ] || misses=0
        else
            misses=$((misses + 1))
        fi
        parent_of "$pid"
        pid=$PARENT
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

# signal_all SIGNAL PIDS: fails where none of them got it.
signal_all() {
    signalled=1
    for pid in $2; do kill "-$1" "$pid" 2>/dev/null && signalled=0; done
    return "$signalled"
}

if [ "$name" = date ] && [ -e /opt/faults/clock ]; then
    IFS= read -r moment </opt/faults/clock
    pass -d "@$moment" "$@"
fi
if [ ! -e /opt/faults/on ]; then pass "$@"; fi
find_owner
case $LINE in
*-agentrpc) role=rpc ;;
*-guardwatch* | *-guardtick) role=undo ;;
*-guardboot) role=boot ;;
sh-s | */install | *-agentadopt | *-agentdoctor) role=install ;;
*) role= ;;
esac
if [ ! -e "/opt/faults/plan.$role" ] || [ -e "/opt/faults/hit.$role" ]; then pass "$@"; fi
read -r number kind <"/opt/faults/plan.$role"

# One byte for each command: appending loses none, though several run at once, as in a pipeline.
{ printf x >>"/run/faults/count.$role"; } 2>/dev/null || {
    /bin/mkdir -p /run/faults
    printf x >>"/run/faults/count.$role"
    /bin/chmod 0777 /run/faults "/run/faults/count.$role"
}
IFS= read -r counted <"/run/faults/count.$role"
count=${#counted}
# What the n-th command is, for who wants to strike at a certain one.
if [ -e /opt/faults/names ]; then printf '%s\n' "$name $(printf '%s\n' "$*" | /usr/bin/head -n 1)" >>/opt/faults/names; fi
[ "$count" -ge "$number" ] || pass "$@"
/bin/mkdir "/opt/faults/hit.$role" 2>/dev/null || pass "$@"

# missed: there was nobody to kill: as if nothing had been planned for this command.
missed() {
    /bin/rmdir "/opt/faults/hit.$role"
    pass "$@"
}
case $kind in
watcher) signal_all 9 "$(processes '*/usr/local/libexec/gatehouse-guardwatch*')" || missed "$@" ;;
sshd) signal_all 9 "$(processes 'sshd: *\[listener\]*')" || missed "$@" ;;
connection)
    # An installation comes in by somebody's own account.
    account="gatehouse"
    if [ "$role" = install ]; then account="admin"; fi
    signal_all 9 "$(processes "sshd*: $account*")" || missed "$@"
    ;;
orphan) signal_all 9 "$(callers)" || missed "$@" ;;
esac
printf '%.200s\n' "$name $*" >"/run/faults/where.$role"

# stand_aside: everything that was planned is done. A shell that goes on to the next directory of PATH when a command is
# gone from the first loses the shims as a whole; others are told by the missing `on`.
stand_aside() {
    for planned in /opt/faults/plan.*; do
        [ -e "/opt/faults/hit.${planned##*.}" ] || return 0
    done
    /bin/rm -f /opt/faults/on
    if [ -e /opt/faults/movable ] && [ "$kind" != clock ]; then /bin/mv -T /opt/faults/bin /opt/faults/off; fi
}
stand_aside 2>/dev/null

case $kind in
kill) signal_all 9 "$(callers)" ;;
power)
    signal_all STOP "$(callers)"
    : >/run/faults/power
    exec /bin/sleep 600
    ;;
fail) exit 1 ;;
mute) exit 0 ;;
hang) exec /bin/sleep 600 ;;
full)
    /bin/mkdir -p /var/tmp/full
    /usr/bin/head -c 1073741824 /dev/zero >/var/tmp/full/blocks 2>/dev/null
    pass "$@"
    ;;
inodes)
    /bin/mkdir -p /var/tmp/full
    inode=0
    while [ "$inode" -lt 20000 ] && { printf '' >"/var/tmp/full/$inode"; } 2>/dev/null; do inode=$((inode + 1)); done
    pass "$@"
    ;;
clock)
    # Back before everything, or a century ahead.
    if [ $((number % 2)) -eq 0 ]; then printf '86400\n'; else printf '4102444800\n'; fi >/opt/faults/clock
    pass "$@"
    ;;
*) pass "$@" ;;
esac
