#!/bin/sh
# Installs the Gatehouse agent on this host, or upgrades it. Run as root; needs no terminal and reads no stdin.
#
#   GATEHOUSE_PUBLIC_KEY     the dashboard's key for this host: type, base64, comment
#   GATEHOUSE_FROM           optional: where it may come from, as from="" in authorized_keys takes it
#   GATEHOUSE_HOST_ID        the dashboard's name for this host
#   GATEHOUSE_AGENT_FILE     the agent's text;  GATEHOUSE_AGENT_SHA256  what its SHA-256 must be
#
# sshd_config is not touched: the key goes where sshd already looks. At the end sshd itself is asked whether it would
# let the account in. Whatever fails: all that was put here is taken away again (packages stay), and the reason is said.
# What was here before lies beside each new file as a second name of it (kept_name) until we are done, so that
# undoing is a rename, whole or not at all, which needs no room on the disk. A lost connection does not end us half-way.
# Progress goes to stderr; the report to stdout, between GATEHOUSE-REPORT-BEGIN and GATEHOUSE-REPORT-END.

set -u
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

ACCOUNT=gatehouse
HOME_DIR=/var/lib/gatehouse-login
STATE_DIR=/var/lib/gatehouse
AGENT_PATH=/usr/local/libexec/gatehouse-agent
GUARD_PATH=/usr/local/libexec/gatehouse-guard
SUDOERS=/etc/sudoers.d/gatehouse
UNIT_DIR=/etc/systemd/system

BACKUP=''
PLACED=''
HAS_ACCOUNT=0
MADE_ACCOUNT=0
HAD_STATE=1
MADE_DIRECTORIES=''
OWNER=''

say() { printf '%s\n' "$*" >&2; }

# stop MESSAGE: ends the installation; the trap undoes it.
stop() {
    say "Not installed: $*"
    exit 1
}

has_systemd() { [ -d /run/systemd/system ]; }

# ------------------------------------------------------------------------------------------------ doing and undoing

# place FILE MODE: puts stdin there as root's file, at once and durably; what stood there before is kept until we are done.
place() {
    make_directory "${1%/*}" || return 1
    case " $PLACED" in
    *" $1 "*) ;;
    *)
        kept_name "$1"
        # Those of installations that were killed; not of one that is at work beside us.
        for place_stale in "${KEPT%.*}".*; do
            is_alive "${place_stale##*.}" || rm -f "$place_stale"
        done
        rm -f "$KEPT" || return 1
        if [ -e "$1" ]; then ln "$1" "$KEPT" 2>/dev/null || cp -p "$1" "$KEPT" || return 1; fi
        PLACED="$1 $PLACED"
        ;;
    esac
    rm -f "$1.gatehouse-new"
    cat >"$1.gatehouse-new" && chown 0:0 "$1.gatehouse-new" && chmod "$2" "$1.gatehouse-new" &&
        flush "$1.gatehouse-new" && mv -f "$1.gatehouse-new" "$1" || return 1
    if command -v restorecon >/dev/null; then restorecon "$1" >/dev/null 2>&1; fi
    return 0
}

# kept_name FILE: into KEPT; nobody reads such names: not sudo, cron, systemd, init nor sshd. It ends with whose it is: our
# pid and when it began, since numbers come again.
kept_name() { KEPT=${1%/*}/.${1##*/}.gatehouse-old.$OWNER; }

# find_start PID: when that process began, in ticks after the boot, into START; empty where none is, or only its remains.
find_start() {
    START=
    { read -r find_stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    # shellcheck disable=SC2086 # numbers, behind the name in brackets
    set -- ${find_stat##*) }
    case $1 in Z | X) ;; *) shift 19 && START=$1 ;; esac
}

# is_alive OWNER: whether the installation with this "<pid>-<start>" is still at work.
is_alive() {
    case ${1%%-*} in '' | *[!0-9]*) return 1 ;; esac
    find_start "${1%%-*}"
    [ -n "$START" ] && [ "$START" = "${1##*-}" ]
}

# flush FILE: to the disk, before its name is used. A sync that knows no operands flushes everything.
flush() { sync "$1" 2>/dev/null || sync; }

# make_directory PATH: with its parents, 0755, root's; remembers what it made.
make_directory() {
    if [ -d "$1" ]; then return 0; fi
    make_directory "${1%/*}" || return 1
    mkdir -m 0755 "$1" || return 1
    MADE_DIRECTORIES="$1 $MADE_DIRECTORIES"
}

# undo: everything as it was before. Fails, and says so, when something could not be taken away.
undo() {
    undo_status=0
    for undo_file in $PLACED; do
        rm -f "$undo_file.gatehouse-new"
        kept_name "$undo_file"
        if [ -e "$KEPT" ]; then
            mv -f "$KEPT" "$undo_file" 2>/dev/null
            # Both are names of the same file where it was not replaced yet; mv leaves both, with an error or without.
            if [ -e "$KEPT" ] && cmp -s "$KEPT" "$undo_file"; then rm -f "$KEPT"; fi
            if [ -e "$KEPT" ]; then
                say "$undo_file could not be put back; what it was is in $KEPT."
                undo_status=1
            fi
        else
            rm -f "$undo_file"
        fi
    done
    if has_systemd && [ -n "$PLACED" ]; then
        [ -e "$UNIT_DIR/gatehouse-boot.service" ] || rm -f "$UNIT_DIR"/*.wants/gatehouse-boot.service "$UNIT_DIR"/*.wants/gatehouse-tick.timer
        systemctl daemon-reload >/dev/null 2>&1
        [ -e "$UNIT_DIR/gatehouse-tick.timer" ] || systemctl stop gatehouse-tick.timer >/dev/null 2>&1
    fi
    if [ ! -e /etc/init.d/gatehouse-agent ]; then rm -f /etc/rcS.d/S??gatehouse-agent; fi
    if [ "$HAD_STATE" = 0 ]; then rm -rf "$STATE_DIR"; fi
    rm -rf "$BACKUP"
    if [ "$MADE_ACCOUNT" = 1 ]; then
        userdel "$ACCOUNT" >/dev/null 2>&1 || deluser "$ACCOUNT" >/dev/null 2>&1
        find_account
        if [ "$HAS_ACCOUNT" = 1 ]; then
            say "The account $ACCOUNT could not be taken away: is the disk full? Nobody can log in as it. Another try, or userdel $ACCOUNT, ends this."
            undo_status=1
        fi
    fi
    for undo_directory in $MADE_DIRECTORIES; do rmdir "$undo_directory" 2>/dev/null; done
    return "$undo_status"
}

# finish: the last thing that runs, however we end.
finish() {
    finish_status=$?
    trap '' HUP INT TERM
    if [ "$finish_status" -eq 0 ]; then
        for finish_file in $PLACED; do
            kept_name "$finish_file"
            rm -f "$KEPT"
        done
    elif [ -n "$BACKUP" ] && undo; then
        say "The host is as it was before; packages that were installed stay."
    fi
    if [ -n "$BACKUP" ]; then rm -rf "$BACKUP"; fi
    exit "$finish_status"
}

# find_account: is our account there (HAS_ACCOUNT), and where is its home (ACCOUNT_HOME)? Without a command that could
# fail and look like "no": what is not there is ours to make, and to take away.
find_account() {
    HAS_ACCOUNT=0
    while IFS=: read -r find_name _ _ _ _ ACCOUNT_HOME _ || [ -n "$find_name" ]; do
        if [ "$find_name" = "$ACCOUNT" ]; then HAS_ACCOUNT=1 && return 0; fi
    done </etc/passwd
}

# ------------------------------------------------------------------------------------------------------- the steps

check_input() {
    [ "$(id -u)" = 0 ] || stop "this must run as root."
    case ${GATEHOUSE_PUBLIC_KEY:-} in
    'ssh-ed25519 '* | 'ssh-rsa '* | 'ecdsa-sha2-nistp'*) ;;
    *) stop "GATEHOUSE_PUBLIC_KEY is no public key." ;;
    esac
    case ${GATEHOUSE_PUBLIC_KEY}${GATEHOUSE_FROM:=} in *[!A-Za-z0-9\ +/=@:._,!*?%-]*) stop "the key or GATEHOUSE_FROM holds a character that does not belong there." ;; esac
    case ${GATEHOUSE_HOST_ID:-} in '' | *[!A-Za-z0-9._-]*) stop "GATEHOUSE_HOST_ID is missing or not a plain word." ;; esac
    [ -f "${GATEHOUSE_AGENT_FILE:-}" ] || stop "GATEHOUSE_AGENT_FILE names no file."
    [ "$(sha256sum <"$GATEHOUSE_AGENT_FILE" | cut -d' ' -f1)" = "${GATEHOUSE_AGENT_SHA256:-}" ] ||
        stop "the agent is not the one that Gatehouse sent: its SHA-256 differs."
}

# install_package NAME: by the system's package manager.
install_package() {
    say "Installing $1 ..."
    if command -v apt-get >/dev/null; then
        DEBIAN_FRONTEND=noninteractive
        export DEBIAN_FRONTEND
        apt-get -q update >&2 && apt-get -q -y --no-install-recommends install "$1" >&2
    elif command -v dnf >/dev/null; then
        dnf -y install "$1" >&2
    elif command -v apk >/dev/null; then
        apk add "$1" >&2
    else
        stop "$1 is missing, and this host has none of apt-get, dnf and apk to install it."
    fi || stop "$1 could not be installed; what the package manager said is above."
}

# install_packages: sshd, running and started at boot, and sudo.
install_packages() {
    command -v sudo >/dev/null || install_package sudo
    if command -v sshd >/dev/null; then return 0; fi
    install_package openssh-server
    command -v sshd >/dev/null || stop "openssh-server is installed, but there is no sshd."
    if has_systemd; then
        systemctl enable --now ssh.service >/dev/null 2>&1 || systemctl enable --now sshd.service >&2 || stop "sshd does not start."
    elif command -v rc-service >/dev/null; then
        rc-update add sshd default >&2
        rc-service sshd start >&2 || stop "sshd does not start."
    else
        [ ! -x /etc/init.d/ssh ] || /etc/init.d/ssh start >&2 || stop "sshd does not start."
    fi
}

# check_host: nothing of a change may be open, and the account must be ours to make.
check_host() {
    if [ -e "$STATE_DIR/state" ]; then
        while IFS= read -r check_line; do
            case $check_line in state=prepared | state=armed | state=applied | state=rolling)
                stop "a change of the sshd configuration is not decided yet on this host. Try again when it is."
                ;;
            esac
        done <"$STATE_DIR/state"
    fi
    [ -e "$STATE_DIR" ] || HAD_STATE=0
    [ -r /etc/passwd ] || stop "/etc/passwd cannot be read."
    find_account
    if [ "$HAS_ACCOUNT" = 1 ] && [ "$ACCOUNT_HOME" != "$HOME_DIR" ]; then
        stop "an account $ACCOUNT exists on this host that Gatehouse did not make. Remove or rename it."
    fi
    [ -d /run/sshd ] || { mkdir /run/sshd && chmod 0755 /run/sshd; }
    sshd -t >&2 || stop "sshd does not accept its own configuration, as printed above. Repair it first."
}

install_account() {
    make_directory "$HOME_DIR" || stop "$HOME_DIR could not be made."
    if [ "$HAS_ACCOUNT" = 0 ]; then
        say "Adding the system account $ACCOUNT ..."
        MADE_ACCOUNT=1
        if command -v useradd >/dev/null; then
            useradd --system --user-group --no-create-home --home-dir "$HOME_DIR" --shell /bin/sh --comment 'Gatehouse agent' "$ACCOUNT" >&2
        else
            addgroup -S "$ACCOUNT" >&2 && adduser -S -D -H -h "$HOME_DIR" -s /bin/sh -G "$ACCOUNT" -g 'Gatehouse agent' "$ACCOUNT" >&2
        fi || stop "the account $ACCOUNT could not be added."
    fi
    # "*", not "!": no password fits either, but with UsePAM no sshd refuses an account whose password begins with "!".
    printf '%s:*\n' "$ACCOUNT" | chpasswd -e >&2 || stop "the password of $ACCOUNT could not be set to none."
}

# choose_key_file: the first authorized_keys file that sshd reads for our account and for no other, into KEY_FILE.
choose_key_file() {
    choose_uid=$(id -u "$ACCOUNT")
    choose_patterns=$(sshd -T -C "user=$ACCOUNT,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22" 2>/dev/null |
        awk 'tolower($1) == "authorizedkeysfile" { $1 = ""; print }')
    KEY_FILE=
    set -f
    for choose_pattern in $choose_patterns; do
        case $choose_pattern in
        none | *[*?[]*) continue ;;
        /*%[uUh]* | [!/]*) ;;
        *) continue ;; # one file for every account: our key must not open the others
        esac
        KEY_FILE=$(printf '%s\n' "$choose_pattern" | sed "s|%%|%|g; s|%h|$HOME_DIR|g; s|%u|$ACCOUNT|g; s|%U|$choose_uid|g")
        case $KEY_FILE in /*) ;; *) KEY_FILE=$HOME_DIR/$KEY_FILE ;; esac
        break
    done
    set +f
    [ -n "$KEY_FILE" ] || stop "AuthorizedKeysFile ($choose_patterns ) names no file of the account's own. Add to sshd_config: Match User $ACCOUNT / AuthorizedKeysFile .ssh/authorized_keys / Match all"
}

install_key() {
    choose_key_file
    say "Placing the key in $KEY_FILE ..."
    key_options="restrict,${GATEHOUSE_FROM:+from=\"$GATEHOUSE_FROM\",}command=\"sudo -n $AGENT_PATH rpc\""
    key_words=$(printf '%s\n' "$GATEHOUSE_PUBLIC_KEY" | cut -d' ' -f1,2)
    printf '' >"$BACKUP/key" || stop "the disk is full."
    # Lines of an earlier installation go; a line that somebody else wrote stays.
    if [ -f "$KEY_FILE" ]; then
        awk -v own="$AGENT_PATH rpc" 'index($0, own) == 0' "$KEY_FILE" >"$BACKUP/key" || stop "$KEY_FILE could not be read, or the disk is full."
    fi
    printf '%s %s gatehouse:%s\n' "$key_options" "$key_words" "$GATEHOUSE_HOST_ID" >>"$BACKUP/key" || stop "the disk is full."
    place "$KEY_FILE" 0644 <"$BACKUP/key" || stop "$KEY_FILE could not be written."
}

install_agent() {
    say "Installing the agent ..."
    place "$AGENT_PATH" 0755 <"$GATEHOUSE_AGENT_FILE" || stop "$AGENT_PATH could not be written."
    place "$GUARD_PATH" 0755 <"$GATEHOUSE_AGENT_FILE" || stop "$GUARD_PATH could not be written."
    if [ ! -e /etc/ssh/sshd_config.original ]; then PLACED="/etc/ssh/sshd_config.original $PLACED"; fi
    "$AGENT_PATH" adopt || stop "the agent does not run on this host."
}

install_sudoers() {
    printf '%s\n' '# Gatehouse: the account may run its agent, with this one argument, and nothing else.' \
        "Defaults:$ACCOUNT !requiretty" "$ACCOUNT ALL=(root) NOPASSWD: $AGENT_PATH rpc" >"$BACKUP/sudoers"
    visudo -cf "$BACKUP/sudoers" >/dev/null || stop "sudo does not accept the line for $ACCOUNT."
    place "$SUDOERS" 0440 <"$BACKUP/sudoers" || stop "$SUDOERS could not be written."
    visudo -c >/dev/null || stop "sudo does not accept its configuration any more: visudo -c tells why."
}

# install_units: what undoes an interrupted change without anybody logging in.
install_units() {
    if has_systemd; then
        install_systemd_units
    elif [ -x /sbin/openrc-run ]; then
        install_openrc_script
    elif [ -d /etc/init.d ]; then
        install_sysv_script
    else
        say "Warning: no systemd, OpenRC or /etc/init.d: a change that a reboot interrupts is undone by cron only."
    fi
    has_systemd && return 0
    if [ -d /etc/cron.d ]; then
        place /etc/cron.d/gatehouse 0644 <<END || stop "/etc/cron.d/gatehouse could not be written."
# Gatehouse: undo an sshd change whose time is over, should its watcher have died.
* * * * * root $GUARD_PATH tick
END
    else
        say "Note: no systemd and no cron: only the watcher of each change, the next request and the next boot undo it."
    fi
}

install_systemd_units() {
    place "$UNIT_DIR/gatehouse-boot.service" 0644 <<END || stop "the units could not be written."
[Unit]
Description=Gatehouse: undo an sshd change that a reboot interrupted
DefaultDependencies=no
After=local-fs.target systemd-remount-fs.service
RequiresMountsFor=/etc/ssh $STATE_DIR ${GUARD_PATH%/*}
Before=ssh.service ssh.socket sshd.service sshd.socket shutdown.target
Conflicts=shutdown.target
ConditionPathExists=$STATE_DIR/state

[Service]
Type=oneshot
# Killed or failed: again at once, since sshd waits for this, but not for ever.
ExecStart=/bin/sh -c '$GUARD_PATH boot || $GUARD_PATH boot || $GUARD_PATH boot'
TimeoutStartSec=60

[Install]
WantedBy=multi-user.target
END
    place "$UNIT_DIR/gatehouse-tick.service" 0644 <<END || stop "the units could not be written."
[Unit]
Description=Gatehouse: undo an sshd change whose time is over
ConditionPathExists=$STATE_DIR/state

[Service]
Type=oneshot
ExecStart=$GUARD_PATH tick
# A tick that hangs must not be the last one.
TimeoutStartSec=120
KillMode=process
LogLevelMax=notice
END
    place "$UNIT_DIR/gatehouse-tick.timer" 0644 <<END || stop "the units could not be written."
[Unit]
Description=Gatehouse: look after an sshd change, should its watcher have died

[Timer]
OnBootSec=30
OnUnitActiveSec=30
AccuracySec=5

[Install]
WantedBy=timers.target
END
    place "$UNIT_DIR/gatehouse-watch@.service" 0644 <<END || stop "the units could not be written."
[Unit]
Description=Gatehouse: watch over the sshd change %i

[Service]
ExecStart=$GUARD_PATH watch %i
KillMode=process
LogLevelMax=notice
END
    if ! systemctl daemon-reload >&2 || ! systemctl -q enable gatehouse-boot.service >&2 ||
        ! systemctl -q enable --now gatehouse-tick.timer >&2; then
        stop "the units could not be enabled."
    fi
}

install_openrc_script() {
    place /etc/init.d/gatehouse-agent 0755 <<END || stop "the boot script could not be written."
#!/sbin/openrc-run
description="Gatehouse: undo an sshd change that a reboot interrupted"
depend() { need localmount; before sshd; }
start() { $GUARD_PATH boot || $GUARD_PATH boot || $GUARD_PATH boot; }
END
    rc-update add gatehouse-agent boot >&2 || stop "the boot script could not be enabled."
}

install_sysv_script() {
    place /etc/init.d/gatehouse-agent 0755 <<END || stop "the boot script could not be written."
#!/bin/sh
### BEGIN INIT INFO
# Provides:          gatehouse-agent
# Required-Start:    \$local_fs
# Required-Stop:
# X-Start-Before:    ssh
# Default-Start:     S
# Default-Stop:
# Short-Description: undo an sshd change that a reboot interrupted
### END INIT INFO
case \${1:-} in
start) $GUARD_PATH boot || $GUARD_PATH boot || $GUARD_PATH boot ;;
stop | restart | force-reload | status) ;;
*) echo "usage: \$0 start" >&2; exit 2 ;;
esac
END
    if command -v update-rc.d >/dev/null; then update-rc.d gatehouse-agent defaults >/dev/null 2>&1; fi
    # Without insserv the links are ours to make; rcS runs before the runlevel that starts sshd.
    for link in /etc/rcS.d/S??gatehouse-agent; do
        [ ! -e "$link" ] || return 0
    done
    make_directory /etc/rcS.d || stop "/etc/rcS.d could not be made."
    ln -s ../init.d/gatehouse-agent /etc/rcS.d/S99gatehouse-agent || stop "/etc/rcS.d could not be written."
}

# record: what uninstalling must take away again.
record() {
    printf '' >"$BACKUP/lines" || stop "the disk is full."
    # An account of ours without a record was made by an installation that was killed.
    record_account=$MADE_ACCOUNT
    if [ -f "$STATE_DIR/installed" ]; then
        awk '!/^(key-file|host)=/' "$STATE_DIR/installed" >"$BACKUP/lines" || stop "$STATE_DIR/installed could not be read."
    else
        record_account=1
    fi
    {
        printf 'host=%s\nkey-file=%s\n' "$GATEHOUSE_HOST_ID" "$KEY_FILE"
        [ "$record_account" = 0 ] || printf 'made-account=1\n'
        for record_directory in $MADE_DIRECTORIES; do printf 'made-directory=%s\n' "$record_directory"; done
    } >>"$BACKUP/lines" || stop "the disk is full."
    sort -u "$BACKUP/lines" >"$BACKUP/installed" || stop "the disk is full."
    place "$STATE_DIR/installed" 0600 <"$BACKUP/installed" || stop "$STATE_DIR/installed could not be written."
}

# prove: asks sshd whether it would let the account in, and takes the way through sudo that a login takes.
prove() {
    say "Asking sshd whether it lets $ACCOUNT in ..."
    prove_key=$("$AGENT_PATH" doctor) || stop "sshd would not let Gatehouse in, see above. Change that, then run this again."
    [ "$prove_key" = "$KEY_FILE" ] || stop "sshd looks for the key in ${prove_key:-no file}, not in $KEY_FILE."
    if ! { printf 'GATEHOUSE/1 hello 0 0\n' | sudo -n -u "$ACCOUNT" sudo -n "$AGENT_PATH" rpc; } >"$BACKUP/answer" 2>"$BACKUP/sudo"; then
        stop "$ACCOUNT cannot run the agent through sudo: $(head -c 300 "$BACKUP/sudo")"
    fi
    case $(head -n 1 "$BACKUP/answer") in 'GATEHOUSE/1 ok '*) ;; *) stop "the agent does not answer as it should: $(head -c 300 "$BACKUP/answer")" ;; esac
}

main() {
    check_input
    trap finish EXIT
    trap 'exit 1' HUP INT TERM
    trap '' PIPE # who reads what we say may be gone: then unheard, but to the end
    find_start $$
    [ -n "$START" ] || stop "/proc cannot be read."
    OWNER=$$-$START
    BACKUP=$(mktemp -d) || stop "no room for a temporary directory."
    install_packages
    check_host
    install_account
    install_agent
    install_key
    install_sudoers
    install_units
    record
    prove
    say "Installed. Gatehouse reaches this host as $ACCOUNT, by its key, for the agent only."
    printf 'GATEHOUSE-REPORT-BEGIN\n'
    tail -n +2 "$BACKUP/answer"
    printf 'GATEHOUSE-REPORT-END\n'
}

main
