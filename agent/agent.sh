#!/bin/sh
# Gatehouse agent: the only thing the dashboard can run on this host. The wire and the verbs: agent/README.md.
#
#   gatehouse-agent rpc          one request on stdin, one answer on stdout; the only form that sudo allows
#   gatehouse-agent tick         the timer: undo a change whose time is over
#   gatehouse-agent boot         the boot unit, in front of sshd: undo a change that a reboot interrupted
#   gatehouse-agent watch ID     the watcher of one change
#   gatehouse-agent doctor       would sshd let the management account in? says what stands in the way
#   gatehouse-agent adopt        first contact: the read-only copy of sshd_config
#
# A change is a transaction with an undo log (the state file), presumed abort and one commit point:
#
#   idle -> prepared -> armed -> (file renamed, reload proved) -> applied -> confirmed
#                          \------------------ rolling -> rolled-back <-------/
#
# Whoever runs this file first looks at the state file and, holding the lock, finishes what a dead predecessor
# left (`recover`). So a process may die anywhere: the next tick, boot, watcher round or verb goes on.
#
# Rules kept throughout: no path and no command comes over the wire; no eval; data is printed with printf; names are
# not globbed (set -f) but where it says so; an empty answer of a tool is a failure, not "nothing there".

set -u
set -f
umask 077
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset CDPATH ENV
NL='
'
TAB='	'
IFS=" $TAB$NL"

AGENT_VERSION=1
ACCOUNT=gatehouse
AGENT_PATH=/usr/local/libexec/gatehouse-agent
GUARD_PATH=/usr/local/libexec/gatehouse-guard # the last agent that proved itself; runs watch, tick and boot
MAIN_CONFIG=/etc/ssh/sshd_config
DROP_IN=/etc/ssh/sshd_config.d/00-gatehouse.conf
PAM_FILE=/etc/pam.d/sshd
FORCED_COMMAND="sudo -n $AGENT_PATH rpc"
STATE_DIR=/var/lib/gatehouse
STATE_FILE=$STATE_DIR/state
RUN_DIR=/run/gatehouse

REQUEST_MAX_BYTES=262144
HEADER_MAX_BYTES=32768
FILE_MAX_BYTES=131072
FILES_MAX=64
SPECS_MAX=64
DEADLINE_MIN_SECONDS=30
DEADLINE_MAX_SECONDS=3600
RELOAD_SECONDS=3   # sshd re-executes within 0.1 s; longer without a proof is a failed reload
LOCK_SECONDS=120   # no verb holds the lock longer, even where every command takes its whole time
COMMAND_SECONDS=20 # sshd -t, -T and systemctl: nothing we wait for may hold the lock for ever

# ---------------------------------------------------------------------------------------------------- small tools

# log TEXT: the host's own record in its system log. A dead syslog must not stop us. LOGGED: this process has left a line.
LOGGED=
log() { LOGGED=yes; timeout 2 logger -t gatehouse-agent -p auth.notice -- "$1" >/dev/null 2>&1 9>&- || :; }

# is_number TEXT: a decimal number of at most six digits.
is_number() { case $1 in '' | *[!0-9]* | ???????*) return 1 ;; esac; }

# is_ticks TEXT: a moment after the boot, in 1/100 s.
is_ticks() { case $1 in '' | *[!0-9]*) return 1 ;; esac; }

# is_id TEXT: an identifier that is safe in a file name, a unit name and a variable's name.
is_id() {
    case $1 in '' | -* | *[!A-Za-z0-9_-]*) return 1 ;; esac
    [ "${#1}" -le 64 ]
}

# is_digest TEXT: a SHA-256 in hex.
is_digest() {
    case $1 in *[!0-9a-f]*) return 1 ;; esac
    [ "${#1}" -eq 64 ]
}

# digest FILE: its SHA-256, or "absent". Fails when there is a file that cannot be read.
digest() {
    [ -e "$1" ] || [ -L "$1" ] || { printf 'absent\n'; return 0; }
    digest_sum=$(sha256sum <"$1" 2>/dev/null) || return 1
    digest_sum=${digest_sum%% *}
    is_digest "$digest_sum" || return 1
    printf '%s\n' "$digest_sum"
}

# digest_text TEXT: the SHA-256 of the text itself.
digest_text() {
    digest_sum=$(printf '%s' "$1" | sha256sum)
    printf '%s\n' "${digest_sum%% *}"
}

# bytes_of FILE: its size. (Some wc put blanks in front.)
bytes_of() {
    bytes_count=$(wc -c <"$1" 2>/dev/null)
    printf '%s\n' "${bytes_count##* }"
}

# flush PATH...: to the disk. A sync that knows no operands flushes everything.
flush() { sync "$@" 2>/dev/null || sync; }

# holds FILE TEXT: it holds TEXT and a newline, to the last byte. Runs no command.
holds() {
    holds_rest=$2$NL
    while IFS= read -r holds_line; do
        case $holds_rest in
        "$holds_line$NL"*) holds_rest=${holds_rest#*"$NL"} ;;
        *) return 1 ;;
        esac
    done <"$1" || return 1
    [ -z "$holds_rest" ]
}

# put FILE TEXT: replaces FILE by TEXT and a newline, durably and at once. It is read back because not every shell and
# file system reports a write that a full disk cut short, and the new name is looked at because a record that is believed
# to be written and is not makes its change end twice.
put() {
    if printf '%s\n' "$2" >"$1.new.$$" && holds "$1.new.$$" "$2" &&
        flush "$1.new.$$" && mv -f "$1.new.$$" "$1" && [ ! -e "$1.new.$$" ]; then
        flush "${1%/*}"
        return 0
    fi
    rm -f "$1.new.$$"
    return 1
}

# nap: a short wait while polling.
nap() { sleep 0.1 2>/dev/null || sleep 1; }

# uptime_seconds, uptime_ticks (1/100 s, the unit of a process's start time): clocks that nobody can set.
uptime_seconds() {
    read -r uptime_now _ </proc/uptime
    printf '%s\n' "${uptime_now%%.*}"
}
uptime_ticks() {
    read -r uptime_now _ </proc/uptime
    printf '%s\n' "${uptime_now%%.*}${uptime_now#*.}"
}

boot_id() {
    read -r boot_now </proc/sys/kernel/random/boot_id
    printf '%s\n' "$boot_now"
}

# printable TEXT: without control characters, at most 600 bytes; for values that the host's people wrote. (Not every tr
# knows [:cntrl:]: that of an older busybox takes the letters of it. Nor does its awk take `name (...)` for anything but a
# call, so there is a "" in between.)
printable() { printf '%s' "$1" | tr '\n\t' '  ' | tr -d '\000-\037\177' | cut -c1-600; }

# take_lock SECONDS: waits that long for the one lock; it is ours until we exit. Short-lived children inherit it on
# purpose (a `mv` that outlives a killed apply still holds it); whatever may live long gets 9>&-.
take_lock() {
    { [ -d "$STATE_DIR" ] && [ -d "$RUN_DIR" ]; } || mkdir -p "$STATE_DIR" "$RUN_DIR" || return 1
    exec 9>>"$STATE_DIR/lock" || return 1
    lock_tries=$(($1 * 10))
    until flock -n 9; do
        break_lock
        [ "$lock_tries" -gt 0 ] || return 1
        lock_tries=$((lock_tries - 1))
        nap
    done
    if [ -e "$RUN_DIR/busy-since" ]; then rm -f "$RUN_DIR/busy-since"; fi
}

# break_lock: the lock is busy. A verb that hangs with it must not hold up the undoing of a change, so whoever has it
# open is killed, once it was found busy for longer than anything we do can take, with nobody getting it in between;
# or at once when an apply holds it beyond the deadline that it gave itself.
break_lock() {
    lock_since=$(cat "$RUN_DIR/busy-since" 2>/dev/null)
    lock_now=$(uptime_seconds)
    if ! is_number "$lock_since" || [ "$lock_since" -gt "$lock_now" ]; then
        lock_since=$lock_now
        printf '%s\n' "$lock_now" >"$RUN_DIR/busy-since"
    fi
    lock_held=$((lock_now - lock_since))
    if [ "$lock_held" -le "$LOCK_SECONDS" ]; then
        (load_state && [ "$TX_STATE" = armed ] && [ "$(seconds_left)" -eq 0 ]) || return 0
    fi
    log "the lock has been busy for $lock_held s: ending whoever holds it"
    # Not only as 9: while a command runs with 9>&-, a newer dash has its own 9 put aside under a higher number. We may
    # be a subshell, and $$ then our parent.
    { read -r lock_self _ </proc/self/stat; } 2>/dev/null
    (
        exec 9>&-
        set +f
        # shellcheck disable=SC2012 # links are read, and none of them is followed: one may lead to a dead file server
        ls -l /proc/[0-9]*/fd 2>/dev/null | while IFS= read -r lock_line; do
            case $lock_line in
            /proc/*/fd:) lock_pid=${lock_line#/proc/} lock_pid=${lock_pid%/fd:} ;;
            *" -> $STATE_DIR/lock") [ "$lock_pid" = "$lock_self" ] || [ "$lock_pid" = "$$" ] || kill -9 "$lock_pid" 2>/dev/null ;;
            esac
        done
    )
}

# ------------------------------------------------------------------------------------------------------ the answer

ANSWER=

# field NAME VALUE: one header line of the answer.
field() {
    case $2 in
    *[[:cntrl:]]*) ANSWER="$ANSWER$1=$(printable "$2")$NL" ;;
    *) ANSWER="$ANSWER$1=$2$NL" ;;
    esac
}

# answer [FILE...]: "ok", the collected header, and the files as the body.
answer() {
    answer_bytes=0
    for answer_file in "$@"; do
        answer_bytes=$((answer_bytes + $(bytes_of "$answer_file")))
    done
    printf 'GATEHOUSE/1 ok %s %s\n%s' "${#ANSWER}" "$answer_bytes" "$ANSWER"
    [ "$#" -eq 0 ] || cat "$@"
}

# fail CODE MESSAGE: the error answer; logs it and ends. CODE is of the closed list in agent/README.md.
fail() {
    ANSWER=
    field code "$1"
    field message "$2"
    [ "$1" = busy ] || log "${VERB:-local} refused: $1: $(printable "$2")"
    if [ -n "${VERB:-}" ]; then
        printf 'GATEHOUSE/1 error %s 0\n%s' "${#ANSWER}" "$ANSWER"
    else
        printf 'gatehouse-agent: %s: %s\n' "$1" "$2" >&2
    fi
    exit 1
}

# ----------------------------------------------------------------------------------------------------- the request

VERB=
WORK=
IN_ID='' IN_FILE='' IN_BASE='' IN_DEADLINE='' IN_OVERRIDE=0 IN_NONCE='' IN_LINES='' IN_ACTION='' IN_NAME='' IN_SHA256='' IN_SPECS='' IN_KNOWN='' IN_ACCOUNT='' IN_LINE='' IN_REPLACE=0 IN_COUNTER='' IN_WAS='' IN_PAM_BASE='' IN_PAM_BYTES=''

# open_work: a private directory of this process; it goes when we go, or with the next recovery.
open_work() {
    [ -z "$WORK" ] || return 0
    [ -d "$STATE_DIR/work" ] || mkdir -p "$STATE_DIR" "$STATE_DIR/work" || return 1
    WORK=$STATE_DIR/work/$$
    [ ! -e "$WORK" ] || rm -rf "$WORK"
    mkdir "$WORK" || return 1
    trap 'rm -rf "$WORK"' EXIT
}

# read_header TEXT: header lines into the IN_ variables. The list of names is closed.
read_header() {
    header_rest=$1
    header_specs=0
    while [ -n "$header_rest" ]; do
        header_line=${header_rest%%"$NL"*}
        header_rest=${header_rest#*"$NL"}
        header_value=${header_line#*=}
        case $header_line in *[[:cntrl:]]*) fail protocol "A header line holds a control character." ;; esac
        case $header_line in
        id=*) IN_ID=$header_value ;;
        file=*) IN_FILE=$header_value ;;
        base=*) IN_BASE=$header_value ;;
        deadline=*) IN_DEADLINE=$header_value ;;
        override=*) IN_OVERRIDE=$header_value ;;
        nonce=*) IN_NONCE=$header_value ;;
        lines=*) IN_LINES=$header_value ;;
        action=*) IN_ACTION=$header_value ;;
        name=*) IN_NAME=$header_value ;;
        sha256=*) IN_SHA256=$header_value ;;
        known=*) IN_KNOWN=$header_value ;;
        account=*) IN_ACCOUNT=$header_value ;;
        line=*) IN_LINE=$header_value ;;
        replace=*) IN_REPLACE=$header_value ;;
        counter=*) IN_COUNTER=$header_value ;;
        was=*) IN_WAS=$header_value ;;
        pam.base=*) IN_PAM_BASE=$header_value ;;
        pam.bytes=*) IN_PAM_BYTES=$header_value ;;
        spec.*=*)
            case $header_value in
            *[!A-Za-z0-9=,._:@%+-]* | -* | '') fail protocol "A connection is described by user=...,host=...,addr=...,laddr=...,lport=..., nothing else." ;;
            esac
            header_specs=$((header_specs + 1))
            [ "$header_specs" -le "$SPECS_MAX" ] || fail too-large "At most $SPECS_MAX connections can be checked at once."
            IN_SPECS="$IN_SPECS$header_value$NL"
            ;;
        *) fail protocol "Unknown header line: $(printable "${header_line%%=*}")" ;;
        esac
    done
}

# read_request: one framed request from stdin. The body, if any, is left in $WORK/body.
read_request() {
    # `read` takes byte by byte, so nothing of the header is swallowed; the memory limit bounds an endless line.
    request_line=$(
        # Not in POSIX, but dash, busybox ash and bash know it.
        # shellcheck disable=SC3045
        ulimit -v 131072 2>/dev/null
        IFS= read -r request_line && printf '%s' "$request_line"
    ) || fail protocol "The request ended inside its first line."
    [ "${#request_line}" -le 127 ] || fail protocol "The first line is longer than 128 bytes."
    case $request_line in
    'GATEHOUSE/1 '*) ;;
    GATEHOUSE/*) fail version "This agent speaks GATEHOUSE/1." ;;
    *) fail protocol "A request begins with: GATEHOUSE/1 <verb> <header bytes> <body bytes>" ;;
    esac
    request_rest=${request_line#* }
    request_verb=${request_rest%% *}
    request_rest=${request_rest#* }
    request_header_bytes=${request_rest%% *}
    request_body_bytes=${request_rest#* }
    if ! is_number "$request_header_bytes" || ! is_number "$request_body_bytes"; then
        fail protocol "The lengths in the first line are not two numbers."
    fi
    if [ "$request_header_bytes" -gt "$HEADER_MAX_BYTES" ] ||
        [ $((${#request_line} + 1 + request_header_bytes + request_body_bytes)) -gt "$REQUEST_MAX_BYTES" ]; then
        fail too-large "A request holds at most $REQUEST_MAX_BYTES bytes, its header at most $HEADER_MAX_BYTES."
    fi
    # The dot keeps the last newline; bytes that a shell variable cannot hold (NUL) show up as a wrong length.
    request_header=$(timeout 60 dd bs=1 count="$request_header_bytes" 2>/dev/null && printf .)
    request_header=${request_header%.}
    [ "${#request_header}" -eq "$request_header_bytes" ] || fail protocol "The header is shorter than announced."
    case $request_header in '' | *"$NL") ;; *) fail protocol "The header's last line has no newline." ;; esac
    read_header "$request_header"
    case $request_verb in
    check | apply | apply-keys | update-agent | write-codes | edit-codes)
        if ! open_work || ! timeout 120 head -c "$request_body_bytes" >"$WORK/body"; then
            fail no-space "The request could not be written to $STATE_DIR: is the disk full?"
        fi
        [ "$(bytes_of "$WORK/body")" = "$request_body_bytes" ] || fail protocol "The body is shorter than announced."
        ;;
    *) [ "$request_body_bytes" -eq 0 ] || fail protocol "The verb $(printable "$request_verb") takes no body." ;;
    esac
}

# ------------------------------------------------------------------------------------- the files of the configuration

# directive_words KEYWORDS FILE: the arguments of these directives (lower case, joined by "|"), wherever they stand in it;
# quotes and comments as sshd reads them. One a line: "<keyword>\t<line number>\t<place>\t<word>", places from 1.
directive_words() {
    awk -v keys="$1" '
    function found(word) { print key "\t" NR "\t" ++place "\t" word }
    function words(text,   i, c, next_c, quote, word, some) {
        quote = ""; word = ""; some = 0; place = 0
        for (i = 1; i <= length(text); i++) {
            c = substr(text, i, 1); next_c = substr(text, i + 1, 1)
            if (c == "\\" && (next_c == "\"" || next_c == "\047" || next_c == "\\" || (next_c == " " && quote == ""))) { word = word next_c; some = 1; i++ }
            else if (quote != "") { if (c == quote) quote = ""; else word = word c }
            else if (c == "\"" || c == "\047") { quote = c; some = 1 }
            else if (c == " " || c == "\t") { if (some) found(word); word = ""; some = 0 }
            else if (c == "#" && !some) return
            else { word = word c; some = 1 }
        }
        if (some && quote == "") found(word)
    }
    BEGIN { directive = "^\"?(" keys ")\"?[ \t=]" }
    {
        sub(/[ \t\r\f]+$/, ""); sub(/^[ \t\r]+/, "")
        if (tolower($0) !~ directive) next
        match($0, /^"?[A-Za-z]+"?/)
        key = tolower(substr($0, 1, RLENGTH))
        gsub(/"/, "", key)
        sub(/^"?[A-Za-z]+"?([ \t]*=[ \t]*|[ \t]+)/, "")
        words($0)
    }' "$2"
}

# includes FILE: the Include patterns in it, one a line: "<line number>\t<pattern>".
includes() {
    includes_words=$(directive_words include "$1") || return 1
    [ -z "$includes_words" ] || printf '%s\n' "$includes_words" | cut -f2,4-
}

# expand PATTERN: the paths that an Include pattern stands for, in reading order, into EXPANDED, one a line.
expand() {
    EXPANDED=
    case $1 in /*) expand_pattern=$1 ;; *) expand_pattern=/etc/ssh/$1 ;; esac
    set +f # the one place where names on the disk are globbed for the configuration
    expand_ifs=$IFS
    IFS=
    for expand_path in $expand_pattern; do
        [ -e "$expand_path" ] || [ -L "$expand_path" ] || continue
        case $expand_path in
        *[!\ -~]*) SKIPPED=$((SKIPPED + 1)) ;; # would not survive the wire as it is
        *) EXPANDED="$EXPANDED$expand_path$NL" ;;
        esac
    done
    IFS=$expand_ifs
    set -f
}

FILES='' SKIPPED=0 DROP_IN_FROM=''

# walk: every file that sshd reads, in reading order, each once, into FILES: "<id>\t<depth>\t<from>\t<path>".
# Names with other characters than printable ASCII, directories and dangling links are counted in SKIPPED.
walk() {
    FILES='' SKIPPED=0 DROP_IN_FROM=''
    walk_count=0
    walk_todo="0$TAB-$TAB$MAIN_CONFIG$NL"
    while [ -n "$walk_todo" ]; do
        walk_entry=${walk_todo%%"$NL"*}
        walk_todo=${walk_todo#*"$NL"}
        walk_path=${walk_entry##*"$TAB"}
        walk_depth=${walk_entry%%"$TAB"*}
        case "$NL$FILES" in *"$TAB$walk_path$NL"*) continue ;; esac
        if [ ! -f "$walk_path" ] || [ "$walk_count" -ge "$FILES_MAX" ] || [ "$walk_depth" -gt 16 ]; then
            SKIPPED=$((SKIPPED + 1))
            continue
        fi
        walk_count=$((walk_count + 1))
        FILES="$FILES$(digest_text "$walk_path")$TAB$walk_entry$NL"
        walk_children=
        walk_includes=$(includes "$walk_path") || return 1
        walk_ifs=$IFS
        IFS=$NL
        for walk_include in $walk_includes; do
            IFS=$walk_ifs
            walk_from=$walk_path:${walk_include%%"$TAB"*}
            walk_pattern=${walk_include#*"$TAB"}
            case ${DROP_IN_FROM:-$walk_pattern} in
            '/etc/ssh/sshd_config.d/*.conf' | 'sshd_config.d/*.conf') DROP_IN_FROM=$walk_from ;;
            esac
            expand "$walk_pattern"
            walk_found=$EXPANDED
            while [ -n "$walk_found" ]; do
                walk_children="$walk_children$((walk_depth + 1))$TAB$walk_from$TAB${walk_found%%"$NL"*}$NL"
                walk_found=${walk_found#*"$NL"}
            done
            IFS=$NL
        done
        IFS=$walk_ifs
        walk_todo=$walk_children$walk_todo
    done
    [ -n "$FILES" ]
}

# find_file ID: the path with that id into FILE_PATH; only paths that the walk found, and our own drop-in.
find_file() {
    is_digest "$1" || fail unknown-file "A file is named by the SHA-256 of its path."
    walk || fail internal "$MAIN_CONFIG cannot be read."
    FILE_PATH=
    find_rest=$FILES
    while [ -n "$find_rest" ]; do
        find_entry=${find_rest%%"$NL"*}
        find_rest=${find_rest#*"$NL"}
        if [ "${find_entry%%"$TAB"*}" = "$1" ]; then
            FILE_PATH=${find_entry##*"$TAB"}
            return 0
        fi
    done
    if [ -n "$DROP_IN_FROM" ] && [ "$(digest_text "$DROP_IN")" = "$1" ]; then
        FILE_PATH=$DROP_IN
        return 0
    fi
    fail unknown-file "The host's sshd reads no file with that id. Read the configuration again."
}

# original_of PATH: where the read-only copy made at first contact lies. Beside the file, where no Include can read it;
# a name with a pattern's meaning or an Include of everything puts it with our own state.
original_of() {
    if [ "$1" = "$MAIN_CONFIG" ]; then
        printf '%s.original\n' "$1"
    else
        printf '%s/originals/%s\n' "$STATE_DIR" "$(digest_text "$1")"
    fi
}

# keep_original PATH: makes that copy, once, never again; one that fails leaves nothing.
keep_original() {
    keep_path=$(original_of "$1")
    [ ! -e "$keep_path" ] || return 0
    [ -f "$1" ] || return 0
    mkdir -p "$STATE_DIR/originals" && rm -f "$keep_path.new" &&
        cat "$1" >"$keep_path.new" && chmod 0444 "$keep_path.new" && flush "$keep_path.new" &&
        [ "$(digest "$keep_path.new")" = "$(digest "$1")" ] &&
        { [ "$1" = "$MAIN_CONFIG" ] || put "$keep_path.path" "$1"; } &&
        mv -f "$keep_path.new" "$keep_path" && [ ! -e "$keep_path.new" ] && flush "${keep_path%/*}" && return 0
    rm -f "$keep_path.new"
    return 1
}

# -------------------------------------------------------------------------------------------------- the running sshd

SSHD=$(command -v sshd 2>/dev/null) || SSHD=/usr/sbin/sshd

has_systemd() { [ -d /run/systemd/system ]; }

# ask_systemd ARGUMENTS...: what systemctl prints; empty when it does not answer.
ask_systemd() { timeout "$COMMAND_SECONDS" systemctl "$@" 2>/dev/null 9>&-; }

# find_unit: the name that this host's systemd knows sshd by, into UNIT: ssh (Debian), sshd (others), or nothing.
# Fails when systemd does not answer.
find_unit() {
    UNIT=
    has_systemd || return 0
    for unit_name in ssh sshd; do
        case $(ask_systemd show -p LoadState "$unit_name.service") in
        LoadState=loaded) UNIT=$unit_name && return 0 ;;
        LoadState=*) ;;
        *) return 1 ;;
        esac
    done
}

# find_mode: who listens for sshd, into MODE. Fails when systemd does not answer: a guess here could kill sshd.
#   socket          systemd's socket unit holds the port and starts one sshd: a reload would kill it, restart does not
#   per-connection  a socket unit with Accept=yes: each connection reads the configuration afresh
#   service         sshd listens, started by its unit;  plain: sshd listens, started by something else
MODE=
find_mode() {
    [ -z "$MODE" ] || return 0
    find_unit || return 1
    if [ -z "$UNIT" ]; then
        MODE=plain
        return 0
    fi
    case $(ask_systemd is-active "$UNIT.socket") in
    active) ;;
    '') return 1 ;;
    *) MODE=service && return 0 ;;
    esac
    case $(ask_systemd show -p Accept "$UNIT.socket") in
    Accept=yes) MODE=per-connection ;;
    Accept=no) MODE=socket ;;
    *) return 1 ;;
    esac
}

# What `listeners` told at the beginning of this request, where it was asked; a reload looks again.
LISTENERS=

# listeners [any]: one line for each sshd of root that listens with our configuration ("any": with whichever):
# "<pid> <socket inodes...>". A PidFile may be missing or stale; the owner of the listening socket is the truth.
listeners() {
    set +f
    for listener_dir in /proc/[0-9]*; do
        { IFS= read -r listener_comm <"$listener_dir/comm"; } 2>/dev/null || continue
        [ "$listener_comm" = sshd ] || continue
        # Each process of sshd that has a title shows it as one text; a busy host has hundreds of them, so no command is
        # run for one. (Shells leave the NULs out that part the arguments of one without a title.)
        listener_name=
        { IFS= read -r listener_name <"$listener_dir/cmdline"; } 2>/dev/null || :
        case $listener_name in
        'sshd: '*'[listener]'*) ;;
        'sshd: '* | '') continue ;; # a session (it may listen for a forwarded port), or a dead one
        *) listener_name=$(listener_title "${listener_dir#/proc/}") ;;
        esac
        case $listener_name in
        *' -f'*)
            listener_config=${listener_name#* -f}
            listener_config=${listener_config# }
            [ "${listener_config%% *}" = "$MAIN_CONFIG" ] || [ "${1:-}" = any ] || continue
            ;;
        esac
        listener_inodes=$(stat -c '%u %N' "$listener_dir" "$listener_dir"/fd/* 2>/dev/null | listening_inodes)
        [ -z "$listener_inodes" ] || printf '%s%s\n' "${listener_dir#/proc/}" "$listener_inodes"
    done
    set -f
}

# listening_inodes: of a process of root ("<owner> <name>" of its directory on stdin, then of what it has open) the socket
# inodes that listen on TCP, each with a blank in front.
listening_inodes() {
    set -- /proc/net/tcp
    if [ -r /proc/net/tcp6 ]; then set -- /proc/net/tcp /proc/net/tcp6; fi
    awk '
    NR == FNR {
        if (FNR == 1 && $1 != "0") { stranger = 1; exit }
        if (match($0, /socket:\[[0-9]+\]/)) own[substr($0, RSTART + 8, RLENGTH - 9)]
        next
    }
    $4 == "0A" && $10 in own { out = out " " $10 }
    END { if (!stranger) print out }' - "$@"
}

# listener_title PID: its command line as it shows itself.
listener_title() { tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null; }

# listener_arguments LISTENERS: the arguments that the first of these was started with, without -D; to start it again alike.
listener_arguments() {
    arguments_pid=${1%%"$NL"*}
    [ -n "$arguments_pid" ] || return 0
    listener_title "${arguments_pid%% *}" | sed 's/^sshd: //; s/ \[listener\].*//; s/^[^ ]* *//; s/\(^\| \)-D\( \|$\)/ /; s/ *$//; s/^ *//'
}

# generation: a word that changes with every start or reload of the sshd that listens; empty when none does.
# sshd re-executes itself on SIGHUP and opens new listening sockets, so their inodes tell a reload from a lost signal.
generation() {
    find_mode || return 1
    case $MODE in
    per-connection) printf 'per-connection\n' ;;
    socket)
        case $(ask_systemd is-active "$UNIT.service") in
        active) ask_systemd show -p InvocationID "$UNIT.service" | cut -d= -f2 ;;
        esac
        ;;
    *) generation_of "$(listeners)" ;;
    esac
}

# generation_of LISTENERS: the same of what `listeners` has told: its inodes, with commas between.
generation_of() {
    generation_all=
    generation_rest=$1
    while [ -n "$generation_rest" ]; do
        generation_line=${generation_rest%%"$NL"*}
        generation_rest=${generation_rest#"$generation_line"}
        generation_rest=${generation_rest#"$NL"}
        for generation_inode in ${generation_line#* }; do
            generation_all="$generation_all${generation_all:+,}$generation_inode"
        done
    done
    printf '%s\n' "$generation_all"
}

# pids_of LISTENERS: their pids, with a blank in front of each and one behind the last.
pids_of() {
    pids_all=' '
    pids_rest=$1
    while [ -n "$pids_rest" ]; do
        pids_line=${pids_rest%%"$NL"*}
        pids_rest=${pids_rest#"$pids_line"}
        pids_rest=${pids_rest#"$NL"}
        pids_all="$pids_all${pids_line%% *} "
    done
    printf '%s\n' "$pids_all"
}

# is_successor OLD NEW: NEW shows a listening sshd, none of whose sockets is of OLD.
is_successor() {
    [ -n "$2" ] || return 1
    successor_rest=$2,
    while [ -n "$successor_rest" ]; do
        case ",$1," in *",${successor_rest%%,*},"*) return 1 ;; esac
        successor_rest=${successor_rest#*,}
    done
}

# await_successor OLD: waits until a new generation listens, and stays.
await_successor() {
    await_tries=$((RELOAD_SECONDS * 10))
    while [ "$await_tries" -gt 0 ]; do
        await_new=$(generation)
        if is_successor "$1" "$await_new"; then
            nap # several addresses are bound one after the other
            [ "$(generation)" = "$await_new" ] && return 0
        fi
        await_tries=$((await_tries - 1))
        nap
    done
    return 1
}

# reload_sshd: makes the listening sshd read its configuration, and proves that it did. Never kills a session.
reload_sshd() {
    find_mode || return 1
    case $MODE in
    per-connection) return 0 ;;
    socket)
        reload_old=$(generation)
        [ -n "$reload_old" ] || return 1 # without it a lost restart would look like one
        # Never reload here: sshd would try to bind the port that systemd holds, and die ("Cannot bind any address").
        # Five restarts within ten seconds, whoever made them, and systemd gives up service and socket: nobody listens.
        # reset-failed sets that count back.
        ask_systemd reset-failed "$UNIT.service" "$UNIT.socket"
        ask_systemd restart "$UNIT.service" >/dev/null || return 1
        ;;
    *)
        reload_found=$(listeners)
        reload_old=$(generation_of "$reload_found")
        [ -n "$reload_old" ] || return 1 # without it a lost signal would look like a reload
        for reload_pid in $(pids_of "$reload_found"); do
            kill -HUP "$reload_pid" 2>/dev/null || return 1
        done
        ;;
    esac
    await_successor "$reload_old"
}

# start_sshd: nobody listens; starts sshd the host's way, else with the arguments it had. Proves that it is a new one:
# should we have overlooked a listening sshd, it has the old start time, and this fails.
start_sshd() {
    start_since=$(uptime_ticks)
    make_privilege_directory
    find_unit || return 1
    if [ -n "$UNIT" ]; then
        ask_systemd reset-failed "$UNIT.service"
        ask_systemd start "$UNIT.service" >/dev/null || return 1
    else
        set --
        for start_argument in ${TX_ARGUMENTS:-}; do set -- "$@" "$start_argument"; done
        (
            trap - HUP PIPE
            "$SSHD" "$@" </dev/null >/dev/null 2>&1 9>&- || "$SSHD" </dev/null >/dev/null 2>&1 9>&-
        ) || return 1
    fi
    MODE=
    find_mode || return 1
    await_successor '' || return 1
    start_pid=$(listeners | head -n 1)
    start_stat=$(parent_and_start "${start_pid%% *}")
    is_ticks "${start_stat#* }" && [ "${start_stat#* }" -ge "$start_since" ]
}

# make_privilege_directory: it goes when the service stops, and without it `sshd -t` calls a good file bad.
make_privilege_directory() { [ -d /run/sshd ] || { mkdir /run/sshd && chmod 0755 /run/sshd; }; }

# -------------------------------------------------------------------------------------------- trying a configuration

# can_overlay PATH: may a copy stand in for PATH in a private mount namespace? The main file needs none of it.
can_overlay() { [ "$1" = "$MAIN_CONFIG" ] || unshare -m true 2>/dev/null; }

# What runs in that namespace: puts $1 over $2, then runs the rest. (The arguments are the inner shell's.)
# shellcheck disable=SC2016
IN_OVERLAY='mount -o bind "$1" "$2" || exit 97; shift 2; exec "$@"'

# sshd_with COPY PATH ARGUMENTS...: runs sshd with COPY standing in for PATH, in a mount namespace of its own, so that
# the live files are never touched. Exit 97: the stand-in could not be put up.
sshd_with() {
    with_copy=$1
    with_path=$2
    shift 2
    make_privilege_directory
    if [ "$with_path" = "$MAIN_CONFIG" ]; then
        timeout "$COMMAND_SECONDS" "$SSHD" -f "$with_copy" "$@" 9>&-
        return
    fi
    if [ -e "$with_path" ]; then
        timeout "$COMMAND_SECONDS" unshare -m sh -c "$IN_OVERLAY" \
            sh "$with_copy" "$(readlink -f "$with_path")" "$SSHD" "$@" 9>&-
        return
    fi
    # A file that does not exist yet: a copy of its directory, with the file in it, stands in for the directory.
    rm -rf "$WORK/directory"
    cp -a "${with_path%/*}" "$WORK/directory" && cp "$with_copy" "$WORK/directory/${with_path##*/}" || return 97
    timeout "$COMMAND_SECONDS" unshare -m sh -c "$IN_OVERLAY" \
        sh "$WORK/directory" "${with_path%/*}" "$SSHD" "$@" 9>&-
}

# test_config COPY PATH OUTPUT: `sshd -t` on the whole tree with the change; what it says goes to OUTPUT, naming PATH.
test_config() {
    sshd_with "$1" "$2" -t >"$3.raw" 2>&1
    test_code=$?
    if [ ! -s "$3.raw" ]; then # as with a good file
        printf '' >"$3" || return 1
        return "$test_code"
    fi
    # sshd named the copy; the reader knows only the file.
    sed "s|^$1|$2|; s|$WORK/directory|${2%/*}|" "$3.raw" | tr -d '\r' | hide_strangers "$2" >"$3" || return 1
    [ "$test_code" -ne 97 ] || fail refused "The changed file cannot be tried without touching the live one: this host permits no mount in a private namespace. Edit $MAIN_CONFIG instead."
    return "$test_code"
}

# hide_strangers PATH: sshd's complaints on stdin, without the words of files that are not of the configuration (FILES
# of the last walk) nor the changed one: `Include /etc/shadow` in a draft makes sshd print its lines as bad keywords.
hide_strangers() {
    {
        printf -- '-\t-\t-\t%s\n' "$1"
        printf '%s\n' "${FILES%"$NL"}" ''
        cat
    } | awk -F'\t' '
    !listed { if ($0 == "") listed = 1; else own[$4] = 1; next }
    {
        place = index($0, " line ")
        path = substr($0, 1, place - 1)
        sub(/:$/, "", path)
        if (!match($0, / line [0-9]+/) || path in own) { print; next }
        # The place is told, what stands there is not.
        print path ": line " substr($0, RSTART + 6, RLENGTH - 6) ": sshd cannot read this as its configuration (the line is not shown: the file was no part of it so far)"
    }'
}

# setting KEYWORD DUMP: the values that an `sshd -T` dump shows for it, one a line. (10.5 and later print CamelCase.)
setting() { awk -v key="$1" 'tolower($1) == key { sub(/^[^ ]+ ?/, ""); print }' "$2"; }

# management_connection: how the management account comes in, for sshd's -C.
management_connection() {
    printf 'user=%s,host=%s,addr=%s,laddr=%s,lport=%s\n' "$ACCOUNT" "$CLIENT_ADDRESS" "$CLIENT_ADDRESS" "$SERVER_ADDRESS" "${SERVER_PORT:-22}"
}

# management_obstacle DUMP: the first thing in an `sshd -T -C` dump that keeps the management account out, with what
# to do about it, into OBSTACLE. Fails when there is none.
management_obstacle() {
    OBSTACLE=
    obstacle_groups=$(id -Gn "$ACCOUNT" 2>/dev/null) || {
        OBSTACLE="The account $ACCOUNT does not exist on this host: install the agent again."
        return 0
    }
    find_key_file "$1"
    [ -n "$KEY_FILE" ] || {
        OBSTACLE="AuthorizedKeysFile ($(setting authorizedkeysfile "$1" | tr '\n' ' ')) leads to no file with Gatehouse's key. Keep a pattern that finds it: $(recorded_key_file)"
        return 0
    }
    for obstacle_revoked in $(setting revokedkeys "$1"); do
        [ "$obstacle_revoked" != none ] || continue
        if [ ! -r "$obstacle_revoked" ] || [ -d "$obstacle_revoked" ]; then
            OBSTACLE="RevokedKeys names $obstacle_revoked, which is no file: sshd then refuses every key. Create it or remove the line."
            return 0
        fi
        if is_revoked "$obstacle_revoked"; then
            OBSTACLE="RevokedKeys names $obstacle_revoked, which revokes Gatehouse's key or cannot be read as a list of revoked keys. Take the key out of it."
            return 0
        fi
    done
    if [ "$(setting strictmodes "$1")" = yes ] && loose_place "$KEY_FILE"; then
        OBSTACLE="$LOOSE_PLACE on the way to Gatehouse's key may be written by others, so with StrictModes sshd passes over it: chmod go-w $LOOSE_PLACE"
        return 0
    fi
    if [ "$(setting usepam "$1")" != yes ]; then
        case $(sed -n "s/^$ACCOUNT:\([^:]*\):.*/\1/p" /etc/shadow 2>/dev/null) in
        '!'*)
            OBSTACLE="UsePAM is not yes, and the password of $ACCOUNT begins with '!': sshd calls it locked. Set it to '*': usermod -p '*' $ACCOUNT"
            return 0
            ;;
        esac
    fi
    find_mode || :
    OBSTACLE=$(awk -v user="$ACCOUNT" -v groups="$obstacle_groups" -v client="$CLIENT_ADDRESS" -v server="$SERVER_ADDRESS" \
        -v port="$SERVER_PORT" -v mode="$MODE" -v arguments="$(listener_arguments "${LISTENERS:-$(listeners)}")" -v keytype="$KEY_TYPE" '
    # like(text, pattern): sshd patterns know * and ? only.
    function like(text, pattern,   i, c, re) {
        re = "^"
        for (i = 1; i <= length(pattern); i++) {
            c = substr(pattern, i, 1)
            re = re "" (c == "*" ? ".*" : c == "?" ? "." : c ~ /[A-Za-z0-9_]/ ? c : c == "^" ? "\\^" : c == "\\" ? "\\\\" : "[" c "]")
        }
        return text ~ (re "$")
    }
    function number(address,   part) { return split(address, part, ".") == 4 ? ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4] : -1 }
    function in_network(address, network,   part, size) {
        if (split(network, part, "/") != 2 || number(address) < 0 || number(part[1]) < 0) return 0
        size = 2 ^ (32 - part[2])
        return int(number(address) / size) == int(number(part[1]) / size)
    }
    # from(list): sshd_config patterns of hosts; a negated hit decides, else any hit.
    function from(list,   item, n, i, hit, negated, found) {
        n = split(list, item, ","); found = 0
        for (i = 1; i <= n; i++) {
            negated = sub(/^!/, "", item[i])
            hit = item[i] ~ /\// ? in_network(client, item[i]) : like(client, tolower(item[i]))
            if (hit && negated) return 0
            if (hit) found = 1
        }
        return found
    }
    function user_matches(item,   at) {
        at = index(item, "@")
        return at ? like(user, substr(item, 1, at - 1)) && from(substr(item, at + 1)) : like(user, item)
    }
    function group_matches(item,   name, n, i) {
        n = split(groups, name, " ")
        for (i = 1; i <= n; i++) if (like(name[i], item)) return 1
        return 0
    }
    function obstacle(text) { if (!said) print text; said = 1 }
    { key = tolower($1); value = $0; sub(/^[^ ]+ ?/, "", value) }
    key == "denyusers" && user_matches(value) { obstacle("DenyUsers " value " refuses " user ": take it out.") }
    key == "denygroups" && group_matches(value) { obstacle("DenyGroups " value " refuses " user ": take it out.") }
    key == "allowusers" { allow_users = 1; if (user_matches(value)) user_allowed = 1 }
    key == "allowgroups" { allow_groups = 1; if (group_matches(value)) group_allowed = 1 }
    key == "pubkeyauthentication" && value != "yes" { obstacle("PubkeyAuthentication is " value ": Gatehouse comes in by key. Set it to yes, at least in a Match User " user " block.") }
    key == "authenticationmethods" {
        n = split(value, method, " ")
        for (i = 1; i <= n; i++) if (method[i] == "any" || method[i] == "publickey") enough = 1
        if (!enough) obstacle("AuthenticationMethods " value " asks for more than a key. Add a Match User " user " block with: AuthenticationMethods publickey")
    }
    key == "pubkeyacceptedalgorithms" || key == "pubkeyacceptedkeytypes" {
        wanted = keytype == "ssh-rsa" ? "(ssh-rsa|rsa-sha2-256|rsa-sha2-512)" : keytype
        if (("," value ",") !~ ("," wanted ",")) obstacle("PubkeyAcceptedAlgorithms leaves out " keytype ", the type of the key of Gatehouse: add it.")
    }
    key == "forcecommand" && value != "none" { obstacle("ForceCommand " value " replaces the agent. Add a Match User " user " block with: ForceCommand none") }
    key == "chrootdirectory" && value != "none" { obstacle("ChrootDirectory " value " hides the agent. Add a Match User " user " block with: ChrootDirectory none") }
    key == "refuseconnection" && value == "yes" { obstacle("RefuseConnection is yes for " user ".") }
    key == "maxauthtries" && value + 0 < 1 { obstacle("MaxAuthTries 0 lets nobody in.") }
    key == "maxsessions" && value + 0 < 1 { obstacle("MaxSessions 0 opens no session.") }
    key == "maxstartups" {
        split(value, startups, ":")
        if (startups[3] + 0 < 1 || (startups[1] + 0 < 1 && startups[2] + 0 > 99)) obstacle("MaxStartups " value " drops every connection.")
    }
    key == "persourcemaxstartups" && value == "0" { obstacle("PerSourceMaxStartups 0 drops every connection.") }
    key == "listenaddress" {
        listens = 1
        any = server ~ /:/ ? "[::]:" : "0.0.0.0:"
        own = server ~ /:/ ? "[" server "]:" : server ":"
        if (value == any port || value == own port) reachable = 1
    }
    END {
        if (allow_users && !user_allowed) obstacle("AllowUsers does not name " user ": add it.")
        if (allow_groups && !group_allowed) obstacle("AllowGroups names no group of " user " (" groups "): add " user ".")
        if (port != "" && mode !~ /socket|per-connection/ && arguments !~ /ListenAddress|-p/ && listens && !reachable)
            obstacle("sshd would no longer listen on " server " port " port ", where Gatehouse comes in. Add the new address first, and drop the old one in a second change.")
    }' "$1")
    [ -n "$OBSTACLE" ]
}

# is_revoked FILE: sshd would find the key in KEY_FILE in that list of revoked keys, or cannot read the list. A list is of
# lines with keys, or what `ssh-keygen -k` makes, which begins with a mark of its own.
is_revoked() {
    revoked_words=$(awk -v command="command=\"$FORCED_COMMAND\"" '
        index($0, command) { rest = substr($0, index($0, command) + length(command)); sub(/^[^ ]* /, "", rest); split(rest, word, " "); print word[1], word[2]; exit }' "$KEY_FILE")
    [ -n "${revoked_words#* }" ] || return 1
    case $(head -c 6 "$1" | tr '\000' ' ') in
    SSHKRL) ;;
    *)
        grep -q -F -e "${revoked_words#* }" "$1"
        return
        ;;
    esac
    command -v ssh-keygen >/dev/null || return 1
    printf '%s\n' "$revoked_words" >"$WORK/own-key" || return 1
    ! timeout "$COMMAND_SECONDS" ssh-keygen -Q -f "$1" "$WORK/own-key" >/dev/null 2>&1 9>&-
}

# loose_place FILE: it, or a directory above it as far as sshd looks (the account's home, else the root), belongs to
# somebody else, or others may write to it; which one into LOOSE_PLACE. A group's right is not held against a directory
# of the account's own group: Debian's sshd allows it, others are asked by the login.
loose_place() {
    LOOSE_PLACE=$(readlink -f -- "$1")
    loose_home=$(readlink -f -- "${key_home:-/nonexistent}")
    while [ -n "$LOOSE_PLACE" ]; do
        loose_stat=$(stat -c '%u %g %a' -- "$LOOSE_PLACE" 2>/dev/null)
        case $loose_stat in
        '') return 1 ;;
        *[2367]) return 0 ;;
        "0 $key_gid "* | "$key_uid $key_gid "*) ;;
        "0 "*[2367]? | "$key_uid "*[2367]?) return 0 ;;
        "0 "* | "$key_uid "*) ;;
        *) return 0 ;;
        esac
        [ "$LOOSE_PLACE" != / ] && [ "$LOOSE_PLACE" != "$loose_home" ] || return 1
        LOOSE_PLACE=${LOOSE_PLACE%/*}
        LOOSE_PLACE=${LOOSE_PLACE:-/}
    done
    return 1
}

# recorded_key_file: where the installer put the key.
recorded_key_file() { sed -n 's/^key-file=//p' "$STATE_DIR/installed" 2>/dev/null; }

# find_key_file DUMP: the authorized_keys file that this configuration makes sshd read for the management account and
# that holds our line, into KEY_FILE; the type of the key into KEY_TYPE.
find_key_file() {
    KEY_FILE='' KEY_TYPE=''
    key_home='' key_uid='' key_gid=''
    # The last line may lack its line end, and of two with the name sshd takes the first.
    while IFS=: read -r key_name _ key_own_uid key_own_gid _ key_own_home _ || [ -n "$key_name" ]; do
        [ "$key_name" = "$ACCOUNT" ] || continue
        key_home=$key_own_home key_uid=$key_own_uid key_gid=$key_own_gid
        break
    done </etc/passwd
    for key_pattern in $(setting authorizedkeysfile "$1"); do
        case $key_pattern in
        *%*) key_path=$(printf '%s\n' "$key_pattern" | awk -v home="$key_home" -v uid="$key_uid" -v user="$ACCOUNT" '{
            out = ""
            for (i = 1; i <= length($0); i++) {
                c = substr($0, i, 1)
                if (c != "%") { out = out c; continue }
                c = substr($0, ++i, 1)
                out = out "" (c == "h" ? home : c == "u" ? user : c == "U" ? uid : c == "%" ? "%" : "")
            }
            print out
        }') ;;
        *) key_path=$key_pattern ;;
        esac
        case $key_path in /*) ;; *) key_path=$key_home/$key_path ;; esac
        [ -f "$key_path" ] || continue
        KEY_TYPE=$(awk -v command="command=\"$FORCED_COMMAND\"" '
            index($0, command) { rest = substr($0, index($0, command) + length(command)); sub(/^[^ ]* /, "", rest); split(rest, word, " "); print word[1]; exit }' "$key_path")
        if [ -n "$KEY_TYPE" ]; then
            KEY_FILE=$key_path
            return 0
        fi
    done
}

# ------------------------------------------------------------------------------------------- the login that called us

# Where this login comes from and where it came in; the port is empty while we know of no login.
CLIENT_ADDRESS=127.0.0.1 SERVER_ADDRESS=127.0.0.1 SERVER_PORT=''

# read_stat PID: the parent of a process and its start in ticks after boot, into STAT_PARENT and STAT_START. Fails when
# there is none. Runs no command; the process's name, which may hold anything, ends with the last closing parenthesis.
read_stat() {
    STAT_PARENT='' STAT_START='' stat_text=''
    {
        while IFS= read -r stat_line || [ -n "$stat_line" ]; do stat_text="$stat_text $stat_line"; done <"/proc/$1/stat"
    } 2>/dev/null
    case $stat_text in *') '*) ;; *) return 1 ;; esac
    # shellcheck disable=SC2086 # a letter and numbers
    set -- ${stat_text##*) }
    [ "$#" -ge 20 ] || return 1
    STAT_PARENT=$2
    shift 19
    STAT_START=$1
}

# parent_and_start PID: "<parent's pid> <start in ticks after boot>" of a process.
parent_and_start() { read_stat "$1" && printf '%s %s\n' "$STAT_PARENT" "$STAT_START"; }

# read_login: looks up the processes above us. LOGIN_STARTED: when the sshd process of this very connection began
# (ticks; empty: we do not run under sshd). LOGIN_CHANGES: the GATEHOUSE_CHANGE_ variables that sshd accepted from the
# client, as the process that sshd started got them; sudo's clean environment is below it.
read_login() {
    LOGIN_STARTED='' LOGIN_CHANGES=''
    login_listeners=$(pids_of "${LISTENERS:-$(listeners)}")
    login_pid=$$
    login_below=
    while [ "$login_pid" -gt 1 ]; do
        read_stat "$login_pid" || return 1
        login_name=
        { IFS= read -r login_name <"/proc/$login_pid/comm"; } 2>/dev/null || :
        case $login_name in
        sshd*)
            case $login_listeners in *" $login_pid "*) return 0 ;; esac
            [ -n "$LOGIN_STARTED" ] || read_environment "$login_below"
            LOGIN_STARTED=$STAT_START
            ;;
        esac
        login_below=$login_pid
        login_pid=$STAT_PARENT
    done
}

# read_environment PID: what sshd gave the first process of the session. Entries end in NUL; a newline inside a value
# must not look like an entry of its own.
read_environment() {
    [ -n "$1" ] || return 0
    environment=$(tr '\n\0' '\001\n' <"/proc/$1/environ" 2>/dev/null)
    environment_connection=
    while [ -n "$environment" ]; do
        environment_line=${environment%%"$NL"*}
        environment=${environment#"$environment_line"}
        environment=${environment#"$NL"}
        case $environment_line in
        GATEHOUSE_CHANGE_*=*) LOGIN_CHANGES="$LOGIN_CHANGES${LOGIN_CHANGES:+$NL}${environment_line%%=*}" ;;
        SSH_CONNECTION=*) environment_connection=${environment_connection:-${environment_line#*=}} ;;
        esac
    done
    case $environment_connection in
    *[!0-9a-zA-F.:%\ ]* | '') ;;
    *)
        CLIENT_ADDRESS=${environment_connection%% *}
        SERVER_PORT=${environment_connection##* }
        environment_connection=${environment_connection% *}
        SERVER_ADDRESS=${environment_connection##* }
        ;;
    esac
}

# --------------------------------------------------------------------------------------------------- the transaction

# The state file: one record, replaced whole. For each field, who sets it:
#   TX_STATE TX_ID TX_TARGET(config|agent|keys|modes) TX_PATH TX_BEFORE TX_AFTER (digests)     prepared
#   for keys and modes also TX_ACCOUNT TX_UID TX_GID TX_HOME TX_PLACE(root|account) TX_DIRECTORY(present|absent)     prepared
#   for config also TX_MORE: further files of the same change, one a line: "more=<before>\t<after>\t<path>"     prepared
#   TX_NONCE TX_DEADLINE (uptime, s) TX_BOOT TX_APPLIER (pid:start) TX_MODE TX_OLD (generation) TX_ARGUMENTS     armed
#   TX_NEW (generation) TX_RELOADED (uptime, ticks)     applied
#   TX_REASON     rolling, rolled-back
#   TX_RESTORED (1: the old file was seen in its place, 0: it is not there, nothing: nobody looked)     rolled-back

clear_state() {
    TX_STATE=idle TX_ID='' TX_TARGET='' TX_PATH='' TX_BEFORE='' TX_AFTER='' TX_NONCE='' TX_DEADLINE=0 TX_BOOT=''
    TX_APPLIER='' TX_MODE='' TX_OLD='' TX_ARGUMENTS='' TX_NEW='' TX_RELOADED=0 TX_REASON='' TX_RESTORED=''
    TX_ACCOUNT='' TX_UID='' TX_GID='' TX_HOME='' TX_PLACE='' TX_DIRECTORY='' TX_MORE=''
}

# load_state: reads the record. Fails when there is one that makes no sense.
load_state() {
    clear_state
    [ -e "$STATE_FILE" ] || return 0
    TX_STATE=
    while IFS= read -r state_line; do
        state_value=${state_line#*=}
        case $state_line in
        state=*) TX_STATE=$state_value ;;
        id=*) TX_ID=$state_value ;;
        target=*) TX_TARGET=$state_value ;;
        path=*) TX_PATH=$state_value ;;
        before=*) TX_BEFORE=$state_value ;;
        after=*) TX_AFTER=$state_value ;;
        nonce=*) TX_NONCE=$state_value ;;
        deadline=*) TX_DEADLINE=$state_value ;;
        boot=*) TX_BOOT=$state_value ;;
        applier=*) TX_APPLIER=$state_value ;;
        mode=*) TX_MODE=$state_value ;;
        old=*) TX_OLD=$state_value ;;
        arguments=*) TX_ARGUMENTS=$state_value ;;
        new=*) TX_NEW=$state_value ;;
        reloaded=*) TX_RELOADED=$state_value ;;
        reason=*) TX_REASON=$state_value ;;
        restored=*) TX_RESTORED=$state_value ;;
        account=*) TX_ACCOUNT=$state_value ;;
        uid=*) TX_UID=$state_value ;;
        gid=*) TX_GID=$state_value ;;
        home=*) TX_HOME=$state_value ;;
        place=*) TX_PLACE=$state_value ;;
        directory=*) TX_DIRECTORY=$state_value ;;
        more=*) TX_MORE=$TX_MORE$state_line$NL ;;
        esac
    done <"$STATE_FILE"
    case $TX_STATE in
    prepared | armed | applied | rolling | confirmed | rolled-back) is_id "$TX_ID" && [ -n "$TX_PATH" ] && [ -n "$TX_BEFORE" ] ;;
    *) return 1 ;;
    esac
}

print_state() {
    printf '%s\n' "state=$TX_STATE" "id=$TX_ID" "target=$TX_TARGET" "path=$TX_PATH" "before=$TX_BEFORE" "after=$TX_AFTER" \
        "nonce=$TX_NONCE" "deadline=$TX_DEADLINE" "boot=$TX_BOOT" "applier=$TX_APPLIER" "mode=$TX_MODE" "old=$TX_OLD" \
        "arguments=$TX_ARGUMENTS" "new=$TX_NEW" "reloaded=$TX_RELOADED" "reason=$TX_REASON" \
        "restored=$TX_RESTORED"
    ! is_of_account || printf '%s\n' "account=$TX_ACCOUNT" "uid=$TX_UID" "gid=$TX_GID" "home=$TX_HOME" \
        "place=$TX_PLACE" "directory=$TX_DIRECTORY"
    printf '%s' "$TX_MORE"
}

# first_file, next_file: the files of the change in order, `first_file; while next_file; do ...`: EACH_PATH, its digests
# EACH_BEFORE and EACH_AFTER, and EACH_MARK, which tells the images of the files apart: nothing for the first, then .2
first_file() {
    EACH_LEFT="more=$TX_BEFORE$TAB$TX_AFTER$TAB$TX_PATH$NL$TX_MORE"
    EACH_COUNT=0
}
next_file() {
    [ -n "$EACH_LEFT" ] || return 1
    EACH_COUNT=$((EACH_COUNT + 1))
    EACH_MARK=.$EACH_COUNT
    [ "$EACH_COUNT" -gt 1 ] || EACH_MARK=
    EACH_BEFORE=${EACH_LEFT#more=}
    EACH_AFTER=${EACH_BEFORE#*"$TAB"}
    EACH_PATH=${EACH_AFTER#*"$TAB"}
    EACH_BEFORE=${EACH_BEFORE%%"$TAB"*} EACH_AFTER=${EACH_AFTER%%"$TAB"*} EACH_PATH=${EACH_PATH%%"$NL"*}
    EACH_LEFT=${EACH_LEFT#*"$NL"}
}

# are_before, are_after: all files are the old ones, all are the new ones; else EACH_PATH names one that is not.
are_before() {
    first_file
    while next_file; do [ "$(digest "$EACH_PATH")" = "$EACH_BEFORE" ] || return 1; done
}
are_after() {
    first_file
    while next_file; do [ "$(digest "$EACH_PATH")" = "$EACH_AFTER" ] || return 1; done
}

# print_paths, print_afters: one a line.
print_paths() {
    first_file
    while next_file; do printf '%s\n' "$EACH_PATH"; done
}
print_afters() {
    first_file
    while next_file; do printf '%s\n' "$EACH_AFTER"; done
}

# is_of_account: the transaction is about a file of an account.
is_of_account() { case $TX_TARGET in keys | modes) ;; *) return 1 ;; esac; }

save_state() { put "$STATE_FILE" "$(print_state)"; }

# save_end: records the terminal state in TX_STATE. Where there is no room for a new record, the one that `prepared`
# wrote in advance is renamed into place: a full disk must not keep a change from ending.
save_end() {
    save_state && return 0
    mv -f "$STATE_DIR/tx/$TX_ID/$TX_STATE" "$STATE_FILE" 2>/dev/null && flush "$STATE_DIR"
}

is_pending() { case $TX_STATE in prepared | armed | applied | rolling) ;; *) return 1 ;; esac; }

# seconds_left: until the deadline; 0 when it is over or belongs to another boot.
seconds_left() {
    left=0
    if [ "$TX_BOOT" = "$(boot_id)" ]; then left=$((TX_DEADLINE - $(uptime_seconds))); fi
    [ "$left" -gt 0 ] || left=0
    printf '%s\n' "$left"
}

# before_link, fresh_file ID PATH: our two files beside the live one. A leading dot, so that no Include pattern reads them.
before_link() { printf '%s/.gatehouse-%s.before\n' "${2%/*}" "$1"; }
fresh_file() { printf '%s/.gatehouse-%s.new\n' "${2%/*}" "$1"; }

# keep_stranger PATH NAME: somebody else's edit stands where we must restore: it is kept aside, not lost.
keep_stranger() {
    mkdir -p "$STATE_DIR/kept"
    if cp -p "$1" "$STATE_DIR/kept/$2" 2>/dev/null && flush "$STATE_DIR/kept/$2"; then
        kept_at=$STATE_DIR/kept/$2
    else # no room for a copy: the file itself stays, under a name that nothing reads
        rm -f "$STATE_DIR/kept/$2"
        kept_at=${1%/*}/.gatehouse-kept.$2
        ln "$1" "$kept_at" 2>/dev/null || return 0
    fi
    log "change $TX_ID: $1 had been edited meanwhile; that version is kept at $kept_at"
    TX_REASON="$TX_REASON; somebody's edit in between is kept at $kept_at"
}

# restore_files: all files of the change are the old ones again. One that cannot be put back keeps no other from it.
restore_files() {
    restore_status=0
    first_file
    while next_file; do restore_file || restore_status=1; done
    return "$restore_status"
}

# restore_file: the live file (of next_file) is the before-image again. A rename of the hard link needs no room, and
# brings back owner, mode, label and inode; the copy is for the day when the link is gone.
restore_file() {
    restore_live=$(digest "$EACH_PATH") || return 1
    [ "$restore_live" = "$EACH_BEFORE" ] && return 0
    case $restore_live in "$EACH_AFTER" | absent) ;; *) keep_stranger "$EACH_PATH" "$TX_ID$EACH_MARK.edited" ;; esac
    restore_link=$(before_link "$TX_ID" "$EACH_PATH")
    if [ "$EACH_BEFORE" = absent ]; then
        rm -f "$EACH_PATH" || return 1
    elif [ "$(digest "$restore_link")" = "$EACH_BEFORE" ]; then
        mv -f "$restore_link" "$EACH_PATH" || return 1
    else
        restore_new=$(fresh_file "$TX_ID" "$EACH_PATH")
        rm -f "$restore_new"
        cp -a "$STATE_DIR/tx/$TX_ID/before$EACH_MARK" "$restore_new" && flush "$restore_new" || return 1
        [ "$(digest "$restore_new")" = "$EACH_BEFORE" ] || return 1
        mv -f "$restore_new" "$EACH_PATH" || return 1
    fi
    flush "${EACH_PATH%/*}"
    [ "$(digest "$EACH_PATH")" = "$EACH_BEFORE" ]
}

# reload_restored CALLER: the running sshd has the before-image in force again. Once done it is not done again, should
# the state be impossible to write and recovery come back: a mark in /run names the generation that it made.
reload_restored() {
    [ "$TX_TARGET" = config ] || return 0
    find_mode || return 1
    if [ "$TX_MODE" = socket ] && [ "$MODE" != socket ] && [ "$1" != boot ]; then revive_socket || return 1; fi
    restored_now=$(generation)
    restored_mark=$RUN_DIR/restored.$TX_ID.$(boot_id)
    if [ -z "$restored_now" ]; then
        # In front of sshd's own start at boot there is nothing to do.
        [ "$1" != boot ] || return 0
        if [ "$MODE" = socket ]; then
            await_socket_start
            return
        fi
        # Somebody may have put an sshd with a configuration of his own in the place of ours; that is his to end.
        start_sshd || { [ -z "$(listeners)" ] && [ -n "$(listeners any)" ]; } || return 1
    elif [ "$TX_BOOT" = "$(boot_id)" ] && [ "$restored_now" = "$TX_OLD" ]; then
        return 0 # the new file was never loaded
    elif [ ! -e "$restored_mark.$restored_now" ] && ! reload_sshd; then
        if [ -n "$(generation)" ] || [ "$MODE" = socket ]; then return 1; fi
        start_sshd || return 1 # the reload killed it
    fi
    printf '' >"$restored_mark.$(generation)"
}

# revive_socket: systemd held the port when the change began, and does not now: gives it back to the socket unit. The
# service must stop first, which ends no session; where the socket cannot start, the service takes the port itself.
revive_socket() {
    ask_systemd reset-failed "$UNIT.service" "$UNIT.socket"
    ask_systemd stop "$UNIT.service" >/dev/null
    ask_systemd start "$UNIT.socket" >/dev/null
    MODE=
    find_mode
}

# await_socket_start: systemd starts sshd, with the old file, when the next connection comes. Only its own word counts.
await_socket_start() {
    case $(ask_systemd is-active "$UNIT.service") in
    inactive) ;;
    failed) ask_systemd reset-failed "$UNIT.service" ;;
    *) return 1 ;;
    esac
}

# roll_back REASON CALLER: undoes the change, wherever it stands; may be called again and again.
roll_back() {
    if [ "$TX_STATE" != rolling ]; then
        TX_STATE=rolling
        TX_REASON=$1
        save_state || : # failing to write down that we undo must not keep us from undoing
    fi
    case $TX_TARGET in
    keys) restore_keys || return 1 ;;
    modes) restore_modes || return 1 ;;
    *) restore_files || return 1 ;;
    esac
    reload_restored "$2" || return 1
    TX_RESTORED=${TX_RESTORED:-1}
    settle rolled-back
}

# settle STATE: the end of the transaction.
settle() {
    TX_STATE=$1
    save_end || return 1
    log "change $TX_ID of $TX_PATH: $TX_STATE${TX_REASON:+ ($TX_REASON)}"
    finish
}

# finish: what is left to do after a terminal state; may be interrupted and called again. The transaction's directory
# goes last: while it is there, there is something to finish.
finish() {
    [ -d "$STATE_DIR/tx/$TX_ID" ] || return 0
    record_history || return 1
    if is_of_account; then
        clean_keys
    elif [ "$TX_STATE" = confirmed ]; then
        if [ "$TX_TARGET" = agent ]; then install_guard || return 1; fi
        first_file
        while next_file; do
            finish_link=$(before_link "$TX_ID" "$EACH_PATH")
            # An editor that had the old file open may have saved into it after our rename.
            if [ -e "$finish_link" ] && [ "$(digest "$finish_link")" != "$EACH_BEFORE" ]; then
                keep_stranger "$finish_link" "$TX_ID$EACH_MARK.late"
            fi
        done
    fi
    sweep
}

# record_history: exactly one line for each ended transaction.
record_history() {
    history_file=$STATE_DIR/history
    [ -e "$history_file" ] || printf '' >"$history_file" || return 1
    # A number is believed, an exit status alone is not: what says nothing at all has not looked.
    history_lines=$(grep -c " $TX_ID " "$history_file" 2>/dev/null)
    case $history_lines in
    0) ;;
    '' | *[!0-9]*) return 1 ;;
    *) return 0 ;;
    esac
    history_new=$history_file.new.$$
    if write_history; then return 0; fi
    rm -f "$history_new" # on a full disk each attempt would leave one more
    return 1
}

# write_history: the history with one line more, all of it or nothing.
write_history() {
    [ ! -e "$history_new" ] || rm -f "$history_new"
    cp -p "$history_file" "$history_new" || return 1
    history_at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    # The line counts, not its time; an empty first word would make another the id.
    printf '%s %s %s%s %s%s\n' "${history_at:--}" "$TX_ID" "$TX_STATE" "$(print_images)" \
        "${TX_RESTORED:+restored=$TX_RESTORED }" "$TX_REASON" >>"$history_new" || return 1
    [ "$(bytes_of "$history_new")" -gt "$(bytes_of "$history_file")" ] || return 1
    tail -n 1 "$history_new" | grep -q " $TX_ID $TX_STATE " || return 1
    flush "$history_new" && mv -f "$history_new" "$history_file" && [ ! -e "$history_new" ] && flush "$STATE_DIR"
}

# print_images: " <path> before=<digest> after=<digest>", and the same for each further file behind " and".
print_images() {
    first_file
    while next_file; do
        printf '%s %s before=%s after=%s' "${EACH_MARK:+ and}" "$EACH_PATH" "$EACH_BEFORE" "$EACH_AFTER"
    done
}

# install_guard: the agent that has just proved itself becomes the one that watches.
install_guard() {
    rm -f "$GUARD_PATH.new"
    cp -p "$AGENT_PATH" "$GUARD_PATH.new" && flush "$GUARD_PATH.new" && mv -f "$GUARD_PATH.new" "$GUARD_PATH"
}

# sweep: removes what ended or dead transactions and requests left. Never called while one is pending.
sweep() {
    set +f
    sweep_status=0
    for sweep_dir in "$STATE_DIR"/tx/*; do
        [ -d "$sweep_dir" ] || continue
        sweep_transaction "$sweep_dir" || sweep_status=1
    done
    for sweep_dir in "$STATE_DIR"/work/*; do
        [ -d "/proc/${sweep_dir##*/}" ] || [ ! -e "$sweep_dir" ] || rm -rf "$sweep_dir"
    done
    # Also a read-only copy that a power cut left half made: the next change makes it anew.
    for sweep_file in "$STATE_FILE".new.* "$STATE_DIR"/history.new.* "$STATE_DIR"/originals/*.new \
        "$STATE_DIR"/originals/*.new.* "$MAIN_CONFIG.original.new"; do
        [ ! -e "$sweep_file" ] || rm -f "$sweep_file"
    done
    set -f
    return "$sweep_status"
}

# sweep_transaction DIRECTORY: its files beside the live one, its marks, and then itself.
sweep_transaction() {
    sweep_id=${1##*/}
    if [ -e "$1/path" ]; then
        while IFS= read -r sweep_path; do
            [ -n "$sweep_path" ] || continue
            rm -f "$(before_link "$sweep_id" "$sweep_path")" "$(fresh_file "$sweep_id" "$sweep_path")" || return 1
        done <"$1/path"
    fi
    end_watcher "$sweep_id"
    rm -f "$RUN_DIR/restored.$sweep_id."* "$RUN_DIR/watch.$sweep_id"
    rm -rf "$1"
}

# end_watcher ID: it would end by itself within a second, but for one that hangs. Our own is waiting for us. It leads a
# process group (setsid, or systemd), and what hangs is a child of its: the group ends, or a subshell of it would stay.
end_watcher() {
    { read -r watcher_pid watcher_start <"$RUN_DIR/watch.$1"; } 2>/dev/null || return 0
    [ "$watcher_pid" != "$$" ] || return 0
    watcher_stat=$(parent_and_start "$watcher_pid")
    [ -n "$watcher_stat" ] && [ "${watcher_stat#* }" = "$watcher_start" ] || return 0
    kill -9 "-$watcher_pid" 2>/dev/null || kill -9 "$watcher_pid" 2>/dev/null || :
}

# recover CALLER: finishes what a dead predecessor left. Holds the lock; so whoever wrote `armed` is dead by now.
recover() {
    load_state || return 1
    case $TX_STATE in
    idle) sweep ;;
    confirmed | rolled-back) finish && sweep ;;
    prepared)
        TX_REASON="the apply died before it changed anything"
        settle rolled-back
        ;;
    *)
        if [ "$TX_BOOT" != "$(boot_id)" ]; then
            roll_back "the host was booted before the change was confirmed" "$1"
        elif [ "$TX_STATE" = rolling ]; then
            roll_back "$TX_REASON" "$1"
        elif [ "$TX_STATE" = armed ]; then
            roll_back "the apply died half-way" "$1"
        elif [ "$(seconds_left)" -eq 0 ]; then
            roll_back "not confirmed before its deadline" "$1"
        fi
        ;;
    esac
}

# watch ID: waits beside one change until it has ended. Its open lock on watch.ID is the proof that it lives.
watch() {
    is_id "$1" || fail protocol "watch: want the id of a change"
    exec 8>"$RUN_DIR/watch.$1" || exit 1
    watch_tries=20
    until flock -n 8; do
        watch_tries=$((watch_tries - 1))
        [ "$watch_tries" -gt 0 ] || exit 0 # another one watches
        nap
    done
    watch_stat=$(parent_and_start $$)
    printf '%s %s\n' "$$" "${watch_stat#* }" >&8
    while load_state && [ "$TX_ID" = "$1" ] && is_pending; do
        sleep 1
        if [ "$TX_STATE" != applied ] || [ "$(seconds_left)" -eq 0 ]; then
            (
                exec 8>&-
                take_lock 0 || exit 75
                recover watch
            )
            case $? in
            0 | 75) ;;
            *) sleep 4 ;; # it could not be undone: not so often that nobody else gets the lock
            esac
        fi
    done
}

# start_watcher: starts the watcher outside this login's processes, and proves that it lives.
start_watcher() {
    if has_systemd && timeout 5 systemctl start --no-block "gatehouse-watch@$TX_ID.service" >/dev/null 2>&1 9>&-; then
        await_watcher && return 0
    fi
    setsid "$GUARD_PATH" watch "$TX_ID" </dev/null >/dev/null 2>&1 9>&- &
    await_watcher
}

await_watcher() {
    watcher_tries=20
    while [ "$watcher_tries" -gt 0 ]; do
        if [ -e "$RUN_DIR/watch.$TX_ID" ] && ! flock -n "$RUN_DIR/watch.$TX_ID" true 9>&-; then return 0; fi
        watcher_tries=$((watcher_tries - 1))
        nap
    done
    return 1
}

# ------------------------------------------------------------------------------------------------- apply and confirm

# begin_verb SECONDS: the lock, and the affairs of dead predecessors settled.
begin_verb() {
    trap '' HUP PIPE # a lost connection must not leave a verb half done
    take_lock "$1" || fail busy "Another request or the timer is at work on this host. Try again in a few seconds."
    recover rpc || load_state || fail internal "$STATE_FILE cannot be read. The live files are as they are; nothing is done."
    LOGGED= # what was said of an earlier change says nothing of this request
}

# need_id, need_deadline: checked request headers.
need_id() { is_id "$IN_ID" || fail protocol "A change needs an id of at most 64 letters, digits, - or _."; }
need_deadline() {
    if is_number "$IN_DEADLINE" && [ "$IN_DEADLINE" -ge "$DEADLINE_MIN_SECONDS" ] && [ "$IN_DEADLINE" -le "$DEADLINE_MAX_SECONDS" ]; then return 0; fi
    fail protocol "The deadline is from $DEADLINE_MIN_SECONDS to $DEADLINE_MAX_SECONDS seconds."
}

# refuse_second_change DIGESTS: one change at a time, each id once. A request that is repeated because its answer was
# lost gets the same answer again.
refuse_second_change() {
    if is_pending; then
        if [ "$TX_STATE" = applied ] && [ "$TX_ID" = "$IN_ID" ] && [ "$(print_afters)" = "$1" ]; then
            answer_applied
            exit 0
        fi
        fail pending "The change $TX_ID of $TX_PATH is not decided yet ($(seconds_left) s left)."
    fi
    if [ "$TX_ID" = "$IN_ID" ] || grep -q " $IN_ID " "$STATE_DIR/history" 2>/dev/null; then
        fail replay "A change with the id $IN_ID has already been made on this host."
    fi
    if packages_at_work; then fail busy "The package manager is at work on this host. Try again when it is done."; fi
    [ ! -d "$STATE_DIR/tx/$TX_ID" ] || [ "$TX_STATE" = idle ] ||
        fail no-space "The last change could not be written to the history in $STATE_DIR: is the disk full?"
}

# refuse_unsafe_place PATH: we replace files by rename, as root: only in directories that nobody else writes to.
refuse_unsafe_place() {
    if [ -e "$1" ] && [ ! -f "$1" ]; then fail refused "$1 is no regular file."; fi
    place_stat=$(stat -c '%u %a' "${1%/*}")
    [ "${place_stat% *}" = 0 ] || fail refused "The directory ${1%/*} does not belong to root."
    case $place_stat in
    *[2367] | *[2367]?) fail refused "The directory ${1%/*} is writable for others than root." ;;
    esac
}

# need_room BYTES DIRECTORY...: blocks and inodes for what we are going to write, and some more.
need_room() {
    room_kib=$(($1 / 256 + 256))
    shift
    room_wanted=$#
    room_full=$(df -Pk "$@" 2>/dev/null | awk -v need="$room_kib" -v wanted="$#" '
        NR > 1 && $4 + 0 < need && !full { full = NR - 1 } END { print (NR == wanted + 1 ? full + 0 : 1) }')
    # File systems without a fixed number of inodes say 0 or -.
    room_short=$(df -Pi "$@" 2>/dev/null | awk 'NR > 1 && $2 + 0 > 0 && $4 + 0 < 32 && !short { short = NR - 1 } END { print short + 0 }')
    while [ "$#" -gt 0 ]; do
        room_number=$((room_wanted - $# + 1))
        [ "$room_full" != "$room_number" ] || fail no-space "The disk with $1 has less than $room_kib KiB free."
        [ "$room_short" != "$room_number" ] || fail no-space "The disk with $1 has no inodes left."
        shift
    done
    [ "$room_full$room_short" = 00 ] || fail no-space "How much room the disks have could not be told."
}

# refuse_without_marker FILE: the new file must end with the block that proves it.
refuse_without_marker() {
    marker_want=$(printf '# Gatehouse: proof that this file is in force. Keep this block last.\nMatch User %s\n\tAcceptEnv GATEHOUSE_CHANGE_%s\nMatch all\n.' "$ACCOUNT" "$IN_ID")
    marker_got=$(tail -n 4 "$1"; printf .)
    [ "$marker_got" = "$marker_want" ] ||
        fail refused "The new file does not end with the block that proves the change $IN_ID, so no login could prove it."
}

# refuse_bad_config COPY PATH OVERRIDE: sshd takes the tree, a login could prove it, and the management account gets in.
refuse_bad_config() {
    can_overlay "$2" || fail refused "An included file cannot be tried on this host without touching the live one (no mount namespaces here). Edit $MAIN_CONFIG instead."
    if ! test_config "$1" "$2" "$WORK/test"; then
        fail check-failed "sshd does not accept it: $(head -c 500 "$WORK/test")"
    fi
    if ! sshd_with "$1" "$2" -T -C "$(management_connection)" >"$WORK/dump" 2>/dev/null || [ ! -s "$WORK/dump" ]; then
        fail check-failed "sshd -T fails on it for the account $ACCOUNT."
    fi
    accepted_env=" $(setting acceptenv "$WORK/dump" | tr '\n' ' ')"
    case $accepted_env in
    *" GATEHOUSE_CHANGE_$IN_ID "*) ;;
    *) fail refused "The proving block has no effect where it stands (an Include inside a Match block?), so no login could prove the change." ;;
    esac
    case $accepted_env in *[*?]*) refuse_any=yes ;; *) refuse_any= ;; esac
    if [ -n "$refuse_any" ] && accepts_any "$WORK/dump"; then
        fail refused "AcceptEnv$accepted_env lets every variable in, so a login could not prove this change. Narrow it, at least in a Match User $ACCOUNT block."
    fi
    refuse_idle_port "$WORK/dump"
    if [ "$3" = 0 ] && management_obstacle "$WORK/dump"; then
        fail locks-us-out "$OBSTACLE"
    fi
}

# refuse_idle_port DUMP: under a socket unit systemd holds the port. A new Port line would do nothing now, and take sshd
# away from the unit's port at some later restart.
refuse_idle_port() {
    case $MODE in socket | per-connection) ;; *) return 0 ;; esac
    "$SSHD" -T -C "$(management_connection)" >"$WORK/live-dump" 2>/dev/null || return 0
    if [ "$(setting listenaddress "$1" | sort)" != "$(setting listenaddress "$WORK/live-dump" | sort)" ]; then
        fail refused "$UNIT.socket decides where this host listens, not sshd_config: Port and ListenAddress must stay as they are. Change the socket unit instead."
    fi
}

# accepts_any DUMP: an AcceptEnv pattern lets a name through that nobody gave away.
accepts_any() {
    any_patterns=$(setting acceptenv "$1" | grep '[*?]' | sed 's/[.[\^$]/\\&/g; s/\*/.*/g; s/?/./g')
    [ -n "$any_patterns" ] && printf 'GATEHOUSE_CHANGE_nobody-gave-this-away\n' | grep -q -x -e "$any_patterns"
}

# ------------------------------------------------------------------------------------------- sshd's questions: PAM

# split_body: where the request brings a new PAM file behind the file of sshd's configuration, the two of them into
# $WORK/body and $WORK/body.2, and where the PAM file lies into PAM_PATH. Fails when it brings none.
split_body() {
    PAM_PATH=
    [ -n "$IN_PAM_BASE$IN_PAM_BYTES" ] || return 1
    if ! is_digest "$IN_PAM_BASE" || ! is_number "$IN_PAM_BYTES"; then
        fail protocol "pam.base is the SHA-256 of the PAM file that this change was made from, pam.bytes the length of the new one."
    fi
    split_rest=$(($(bytes_of "$WORK/body") - IN_PAM_BYTES))
    if [ "$IN_PAM_BYTES" -eq 0 ] || [ "$split_rest" -le 0 ]; then fail protocol "The body does not hold two files."; fi
    if ! tail -c "$IN_PAM_BYTES" "$WORK/body" >"$WORK/body.2" || ! head -c "$split_rest" "$WORK/body" >"$WORK/body.1" ||
        ! mv -f "$WORK/body.1" "$WORK/body" || [ "$(bytes_of "$WORK/body")" != "$split_rest" ] ||
        [ "$(bytes_of "$WORK/body.2")" != "$IN_PAM_BYTES" ]; then
        fail no-space "The request could not be written to $STATE_DIR: is the disk full?"
    fi
    PAM_PATH=$(readlink -f "$PAM_FILE")
    [ -f "$PAM_PATH" ] || fail refused "This host has no $PAM_FILE: its sshd asks PAM nothing of its own."
}

# pam_lines FILE: what libpam reads in it, one directive a line, words parted by one blank.
# See libpam/pam_handlers.c, _pam_assemble_line: a comment ends the line, a backslash in front of the end joins the next.
pam_lines() {
    awk '{
        sub(/#.*/, ""); gsub(/[ \t\r]+/, " "); sub(/ $/, "")
        joined = joined $0
        if (sub(/\\$/, " ", joined)) next
        gsub(/ +/, " ", joined); sub(/^ /, "", joined)
        if (joined != "") print joined
        joined = ""
    }
    END { if (joined != "") print joined }' "$1"
}

# Of these lines, those that ask for something; of a system with common-auth that Include is one of them.
PAM_ASKS='^(-?[Aa][Uu][Tt][Hh] |@include common-auth$)'

# The lines that Gatehouse itself writes, besides those that the host has or had.
# shellcheck disable=SC2016 # ${USER} is the module's own notation
PAM_OURS='auth required pam_permit\.so|@include common-auth|auth required pam_google_authenticator\.so( nullok| user=root| secret=/[A-Za-z0-9_./${}-]+| no_increment_hotp| grace_period=[0-9]+)*'

# pam_opens FILE: does its stack let those through who have no secret, asking them for nothing? Or, by lines of ours, for
# a code and nothing else: that is the second factor, and without a key it would be the only one.
pam_opens() {
    # Without that module and without a line of ours none does: so it is in most files of sshd's.
    pam_permits=no pam_ours=0
    while IFS= read -r pam_line || [ -n "$pam_line" ]; do
        case $pam_line in
        '# Gatehouse: one-time codes'*) pam_ours=1 ;;
        *pam_permit.so*) pam_permits=yes ;;
        esac
    done <"$1"
    [ "$pam_permits$pam_ours" != no0 ] || return 1
    pam_lines "$1" | grep -E "$PAM_ASKS" | awk -v ours="$pam_ours" '
        / pam_permit\.so/ { permits = 1; next }
        / pam_google_authenticator\.so/ && /( |^)nullok( |$)/ { next }
        / pam_google_authenticator\.so/ && ours { permits = 1; next }
        / pam_(env|warn|faildelay|nologin|echo|limits)\.so/ { next }
        { asks = 1 }
        END { exit !(permits && !asks) }'
}

# refuse_bad_pam NEW: we change what asks for a code, and nothing else of PAM: accounts and sessions stay as they are.
refuse_bad_pam() {
    if ! pam_lines "$1" >"$WORK/pam.new" || ! pam_lines "$PAM_PATH" >"$WORK/pam.old" || ! cp "$WORK/pam.old" "$WORK/pam.known"; then
        fail internal "$PAM_FILE cannot be read."
    fi
    pam_original=$(original_of "$PAM_PATH")
    [ ! -f "$pam_original" ] || pam_lines "$pam_original" >>"$WORK/pam.known"
    if [ "$(grep -v -E "$PAM_ASKS" "$WORK/pam.new")" != "$(grep -v -E "$PAM_ASKS" "$WORK/pam.old")" ]; then
        fail refused "Of $PAM_FILE only what asks for a password or a code is changed from here: other lines differ."
    fi
    pam_strange=$(grep -E "$PAM_ASKS" "$WORK/pam.new" | grep -v -x -F -f "$WORK/pam.known" | grep -v -x -E "$PAM_OURS")
    [ -z "$pam_strange" ] || fail refused "This is no line that Gatehouse writes into $PAM_FILE: $(printable "$pam_strange")"
    grep -q -E "$PAM_ASKS" "$WORK/pam.new" ||
        fail check-failed "Without a line that asks for something PAM takes /etc/pam.d/other, which refuses everybody."
    grep -q ' pam_google_authenticator\.so' "$WORK/pam.new" || return 0
    has_pam_module pam_google_authenticator.so ||
        fail check-failed "pam_google_authenticator.so is not installed on this host: PAM would refuse everybody."
    if ! grep -E "$PAM_ASKS" "$WORK/pam.new" | grep -v -q -E ' pam_google_authenticator\.so.* nullok( |$)'; then
        fail check-failed "nullok alone refuses everybody who has no secret: add below it: auth required pam_permit.so"
    fi
    [ "$(setting usepam "$WORK/dump")" = yes ] || fail check-failed "UsePAM is not yes: sshd would ask nobody for a code, and refuse those of whom one is asked."
}

# has_pam_module NAME: in the places where libpam of the usual systems looks.
has_pam_module() {
    set +f
    module_found=1
    for module_path in /lib/security/"$1" /lib64/security/"$1" /usr/lib/security/"$1" /usr/lib64/security/"$1" \
        /lib/*/security/"$1" /usr/lib/*/security/"$1"; do
        if [ -f "$module_path" ]; then module_found=0; fi
    done
    set -f
    return "$module_found"
}

# refuse_open_door COPY PATH PAM: while the PAM file lets those through who have no code, or asks for nothing but ours,
# each list of methods, in whatever file and block, must ask for a key. Else somebody would be let in who was asked for
# nothing, or for six digits.
refuse_open_door() {
    [ -f "$3" ] && pam_opens "$3" || return 0
    if ! sshd_with "$1" "$2" -T -C "$(nobody_connection)" >"$WORK/nobody" 2>/dev/null || [ ! -s "$WORK/nobody" ]; then
        fail check-failed "sshd -T fails on it for an account that no block names."
    fi
    {
        printf 'sshd -T for accounts that no block names\t-\t-\t%s\n' "$(setting authenticationmethods "$WORK/nobody" | tr ' ' '\n' | head -n 1)"
        directive_words authenticationmethods "$1"
        door_rest=$FILES
        while [ -n "$door_rest" ]; do
            door_path=${door_rest%%"$NL"*}
            door_path=${door_path##*"$TAB"}
            door_rest=${door_rest#*"$NL"}
            [ "$door_path" = "$2" ] || directive_words authenticationmethods "$door_path"
        done
    } | awk -F'\t' '
        {
            strong = 0
            n = split($4, item, ",")
            for (i = 1; i <= n; i++) if (item[i] ~ /^(publickey|hostbased|gssapi-with-mic)(:|$)/) strong = 1
            if (!strong) { print ($4 == "" ? "any" : $4); exit }
        }' >"$WORK/door"
    [ ! -s "$WORK/door" ] ||
        fail refused "AuthenticationMethods $(cat "$WORK/door") asks for no key, and $PAM_FILE for a code at most: they would be let in by six digits, or be asked for nothing at all. Name publickey in every list, as in: AuthenticationMethods publickey,keyboard-interactive"
}

nobody_connection() {
    printf 'user=gatehouse-nobody,host=%s,addr=%s,laddr=%s,lport=%s\n' "$CLIENT_ADDRESS" "$CLIENT_ADDRESS" "$SERVER_ADDRESS" "${SERVER_PORT:-22}"
}

# verb_read_pam: sshd's PAM file, and whether the module for one-time codes is there.
verb_read_pam() {
    open_work || fail no-space "$STATE_DIR is not writable."
    pam_real=$(readlink -f "$PAM_FILE")
    [ -f "$pam_real" ] || fail refused "This host has no $PAM_FILE."
    head -c $((FILE_MAX_BYTES + 1)) "$pam_real" >"$WORK/pam" || fail internal "$PAM_FILE cannot be read."
    [ "$(bytes_of "$WORK/pam")" -le "$FILE_MAX_BYTES" ] || fail too-large "$PAM_FILE holds more than $FILE_MAX_BYTES bytes."
    field path "$PAM_FILE"
    field sha256 "$(digest "$WORK/pam")"
    field bytes "$(bytes_of "$WORK/pam")"
    field original "$(digest "$(original_of "$pam_real")")"
    field module "$(if has_pam_module pam_google_authenticator.so; then printf present; else printf absent; fi)"
    answer "$WORK/pam"
}

# --------------------------------------------------------------------------------------------- from prepared to applied

# prepare: the durable before- and after-images, and the record `prepared`. Nothing is changed yet.
prepare() {
    prepare_dir=$STATE_DIR/tx/$TX_ID
    [ ! -e "$prepare_dir" ] || rm -rf "$prepare_dir"
    [ -d "$STATE_DIR/tx" ] || mkdir -p "$STATE_DIR/tx" || return 1
    mkdir "$prepare_dir" || return 1
    prepare_made=
    prepare_record path "$(print_paths)" || return 1
    first_file
    while next_file; do prepare_images || return 1; done
    for TX_STATE in confirmed rolled-back prepared; do # the first two wait in advance, see save_end
        prepare_record "$TX_STATE" "$(print_state)" || return 1
    done
    # All of it is on the disk before anything stands outside, so that `sweep` finds what comes next.
    # shellcheck disable=SC2086 # names of ours, without blanks
    flush $prepare_made "$prepare_dir" "$STATE_DIR/tx" || return 1
    first_file
    while next_file; do
        [ "$EACH_BEFORE" != absent ] || continue
        prepare_link=$(before_link "$TX_ID" "$EACH_PATH")
        # What undoes without an inode or a block. That it is there is seen, not believed.
        ln "$EACH_PATH" "$prepare_link" && [ -e "$prepare_link" ] || return 1
        flush "${EACH_PATH%/*}"
    done
    save_state
}

# prepare_record NAME TEXT: a file of the transaction's own directory, which nobody looks into before the state names it.
prepare_record() {
    printf '%s\n' "$2" >"$prepare_dir/$1" && holds "$prepare_dir/$1" "$2" || return 1
    prepare_made="$prepare_made $prepare_dir/$1"
}

# prepare_images: of one file (of next_file); the request left its new content in $WORK/body$EACH_MARK.
prepare_images() {
    cp "$WORK/body$EACH_MARK" "$prepare_dir/after$EACH_MARK" || return 1
    [ "$(digest "$prepare_dir/after$EACH_MARK")" = "$EACH_AFTER" ] || return 1
    prepare_made="$prepare_made $prepare_dir/after$EACH_MARK"
    [ "$EACH_BEFORE" != absent ] || return 0
    cp -a "$EACH_PATH" "$prepare_dir/before$EACH_MARK" || return 1
    [ "$(digest "$prepare_dir/before$EACH_MARK")" = "$EACH_BEFORE" ] || return 1
    prepare_made="$prepare_made $prepare_dir/before$EACH_MARK"
}

# arm: the intent, its deadline and the proof that somebody watches.
arm() {
    TX_APPLIER=$(parent_and_start $$)
    TX_APPLIER=$$:${TX_APPLIER#* }
    TX_OLD=''
    if [ "$TX_TARGET" = config ]; then
        TX_MODE=$MODE
        arm_found=$(listeners)
        case $MODE in
        socket | per-connection) TX_OLD=$(generation) ;;
        *) TX_OLD=$(generation_of "$arm_found") ;;
        esac
        TX_ARGUMENTS=$(listener_arguments "$arm_found")
    fi
    TX_BOOT=$(boot_id)
    TX_NONCE=$(head -c 32 /dev/urandom | sha256sum)
    TX_NONCE=${TX_NONCE%% *}
    is_digest "$TX_NONCE" && [ -n "$TX_BOOT" ] || return 1
    TX_DEADLINE=$(($(uptime_seconds) + IN_DEADLINE))
    TX_STATE=armed
    save_state
}

# write_fresh: each new content in a new inode beside the live file, with the live file's owner, mode and labels; all of
# them or none: should somebody have undone the change meanwhile, nobody sweeps any more.
write_fresh() {
    fresh_path=
    first_file
    while next_file; do
        if write_fresh_file "$(fresh_file "$TX_ID" "$EACH_PATH")"; then continue; fi
        fresh_path=$EACH_PATH
        first_file
        while next_file; do rm -f "$(fresh_file "$TX_ID" "$EACH_PATH")"; done
        return 1
    done
}

# write_fresh_file FRESH: of one file (of next_file).
write_fresh_file() {
    if [ "$EACH_BEFORE" = absent ]; then
        cp "$STATE_DIR/tx/$TX_ID/after$EACH_MARK" "$1" && chmod 0644 "$1" || return 1
    else
        cp -a "$EACH_PATH" "$1" && cat "$STATE_DIR/tx/$TX_ID/after$EACH_MARK" >"$1" || return 1
    fi
    flush "$1" && [ "$(digest "$1")" = "$EACH_AFTER" ]
}

# put_in_place: the renames. PAM's file is in force at once, sshd's with the reload: between them a login may fail.
put_in_place() {
    first_file
    while next_file; do
        mv -f "$(fresh_file "$TX_ID" "$EACH_PATH")" "$EACH_PATH" || return 1
        flush "${EACH_PATH%/*}"
    done
}

# keep_originals: of each file the read-only copy, once.
keep_originals() {
    first_file
    while next_file; do keep_original "$EACH_PATH" || return 1; done
}

# abandon CODE MESSAGE REASON: something failed after `armed`: undo now, and say so.
abandon() {
    if roll_back "$3" rpc; then
        [ "$TX_RESTORED" = 1 ] || fail "$1" "$2 It is not undone: $TX_REASON."
        fail "$1" "$2 Everything is as it was before."
    fi
    fail "$1" "$2 The host goes on undoing it."
}

# change TARGET PATH [PATH2]: the transaction, from `prepared` to `applied`. The checks are done, the lock is ours, and
# the new contents are in $WORK/body and $WORK/body.2. Both files become new, or none.
change() {
    clear_state
    TX_ID=$IN_ID TX_TARGET=$1 TX_PATH=$2
    TX_BEFORE=$(digest "$2") || fail internal "$2 cannot be read."
    TX_AFTER=$(digest "$WORK/body") || fail internal "The request's body is gone."
    if [ -n "${3:-}" ]; then
        change_before=$(digest "$3") || fail internal "$3 cannot be read."
        change_after=$(digest "$WORK/body.2") || fail internal "The request's body is gone."
        TX_MORE="more=$change_before$TAB$change_after$TAB$3$NL"
    fi
    [ "$TX_TARGET" = agent ] || keep_originals || fail no-space "The read-only copy of $EACH_PATH could not be written."
    if ! prepare; then
        load_state
        if [ "$TX_ID" = "$IN_ID" ]; then recover rpc; else sweep; fi
        fail no-space "The change could not be staged in $STATE_DIR and ${2%/*}: is the disk full, or the file immutable?"
    fi
    if ! arm; then
        TX_REASON="could not be armed"
        settle rolled-back
        fail no-space "The change could not be recorded in $STATE_DIR."
    fi
    start_watcher || abandon internal "No watcher could be started on this host." "no watcher"
    write_fresh || abandon no-space "The new file could not be written beside $fresh_path." "the new file could not be written"
    are_before || abandon conflict "$EACH_PATH was edited on the host in this very moment." "edited on the host in between"
    put_in_place || abandon internal "$EACH_PATH could not be replaced." "rename failed"
    if [ "$TX_TARGET" = config ] && ! reload_sshd; then
        abandon no-reload "sshd did not take up the new configuration within $RELOAD_SECONDS s." "no proof of the reload"
    fi
    TX_NEW=$(generation)
    TX_RELOADED=$(uptime_ticks)
    are_after || abandon file-changed "$EACH_PATH is not what was written." "edited on the host in between"
    TX_STATE=applied
    save_state || abandon no-space "The applied change could not be recorded in $STATE_DIR." "could not be recorded"
    log "change $TX_ID of $TX_PATH: applied, rolls back in $(seconds_left) s"
    answer_applied
}

answer_applied() {
    field nonce "$TX_NONCE"
    field deadline "$TX_DEADLINE"
    field uptime "$(uptime_seconds)"
    field boot.id "$TX_BOOT"
    field generation "$TX_NEW"
    answer
}

verb_apply() {
    need_id
    need_deadline
    case $IN_OVERRIDE in 0 | 1) ;; *) fail protocol "override is 0 or 1." ;; esac
    is_digest "$IN_BASE" || [ "$IN_BASE" = absent ] || fail protocol "base is the SHA-256 of the file the change was made from, or: absent"
    apply_pam=
    if split_body; then apply_pam=$NL$(digest "$WORK/body.2"); fi
    [ "$(bytes_of "$WORK/body")" -le "$FILE_MAX_BYTES" ] || fail too-large "A configuration file holds at most $FILE_MAX_BYTES bytes."
    begin_verb 3
    apply_after=$(digest "$WORK/body") || fail internal "The request's body is gone."
    refuse_second_change "$apply_after$apply_pam"
    find_file "$IN_FILE"
    apply_path=$(readlink -f "$FILE_PATH")
    [ -n "$apply_path" ] || fail refused "$FILE_PATH leads nowhere."
    [ "$(digest "$apply_path")" = "$IN_BASE" ] || fail conflict "$FILE_PATH is not the file that this change was made from: somebody edited it since."
    [ "$apply_after" != "$IN_BASE" ] || fail refused "The new file is the old one."
    refuse_unsafe_place "$apply_path"
    refuse_without_marker "$WORK/body"
    need_room "$(bytes_of "$WORK/body")" "$STATE_DIR" "${apply_path%/*}"
    if [ -n "$PAM_PATH" ]; then
        refuse_unsafe_place "$PAM_PATH"
        [ "${PAM_PATH%/*}" != "${apply_path%/*}" ] || fail refused "$PAM_FILE and $FILE_PATH lie in one directory."
        [ "$(digest "$PAM_PATH")" = "$IN_PAM_BASE" ] || fail conflict "$PAM_FILE is not the file that this change was made from: somebody edited it since."
        ! cmp -s "$PAM_PATH" "$WORK/body.2" || fail refused "The new PAM file is the old one: leave it out of the change."
        need_room "$IN_PAM_BYTES" "$STATE_DIR" "${PAM_PATH%/*}"
    fi
    refuse_unready_sshd
    read_login
    refuse_bad_config "$WORK/body" "$FILE_PATH" "$IN_OVERRIDE"
    if [ -n "$PAM_PATH" ]; then
        refuse_bad_pam "$WORK/body.2"
        refuse_open_door "$WORK/body" "$FILE_PATH" "$WORK/body.2"
    else
        refuse_open_door "$WORK/body" "$FILE_PATH" "$PAM_FILE"
    fi
    change config "$apply_path" "$PAM_PATH"
}

# refuse_unready_sshd: a reload must be possible to prove, and a port line must mean what it says.
refuse_unready_sshd() {
    find_mode || fail internal "systemd does not answer on this host, so sshd could not be reloaded."
    LISTENERS=$(listeners)
    case $MODE in
    socket | per-connection) unready_now=$(generation) ;;
    *) unready_now=$(generation_of "$LISTENERS") ;;
    esac
    [ -n "$unready_now" ] ||
        fail no-reload "No sshd that reads $MAIN_CONFIG listens on this host, so a reload could not be proved."
}

verb_update_agent() {
    need_id
    need_deadline
    begin_verb 3
    [ "$(digest "$WORK/body")" = "$IN_SHA256" ] || fail check-failed "The new agent is not the one that was announced: its SHA-256 differs."
    refuse_second_change "$IN_SHA256"
    [ "$(digest "$AGENT_PATH")" != "$IN_SHA256" ] || fail refused "This is the agent that is installed."
    case $(head -n 1 "$WORK/body") in '#!'*) ;; *) fail check-failed "The new agent is no script." ;; esac
    sh -n "$WORK/body" 2>"$WORK/test" || fail check-failed "The new agent is no valid script: $(head -c 300 "$WORK/test")"
    need_room "$(bytes_of "$WORK/body")" "$STATE_DIR" "${AGENT_PATH%/*}"
    change agent "$AGENT_PATH"
}

verb_confirm() {
    need_id
    begin_verb 5
    if [ "$TX_ID" != "$IN_ID" ]; then fail not-applied "No change $IN_ID waits on this host (the last one: ${TX_ID:-none}, $TX_STATE)."; fi
    [ "$TX_NONCE" = "$IN_NONCE" ] || fail nonce "The nonce is not the one that apply gave out."
    case $TX_STATE in
    confirmed)
        field already 1
        answer
        return
        ;;
    applied) ;;
    rolling | rolled-back)
        case $TX_REASON in
        'not confirmed'*) fail late "The deadline is over: the change is $TX_STATE." ;;
        *) fail not-applied "The change is $TX_STATE: $TX_REASON." ;;
        esac
        ;;
    *) fail not-applied "The change is $TX_STATE." ;;
    esac
    [ "$(seconds_left)" -gt 0 ] || fail late "The deadline is over."
    refuse_unproved_login
    is_in_place || fail file-changed "$EACH_PATH was edited on the host after the change. It will be rolled back; that edit is kept aside."
    TX_STATE=confirmed
    save_end || fail no-space "The confirmation could not be recorded; the change will be rolled back."
    log "change $TX_ID of $TX_PATH: confirmed"
    finish # a failure here is finished by the next tick; the commit point is behind us
    field already 0
    answer
}

# is_in_place: what the change wrote is what stands there, in every file of it; else EACH_PATH names one.
is_in_place() {
    is_of_account || { are_after; return; }
    EACH_PATH=$TX_PATH
    [ "$(live_digest)" = "$TX_AFTER" ]
}

# refuse_unproved_login: this very request came by a login that the changed sshd let in.
refuse_unproved_login() {
    read_login
    [ -n "$LOGIN_STARTED" ] || fail stale-login "This request did not come by an SSH login."
    if ! is_ticks "$TX_RELOADED" || [ "$LOGIN_STARTED" -le "$TX_RELOADED" ]; then
        fail stale-login "This connection is older than the reload, so it proves nothing. Connect anew."
    fi
    [ "$TX_TARGET" = config ] || return 0
    [ "$LOGIN_CHANGES" = "GATEHOUSE_CHANGE_$TX_ID" ] ||
        fail not-loaded "The sshd that let this login in does not have the new file in force: it accepted ${LOGIN_CHANGES:-no proof} instead of GATEHOUSE_CHANGE_$TX_ID."
}

verb_cancel() {
    need_id
    begin_verb 5
    if [ "$TX_ID" != "$IN_ID" ] || [ "$TX_STATE" = confirmed ]; then fail not-applied "No change $IN_ID waits on this host."; fi
    if is_pending; then
        roll_back "cancelled" rpc || fail internal "The change could not be undone at once; the host goes on trying."
    fi
    field state "$TX_STATE"
    answer
}

verb_status() {
    [ -z "$IN_ID" ] || need_id
    if take_lock 0; then recover rpc || :; fi
    load_state || fail internal "$STATE_FILE cannot be read."
    status_verdict=unknown
    status_id=${IN_ID:-$TX_ID}
    if [ "$status_id" = "$TX_ID" ]; then
        field state "$TX_STATE"
        field reason "$TX_REASON"
        field restored "$TX_RESTORED"
        if is_pending; then status_verdict=pending; else status_verdict=$TX_STATE; fi
        [ -n "$TX_ID" ] || status_verdict=unknown
        field left "$(if is_pending; then seconds_left; else printf 0; fi)"
        field live.sha256 "$([ -z "$TX_PATH" ] || live_digest)"
    else
        # An older change: the history knows how it ended (see write_history).
        status_line=$(grep " $status_id " "$STATE_DIR/history" 2>/dev/null | head -n 1)
        if [ -n "$status_line" ]; then status_verdict=$(printf '%s\n' "$status_line" | cut -d' ' -f3); fi
        status_reason=$(printf '%s\n' "$status_line" | awk '
            { while (match($0, / before=[^ ]* after=[^ ]* /)) { $0 = substr($0, RSTART + RLENGTH); found = 1 } }
            found')
        status_restored=
        case $status_reason in
        'restored='[01]' '*)
            status_restored=${status_reason%% *}
            status_restored=${status_restored#*=}
            status_reason=${status_reason#* }
            ;;
        esac
        field state "$(if is_pending; then printf '%s' "$TX_STATE"; else printf idle; fi)"
        field reason "$status_reason"
        field restored "$status_restored"
        field left 0
        field live.sha256 "$(digest "$MAIN_CONFIG")"
    fi
    field id "$status_id"
    field verdict "$status_verdict"
    answer
}

# --------------------------------------------------------------------------------------------------------- reading

verb_hello() {
    if take_lock 0; then recover rpc || :; fi
    load_state || clear_state
    field agent.version "$AGENT_VERSION"
    field agent.sha256 "$(digest "$AGENT_PATH")"
    field protocol GATEHOUSE/1
    field boot.id "$(boot_id)"
    field uptime "$(uptime_seconds)"
    field clock "$(date +%s)"
    for hello_key in ID VERSION_ID NAME; do
        hello_value=$(sed -n "s/^$hello_key=//p" /etc/os-release 2>/dev/null | head -n 1 | tr -d "\"'")
        case $hello_key in
        ID) field os.id "$hello_value" ;;
        VERSION_ID) field os.version "$hello_value" ;;
        NAME) field os.name "$hello_value" ;;
        esac
    done
    field kernel "$(uname -r)"
    field arch "$(uname -m)"
    field hostname "$(uname -n)"
    field init "$(init_system)"
    find_mode || :
    case $MODE in
    '' | plain) field sshd.unit none ;;
    per-connection) field sshd.unit socket ;;
    *) field sshd.unit "$MODE" ;;
    esac
    field sshd.version "$(sshd_version)"
    field sshd.package "$(package_version openssh-server)"
    field ssh.package "$(package_version openssh-client)"
    hello_count=0
    for hello_value in $(listen_addresses); do
        hello_count=$((hello_count + 1))
        field "listen.$hello_count" "$hello_value"
    done
    hello_count=0
    make_privilege_directory
    "$SSHD" -T -C user=root,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22 2>/dev/null | awk 'tolower($1) == "hostkey" { print $2 }' |
        while IFS= read -r hello_value; do
            # A public half that is missing or not ours to trust is made from the private one.
            ssh-keygen -y -P '' -f "$hello_value" 2>/dev/null | cut -d' ' -f1,2
        done >"$RUN_DIR/hostkeys.$$"
    while IFS= read -r hello_value; do
        hello_count=$((hello_count + 1))
        field "hostkey.$hello_count" "$hello_value"
    done <"$RUN_DIR/hostkeys.$$"
    rm -f "$RUN_DIR/hostkeys.$$"
    field tx.state "$TX_STATE"
    field tx.id "$TX_ID"
    field tx.left "$(if is_pending; then seconds_left; else printf 0; fi)"
    if [ -e "$(original_of "$MAIN_CONFIG")" ]; then field original present; else field original absent; fi
    answer
}

init_system() {
    if has_systemd; then
        printf 'systemd\n'
    else
        case $(cat /proc/1/comm) in init) printf 'sysv\n' ;; *) printf 'none\n' ;; esac
    fi
}

# sshd_version: "OpenSSH_9.2p1 Debian-2+deb12u10". Old ones know no -V, but say it with their usage.
sshd_version() { "$SSHD" -V 2>&1 | sed -n 's/.*\(OpenSSH_[^,]*\),.*/\1/p' | head -n 1; }

# package_version NAME: as the package manager knows it; empty when it does not.
package_version() {
    if command -v dpkg-query >/dev/null; then
        dpkg-query -W -f "\${Version}" "$1" 2>/dev/null
    elif command -v rpm >/dev/null; then
        rpm -q --qf '%{VERSION}-%{RELEASE}' "$(package_name "$1")" 2>/dev/null || :
    elif command -v apk >/dev/null; then
        apk info -e -v "$(package_name "$1")" 2>/dev/null
    fi
}

# package_name NAME: what this host's distribution calls it.
package_name() {
    case $1 in
    libpam-google-authenticator) if command -v dpkg-query >/dev/null; then printf '%s\n' "$1"; else printf 'google-authenticator\n'; fi ;;
    openssh-client) if command -v rpm >/dev/null && ! command -v dpkg-query >/dev/null; then printf 'openssh-clients\n'; else printf '%s\n' "$1"; fi ;;
    *) printf '%s\n' "$1" ;;
    esac
}

# listen_addresses: where sshd's listening sockets are, "address:port" one a line.
listen_addresses() {
    if [ "$MODE" = socket ] || [ "$MODE" = per-connection ]; then
        ask_systemd show -p Listen "$UNIT.socket" | sed -n 's/^Listen=\(.*\) (Stream)$/\1/p'
        return
    fi
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v inodes=" $(listeners | sed 's/^[0-9]* //' | tr '\n' ' ')" '
    function byte(hex) { return (index("0123456789ABCDEF", substr(hex, 1, 1)) - 1) * 16 + index("0123456789ABCDEF", substr(hex, 2, 1)) - 1 }
    $4 == "0A" && index(inodes, " " $10 " ") {
        split($2, part, ":")
        port = byte(substr(part[2], 1, 2)) * 256 + byte(substr(part[2], 3, 2))
        if (length(part[1]) == 8) { # words in the byte order of the machine; all that we meet are little-endian
            print byte(substr(part[1], 7, 2)) "." byte(substr(part[1], 5, 2)) "." byte(substr(part[1], 3, 2)) "." byte(substr(part[1], 1, 2)) ":" port
        } else {
            text = ""
            for (word = 0; word < 4; word++) {
                w = tolower(substr(part[1], word * 8 + 1, 8))
                text = text "" (word ? ":" : "") substr(w, 7, 2) substr(w, 5, 2) ":" substr(w, 3, 2) substr(w, 1, 2)
            }
            gsub(/(^|:)0+/, "&;", text); gsub(/0*;/, "", text)
            print "[" (text ~ /^:*$/ ? "::" : text) "]:" port
        }
    }'
}

# verb_accounts: who has an account, and what its password is worth: P a password, L none is needed (it is empty),
# "*" none can be given, "!" locked.
verb_accounts() {
    open_work || fail no-space "$STATE_DIR is not writable."
    awk -F: '
    FILENAME == "/etc/shadow" { password[$1] = $2; next }
    NF >= 7 && $0 !~ /[[:cntrl:]]/ {
        p = $1 in password ? password[$1] : $2
        lock = p == "" ? "L" : p ~ /^\*/ ? "*" : p ~ /^!/ ? "!" : "P"
        print $1 ":" $3 ":" $4 ":" ($7 == "" ? "/bin/sh" : $7) ":" $6 ":" lock
    }' /etc/shadow /etc/passwd >"$WORK/accounts" || fail internal "/etc/passwd or /etc/shadow cannot be read."
    answer "$WORK/accounts"
}

verb_read_config() {
    open_work || fail no-space "$STATE_DIR is not writable."
    walk || fail internal "$MAIN_CONFIG cannot be read."
    set --
    config_rest=$FILES
    config_count=0
    while [ -n "$config_rest" ]; do
        config_entry=${config_rest%%"$NL"*}
        config_rest=${config_rest#*"$NL"}
        config_path=${config_entry##*"$TAB"}
        # A copy, so that what we describe is what we send, whoever edits meanwhile.
        head -c $((FILE_MAX_BYTES + 1)) "$config_path" >"$WORK/file.$config_count" || fail internal "$config_path cannot be read."
        [ "$(bytes_of "$WORK/file.$config_count")" -le "$FILE_MAX_BYTES" ] ||
            fail too-large "$config_path holds more than $FILE_MAX_BYTES bytes."
        set -- "$@" "$WORK/file.$config_count"
        config_count=$((config_count + 1))
        describe_file "file.$config_count" "$config_entry" "$WORK/file.$((config_count - 1))"
    done
    field files "$config_count"
    field skipped "$SKIPPED"
    if [ -n "$DROP_IN_FROM" ] && [ ! -e "$DROP_IN" ] && [ -d "${DROP_IN%/*}" ]; then
        field dropin.path "$DROP_IN"
        field dropin.id "$(digest_text "$DROP_IN")"
        field dropin.from "$DROP_IN_FROM"
    fi
    answer "$@"
}

# describe_file PREFIX ENTRY COPY: the header lines of one configuration file. ENTRY is a line of `walk`.
describe_file() {
    describe_path=${2##*"$TAB"}
    describe_rest=${2#*"$TAB"}
    field "$1.path" "$describe_path"
    field "$1.id" "${2%%"$TAB"*}"
    field "$1.sha256" "$(digest "$3")"
    field "$1.bytes" "$(bytes_of "$3")"
    field "$1.mode" "$(stat -L -c %a "$describe_path")"
    field "$1.owner" "$(stat -L -c %U "$describe_path")"
    field "$1.group" "$(stat -L -c %G "$describe_path")"
    field "$1.depth" "${describe_rest%%"$TAB"*}"
    describe_rest=${describe_rest#*"$TAB"}
    describe_from=${describe_rest%%"$TAB"*}
    field "$1.from" "${describe_from#-}"
    field "$1.original" "$(digest "$(original_of "$(readlink -f "$describe_path")")")"
}

verb_read_original() {
    find_file "$IN_FILE"
    original=$(original_of "$(readlink -f "$FILE_PATH")")
    [ -f "$original" ] || fail unknown-file "No copy of $FILE_PATH was made yet: it is made at the first change."
    field path "$original"
    field sha256 "$(digest "$original")"
    field bytes "$(bytes_of "$original")"
    answer "$original"
}

verb_check() {
    [ "$(bytes_of "$WORK/body")" -le "$FILE_MAX_BYTES" ] || fail too-large "A configuration file holds at most $FILE_MAX_BYTES bytes."
    find_file "$IN_FILE"
    [ -z "$IN_BASE" ] || [ "$(digest "$FILE_PATH")" = "$IN_BASE" ] ||
        fail conflict "$FILE_PATH is not the file that this draft was made from: somebody edited it since."
    can_overlay "$FILE_PATH" || fail refused "An included file cannot be tried on this host without touching the live one (no mount namespaces here)."
    test_config "$WORK/body" "$FILE_PATH" "$WORK/t"
    field t.code "$?"
    field t.bytes "$(bytes_of "$WORK/t")"
    set -- "$WORK/t"
    check_count=0 check_own=
    check_rest=$IN_SPECS
    while [ -n "$check_rest" ]; do
        check_spec=${check_rest%%"$NL"*}
        check_rest=${check_rest#*"$NL"}
        check_count=$((check_count + 1))
        # Match LocalPort makes sshd refuse a connection whose port is not told.
        case ,$check_spec in *,lport=*) ;; *) check_spec=$check_spec,lport=22 ;; esac
        "$SSHD" -T -C "$check_spec" >"$WORK/before.$check_count" 2>/dev/null
        field "before.code.$check_count" "$?"
        field "before.bytes.$check_count" "$(bytes_of "$WORK/before.$check_count")"
        sshd_with "$WORK/body" "$FILE_PATH" -T -C "$check_spec" >"$WORK/after.$check_count" 2>/dev/null
        field "after.code.$check_count" "$?"
        field "after.bytes.$check_count" "$(bytes_of "$WORK/after.$check_count")"
        case $check_own,$check_spec, in
        ,user="$ACCOUNT",* | ,*,user="$ACCOUNT",*)
            check_own=told
            find_key_file "$WORK/after.$check_count"
            field own.key "$KEY_FILE"
            field own.groups "$(id -Gn "$ACCOUNT" 2>/dev/null)"
            ;;
        esac
        set -- "$@" "$WORK/before.$check_count" "$WORK/after.$check_count"
    done
    answer "$@"
}

verb_history() {
    is_number "${IN_LINES:-200}" || fail protocol "lines is a number."
    open_work || fail no-space "$STATE_DIR is not writable."
    if [ -e "$STATE_DIR/history" ]; then tail -n "${IN_LINES:-200}" "$STATE_DIR/history"; fi >"$WORK/history"
    answer "$WORK/history"
}

# ------------------------------------------------------------------------------- witness of the dashboard's activity

# The dashboard's activity is a chain of hashes. Now and then it signs where the chain ends and shows that to us: who
# later cuts or rewrites the chain over there cannot take back what stands here.

WITNESS_FILE=$STATE_DIR/witness
WITNESS_LINES=4000       # four a day are kept for almost three years
WITNESS_MINUTES=60       # and nobody can push them out in less than half a year
WITNESS_ANSWER_LINES=100 # the newest, for the dashboard to compare; the whole file is for whoever reads it here

# is_witness TEXT: "row hash moment key signature", as lib/secrets/checkpoint.ts prints it.
is_witness() {
    case $1 in '' | *[!A-Za-z0-9:.\ -]*) return 1 ;; esac
    # shellcheck disable=SC2086 # five words
    set -- $1
    [ "$#" -eq 5 ] || return 1
    is_ticks "$1" && [ "${#1}" -le 18 ] && is_digest "$2" && [ "${#3}" -le 40 ] && is_digest "$4" || return 1
    case $5 in *[!0-9a-f]*) return 1 ;; esac
    [ "${#5}" -eq 128 ]
}

# may_witness LINE: whether it goes on from the last line that we keep, and does not come too soon after it.
may_witness() {
    [ -s "$WITNESS_FILE" ] || return 0
    witness_last=$(tail -n 1 "$WITNESS_FILE")
    if ! is_witness "$witness_last"; then return 0; fi # somebody here wrote into it: go on below his line
    if [ "$1" = "$witness_last" ]; then return 1; fi
    if [ "${1%% *}" -le "${witness_last%% *}" ]; then
        log "witness: row ${1%% *} of the dashboard's activity does not go on from row ${witness_last%% *}: not kept"
        return 1
    fi
    [ -z "$(find "$WITNESS_FILE" -mmin "-$WITNESS_MINUTES" 2>/dev/null)" ]
}

# write_witness LINE: one line more, all of it or nothing.
write_witness() {
    witness_new=$WITNESS_FILE.new
    rm -f "$witness_new"
    if [ -e "$WITNESS_FILE" ]; then tail -n "$((WITNESS_LINES - 1))" "$WITNESS_FILE" >"$witness_new" || return 1; fi
    printf '%s\n' "$1" >>"$witness_new" || return 1
    [ "$(tail -n 1 "$witness_new")" = "$1" ] || return 1
    flush "$witness_new" && mv -f "$witness_new" "$WITNESS_FILE" && flush "$STATE_DIR"
}

verb_witness() {
    is_witness "$IN_LINE" || fail protocol "line is a signed checkpoint: row, hash, moment, key and signature."
    open_work || fail no-space "$STATE_DIR is not writable."
    take_lock 5 || fail busy "Another request is at work."
    witness_kept=0
    if may_witness "$IN_LINE"; then
        if ! write_witness "$IN_LINE"; then
            rm -f "$WITNESS_FILE.new"
            fail no-space "The line could not be kept in $STATE_DIR: is the disk full?"
        fi
        witness_kept=1
    fi
    if [ -e "$WITNESS_FILE" ]; then tail -n "$WITNESS_ANSWER_LINES" "$WITNESS_FILE"; fi >"$WORK/witness"
    field kept "$witness_kept"
    answer "$WORK/witness"
}

# ---------------------------------------------------------------------------------- facts: who can log in, and why

# Everything by which sshd decides who gets in, read in one go and without the lock. What must never leave the host does
# not: of a password and of a one-time-password secret only their state, of key files only the lines that hold a public
# key. A user's file is read with the user's own rights: a link of his to /etc/shadow shows what it shows him.

FACTS_ACCOUNTS_MAX=5000
FACTS_PATHS_MAX=20000
FACTS_FILES_MAX=4000
FACTS_TEXT_BYTES=131072
FACTS_BYTES=8388608
FACTS_SECONDS=60 # then the rest is left out, and the answer says so
FACTS_LOGINS_MAX=2000
FACTS_LOG_BYTES=8388608
FACTS_LOGIN_DAYS=100

# For awk programs: escaped(text), so that a word holds printable ASCII without blanks; "-" is the empty word.
AWK_ESCAPED='
function escaped(text,   i, c, out) {
    if (text == "") return "-"
    if (text == "-") return "%2D"
    if (text !~ /[^!-~]|%/) return text
    if (!known_bytes) { for (i = 1; i < 256; i++) number_of[sprintf("%c", i)] = i; known_bytes = 1 }
    out = ""
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        out = out "" (c ~ /[^!-~]|%/ ? sprintf("%%%02X", number_of[c]) : c)
    }
    return out
}'

# facts_cut SENTENCE: says that something was left out, once.
facts_cut() {
    case "$NL$FACTS_CUTS" in *"$NL$1$NL"*) ;; *) FACTS_CUTS="$FACTS_CUTS$1$NL" ;; esac
}

# facts_late: the time for reading is over. No process is started for it: it is asked before every file.
facts_late() {
    IFS=". $NL" read -r late_now _ </proc/uptime
    [ "$late_now" -ge "$FACTS_END" ] || return 1
    facts_cut "The host was slow: after $FACTS_SECONDS seconds the rest of the files was left out."
}

# find_drop: a program that gives up root's rights for an account's own, into DROP; empty when the host has none.
find_drop() {
    DROP=
    for drop_program in /usr/bin/setpriv /bin/setpriv /usr/sbin/chroot /usr/bin/chroot /sbin/chroot /bin/chroot; do
        [ -x "$drop_program" ] || continue
        DROP=$drop_program
        if [ "$(as_account 65534 65534 id -u 2>/dev/null)" = 65534 ]; then return 0; fi
    done
    DROP=
}

# as_account UID GID COMMAND...: runs it with the rights, and the groups, of that account. What it prints may be anything:
# the account's owner can steer a process of his own.
as_account() {
    account_uid=$1 account_gid=$2
    shift 2
    case $account_uid:$DROP in
    0:*) timeout 10 "$@" ;;
    *setpriv)
        case $account_uid in
        65534) timeout 10 "$DROP" --reuid "$account_uid" --regid "$account_gid" --clear-groups --no-new-privs -- "$@" ;;
        *) timeout 10 "$DROP" --reuid "$account_uid" --regid "$account_gid" --init-groups --no-new-privs -- "$@" ;;
        esac
        ;;
    *chroot) timeout 10 "$DROP" "--userspec=$account_uid:$account_gid" / "$@" ;;
    *) return 1 ;;
    esac </dev/null 2>/dev/null
}

# facts_accounts: accounts and groups into the table. passwd and group keep what the rest goes by.
facts_accounts() {
    for facts_base in passwd group; do
        timeout 20 getent "$facts_base" >"$FACTS/$facts_base.all" 2>/dev/null
        [ -s "$FACTS/$facts_base.all" ] || cat "/etc/$facts_base" >"$FACTS/$facts_base.all" || return 1
    done
    # The first of two entries with one name is the one that counts, for sshd as for everybody.
    awk -F: 'NF >= 7 && $0 !~ /[[:cntrl:]]/ && $1 != "" && $3 ~ /^[0-9]+$/ && $4 ~ /^[0-9]+$/ && !seen[$1]++' "$FACTS/passwd.all" |
        head -n "$FACTS_ACCOUNTS_MAX" >"$FACTS/passwd"
    [ -s "$FACTS/passwd" ] || return 1
    facts_all=$(wc -l <"$FACTS/passwd.all")
    facts_some=$(wc -l <"$FACTS/passwd")
    [ "$facts_all" -eq "$facts_some" ] ||
        facts_cut "$facts_some of $facts_all account entries were read: at most $FACTS_ACCOUNTS_MAX, no second one of a name, none that holds control characters."
    awk -F: "$AWK_ESCAPED"'
    function state(p, there) {
        if (!there && p == "x") return "unknown"
        if (p == "") return "empty"
        if (p ~ /^!/) return "locked"
        if (p ~ /^\*/) return "star"
        return p ~ /^\$[^$]+\$/ || p ~ /^[.\/A-Za-z0-9]+$/ && length(p) == 13 || p ~ /^_[.\/A-Za-z0-9]+$/ && length(p) == 20 ? "usable" : "star"
    }
    function days(text) { return text ~ /^-?[0-9]+$/ ? text : "-" }
    FILENAME == "/etc/shadow" { if (!($1 in shadow)) shadow[$1] = $0; next }
    {
        there = $1 in shadow
        split(there ? shadow[$1] : "", s, ":")
        print "account\t" escaped($1) "\t" $3 "\t" $4 "\t" escaped($5) "\t" escaped($6) "\t" escaped($7) "\t" \
            state(there ? s[2] : $2, there) "\t" days(s[3]) "\t" days(s[5]) "\t" days(s[7]) "\t" days(s[8])
    }' /etc/shadow "$FACTS/passwd" >>"$FACTS/table" || return 1
    facts_all=$(wc -l <"$FACTS/group.all")
    [ "$facts_all" -le "$FACTS_ACCOUNTS_MAX" ] || facts_cut "$FACTS_ACCOUNTS_MAX of $facts_all groups were read."
    head -n "$FACTS_ACCOUNTS_MAX" "$FACTS/group.all" |
        awk -F: "$AWK_ESCAPED"'NF >= 3 && $3 ~ /^[0-9]+$/ { print "group\t" escaped($1) "\t" $3 "\t" escaped($4) }' >>"$FACTS/table"
}

# facts_patterns: what the configuration names, whatever block it stands in: "<keyword>\t<place>\t<word>", each once.
facts_patterns() {
    facts_keys='authorizedkeysfile|authorizedprincipalsfile|trustedusercakeys|revokedkeys|hostkey|chrootdirectory|authorizedkeyscommand|authorizedprincipalscommand|hostbasedauthentication'
    {
        facts_rest=$FILES
        while [ -n "$facts_rest" ]; do
            facts_entry=${facts_rest%%"$NL"*}
            facts_rest=${facts_rest#*"$NL"}
            directive_words "$facts_keys" "${facts_entry##*"$TAB"}" | cut -f1,3-
        done
        # What sshd takes where the files say nothing, and what it was started with.
        {
            cat "$FACTS/dump" "$FACTS/defaults"
            printf '%s\n' "$FACTS_LISTENERS" | sed 's/ -o \{0,1\}/\n/g' | sed 's/^\([A-Za-z]*\)=/\1 /; s/ -.*//'
        } | awk -v keys="$facts_keys" '
        tolower($1) ~ "^(" keys ")$" { for (i = 2; i <= NF; i++) print tolower($1) "\t" i - 1 "\t" $i }'
    } | sort -u >"$FACTS/patterns"
}

# facts_pam: the stack of sshd, each file with what it includes, into pam: one path a line. Only names in /etc/pam.d, and
# only files that everybody may read.
facts_pam() {
    facts_todo="sshd$NL"
    printf '' >"$FACTS/pam"
    while [ -n "$facts_todo" ]; do
        facts_name=${facts_todo%%"$NL"*}
        facts_todo=${facts_todo#*"$NL"}
        facts_name=${facts_name#/etc/pam.d/}
        case $facts_name in '' | */* | *[!A-Za-z0-9._-]*) continue ;; esac
        if grep -q -x -F "/etc/pam.d/$facts_name" "$FACTS/pam" || [ "$(wc -l <"$FACTS/pam")" -ge "$FILES_MAX" ]; then continue; fi
        printf '/etc/pam.d/%s\n' "$facts_name" >>"$FACTS/pam"
        [ -f "/etc/pam.d/$facts_name" ] || continue
        facts_found=$(awk '$1 == "@include" { print $2 } $2 == "include" || $2 == "substack" { print $3 }' "/etc/pam.d/$facts_name")
        [ -z "$facts_found" ] || facts_todo="$facts_todo$facts_found$NL"
    done
    printf '/etc/pam.d/other\n' >>"$FACTS/pam"
}

# facts_wanted: every path that matters, "<kind>\t<account>\t<uid>\t<gid>\t<path>"; how each kind is read: facts_contents.
facts_wanted() {
    facts_otp=$(xargs cat 2>/dev/null <"$FACTS/pam" | awk '!/^[ \t]*#/ && /pam_google_authenticator\.so/ {
        path = ""; as = "account"
        for (i = 1; i <= NF; i++) { if ($i ~ /^secret=/) path = substr($i, 8); if ($i == "user=root") as = "root" }
        print as "\t" (path == "" ? "~/.google_authenticator" : path)
    }' | sort -u)
    {
        printf '%s\n' "$facts_otp"
        printf 'patterns\n'
        cat "$FACTS/patterns"
        printf 'accounts\n'
        cat "$FACTS/passwd"
    } | awk -F'\t' '
    function expand(pattern, tokens, user, uid, home,   i, c, out) {
        if (tolower(pattern) == "none" || pattern == "") return ""
        out = ""
        for (i = 1; i <= length(pattern); i++) {
            c = substr(pattern, i, 1)
            if (c != "%" || !tokens) { out = out c; continue }
            c = substr(pattern, ++i, 1)
            if (c == "h") out = out home; else if (c == "u") out = out user; else if (c == "U") out = out uid; else if (c == "%") out = out c
            else return "" # sshd would not get in here either
        }
        if (out !~ /^\//) out = home "/" out
        return out
    }
    function want(kind, user, uid, gid, path) { while (sub(/\/\/+/, "/", path)); if (path ~ /^\// && path !~ /[[:cntrl:]]/) print kind "\t" user "\t" uid "\t" gid "\t" path }
    function absolute(kind, path) { if (path ~ /^\//) want(kind, "-", 0, 0, path) }
    $0 == "patterns" && part == 0 { part = 1; next }
    $0 == "accounts" && part == 1 { part = 2; FS = ":"; next }
    part == 0 { if (NF == 2) { otp_as[++otps] = $1; otp[otps] = $2 } ; next }
    part == 1 {
        if ($1 == "authorizedkeysfile") keys[++key_count] = $3
        else if ($1 == "authorizedprincipalsfile" && $2 == 1) principals[++principal_count] = $3
        else if ($1 == "chrootdirectory" && $2 == 1) chroots[++chroot_count] = $3
        else if ($1 == "trustedusercakeys" && $2 == 1) absolute("ca", $3)
        else if ($1 == "revokedkeys") absolute("revoked", $3)
        else if ($1 == "hostkey" && $2 == 1) absolute("look", $3)
        else if ($1 ~ /command$/ && $2 == 1) absolute("look", $3)
        else if ($1 == "hostbasedauthentication" && tolower($3) == "yes") hostbased = 1
        next
    }
    {
        user = $1; uid = $3; gid = $4; home = $6
        absolute("look", $7 == "" ? "/bin/sh" : $7)
        if (home !~ /^\//) next
        absolute("look", home)
        for (i = 1; i <= key_count; i++) want("keys", user, uid, gid, expand(keys[i], 1, user, uid, home))
        for (i = 1; i <= principal_count; i++) want("principals", user, uid, gid, expand(principals[i], 1, user, uid, home))
        for (i = 1; i <= chroot_count; i++) absolute("look", expand(chroots[i], 1, user, uid, home))
        if (hostbased) {
            want("hosts", user, uid, gid, home "/.shosts")
            want("hosts", user, uid, gid, home "/.rhosts")
            want("keys", user, uid, gid, home "/.ssh/known_hosts")
        }
        if (!otps) want("otp", user, uid, gid, home "/.google_authenticator")
        for (i = 1; i <= otps; i++) {
            path = otp[i]
            sub(/^~/, home, path)
            gsub(/\$\{HOME\}/, "%h", path); gsub(/\$\{USER\}/, "%u", path)
            if (otp_as[i] == "root") want("otp", user, 0, 0, expand(path, 1, user, uid, home))
            else want("otp", user, uid, gid, expand(path, 1, user, uid, home))
        }
    }' >"$FACTS/wanted" || return 1
    {
        sed 's/^/public\t-\t0\t0\t/' "$FACTS/pam"
        for facts_path in /etc/hosts /etc/hosts.equiv /etc/ssh/shosts.equiv /etc/ssh/ssh_known_hosts; do
            printf 'public\t-\t0\t0\t%s\n' "$facts_path"
        done
        printf 'look\t-\t0\t0\t/etc/nologin\n'
        facts_rest=$FILES
        while [ -n "$facts_rest" ]; do
            facts_entry=${facts_rest%%"$NL"*}
            facts_rest=${facts_rest#*"$NL"}
            printf 'config\t-\t0\t0\t%s\n' "${facts_entry##*"$TAB"}"
        done
    } >>"$FACTS/wanted"
    facts_globs
    sort -u "$FACTS/wanted" >"$FACTS/wanted.all"
    facts_all=$(wc -l <"$FACTS/wanted.all")
    [ "$facts_all" -le "$FACTS_PATHS_MAX" ] || facts_cut "$FACTS_PATHS_MAX of $facts_all paths were looked at."
    head -n "$FACTS_PATHS_MAX" "$FACTS/wanted.all" >"$FACTS/wanted"
}

# facts_globs: sshd 10.0 and later takes AuthorizedKeysFile as a pattern of names; what such a pattern finds is wanted too.
facts_globs() {
    awk -F'\t' '$1 == "keys" && $5 ~ /[*?[]/' "$FACTS/wanted" | head -n 1000 >"$FACTS/globs"
    while IFS=$TAB read -r glob_kind glob_name glob_uid glob_gid glob_pattern; do
        facts_late && break
        glob_count=0
        set +f
        glob_ifs=$IFS
        IFS=
        for glob_path in $glob_pattern; do
            glob_count=$((glob_count + 1))
            if [ "$glob_count" -gt "$FILES_MAX" ]; then facts_cut "Of $glob_pattern only $FILES_MAX files were read."; break; fi
            case $glob_path in *[[:cntrl:]]*) ;; *) printf '%s\t%s\t%s\t%s\t%s\n' "$glob_kind" "$glob_name" "$glob_uid" "$glob_gid" "$glob_path" ;; esac
        done
        IFS=$glob_ifs
        set -f
    done <"$FACTS/globs" >>"$FACTS/wanted"
}

# stat_paths: of the paths on stdin, one a line, those that exist: "<mode in hex> <uid> <gid> <size> <inode> <change> <path>".
stat_paths() { tr '\n' '\0' | timeout 60 xargs -0 -n 500 stat -c '%f %u %g %s %i %Z %n' -- 2>/dev/null; }

# facts_places: looks at every wanted path and all that is above it, and follows links, so that each real path is looked
# at too. "stats" as stat_paths prints them; "links": "<path>\t<where it leads>"; "real": "<wanted path>\t<real path>".
facts_places() {
    printf '' >"$FACTS/stats"
    printf '' >"$FACTS/links"
    printf '' >"$FACTS/steps.all"
    cut -f5 "$FACTS/wanted" | sort -u >"$FACTS/leaves"
    awk '{ print $0 "\t" $0 }' "$FACTS/leaves" >"$FACTS/real"
    places_round=0
    while [ "$places_round" -lt 12 ]; do
        places_round=$((places_round + 1))
        cut -f2 "$FACTS/real" | awk '
        {
            path = $0
            while (path != "" && !(path in seen)) { seen[path]; print path; sub(/\/[^\/]*$/, "", path) }
        }
        END { print "/" }' | sort -u >"$FACTS/steps"
        stat_paths <"$FACTS/steps" >"$FACTS/stats.new"
        [ -s "$FACTS/stats.new" ] || return 1
        # Links that were not followed yet.
        cat "$FACTS/steps" >>"$FACTS/steps.all"
        sed -n 's/^a[0-9a-f]* [0-9]* [0-9]* [0-9]* [0-9]* [0-9]* //p' "$FACTS/stats.new" | sort -u >"$FACTS/links.all"
        cut -f1 "$FACTS/links" | sort -u | comm -13 - "$FACTS/links.all" >"$FACTS/links.new"
        sort -u "$FACTS/stats" "$FACTS/stats.new" >"$FACTS/stats.all"
        mv "$FACTS/stats.all" "$FACTS/stats"
        [ -s "$FACTS/links.new" ] || break
        while IFS= read -r places_link; do
            facts_late && break
            printf '%s\t%s\n' "$places_link" "$(timeout 10 readlink -f -- "$places_link")"
        done <"$FACTS/links.new" >>"$FACTS/links"
        awk -F'\t' '
        FILENAME ~ /links$/ { target[$1] = $2; next }
        {
            # The first step that is a link gives way to where it leads; the rest comes in the next round.
            path = ""; rest = substr($2, 2)
            while (rest != "") {
                at = index(rest, "/")
                step = at ? substr(rest, 1, at - 1) : rest
                rest = at ? substr(rest, at + 1) : ""
                path = path "/" step
                if (path in target) {
                    if (target[path] == "" || target[path] ~ /[[:cntrl:]]/) next
                    path = (target[path] == "/" ? "" : target[path]) (rest == "" ? "" : "/" rest)
                    break
                }
                if (rest == "") break
            }
            print $1 "\t" path
        }' "$FACTS/links" "$FACTS/real" >"$FACTS/real.new"
        mv "$FACTS/real.new" "$FACTS/real"
    done
    steady_stats "$FACTS/stats"
}

# steady_stats FILE: stats, of directories only who may write to them: a new file in a home is no news.
steady_stats() { awk '/^4/ && length($1) == 4 { $4 = $5 = $6 = "-" } { print }' "$1"; }

# facts_places_table: what facts_places saw, into the table. What was wanted and is not there is "-".
facts_places_table() {
    awk -F'\t' -v otp_in_use="${facts_otp:+1}" "$AWK_ESCAPED"'
    function bits(hex,   i, n) {
        n = 0
        for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
        return n
    }
    FILENAME ~ /stats$/ {
        split($0, s, " ")
        path = $0
        sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "", path)
        there[path]
        type = length(s[1]) < 4 ? "o" : substr(s[1], 1, length(s[1]) - 3)
        type = type == "8" ? "f" : type == "4" ? "d" : type == "a" ? "l" : "o"
        print "at\t" escaped(path) "\t" type "\t" bits(substr(s[1], length(s[1]) - 2)) "\t" s[2] "\t" s[3] "\t" (type == "f" ? s[4] : 0)
        next
    }
    FILENAME ~ /links$/ { print "link\t" escaped($1) "\t" escaped($2); next }
    $1 == "otp" { if (otp_in_use && !($5 in there)) print "otp\tpam_google_authenticator.so\t" escaped($2) "\t" escaped($5) "\tabsent"; next }
    !($5 in there) && !told[$5]++ { print "at\t" escaped($5) "\t-\t0\t0\t0\t0" }' "$FACTS/stats" "$FACTS/links" "$FACTS/wanted" | sort >>"$FACTS/table"
}

# Awk programs that let through what access is judged by, and nothing else. A line keeps its number.
# They count what they take and give: KEPT goes in front, and "most" is how many bytes a file may have. A file that has
# more ends with its last whole line. "meta" gets "<bytes given> <1 when cut>".
# shellcheck disable=SC2016 # awk's own dollars
KEPT='
function keep(line) { if (holds) give(held); held = line; holds = 1 }
function give(line) { print line; given += length(line) + 1 }
{ taken += length($0) + 1 }
END {
    cut = taken > most + 1
    if (holds && !cut) give(held)
    print given + 0, cut + 0 >meta
}'
# shellcheck disable=SC2016 # awk's own dollars
ONLY_KEYS='
/^[ \t]*$/ { keep(""); next }
/(^|[ \t",])(ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-|webauthn-sk-|rsa-sha2-)[A-Za-z0-9@.-]+[ \t]+"?AAAA[A-Za-z0-9+\/]+=*"?([ \t\r]|$)/ { keep($0); next }
{ keep("# not shown") }'
# shellcheck disable=SC2016 # awk's own dollars
ONLY_PRINCIPALS='
/^[ \t]*$/ { keep(""); next }
length($0) <= 4096 && $NF ~ /^[A-Za-z0-9._@:\/+=-]+\r?$/ && $NF !~ /:.*:/ && (NF == 1 || $0 ~ /^[ \t]*(cert-authority|restrict|no-|pty|port-|agent-|x11-|X11-|user-rc|command=|from=|environment=|permit|expiry-time=|tunnel=|verify-|principals=)/) { keep($0); next }
{ keep("# not shown") }'
# shellcheck disable=SC2016 # awk's own dollars
ONLY_HOSTS='
/^[ \t]*$/ { keep(""); next }
NF <= 2 && $0 ~ /^[ \t]*[A-Za-z0-9.:@_+-]+([ \t]+[A-Za-z0-9.@_+-]+)?[ \t\r]*$/ && length($0) < 300 { keep($0); next }
{ keep("# not shown") }'
# The shape of a state file of pam_google_authenticator, in one word.
# shellcheck disable=SC2016 # awk's own dollars
OTP_SHAPE='
NR == 1 { sub(/\r$/, ""); secret = $0 ~ /^[A-Z2-7]+=*$/ && length($0) >= 16 }
/^" (TOTP_AUTH|HOTP_COUNTER [0-9]+)[ \t\r]*$/ { kind = 1 }
END { print NR == 0 ? "empty" : secret && kind ? "valid" : "invalid" }'

# facts_open UID GID PATH: what the account may read of the file, at most two bytes more than the cap; fails within a
# pipe, so $FACTS/whole is what says that it could be read. Bounded on our side of the pipe too: see as_account.
facts_open() {
    { as_account "$1" "$2" head -c $((FACTS_TEXT_BYTES + 2)) "$3" && printf '' >"$FACTS/whole"; } | head -c $((FACTS_TEXT_BYTES + 2))
}

# facts_lines UID GID PATH PROGRAM: the lines that an awk program lets through become the content of PATH.
facts_lines() {
    rm -f "$FACTS/whole"
    facts_open "$1" "$2" "$3" | tr '\000' '?' | awk -v most="$FACTS_TEXT_BYTES" -v meta="$FACTS/meta" "$KEPT$4" >>"$FACTS/contents"
    read -r lines_bytes lines_cut <"$FACTS/meta" || return 1
    [ -e "$FACTS/whole" ] || [ "$lines_bytes" -gt 0 ] || return 0
    [ -e "$FACTS/whole" ] || lines_cut=1
    facts_text "$3" "$lines_bytes" "$lines_cut"
}

# facts_bytes UID GID PATH: the file as it is becomes the content of PATH.
facts_bytes() {
    rm -f "$FACTS/whole"
    facts_open "$1" "$2" "$3" >"$FACTS/raw"
    [ -e "$FACTS/whole" ] || return 0
    bytes_count=$(bytes_of "$FACTS/raw")
    if [ "$bytes_count" -le "$FACTS_TEXT_BYTES" ]; then
        cat "$FACTS/raw" >>"$FACTS/contents"
        facts_text "$3" "$bytes_count" 0
    else
        head -c "$FACTS_TEXT_BYTES" "$FACTS/raw" >>"$FACTS/contents"
        facts_text "$3" "$FACTS_TEXT_BYTES" 1
    fi
}

# facts_text PATH BYTES CUT: notes what was just put to the contents. Paths hold no control characters.
facts_text() {
    FACTS_SENT=$((FACTS_SENT + $2))
    printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$FACTS/texts"
    [ "$3" = 0 ] || facts_cut "$1 was read to its first $FACTS_TEXT_BYTES bytes."
}

# facts_contents: reads the wanted files that are there, each once.
facts_contents() {
    # "<kind>\t<account>\t<uid>\t<gid>\t<real path>", of those that lead to a regular file
    awk -F'\t' '
    FILENAME ~ /stats$/ { if ($0 ~ /^8/) { path = $0; sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "", path); mode[path] = substr($0, 4, 1) } ; next }
    FILENAME ~ /real$/ { real[$1] = $2; next }
    $1 != "look" && real[$5] in mode {
        if ($1 == "otp") { print $1 "\t" $2 "\t" $3 "\t" $4 "\t" real[$5]; next }
        # One reading for all accounts that share a file; three try, since not all may be allowed to.
        if (tries[$1, real[$5]]++ < 3) print $1 "\t" $2 "\t" $3 "\t" $4 "\t" real[$5] "\t" (mode[real[$5]] ~ /[4567]/)
    }' "$FACTS/stats" "$FACTS/real" "$FACTS/wanted" | sort -t "$TAB" -k1,1 -k5,5 >"$FACTS/readings"
    contents_count=0
    contents_done=
    while IFS=$TAB read -r contents_kind contents_name contents_uid contents_gid contents_path contents_public; do
        [ "$contents_path" != "$contents_done" ] || continue
        facts_late && break
        contents_count=$((contents_count + 1))
        if [ "$contents_count" -gt "$FACTS_FILES_MAX" ]; then
            facts_cut "$FACTS_FILES_MAX files were read; there are more."
            break
        fi
        # Root's eyes see everything: a configuration that names a private file for root must not make it readable here.
        case $contents_kind:$contents_uid in
        public:* | principals:0 | hosts:0) [ "$contents_public" = 1 ] || continue ;;
        esac
        case $contents_kind in
        otp)
            rm -f "$FACTS/whole"
            contents_shape=$(facts_open "$contents_uid" "$contents_gid" "$contents_path" | awk "$OTP_SHAPE")
            [ -e "$FACTS/whole" ] || contents_shape=unreadable
            printf '%s\t%s\t%s\n' "$contents_name" "$contents_path" "$contents_shape" >>"$FACTS/otp"
            continue
            ;;
        esac
        if [ "$FACTS_SENT" -gt "$FACTS_BYTES" ]; then
            facts_cut "The files hold more than $FACTS_BYTES bytes together: the text of some was left out."
            break
        fi
        case $contents_kind in
        keys | ca) facts_lines "$contents_uid" "$contents_gid" "$contents_path" "$ONLY_KEYS" ;;
        revoked)
            if [ "$(head -c 6 "$contents_path" | tr -d '\000')" = SSHKRL ]; then
                facts_bytes 0 0 "$contents_path"
            else
                facts_lines 0 0 "$contents_path" "$ONLY_KEYS"
            fi
            ;;
        principals) facts_lines "$contents_uid" "$contents_gid" "$contents_path" "$ONLY_PRINCIPALS" ;;
        hosts) facts_lines "$contents_uid" "$contents_gid" "$contents_path" "$ONLY_HOSTS" ;;
        *) facts_bytes 0 0 "$contents_path" ;; # config, public
        esac
        if [ -e "$FACTS/whole" ]; then contents_done=$contents_path; fi
    done <"$FACTS/readings"
}

# facts_contents_table: what facts_contents read, into the table.
facts_contents_table() {
    awk -F'\t' "$AWK_ESCAPED"'
    FILENAME ~ /otp$/ { print "otp\tpam_google_authenticator.so\t" escaped($1) "\t" escaped($2) "\t" $3; next }
    { print "text\t" escaped($1) "\t" $2 "\t" $3 }' "$FACTS/otp" "$FACTS/texts" >>"$FACTS/table"
}

# facts_oath: who has a line in the file of pam_oath, if the stack names that module. Never the line.
facts_oath() {
    oath_file=$(xargs cat 2>/dev/null <"$FACTS/pam" | sed -n '/^[[:space:]]*#/d; /pam_oath\.so/s/.*usersfile=\([^[:space:]]*\).*/\1/p' | head -n 1)
    case $oath_file in /*) ;; *) return 0 ;; esac
    [ -f "$oath_file" ] || return 0
    head -c "$FACTS_TEXT_BYTES" "$oath_file" | awk -v path="$oath_file" "$AWK_ESCAPED"'
    $1 ~ /^HOTP/ && NF >= 4 && !seen[$2]++ { print "otp\tpam_oath.so\t" escaped($2) "\t" escaped(path) "\t" ($4 ~ /^[0-9A-Fa-f]+$/ ? "valid" : "invalid") }' >>"$FACTS/table"
}

# facts_sudo: the rules of sudo, resolved and without comments, as cvtsudoers prints them. (`sudo -l -U` would leave a line
# in the host's log for each account.)
facts_sudo() {
    command -v sudo >/dev/null || { printf 'sudo\tabsent\t0\n' >>"$FACTS/table"; return 0; }
    if command -v cvtsudoers >/dev/null && timeout 20 cvtsudoers -e -f json /etc/sudoers </dev/null 2>/dev/null | head -c $((FACTS_TEXT_BYTES * 4 + 1)) >"$FACTS/text" &&
        [ -s "$FACTS/text" ] && [ "$(bytes_of "$FACTS/text")" -le $((FACTS_TEXT_BYTES * 4)) ]; then
        cat "$FACTS/text" >>"$FACTS/contents"
        printf 'sudo\tjson\t%s\n' "$(bytes_of "$FACTS/text")" >>"$FACTS/table"
    else
        printf 'sudo\tunknown\t0\n' >>"$FACTS/table"
        facts_cut "The rules of sudo could not be read: this host's cvtsudoers is missing, fails, or says too much."
    fi
}

# facts_logins: who came in of late, newest last: "<account>\t<time>\t<method>\t<address>\t<fingerprint>". From the journal
# (each entry proves who wrote it), else from the log files, where anybody who may log can lie.
facts_logins() {
    FACTS_LOGIN_SOURCE=none
    printf '' >"$FACTS/logins"
    if command -v journalctl >/dev/null && has_systemd; then
        FACTS_LOGIN_SOURCE=journal
        # A message that holds other than text comes as numbers, not as text in quotes: nobody can forge the beginning.
        timeout 20 journalctl -q --no-pager -o json --output-fields=MESSAGE _UID=0 _COMM=sshd + _UID=0 _COMM=sshd-session \
            --since "-${FACTS_LOGIN_DAYS}d" -n 100000 2>/dev/null |
            awk -v since_file="$FACTS/since" "$AWK_ESCAPED$ACCEPTED"'
            {
                if (!match($0, /"__REALTIME_TIMESTAMP" *: *"[0-9]+"/)) next
                at = substr($0, RSTART, RLENGTH)
                gsub(/[^0-9]/, "", at)
                at = substr(at, 1, length(at) - 6)
                since(at)
                if (!match($0, /"MESSAGE" *: *"Accepted [^"\\]*"/)) next
                text = substr($0, RSTART, RLENGTH)
                sub(/^"MESSAGE" *: *"/, "", text); sub(/"$/, "", text)
                accepted(text, at)
            }' >"$FACTS/logins"
    else
        for logins_file in /var/log/auth.log /var/log/secure /var/log/syslog /var/log/messages; do
            if [ ! -f "$logins_file" ] || [ -L "$logins_file" ]; then continue; fi
            FACTS_LOGIN_SOURCE='file'
            for logins_part in "$logins_file.1" "$logins_file"; do
                if [ -f "$logins_part" ] && [ ! -L "$logins_part" ]; then tail -c "$FACTS_LOG_BYTES" "$logins_part"; fi
            done | awk -v since_file="$FACTS/since" -v today="$(date '+%Y %m %d')" -v zone_seconds="$((FACTS_ZONE * 60))" "$AWK_ESCAPED$ACCEPTED"'
            function epoch(y, m, d, clock,   t, days) {
                if (m <= 2) { y--; m += 12 }
                days = 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469
                split(clock, t, ":")
                return days * 86400 + t[1] * 3600 + t[2] * 60 + int(t[3])
            }
            BEGIN { split(today, now, " ") }
            {
                if ($1 ~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T/) {
                    at = epoch(substr($1, 1, 4) + 0, substr($1, 6, 2) + 0, substr($1, 9, 2) + 0, substr($1, 12, 8))
                    zone = substr($1, length($1) - 5)
                    if (zone ~ /^[+-][0-9][0-9]:[0-9][0-9]$/) at -= (substr(zone, 1, 1) "1") * (substr(zone, 2, 2) * 3600 + substr(zone, 5, 2) * 60)
                } else {
                    month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", $1) + 2) / 3
                    if (month < 1 || month != int(month) || $2 !~ /^[0-9]+$/ || $3 !~ /^[0-9][0-9]:[0-9][0-9]:[0-9][0-9]$/) next
                    # Without a year: the newest that is not in the future.
                    year = now[1] + 0
                    if (month > now[2] + 0 || month == now[2] + 0 && $2 + 0 > now[3] + 0) year--
                    at = epoch(year, month, $2 + 0, $3) - zone_seconds
                }
                since(at)
                # The first name of a program in a line is the one that wrote it; what follows may be a name that lies.
                if (!match($0, /sshd(-session|-auth)?(\[[0-9]+\])?: /)) next
                text = substr($0, RSTART + RLENGTH)
                if (text ~ /^Accepted /) accepted(text, at)
            }' >"$FACTS/logins"
            break
        done
    fi
    tail -n "$FACTS_LOGINS_MAX" "$FACTS/logins" >"$FACTS/logins.cut" && mv "$FACTS/logins.cut" "$FACTS/logins"
}

# accepted(text, at): prints what a message of sshd says. Of each account, method, key and address the last one counts, so
# that a robot that comes in every minute is one line.
ACCEPTED='
function since(at) { if (!begun) { print at >since_file; begun = 1 } }
function accepted(text, at,   w, n, i, key, name, address) {
    # Accepted METHOD for NAME from ADDRESS port N ssh2[: TYPE FINGERPRINT ...]
    if (!match(text, / from [0-9a-fA-F.:%a-z]+ port [0-9]+( ssh2.*)?$/)) return
    n = split(substr(text, RSTART + 6), w, " ")
    address = w[1]
    name = substr(text, 1, RSTART - 1)
    if (!match(name, /^Accepted [a-z\/-]+ for /)) return
    method = substr(name, 10, RLENGTH - 14)
    name = substr(name, RLENGTH + 1)
    key = ""
    for (i = 4; i <= n; i++) if (w[i] ~ /^SHA256:[A-Za-z0-9+\/]+=*$/) { key = w[i]; break }
    i = name "\t" method "\t" key "\t" address
    if (!(i in last_at)) order[++count] = i
    last_at[i] = at
    row[i] = escaped(name) "\t" at "\t" escaped(method) "\t" escaped(address) "\t" escaped(key)
}
END { for (i = 1; i <= count; i++) print last_at[order[i]] "\t" row[order[i]] | "sort -n | cut -f2-" }'

# facts_zone: minutes east of UTC.
facts_zone() { date +%z | awk '{ print (substr($1, 1, 1) "1") * (substr($1, 2, 2) * 60 + substr($1, 4, 2)) }'; }

# verb_logins: who came in of late, by the host's own records: quick enough to be asked while somebody tries his login.
verb_logins() {
    open_work || fail no-space "$STATE_DIR is not writable."
    FACTS=$WORK
    FACTS_ZONE=$(facts_zone)
    # No change is open for longer than an hour.
    FACTS_LOGIN_DAYS=1
    facts_logins
    field source "$FACTS_LOGIN_SOURCE"
    field clock "$(date +%s)"
    answer "$FACTS/logins"
}

verb_facts() {
    [ -z "$IN_KNOWN" ] || is_digest "$IN_KNOWN" || fail protocol "known is the hash that an earlier answer gave."
    open_work || fail no-space "$STATE_DIR is not writable."
    FACTS=$WORK/facts
    FACTS_END=$(($(uptime_seconds) + FACTS_SECONDS))
    FACTS_ZONE=$(facts_zone)
    find_mode || :
    FACTS_LISTENERS=$(facts_listeners)
    find_drop
    gather_facts
    case $? in
    0) facts_moved=0 ;;
    2)
        gather_facts
        case $? in 0) facts_moved=0 ;; 2) facts_moved=1 ;; *) fail internal "The accounts or the configuration of this host cannot be read." ;; esac
        ;;
    *) fail internal "The accounts or the configuration of this host cannot be read." ;;
    esac
    facts_logins
    [ -n "$DROP" ] || facts_cut "This host has neither setpriv nor chroot to read a user's file with the user's own rights: none of them was read, but those of root."
    field sshd.version "$(sshd_version)"
    field system "$(sed -n 's/^ID=//p' /etc/os-release | tr -d "\"'" | head -n 1) $(sed -n 's/^VERSION_ID=//p' /etc/os-release | tr -d "\"'" | head -n 1)"
    field hostname "$(uname -n)"
    field config "$MAIN_CONFIG"
    field zone "$FACTS_ZONE"
    case $MODE in socket | per-connection) field socket 1 ;; *) field socket 0 ;; esac
    facts_fields listen "$(listen_addresses)"
    facts_fields listener "$FACTS_LISTENERS"
    case "$FACTS_LISTENERS" in *-f*) [ -n "$(listeners)" ] || facts_cut "sshd listens with another configuration file than $MAIN_CONFIG, which was not read." ;; esac
    facts_fields cut "$FACTS_CUTS"
    field accounts.source "$(sed -n 's/^passwd:[[:space:]]*//p' /etc/nsswitch.conf 2>/dev/null | head -n 1)"
    field logins.source "$FACTS_LOGIN_SOURCE"
    facts_hash=$({ printf '%s' "$ANSWER" && cat "$FACTS/table" "$FACTS/contents"; } | sha256sum | cut -d' ' -f1)
    field hash "$facts_hash"
    field clock "$(date +%s)"
    field moved "$facts_moved"
    field logins.since "$(cat "$FACTS/since" 2>/dev/null)"
    field logins.bytes "$(bytes_of "$FACTS/logins")"
    if [ "$facts_hash" = "$IN_KNOWN" ]; then
        field unchanged 1
        answer "$FACTS/logins"
    else
        field unchanged 0
        field table.bytes "$(bytes_of "$FACTS/table")"
        field contents.bytes "$(bytes_of "$FACTS/contents")"
        answer "$FACTS/table" "$FACTS/contents" "$FACTS/logins"
    fi
}

# facts_fields NAME LINES: NAME.1, NAME.2, ..., at most 60.
facts_fields() {
    fields_rest=${2%"$NL"}$NL
    fields_count=0
    while [ "$fields_rest" != "$NL" ] && [ -n "$fields_rest" ] && [ "$fields_count" -lt 60 ]; do
        fields_count=$((fields_count + 1))
        field "$1.$fields_count" "${fields_rest%%"$NL"*}"
        fields_rest=${fields_rest#*"$NL"}
    done
}

# facts_listeners: the arguments of every sshd that listens, one line each; for a socket unit those that its service has.
facts_listeners() {
    facts_pids=$(listeners any | cut -d' ' -f1)
    if [ -z "$facts_pids" ] && [ -n "$UNIT" ]; then
        ask_systemd show -p ExecStart "$UNIT.service" "$UNIT@.service" | sed -n 's/.*argv\[\]=\([^;]*\) ;.*/\1/p' | head -n 1 | sed 's/^[^ ]* *//; s/\$[A-Za-z_{}]*//g; s/ *$//'
        return 0
    fi
    for facts_pid in $facts_pids; do
        # The blank keeps a line for a listener without arguments.
        listener_title "$facts_pid" | sed 's/^sshd: //; s/ \[listener\].*//; s/^[^ ]* *//; s/ *$//; s/^$/ /'
        printf '\n'
    done | sed '/^$/d'
}

# gather_facts: one reading, into $FACTS. Returns 2 when something moved meanwhile.
gather_facts() {
    rm -rf "$FACTS"
    mkdir "$FACTS" || return 1
    FACTS_SENT=0 FACTS_CUTS=
    for facts_empty in contents table texts otp; do printf '' >"$FACTS/$facts_empty"; done
    walk || return 1
    [ "$SKIPPED" -eq 0 ] || facts_cut "$SKIPPED files that sshd_config includes were passed over: too many, or with a name that cannot be sent."
    make_privilege_directory
    timeout "$COMMAND_SECONDS" "$SSHD" -T >"$FACTS/dump" 2>/dev/null || printf '' >"$FACTS/dump"
    printf '' >"$FACTS/defaults"
    # Match LocalPort makes sshd refuse to answer without a connection; with one a block may hide where keys are by default.
    if [ ! -s "$FACTS/dump" ]; then
        printf 'authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2\n' >"$FACTS/defaults"
        timeout "$COMMAND_SECONDS" "$SSHD" -T -C user=root,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22 2>/dev/null >>"$FACTS/defaults"
    fi
    facts_patterns && facts_pam && facts_accounts && facts_wanted || return 1
    facts_places >"$FACTS/before" || return 1
    facts_places_table
    facts_contents
    facts_contents_table
    facts_oath
    facts_sudo
    cat "$FACTS/dump" >>"$FACTS/contents"
    printf 'dump\t%s\n' "$(bytes_of "$FACTS/dump")" >>"$FACTS/table"
    sort -u "$FACTS/steps.all" | stat_paths | sort -u >"$FACTS/stats.after"
    steady_stats "$FACTS/stats.after" >"$FACTS/after"
    cmp -s "$FACTS/before" "$FACTS/after" || return 2
}

# -------------------------------------------------------------------------- authorized_keys: the keys of an account

# A change of a key file is the same transaction as that of sshd_config, with one difference: a file below a directory
# that anybody but root may write to is touched only by a process with the account's own rights. Whatever that account
# (or whoever may write there) puts in our way, such a process can do no more than the account itself could. What it
# says is believed as far as its owner's own file is concerned, and no further.

KEYS_FILES_MAX=16
KEYS_SECONDS=10      # for one process of an account's own; a dead file server must not hold us up
KEYS_UNDO_SECONDS=600 # then the account's owner has made it impossible, and other changes of this host must go on
KEYS_PLACE_SECONDS=90 # the same where the place is another: at boot a home directory may be mounted late

# What runs with the account's rights: OPERATION ID BASE REST NAME BEFORE AFTER MODE OWNER. OWNER is uid:gid, but for
# `write` the mode of a new directory. BASE is entered, then the directories of REST, one by one, none of them a link;
# from then on every name is one of this directory. The first word of what it prints: file, absent (file, directory),
# done (with the words for what it found: revived, edited, late), refuse, conflict, fail; of `write` these three, and
# absent, say that nothing was replaced, and torn that it was; left, of `restore`: the file there is not ours to undo.
# shellcheck disable=SC2016 # the inner shell's own dollars
KEYS_SCRIPT='
set -u
set -f
umask 077
operation=$1 id=$2 base=$3 rest=$4 name=./$5 before=$6 after=$7 mode=$8 gid=$9
me=$(id -u)
say() { printf "%s\n" "$*"; exit 0; }
sum() { sum_of=$(sha256sum <"$1" 2>/dev/null) || return 1; printf "%s\n" "${sum_of%% *}"; }
durable() { sync "$1" 2>/dev/null || sync; }
# seen: what stands at the name: absent, its digest, or odd, with the reason in ODD.
seen() {
    ODD="" SEEN=odd
    if [ -L "$name" ]; then ODD="is a symbolic link"; return; fi
    if [ ! -e "$name" ]; then SEEN=absent; return; fi
    if [ ! -f "$name" ]; then ODD="is no regular file"; return; fi
    seen_owner=$(stat -c %u -- "$name") && seen_links=$(stat -c %h -- "$name") || { ODD="cannot be looked at"; return; }
    if [ "$seen_owner" != "$me" ] && [ "$operation" != read ] && [ "$me" != 0 ]; then ODD="belongs to another account (uid $seen_owner)"; return; fi
    if [ "$seen_links" != 1 ]; then
        # Our own second name for the old file, while a change is open. (An overlay of file systems gives both names
        # numbers of their own until the file is opened anew, so these tell nothing.)
        if [ "$seen_links" != 2 ] || [ "$(stat -c %h -- "$kept" 2>/dev/null)" != 2 ]; then
            ODD="has another name elsewhere (a hard link)"
            return
        fi
    fi
    SEEN=$(sum "$name") || { SEEN=odd; ODD="cannot be read"; }
}
# Ours beside the file: a leading dot, so that no pattern of AuthorizedKeysFile reads them. The last two are edits of
# somebody else: of the new file, and of the old one by who had it open.
fresh=./.gatehouse-$id.new kept=./.gatehouse-$id.before aside=./.gatehouse-$id.edited late=./.gatehouse-$id.late
# links: how many names the kept file has: 1 once the new file took the place of the old, nothing where there is none.
links() { stat -c %h -- "$kept" 2>/dev/null; }
# let_go: our second name for the old file goes, but not what somebody saved into it.
let_go() {
    if [ "$(links)" = 1 ] && [ "$(sum "$kept")" != "$before" ]; then mv -f "$kept" "$late"; else rm -f "$kept"; fi
}
cd -P -- "$base" 2>/dev/null || say refuse "$base cannot be entered with the rights of this account."
# step NAME: for `modes` its mode into LIST; for `chmod` from the first mode of BEFORE to the first of AFTER, and on.
LIST= STEPS=done
step() {
    case $operation in modes | chmod) ;; *) return 0 ;; esac
    step_now=$(stat -c %a -- "$1") && [ -n "$step_now" ] || say fail "$1 cannot be looked at."
    LIST=$LIST${LIST:+,}$step_now
    [ "$operation" = chmod ] || return 0
    step_from=${before%%,*} step_to=${after%%,*}
    before=${before#*,} after=${after#*,}
    case $step_now in
    "$step_to") ;;
    "$step_from") chmod "$step_to" "$1" || STEPS=fail ;;
    *) STEPS=conflict ;;
    esac
}
owner=$(stat -c %u .) || say refuse "$base cannot be looked at."
alien=-
case $owner in "$me" | 0) ;; *) say refuse "$base belongs to another account (uid $owner)." ;; esac
step .
while [ -n "$rest" ]; do
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    case $part in "" | .) continue ;; ..) say refuse "The path goes up again, by \"..\"." ;; esac
    [ ! -L "./$part" ] || say refuse "The directory $part on its way is a symbolic link."
    if [ ! -e "./$part" ]; then
        if [ "$operation" != write ] || [ -n "$rest" ]; then say absent directory; fi
        mkdir -m "$gid" "./$part" || say fail "The directory $part could not be made."
    fi
    [ -d "./$part" ] || say refuse "$part on its way is no directory."
    here=$(pwd -P)
    cd -P -- "./$part" 2>/dev/null || say refuse "The directory $part cannot be entered with the rights of this account."
    [ "$(pwd -P)" = "${here%/}/$part" ] || say refuse "The directory $part was moved in this very moment."
    owner=$(stat -c %u .)
    if [ "$owner" != "$me" ]; then
        alien=$owner
        [ "$operation" = read ] || say refuse "The directory $part belongs to another account (uid $owner)."
    fi
    step .
done
case $operation in
read)
    seen
    case $SEEN in
    odd) say refuse "It $ODD." ;;
    absent) say absent file "$alien" ;;
    esac
    seen_file=$(stat -c "file $alien %a %u %g" -- "$name") && [ -n "$seen_file" ] || say refuse "It cannot be looked at."
    printf "%s\n" "$seen_file" && cat -- "$name"
    ;;
modes | chmod)
    seen
    case $SEEN in odd) say refuse "It $ODD." ;; absent) say absent file - ;; esac
    step "$name"
    if [ "$operation" = modes ]; then say modes "$LIST"; else say "$STEPS"; fi
    ;;
write)
    rm -f "$fresh" "$kept"
    seen
    case $SEEN in odd) say refuse "It $ODD." ;; "$before") ;; *) say conflict ;; esac
    if [ "$before" = absent ]; then
        (set -C && : >"$fresh") && chmod "$mode" "$fresh" || say fail "No file can be made there."
    else
        cp -p "$name" "$fresh" || say fail "No file can be made there."
    fi
    if ! cat >"$fresh" || [ "$(sum "$fresh")" != "$after" ]; then
        rm -f "$fresh"
        say fail "The new file could not be written: is the disk or the quota full?"
    fi
    durable "$fresh"
    if [ "$before" = absent ]; then
        # A link, not a rename: a file that somebody made meanwhile stays.
        ln "$fresh" "$name" 2>/dev/null || { rm -f "$fresh"; say conflict; }
        rm -f "$fresh"
    else
        ln "$name" "$kept" || { rm -f "$fresh"; say fail "The old file could not be kept beside the new one."; }
        seen
        if [ "$SEEN" != "$before" ] || [ "$(sum "$kept")" != "$before" ]; then rm -f "$fresh" "$kept"; say conflict; fi
        mv -f "$fresh" "$name" || { rm -f "$fresh" "$kept"; say fail "It could not be replaced."; }
    fi
    durable .
    seen
    [ "$SEEN" = "$after" ] || say torn
    if [ "$before" != absent ] && [ "$(sum "$kept")" != "$before" ]; then
        # Somebody saved into the old file as it was replaced: it is back, as he left it.
        mv -f "$kept" "$name" || say torn
        durable .
        say conflict
    fi
    say done
    ;;
restore)
    rm -f "$fresh"
    seen
    [ "$SEEN" != odd ] || say refuse "It $ODD."
    said=done
    if [ "$SEEN" != "$before" ]; then
        # It is ours to undo where the name holds what we wrote, or once held it: then the kept file has that one name.
        case $SEEN:$(links) in
        "$after":*) ;;
        absent:1) said="done revived" ;;
        *:1) cp -p "$name" "$aside" && durable "$aside" || say fail "What was edited in between could not be kept." ;;
        absent:*) say left "somebody removed it" ;;
        *) say left "the file there is what somebody else wrote" ;;
        esac
        if [ "$before" = absent ]; then
            rm -f "$name" || say fail "It could not be removed."
        elif [ "$(sum "$kept" 2>/dev/null)" = "$before" ]; then
            mv -f "$kept" "$name" || say fail "It could not be put back."
        else
            (set -C && : >"$fresh") && cat >"$fresh" && [ "$(sum "$fresh")" = "$before" ] || { rm -f "$fresh"; say fail "The old file could not be written."; }
            if [ "$me" = 0 ]; then chown "$gid" "$fresh"; else chgrp "${gid#*:}" "$fresh" 2>/dev/null; fi
            chmod "$mode" "$fresh" && durable "$fresh" && mv -f "$fresh" "$name" || say fail "It could not be put back."
        fi
        durable .
        seen
        [ "$SEEN" = "$before" ] || say fail "It is not the old file."
    fi
    let_go
    [ ! -e "$aside" ] || said="$said edited"
    [ ! -e "$late" ] || said="$said late"
    say "$said"
    ;;
clean)
    let_go
    rm -f "$fresh"
    said=done
    [ ! -e "$late" ] || said="done late"
    if [ "$mode" = rmdir ]; then
        here=$(pwd -P)
        cd .. && rmdir -- "$here" 2>/dev/null
    fi
    say "$said"
    ;;
esac'

# find_account NAME: the account, into TX_ACCOUNT TX_UID TX_GID TX_HOME.
find_account() {
    case $1 in '' | -* | *[!A-Za-z0-9._@+-]*) fail protocol "An account is named by letters, digits and . _ @ + - only." ;; esac
    account_line=$(timeout 20 getent passwd "$1" </dev/null 2>/dev/null 9>&-)
    [ "${account_line%%:*}" = "$1" ] || account_line=$(awk -F: -v name="$1" '$1 == name { print; exit }' /etc/passwd)
    [ "${account_line%%:*}" = "$1" ] || fail refused "This host has no account $1."
    TX_ACCOUNT=$1
    TX_UID=$(printf '%s\n' "$account_line" | cut -d: -f3)
    TX_GID=$(printf '%s\n' "$account_line" | cut -d: -f4)
    TX_HOME=$(printf '%s\n' "$account_line" | cut -d: -f6)
    case $TX_UID:$TX_GID in *[!0-9:]* | :* | *:) fail refused "The account $1 has no numbers that make sense." ;; esac
    case $TX_HOME in *[[:cntrl:]]* | [!/]* | '') fail refused "The home directory of $1 is no absolute path." ;; esac
}

# list_key_files: every file that an AuthorizedKeysFile of the configuration comes to for the account, into
# $WORK/key-files: "<1: in force for this account> <1: its own> <path>", each path once, those in force first.
list_key_files() {
    walk || fail internal "$MAIN_CONFIG cannot be read."
    make_privilege_directory
    {
        "$SSHD" -T -C "user=$TX_ACCOUNT,host=$CLIENT_ADDRESS,addr=$CLIENT_ADDRESS,laddr=$SERVER_ADDRESS,lport=${SERVER_PORT:-22}" 2>/dev/null |
            awk 'tolower($1) == "authorizedkeysfile" { for (i = 2; i <= NF; i++) print "1\t" $i }'
        list_rest=$FILES
        while [ -n "$list_rest" ]; do
            list_entry=${list_rest%%"$NL"*}
            list_rest=${list_rest#*"$NL"}
            directive_words authorizedkeysfile "${list_entry##*"$TAB"}" | awk -F'\t' '{ print "0\t" $4 }'
        done
    } | KEYS_HOME=$TX_HOME awk -F'\t' -v user="$TX_ACCOUNT" -v uid="$TX_UID" '
    # Not by -v, which would read a backslash as the beginning of something.
    BEGIN { home = ENVIRON["KEYS_HOME"] }
    {
        pattern = $2; out = ""; own = 0; known = 1
        if (tolower(pattern) == "none" || pattern == "") next
        for (i = 1; i <= length(pattern); i++) {
            c = substr(pattern, i, 1)
            if (c != "%") { out = out c; continue }
            c = substr(pattern, ++i, 1)
            if (c == "h") out = out home; else if (c == "u") out = out user; else if (c == "U") out = out uid
            else if (c == "%") { out = out c; continue } else known = 0
            own = 1
        }
        if (out !~ /^\//) { out = home "/" out; own = 1 }
        while (sub(/\/\/+/, "/", out));
        if (known && out !~ /[[:cntrl:]]/ && out !~ /\/$/ && !seen[out]++) print $1 " " own " " out
    }' >"$WORK/key-patterns"
    printf '' >"$WORK/key-files"
    list_count=0
    while read -r list_force list_own list_pattern; do
        set +f # sshd 10.0 and later takes it as a pattern of names; without one it stands for itself
        list_ifs=$IFS
        IFS=
        for list_path in $list_pattern; do
            list_count=$((list_count + 1))
            [ "$list_count" -le "$KEYS_FILES_MAX" ] || break
            case $list_path in *[[:cntrl:]]* | *[*?[]*) continue ;; esac
            printf '%s %s %s\n' "$list_force" "$list_own" "$list_path" >>"$WORK/key-files"
        done
        IFS=$list_ifs
        set -f
    done <"$WORK/key-patterns"
}

# is_roots_place DIRECTORY: nobody but root can change what stands there: it and everything above it is root's, no link
# among them, and nobody else may write to it.
is_roots_place() {
    [ "$(readlink -f -- "$1")" = "$1" ] || return 1
    roots_place=$1
    while :; do
        case $(stat -c '%u %a' -- "$roots_place" 2>/dev/null) in
        '0 '*[2367] | '0 '*[2367]?) return 1 ;;
        '0 '*) ;;
        *) return 1 ;;
        esac
        [ "$roots_place" != / ] || return 0
        roots_place=${roots_place%/*}
        roots_place=${roots_place:-/}
    done
}

# as_writer UID GID COMMAND...: runs it with the rights, and the groups, of that account, fed with our standard input. It
# is root's `timeout` that keeps our lock, until the process has ended: what outlives a killed verb must not write while
# somebody undoes. The process itself never has it. Its owner can make it deaf, so that only KILL ends it for certain.
as_writer() {
    account_uid=$1 account_gid=$2
    shift 2
    case $account_uid:$DROP in
    0:*) set -- "$@" ;;
    65534:*setpriv) set -- "$DROP" --reuid "$account_uid" --regid "$account_gid" --clear-groups --no-new-privs -- "$@" ;;
    *setpriv) set -- "$DROP" --reuid "$account_uid" --regid "$account_gid" --init-groups --no-new-privs -- "$@" ;;
    *chroot) set -- "$DROP" "--userspec=$account_uid:$account_gid" / "$@" ;;
    *) return 1 ;;
    esac
    # shellcheck disable=SC2016 # the inner shell's own arguments
    timeout -s KILL "$KEYS_SECONDS" sh -c 'exec "$@" 8>&- 9>&-' sh "$@" 2>/dev/null
}

# at_key_file OPERATION MODE OWNER [BEFORE AFTER]: runs KEYS_SCRIPT for TX_PATH, fed with our standard input, its answer bounded in bytes
# and time. Reading is always with the account's rights, as sshd reads.
at_key_file() {
    key_base=${TX_PATH%/*}
    key_rest=
    case $TX_PATH in
    "${TX_HOME%/}"/*)
        key_base=$TX_HOME
        key_rest=${TX_PATH#"${TX_HOME%/}/"}
        case $key_rest in */*) key_rest=${key_rest%/*} ;; *) key_rest= ;; esac
        ;;
    *)
        if [ "$TX_PLACE:$TX_DIRECTORY" = root:absent ] && [ ! -e "$key_base" ]; then
            key_rest=${key_base##*/}
            key_base=${key_base%/*}
        fi
        ;;
    esac
    key_uid=$TX_UID key_gid=$TX_GID
    if [ "$TX_PLACE" = root ] && [ "$1" != read ]; then key_uid=0 key_gid=0; fi
    as_writer "$key_uid" "$key_gid" sh -c "$KEYS_SCRIPT" sh "$1" "${TX_ID:-none}" "${key_base:-/}" "$key_rest" \
        "${TX_PATH##*/}" "${4:-${TX_BEFORE:-none}}" "${5:-${TX_AFTER:-none}}" "$2" "$3" |
        timeout -s KILL $((KEYS_SECONDS + 5)) head -c $((FILE_MAX_BYTES + 512)) 9>&-
}

# key_file_says OPERATION MODE OWNER [BEFORE AFTER]: the same, for what answers in one line, into KEYS_SAID and KEYS_WORD.
key_file_says() {
    KEYS_SAID=$(at_key_file "$@" | head -c 400 | head -n 1 | tr -d '\000-\037\177')
    KEYS_WORD=${KEYS_SAID%% *}
    KEYS_SAID=${KEYS_SAID#"$KEYS_WORD"}
    KEYS_SAID=${KEYS_SAID# }
}

# read_key_file COPY: TX_PATH, as the account may read it: its bytes into COPY, what it is into KEYS_STATE (file, absent,
# refused), KEYS_REASON, KEYS_MODE, KEYS_OWNER, KEYS_GROUP, TX_DIRECTORY and TX_PLACE; into KEYS_ALIEN the uid of somebody
# else to whom a directory on its way belongs, or "-".
read_key_file() {
    KEYS_STATE=refused KEYS_REASON='' KEYS_MODE='' KEYS_OWNER='' KEYS_GROUP='' KEYS_ALIEN=- TX_DIRECTORY=present TX_PLACE=account
    printf '' >"$1"
    if [ -z "$DROP" ]; then
        KEYS_REASON="This host has neither setpriv nor chroot with --userspec, so no file can be touched with the account's own rights."
        return 0
    fi
    if is_roots_place "${TX_PATH%/*}"; then
        TX_PLACE=root
    elif [ ! -e "${TX_PATH%/*}" ] && [ ! -L "${TX_PATH%/*}" ]; then
        key_parent=${TX_PATH%/*}
        key_parent=${key_parent%/*}
        if is_roots_place "${key_parent:-/}"; then TX_PLACE=root TX_DIRECTORY=absent; fi
    fi
    if [ "$TX_UID" = 0 ] && [ "$TX_PLACE" != root ]; then
        KEYS_REASON="Others than root may write to a directory on its way, and nothing of root's is touched there."
        return 0
    fi
    at_key_file read - - </dev/null >"$1.all"
    IFS= read -r key_line <"$1.all" || key_line='refuse It could not be read in time.'
    case $key_line in
    'absent directory') KEYS_STATE=absent TX_DIRECTORY=absent ;;
    'absent file '*) KEYS_STATE=absent KEYS_ALIEN=${key_line##* } ;;
    'file '*)
        tail -c "+$((${#key_line} + 2))" "$1.all" >"$1"
        if [ "$(bytes_of "$1")" -gt "$FILE_MAX_BYTES" ]; then
            printf '' >"$1"
            KEYS_REASON="It holds more than $FILE_MAX_BYTES bytes."
        else
            KEYS_STATE='file'
            KEYS_GROUP=${key_line##* }
            key_line=${key_line% *}
            KEYS_OWNER=${key_line##* }
            key_line=${key_line% *}
            KEYS_MODE=${key_line##* }
            key_line=${key_line% *}
            KEYS_ALIEN=${key_line##* }
            case $KEYS_MODE:$KEYS_OWNER:$KEYS_GROUP in
            *[!0-9:]* | :* | *::* | *:) KEYS_STATE=refused KEYS_REASON="It cannot be looked at." ;;
            esac
        fi
        ;;
    *) KEYS_REASON=$(printable "${key_line#refuse }") ;;
    esac
    rm -f "$1.all"
}

# why_not_ours OWN: a reason why this file is never written by us, into KEYS_REASON; fails when there is none.
why_not_ours() {
    KEYS_REASON=
    if [ "$1" != 1 ]; then
        KEYS_REASON="This file is shared by every account of the host, so it is not changed from here."
    elif [ "$TX_ACCOUNT" = "$ACCOUNT" ] || [ "$TX_PATH" = "$(recorded_key_file)" ]; then
        KEYS_REASON="The key of Gatehouse itself is in this file: it is changed only by installing the agent again."
    elif [ "$KEYS_STATE" = file ] && [ "$TX_PLACE" = account ] && [ "$KEYS_OWNER" != "$TX_UID" ]; then
        KEYS_REASON="The file belongs to another account (uid $KEYS_OWNER), in a directory that is not root's alone."
    elif [ "$TX_PLACE" = account ] && [ "$KEYS_ALIEN" != - ]; then
        KEYS_REASON="A directory on its way belongs to another account (uid $(printable "$KEYS_ALIEN"))."
    elif [ "$TX_PLACE" = account ] && [ "$TX_DIRECTORY" = absent ]; then
        case $TX_PATH in "${TX_HOME%/}"/*) ;; *) KEYS_REASON="The directory ${TX_PATH%/*} does not exist." ;; esac
    fi
    [ -n "$KEYS_REASON" ]
}

verb_read_keys() {
    open_work || fail no-space "$STATE_DIR is not writable."
    read_login
    find_drop
    clear_state
    find_account "$IN_ACCOUNT"
    list_key_files
    keys_count=0
    set --
    while read -r keys_force keys_own TX_PATH; do
        keys_count=$((keys_count + 1))
        keys_prefix=file.$keys_count
        read_key_file "$WORK/keys.$keys_count"
        field "$keys_prefix.path" "$TX_PATH"
        field "$keys_prefix.id" "$(digest_text "$TX_PATH")"
        field "$keys_prefix.inforce" "$keys_force"
        field "$keys_prefix.place" "$TX_PLACE"
        field "$keys_prefix.state" "$KEYS_STATE"
        field "$keys_prefix.mode" "$KEYS_MODE"
        field "$keys_prefix.owner" "$KEYS_OWNER"
        field "$keys_prefix.group" "$KEYS_GROUP"
        if [ "$KEYS_STATE" = absent ]; then
            field "$keys_prefix.sha256" absent
        else
            field "$keys_prefix.sha256" "$(digest "$WORK/keys.$keys_count")"
        fi
        field "$keys_prefix.bytes" "$(bytes_of "$WORK/keys.$keys_count")"
        [ -n "$KEYS_REASON" ] || why_not_ours "$keys_own" || :
        field "$keys_prefix.reason" "$KEYS_REASON"
        if [ "$KEYS_STATE" = file ] && [ -z "$KEYS_REASON" ] && read_modes; then
            field "$keys_prefix.modes" "$KEYS_MODES"
            field "$keys_prefix.safe" "$(safe_modes)"
        fi
        set -- "$@" "$WORK/keys.$keys_count"
    done <"$WORK/key-files"
    field files "$keys_count"
    field uid "$TX_UID"
    field home "$TX_HOME"
    answer "$@"
}

# find_key_path ID: the path of the account's key file with that id, into TX_PATH, and whether it is its own into KEYS_OWN.
find_key_path() {
    is_digest "$1" || fail unknown-file "A file is named by the SHA-256 of its path."
    list_key_files
    while read -r _ KEYS_OWN TX_PATH; do
        [ "$(digest_text "$TX_PATH")" != "$1" ] || return 0
    done <"$WORK/key-files"
    fail unknown-file "No AuthorizedKeysFile of this host comes to that file for $TX_ACCOUNT. Read its keys again."
}

# refuse_strange_lines OLD NEW: a line that was not there before holds a public key, or is empty or a comment: what we
# write is keys, whatever a path in the configuration leads to.
refuse_strange_lines() {
    tr '\000' '?' <"$2" >"$WORK/new-lines"
    tr '\000' '?' <"$1" | awk '
    FILENAME == "-" { old[$0] = 1; next }
    $0 in old || /^[ \t\r]*(#.*)?$/ { next }
    /(^|[ \t",])(ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-)[A-Za-z0-9@.-]+[ \t]+AAAA[A-Za-z0-9+\/]+=*([ \t\r]|$)/ { next }
    { print FNR; exit }' - "$WORK/new-lines" >"$WORK/strange"
    [ ! -s "$WORK/strange" ] || fail refused "Line $(cat "$WORK/strange") of the new file is new and holds no public key."
}

verb_apply_keys() {
    need_id
    need_deadline
    is_digest "$IN_BASE" || [ "$IN_BASE" = absent ] || fail protocol "base is the SHA-256 of the file the change was made from, or: absent"
    [ "$(bytes_of "$WORK/body")" -le "$FILE_MAX_BYTES" ] || fail too-large "A key file holds at most $FILE_MAX_BYTES bytes."
    begin_verb 3
    keys_after=$(digest "$WORK/body") || fail internal "The request's body is gone."
    refuse_second_change "$keys_after"
    read_login
    find_drop
    clear_state
    find_account "$IN_ACCOUNT"
    find_key_path "$IN_FILE"
    read_key_file "$WORK/keys"
    if [ "$KEYS_STATE" = refused ] || why_not_ours "$KEYS_OWN"; then fail refused "$TX_PATH of $TX_ACCOUNT: $KEYS_REASON"; fi
    if [ "$KEYS_STATE" = absent ]; then TX_BEFORE=absent; else TX_BEFORE=$(digest "$WORK/keys"); fi
    [ "$TX_BEFORE" = "$IN_BASE" ] || fail conflict "$TX_PATH is not the file that this change was made from: somebody edited it since."
    [ "$keys_after" != "$IN_BASE" ] || fail refused "The new file is the old one."
    refuse_strange_lines "$WORK/keys" "$WORK/body"
    need_room $((2 * $(bytes_of "$WORK/body"))) "$STATE_DIR"
    TX_ID=$IN_ID TX_TARGET=keys TX_AFTER=$keys_after
    change_keys
}

# change_keys: the transaction of a key file, from `prepared` to `applied`. The checks are done, the lock is ours.
change_keys() {
    # What the state file says afterwards is what we say now.
    if ! prepare_keys; then
        load_state
        if [ "$TX_ID" = "$IN_ID" ]; then recover rpc; else sweep; fi
        fail no-space "The change could not be staged in $STATE_DIR: is the disk full?"
    fi
    if ! arm; then
        TX_REASON="could not be armed"
        settle rolled-back
        fail no-space "The change could not be recorded in $STATE_DIR."
    fi
    start_watcher || leave_keys internal "No watcher could be started on this host." "no watcher"
    write_keys || case $KEYS_WORD in
    refuse | absent)
        [ "$KEYS_WORD" = refuse ] || KEYS_SAID="a directory on its way is gone."
        leave_keys conflict "$TX_PATH: $KEYS_SAID" "its place was changed in between" 0
        ;;
    conflict) leave_keys conflict "$TX_PATH was edited on the host in this very moment." "edited on the host in between" 0 ;;
    torn) abandon conflict "$TX_PATH was edited on the host in this very moment." "edited on the host in between" ;;
    fail) leave_keys no-space "$TX_PATH: $KEYS_SAID" "the new file could not be written" ;;
    *) abandon no-space "$TX_PATH: it could not be written." "the new file could not be written" ;;
    esac
    TX_RELOADED=$(uptime_ticks)
    TX_STATE=applied
    save_state || abandon no-space "The applied change could not be recorded in $STATE_DIR." "could not be recorded"
    log "change $TX_ID of $TX_PATH: applied, rolls back in $(seconds_left) s"
    answer_applied
}

# leave_keys CODE MESSAGE REASON [RESTORED]: the change ends before it replaced the file. What stands there may be what
# somebody saved in this very moment, so it is not touched. Modes are changed one by one: there may be some to undo.
leave_keys() {
    [ "$TX_TARGET" = keys ] || abandon "$1" "$2" "$3"
    TX_REASON=$3 TX_RESTORED=${4:-1}
    settle rolled-back || : # what could not be written down now, recovery writes
    fail "$1" "$2 Nothing was changed."
}

# prepare_keys: the durable before- and after-images, and the record `prepared`. Nothing is changed yet.
prepare_keys() {
    prepare_dir=$STATE_DIR/tx/$TX_ID
    rm -rf "$prepare_dir"
    mkdir -p "$STATE_DIR/tx" || return 1
    mkdir "$prepare_dir" || return 1
    if [ "$TX_TARGET" = modes ]; then
        put "$prepare_dir/modes" "$KEYS_MODES $KEYS_SAFE" || return 1
    else
        prepare_key_images || return 1
    fi
    for TX_STATE in confirmed rolled-back prepared; do
        put "$prepare_dir/$TX_STATE" "$(print_state)" || return 1
    done
    save_state
}

# prepare_key_images: the bytes of the old and of the new file, durable, with the owner and the mode of the old one.
prepare_key_images() {
    cp "$WORK/body" "$prepare_dir/after" && flush "$prepare_dir/after" || return 1
    [ "$(digest "$prepare_dir/after")" = "$TX_AFTER" ] || return 1
    if [ "$TX_BEFORE" != absent ]; then
        cp "$WORK/keys" "$prepare_dir/before" && flush "$prepare_dir/before" || return 1
        [ "$(digest "$prepare_dir/before")" = "$TX_BEFORE" ] || return 1
        put "$prepare_dir/before.mode" "$KEYS_MODE $KEYS_OWNER:$KEYS_GROUP" || return 1
    fi
}

# write_keys: the new content in place. What is made new is the account's alone, but for what root makes for another
# account, also in its home directory (root's, where SFTP is jailed): sshd reads it with the account's rights. Fails with
# the reason in KEYS_WORD and KEYS_SAID.
write_keys() {
    if [ "$TX_TARGET" = modes ]; then
        change_modes "$KEYS_MODES" "$KEYS_SAFE"
        return
    fi
    write_mode=0600 write_directory=0700
    if [ "$TX_PLACE" = root ]; then
        case $TX_UID:$TX_PATH in 0:"${TX_HOME%/}"/*) ;; *) write_mode=0644 write_directory=0755 ;; esac
    fi
    key_file_says write "$write_mode" "$write_directory" <"$STATE_DIR/tx/$TX_ID/after"
    [ "$KEYS_WORD" = 'done' ]
}

# restore_keys: the live file is the old one again, by the same careful way; also where somebody has removed it since,
# for a file that is gone shuts everybody out: the history says so. A file that we never replaced, and a place that its
# owner has changed since, are his: the old file is then kept aside. Anything else is tried again, for a while.
restore_keys() {
    find_drop
    restore_dir=$STATE_DIR/tx/$TX_ID
    restore_mode=- restore_gid=-
    if [ "$TX_BEFORE" != absent ]; then
        read -r restore_mode restore_gid <"$restore_dir/before.mode" || return 1
        key_file_says restore "$restore_mode" "$restore_gid" <"$restore_dir/before"
    else
        key_file_says restore "$restore_mode" "$restore_gid" </dev/null
    fi
    case $KEYS_WORD in
    done)
        case " $KEYS_SAID " in *' revived '*) TX_REASON="$TX_REASON; somebody had removed the file in between: it is there AGAIN" ;; esac
        for restore_edit in edited late; do
            case " $KEYS_SAID " in
            *" $restore_edit "*) TX_REASON="$TX_REASON; somebody's edit in between is kept beside it, as .gatehouse-$TX_ID.$restore_edit" ;;
            esac
        done
        return 0
        ;;
    left)
        give_up_keys "$KEYS_SAID"
        return
        ;;
    absent | refuse)
        undo_for_a_while "$KEYS_PLACE_SECONDS" && return 1
        [ "$KEYS_WORD" = refuse ] || KEYS_SAID="its directory is gone"
        [ "$KEYS_WORD:$TX_BEFORE" != absent:absent ] || return 0
        give_up_keys "$KEYS_SAID"
        return
        ;;
    esac
    undo_for_a_while "$KEYS_UNDO_SECONDS" && return 1
    give_up_keys "${KEYS_SAID:-it could not be reached with the rights of its owner}"
}

# undo_for_a_while SECONDS: fails once the undoing of this change has been tried for so long.
undo_for_a_while() {
    restore_since=$(cat "$RUN_DIR/undo-since.$TX_ID" 2>/dev/null)
    if ! is_number "$restore_since"; then
        restore_since=$(uptime_seconds)
        printf '%s\n' "$restore_since" >"$RUN_DIR/undo-since.$TX_ID"
    fi
    [ $(($(uptime_seconds) - restore_since)) -lt "$1" ]
}

# give_up_keys REASON: the old file could not be put back where it was.
give_up_keys() {
    if [ "$TX_BEFORE" != absent ]; then
        mkdir -p "$STATE_DIR/kept" && cp "$STATE_DIR/tx/$TX_ID/before" "$STATE_DIR/kept/$TX_ID.before" || return 1
        TX_REASON="$TX_REASON; NOT put back ($1), the old file is kept at $STATE_DIR/kept/$TX_ID.before"
    else
        TX_REASON="$TX_REASON; NOT removed ($1)"
    fi
    TX_RESTORED=0
    log "change $TX_ID of $TX_PATH: $TX_REASON"
}

# clean_keys: what we left beside the file, and the directory that we made, where it is empty again. The account's owner
# may have made that impossible; then it is his.
clean_keys() {
    find_drop
    clean_mode=-
    if [ "$TX_STATE:$TX_BEFORE:$TX_DIRECTORY" = rolled-back:absent:absent ]; then clean_mode='rmdir'; fi
    key_file_says clean "$clean_mode" - </dev/null
    [ "$KEYS_SAID" != late ] || log "change $TX_ID of $TX_PATH: what was saved into the old file meanwhile is kept beside it, as .gatehouse-$TX_ID.late"
    rm -f "$RUN_DIR/undo-since.$TX_ID"
}

# read_modes: the modes of the home directory, the directories on the way and the file, with commas between, into
# KEYS_MODES. Fails for a file outside the home directory, and where they cannot be read.
read_modes() {
    case $TX_PLACE:$TX_PATH in account:"${TX_HOME%/}"/*) ;; *) return 1 ;; esac
    key_file_says modes - - </dev/null
    KEYS_MODES=$KEYS_SAID
    case $KEYS_WORD:$KEYS_MODES in modes:*[!0-7,]* | modes:) return 1 ;; modes:*,*) ;; *) return 1 ;; esac
}

# safe_modes: KEYS_MODES as StrictModes of sshd wants them, and no wider: nobody else writes to the home directory, the
# directories below it are its owner's alone, and so is the file.
safe_modes() {
    safe_rest=${KEYS_MODES#*,}
    safe_list=$(printf '%o' $((0${KEYS_MODES%%,*} & ~022)))
    while :; do
        case $safe_rest in
        *,*) safe_list=$safe_list,700 safe_rest=${safe_rest#*,} ;;
        *) break ;;
        esac
    done
    printf '%s,600\n' "$safe_list"
}

# verb_repair_modes: the modes that `read-keys` called safe, by the same transaction as that of a key file.
verb_repair_modes() {
    need_id
    need_deadline
    is_digest "$IN_BASE" || fail protocol "base is the SHA-256 of the modes that this change was made from"
    open_work || fail no-space "$STATE_DIR is not writable."
    begin_verb 3
    repair_wanted=$IN_SHA256
    refuse_second_change "$repair_wanted"
    read_login
    find_drop
    clear_state
    find_account "$IN_ACCOUNT"
    find_key_path "$IN_FILE"
    read_key_file "$WORK/keys"
    if [ "$KEYS_STATE" = refused ] || why_not_ours "$KEYS_OWN"; then fail refused "$TX_PATH of $TX_ACCOUNT: $KEYS_REASON"; fi
    read_modes || fail refused "$TX_PATH of $TX_ACCOUNT: ${KEYS_SAID:-its modes cannot be read, or it is in no home directory.}"
    TX_BEFORE=$(digest_text "$KEYS_MODES")
    KEYS_SAFE=$(safe_modes)
    [ "$TX_BEFORE" = "$IN_BASE" ] || fail conflict "The modes of $TX_PATH are not those that this change was made from."
    [ "$KEYS_SAFE" != "$KEYS_MODES" ] || fail refused "The modes are safe already."
    [ "$(digest_text "$KEYS_SAFE")" = "$repair_wanted" ] || fail refused "The safe modes are $KEYS_SAFE here, not those that the plan showed."
    TX_ID=$IN_ID TX_TARGET=modes TX_AFTER=$repair_wanted
    change_keys
}

# change_modes FROM TO: from one list of modes to the other; what is neither stays. Fails with KEYS_WORD and KEYS_SAID.
change_modes() {
    key_file_says chmod - - "$1" "$2" </dev/null
    [ "$KEYS_WORD" = 'done' ]
}

# restore_modes: the old modes again. A mode that somebody else has set since stays, and so does a place that is another.
restore_modes() {
    find_drop
    read -r modes_before modes_after <"$STATE_DIR/tx/$TX_ID/modes" || return 1
    change_modes "$modes_after" "$modes_before" && return 0
    case $KEYS_WORD in
    conflict) TX_RESTORED=0 TX_REASON="$TX_REASON; a mode that somebody else set in between was left as it is" ;;
    *)
        case $KEYS_WORD in absent | refuse) modes_patience=$KEYS_PLACE_SECONDS ;; *) modes_patience=$KEYS_UNDO_SECONDS ;; esac
        undo_for_a_while "$modes_patience" && return 1
        [ "$KEYS_WORD" != absent ] || KEYS_SAID="the file is gone"
        TX_RESTORED=0
        TX_REASON="$TX_REASON; NOT put back (${KEYS_SAID:-it could not be reached with the rights of its owner}), the modes were $modes_before"
        ;;
    esac
}

# live_digest: of the file that the transaction is about, the first of them.
live_digest() {
    if ! is_of_account; then
        digest "$TX_PATH"
        return
    fi
    open_work || return 1
    find_drop
    (
        if [ "$TX_TARGET" = modes ]; then
            read_modes || { printf 'unreadable\n'; return 0; }
            digest_text "$KEYS_MODES"
            return
        fi
        read_key_file "$WORK/live"
        case $KEYS_STATE in
        absent) printf 'absent\n' ;;
        file) digest "$WORK/live" ;;
        *) printf 'unreadable\n' ;;
        esac
    )
}

# ------------------------------------------------------------------------------------------- state files of codes
#
# What pam_google_authenticator knows of an account: secret, settings, used codes, scratch codes. The module rewrites the
# file at every login: it reads it, makes <file>~XXXXXX beside it, looks whether the file is still the one that it read,
# and renames. It takes no lock. So whoever else changes the file must lose no such rewriting, and must see that his own
# change was not lost to one. In the account's own directory we do so with its rights alone, as with its keys.

CODES_DIRECTORY=/var/lib/google-authenticator # root's own: an account can neither read nor remove what stands there
CODES_MAX_BYTES=16384
CODES_SECONDS=30 # for one process that writes; it waits for logins that are at work in the file

# What is told of a state file: its settings and what the module noted, never the secret nor a scratch code.
# shellcheck disable=SC2016 # awk's own dollars
CODES_SHOWN='
NR > 200 { exit }
{ sub(/\r$/, "") }
NR == 1 { print (length($0) >= 16 && $0 ~ /^[A-Za-z2-7 ]+=*$/ ? "-" : "?"); next }
/^" [A-Z][A-Z_]*( [A-Za-z0-9_.-]+)*$/ && length($0) < 1000 { print; next }
length($0) == 8 && $0 ~ /^[0-9]+$/ { print "--------"; next }
{ print "#" }'

# A state file with a new counter, or other scratch codes; every other line stays. The line GATEHOUSE, which the module
# keeps as it keeps every setting that it does not know, says whose work the file is.
# shellcheck disable=SC2016 # awk's own dollars
CODES_EDITED='
BEGIN { scratch = ENVIRON["SCRATCH"] } # not in our arguments, which everybody on the host may see
{ line = $0; sub(/\r$/, "", line) }
line ~ /^" GATEHOUSE / { next }
counter != "" && line ~ /^" HOTP_COUNTER / { print "\" HOTP_COUNTER " counter; next }
scratch != "" && length(line) == 8 && line ~ /^[0-9]+$/ { next }
{ print }
NR == 1 { print "\" GATEHOUSE " id }
END { if (scratch != "") print scratch }'

# What runs with the rights of the file's owner: OPERATION BASE REST NAME ID COUNTER WAS REPLACE, and then the programs
# above; what is secret comes on standard input. The first word of what it prints: file, absent, odd; done, already; refuse, conflict, busy, fail.
# shellcheck disable=SC2016 # the inner shell's own dollars
CODES_SCRIPT='
set -u
set -f
umask 077
operation=$1 base=$2 rest=$3 name=./$4 id=$5 counter=$6 was=$7 replace=$8 shown=$9
shift 9
edited=$1
me=$(id -u)
say() { printf "%s\n" "$*"; exit 0; }
sum() { sum_of=$(sha256sum <"$1" 2>/dev/null) || return 1; printf "%s\n" "${sum_of%% *}"; }
durable() { sync "$1" 2>/dev/null || sync; }
cd -P -- "$base" 2>/dev/null || say refuse "$base cannot be entered with the rights of this account."
while [ -n "$rest" ]; do
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    case $part in "" | .) continue ;; ..) say refuse "The path goes up again, by \"..\"." ;; esac
    [ ! -L "./$part" ] || say refuse "The directory $part on its way is a symbolic link."
    [ -e "./$part" ] || say absent 1
    cd -P -- "./$part" 2>/dev/null || say refuse "The directory $part on its way cannot be entered with the rights of this account."
done
place_owner=$(stat -c %u .) || say refuse "The directory of the file cannot be looked at."
writable=0
if [ "$me" = 0 ] || [ -w . ]; then writable=1; fi
# look: what stands at the name: absent, file, or odd, with the reason in ODD.
look() {
    ODD="" SEEN=odd
    if [ -L "$name" ]; then ODD="is a symbolic link"; return; fi
    if [ ! -e "$name" ]; then SEEN=absent; return; fi
    if [ ! -f "$name" ]; then ODD="is no regular file"; return; fi
    if [ "$(stat -c %h -- "$name")" != 1 ]; then ODD="has another name elsewhere (a hard link)"; return; fi
    if [ "$(stat -c %u -- "$name")" != "$me" ]; then ODD="belongs to another account (uid $(stat -c %u -- "$name"))"; return; fi
    SEEN=file
}
# writers: a login is at work in the file. What a killed one left behind counts for a minute.
writers() {
    set +f
    for writer in "$name"~??????; do
        if [ -e "$writer" ] && [ -n "$(find "$writer" -prune -mmin -1 2>/dev/null)" ]; then set -f; return 0; fi
    done
    set -f
    return 1
}
# quiet: waits until none is, for three seconds at most: then the looking afterwards must do.
quiet() {
    quiet_left=30
    while [ "$quiet_left" -gt 0 ] && writers; do
        quiet_left=$((quiet_left - 1))
        sleep 0.1 2>/dev/null || sleep 1
    done
}
# swap: exchanges the fresh file and the one at the name, in one step. Fails where the host can do no such thing.
swap() {
    if mv --help 2>/dev/null | grep -q -e --exchange; then
        mv --exchange -T -- "$fresh" "$name" 2>/dev/null
        return
    fi
    [ "$(getconf LONG_BIT 2>/dev/null)" = 64 ] || return 1
    case $(uname -m) in x86_64) number=316 ;; aarch64 | riscv64) number=276 ;; *) return 1 ;; esac
    # renameat2(AT_FDCWD, fresh, AT_FDCWD, name, RENAME_EXCHANGE)
    perl -e "exit(syscall(\$ARGV[0] + 0, -100, \$ARGV[1], -100, \$ARGV[2], 2) == 0 ? 0 : 1)" "$number" "$fresh" "$name" 2>/dev/null
}
fresh=./.gatehouse-codes.new
# write_fresh MODE: our standard input becomes the fresh file.
write_fresh() {
    rm -f "$fresh"
    (set -C && cat >"$fresh") 2>/dev/null && chmod "$1" "$fresh" && durable "$fresh" && [ -s "$fresh" ]
}
cannot_write() {
    rm -f "$fresh"
    [ "$writable" = 1 ] || say refuse "The directory of the file is not writable for the account, so no code could be used up either."
    say fail "The new file could not be written: is the disk or the quota full?"
}
first() { head -n 1 "$1" | tr -d "\r"; }
# writer_of FILE: the line that says whose work it is.
writer_of() { tr -d "\r" <"$1" | grep "^\" GATEHOUSE " | head -n 1; }
# is_usable FILE: it says of which kind its codes are; without that the module refuses each.
is_usable() { tr -d "\r" <"$1" | grep -q -x -e "\" TOTP_AUTH" -e "\" HOTP_COUNTER [0-9][0-9]*"; }
# numbers_of KEYWORD FILE: what stands behind it, on one line.
numbers_of() { tr -d "\r" <"$2" | sed -n "s/^\" $1 //p" | tr -c "0-9" " " | head -c 400; }
# keep_used: time steps that were used, and a counter that is further, from the file at the name into the fresh one.
keep_used() {
    steps=$(numbers_of DISALLOW_REUSE "$name")
    there=$(numbers_of HOTP_COUNTER "$name" | tr -d " ")
    ours=$(numbers_of HOTP_COUNTER "$fresh" | tr -d " ")
    case $there in "" | *[!0-9]* | ??????????????????*) there=0 ;; esac
    if [ "$there" -le "${ours:-0}" ]; then there=$ours; fi
    sed -e "s/^\" DISALLOW_REUSE .*/& $steps/" -e "s/ *\$//" -e "s/^\" HOTP_COUNTER .*/\" HOTP_COUNTER $there/" "$fresh" >"$fresh.next" &&
        chmod 400 "$fresh.next" && durable "$fresh.next" && mv -f "$fresh.next" "$fresh" && [ -s "$fresh" ]
}
case $operation in
read)
    look
    case $SEEN in
    absent) say absent "$writable" ;;
    odd)
        printf "odd %s %s %s %s %s %s\n" "$(stat -c "%a %u" -- "$name" 2>/dev/null || printf "0 0")" 0 "$writable" "$place_owner" "$me" "It $ODD."
        ;;
    *)
        seen_file=$(stat -c "%a %u %s" -- "$name") && [ -n "$seen_file" ] || say refuse "It cannot be looked at."
        printf "file %s %s %s %s %s\n" "$seen_file" "$writable" "$place_owner" "$me" -
        head -c 16384 -- "$name" | tr "\000" "?" | awk "$shown"
        ;;
    esac
    ;;
write)
    [ ! -d "$name" ] || [ -L "$name" ] || say refuse "A directory stands in the place of the file."
    write_fresh 400 || cannot_write
    look
    if [ "$SEEN" = absent ]; then
        # A link, not a rename: a file that somebody made meanwhile stays.
        ln "$fresh" "$name" 2>/dev/null || { rm -f "$fresh"; say conflict; }
        rm -f "$fresh"
        durable .
        say done
    fi
    want=$(first "$fresh") by=$(writer_of "$fresh")
    if [ "$SEEN" = file ] && [ "$(first "$name")" = "$want" ]; then
        # Our own writing once more: what the module noted since is worth more than what we would write.
        if is_usable "$name" && { [ "$(writer_of "$name")" = "$by" ] || [ "$replace" != 1 ]; }; then
            rm -f "$fresh"
            [ "$(stat -c %a -- "$name")" = 400 ] || chmod 400 -- "$name"
            say already
        fi
        # The same secret in a file that is to be another: what was used up there stays used up.
        keep_used || cannot_write
    fi
    [ "$replace" = 1 ] || { rm -f "$fresh"; say conflict; }
    rounds=10
    while :; do
        quiet
        cp -p "$fresh" "$fresh.next" || cannot_write
        mv -f "$fresh.next" "$name" || cannot_write
        quiet
        if [ "$(first "$name")" = "$want" ] && [ "$(writer_of "$name")" = "$by" ]; then break; fi
        rounds=$((rounds - 1))
        [ "$rounds" -gt 0 ] || { rm -f "$fresh"; say busy; }
    done
    rm -f "$fresh"
    durable .
    say done
    ;;
edit)
    SCRATCH=$(cat)
    rounds=30
    while [ "$rounds" -gt 0 ]; do
        rounds=$((rounds - 1))
        quiet
        look
        case $SEEN in absent) say absent 1 ;; odd) say refuse "It $ODD." ;; esac
        whole=$(cat -- "$name" && printf .) || say refuse "It cannot be read."
        whole=${whole%.}
        [ "$(printf "%s" "$whole" | wc -c)" -gt 0 ] || say refuse "It is empty."
        ! printf "%s" "$whole" | grep -q -F -x "\" GATEHOUSE $id" || say already
        if [ -n "$counter" ] && ! printf "%s" "$whole" | tr -d "\r" | grep -q -x "\" HOTP_COUNTER $was"; then say conflict; fi
        old=$(printf "%s" "$whole" | sha256sum)
        old=${old%% *}
        mode=$(stat -c %a -- "$name") || continue
        case $mode in 400 | 600) ;; *) mode=400 ;; esac
        printf "%s" "$whole" | SCRATCH=$SCRATCH awk -v id="$id" -v counter="$counter" "$edited" | write_fresh "$mode" || cannot_write
        grep -q -F -x "\" GATEHOUSE $id" "$fresh" || cannot_write
        ours=$(sum "$fresh")
        [ "$(sum "$name")" = "$old" ] || continue
        if swap; then
            # What was there is now under our name. A login that came between is in it, so it goes back, and we begin again.
            if [ "$(sum "$fresh")" != "$old" ]; then
                swap || say fail "The file was changed in this very moment, and could not be put back."
                [ "$(sum "$fresh")" = "$ours" ] || swap
                continue
            fi
        else
            mv -f "$fresh" "$name" || cannot_write
        fi
        rm -f "$fresh"
        durable .
        # A login that had looked before us may yet put its own version over ours.
        quiet
        ! grep -q -F -x "\" GATEHOUSE $id" "$name" 2>/dev/null || say done
    done
    rm -f "$fresh"
    say busy
    ;;
remove)
    rounds=10
    while [ "$rounds" -gt 0 ]; do
        rounds=$((rounds - 1))
        [ ! -d "$name" ] || [ -L "$name" ] || say refuse "A directory stands in the place of the file."
        [ -e "$name" ] || [ -L "$name" ] || [ "$rounds" != 9 ] || say already
        rm -f -- "$name" || cannot_write
        quiet
        [ -e "$name" ] || [ -L "$name" ] || { durable .; say done; }
    done
    say busy
    ;;
mend)
    if [ "$writable" = 0 ]; then
        [ "$place_owner" = "$me" ] || say refuse "The directory of the file belongs to another account (uid $place_owner)."
        chmod u+rwx . || say fail "The directory of the file could not be made writable."
    fi
    look
    case $SEEN in odd) say refuse "It $ODD." ;; absent) say done ;; esac
    case $(stat -c %a -- "$name") in 400 | 600) ;; *) chmod 400 -- "$name" || say fail "Its mode could not be changed." ;; esac
    say done
    ;;
esac'

# find_codes_place: where the host's sshd looks for state files: CODES_PATTERN as its PAM line names them, CODES_AS (root,
# account), CODES_IN_FORCE, CODES_NULLOK, and into CODES_REASON why we do not write there. Ours, where no line says.
find_codes_place() {
    FACTS=$WORK
    facts_pam
    CODES_REASON=
    codes_line=$(grep -v -x /etc/pam.d/other "$FACTS/pam" | xargs cat 2>/dev/null | grep -v '^[[:space:]]*#' | grep -E '^[[:space:]]*-?auth[[:space:]].*pam_google_authenticator\.so' | head -n 1)
    CODES_IN_FORCE=0 CODES_NULLOK=0
    if [ -z "$codes_line" ]; then
        CODES_PATTERN="$CODES_DIRECTORY/\${USER}" CODES_AS=root
        return 0
    fi
    CODES_IN_FORCE=1 CODES_PATTERN="\${HOME}/.google_authenticator" CODES_AS=account
    for codes_word in $codes_line; do
        case $codes_word in
        secret=*) CODES_PATTERN=${codes_word#secret=} ;;
        user=root) CODES_AS=root ;;
        user=*) CODES_REASON="The PAM line of this host reads state files as another account ($(printable "$codes_word"))." ;;
        nullok) CODES_NULLOK=1 ;;
        esac
    done
    case $CODES_PATTERN in *[[:cntrl:]]* | *[*?[]*) CODES_REASON="The PAM line of this host names state files in a way that is not written to." ;; esac
}

# name_codes_path: the account's state file by that pattern, into CODES_PATH.
name_codes_path() {
    CODES_PATH=$(CODES_HOME=$TX_HOME CODES_TEXT=$CODES_PATTERN awk -v user="$TX_ACCOUNT" '
    function put(from, to,   at, out, rest) {
        out = ""; rest = text
        while ((at = index(rest, from)) > 0) { out = out substr(rest, 1, at - 1) to; rest = substr(rest, at + length(from)) }
        text = out rest
    }
    BEGIN {
        text = ENVIRON["CODES_TEXT"]; home = ENVIRON["CODES_HOME"]
        if (substr(text, 1, 2) == "~/") text = home substr(text, 2)
        put("${HOME}", home); put("%h", home); put("${USER}", user); put("%u", user)
        while (sub(/\/\/+/, "/", text));
        print text
    }' </dev/null)
}

# codes_path: how to get to CODES_PATH: CODES_BASE, CODES_REST and CODES_NAME, with whose rights into CODES_UID and
# CODES_GID. Fails with why we do not write there in CODES_REASON.
codes_path() {
    CODES_NAME=${CODES_PATH##*/}
    [ -z "$CODES_REASON" ] || return 1
    case $CODES_PATH in /*) ;; *) CODES_REASON="The PAM line of this host names no absolute path."; return 1 ;; esac
    case $CODES_NAME in '' | .. | .) CODES_REASON="The PAM line of this host names no file."; return 1 ;; esac
    case ${CODES_PATH%/*} in
    "${TX_HOME%/}" | "${TX_HOME%/}"/*)
        if [ "$CODES_AS" = root ] && [ "$TX_UID" != 0 ]; then
            CODES_REASON="The PAM line of this host has root read files in home directories; nothing of root's is written there."
            return 1
        fi
        CODES_BASE=$TX_HOME CODES_UID=$TX_UID CODES_GID=$TX_GID
        CODES_REST=${CODES_PATH#"${TX_HOME%/}/"}
        case $CODES_REST in */*) CODES_REST=${CODES_REST%/*} ;; *) CODES_REST= ;; esac
        if [ "$CODES_UID" = 0 ] && ! is_roots_place "${CODES_PATH%/*}"; then
            CODES_REASON="Others than root may write to ${CODES_PATH%/*}, and nothing of root's is touched there."
            return 1
        fi
        ;;
    *)
        CODES_BASE=${CODES_PATH%/*} CODES_REST='' CODES_UID=0 CODES_GID=0
        if [ "$CODES_AS" != root ] && [ "$TX_UID" != 0 ]; then
            CODES_REASON="The PAM line of this host has accounts read their state files outside their home directories, without user=root."
            return 1
        fi
        if [ -e "$CODES_BASE" ] && ! is_roots_place "$CODES_BASE"; then
            CODES_REASON="Others than root may change what stands in $CODES_BASE."
            return 1
        fi
        ;;
    esac
}

# make_codes_directory: the directory of root's that the path wants, if it is missing.
make_codes_directory() {
    if [ "$CODES_UID" != 0 ] || [ -e "$CODES_BASE" ]; then return 0; fi
    codes_parent=${CODES_BASE%/*}
    is_roots_place "${codes_parent:-/}" || fail refused "${codes_parent:-/} is not a directory of root's alone."
    mkdir -m 0700 "$CODES_BASE" || fail internal "$CODES_BASE could not be made."
    flush "$codes_parent"
}

# at_codes OPERATION [COUNTER WAS REPLACE]: runs CODES_SCRIPT for the account's file, fed with our standard input.
at_codes() {
    (
        KEYS_SECONDS=$CODES_SECONDS
        as_writer "$CODES_UID" "$CODES_GID" sh -c "$CODES_SCRIPT" sh "$1" "$CODES_BASE" "$CODES_REST" "$CODES_NAME" "${IN_ID:-none}" \
            "${2:-}" "${3:-}" "${4:-0}" "$CODES_SHOWN" "$CODES_EDITED"
    ) | timeout -s KILL $((CODES_SECONDS + 5)) head -c $((2 * CODES_MAX_BYTES)) 9>&-
}

# change_codes OPERATION [COUNTER WAS REPLACE]: the same, and the answer.
change_codes() {
    codes_said=$(at_codes "$@" | head -c 400 | head -n 1 | tr -d '[:cntrl:]')
    case ${codes_said%% *} in
    done) field already 0 ;;
    already) field already 1 ;;
    absent) fail conflict "$TX_ACCOUNT has no state file at $CODES_PATH." ;;
    conflict) fail conflict "$CODES_PATH is not what it was: another state file is there, or a login has used a code since. Read it again." ;;
    busy) fail busy "Logins of $TX_ACCOUNT are at work in $CODES_PATH without a pause. Try again." ;;
    refuse | fail) fail refused "$CODES_PATH of $TX_ACCOUNT: ${codes_said#* }" ;;
    *) fail internal "$CODES_PATH of $TX_ACCOUNT could not be written in time." ;;
    esac
    field path "$CODES_PATH"
    answer
}

# begin_codes: the checks that all verbs which write share.
begin_codes() {
    need_id
    begin_verb 5
    if is_pending; then fail pending "The change $TX_ID is not decided yet. State files wait until then."; fi
    open_work || fail no-space "$STATE_DIR is not writable."
    find_drop
    [ -n "$DROP" ] || fail refused "This host has neither setpriv nor chroot with --userspec, so no file can be touched with the account's own rights."
    clear_state
    find_account "$IN_ACCOUNT"
    [ "$TX_ACCOUNT" != "$ACCOUNT" ] || fail refused "The account of Gatehouse itself logs in by its key alone."
    find_codes_place
    name_codes_path
    codes_path || fail refused "$CODES_REASON"
}

verb_write_codes() {
    case $IN_REPLACE in 0 | 1) ;; *) fail protocol "replace is 0 or 1." ;; esac
    [ "$(bytes_of "$WORK/body")" -le "$CODES_MAX_BYTES" ] || fail too-large "A state file holds at most $CODES_MAX_BYTES bytes."
    [ "$(tr -d '\r' <"$WORK/body" | awk "$OTP_SHAPE")" = valid ] || fail refused "This is no state file of pam_google_authenticator."
    begin_codes
    need_room "$(bytes_of "$WORK/body")" "$STATE_DIR"
    make_codes_directory
    change_codes write '' '' "$IN_REPLACE" <"$WORK/body"
}

verb_edit_codes() {
    awk 'length($0) != 8 || $0 !~ /^[0-9]+$/ || NR > 10 { bad = 1 } END { exit bad }' "$WORK/body" ||
        fail protocol "The body is at most ten scratch codes of eight digits, one a line."
    if [ -n "$IN_COUNTER" ]; then
        if ! is_count "$IN_COUNTER" || ! is_count "$IN_WAS"; then fail protocol "counter and was are the new and the old HOTP counter."; fi
    fi
    [ -n "$IN_COUNTER" ] || [ -s "$WORK/body" ] || fail protocol "Neither a counter nor scratch codes: nothing to change."
    begin_codes
    change_codes edit "$IN_COUNTER" "$IN_WAS" <"$WORK/body"
}

verb_remove_codes() {
    begin_codes
    if [ ! -e "${CODES_PATH%/*}" ]; then
        field already 1
        field path "$CODES_PATH"
        answer
        return
    fi
    change_codes remove </dev/null
}

verb_mend_codes() {
    begin_codes
    # In root's own place root owns everything.
    if [ "$CODES_UID" = 0 ] && [ -f "$CODES_PATH" ] && [ ! -L "$CODES_PATH" ]; then chown 0:0 "$CODES_PATH"; fi
    change_codes mend </dev/null
}

# is_count TEXT: a decimal number of at most fifteen digits.
is_count() { case $1 in '' | *[!0-9]* | ????????????????*) return 1 ;; esac; }

# verb_read_codes: where state files are looked for, and what stands there, for every account that has one. Body: for each
# a line "<account>\t<uid>\t<path>\t<state>\t<mode>\t<owner>\t<bytes>\t<writable>\t<lines>\t<reason>", and so many lines of it.
verb_read_codes() {
    open_work || fail no-space "$STATE_DIR is not writable."
    find_drop
    find_codes_place
    field pattern "$CODES_PATTERN"
    field as "$CODES_AS"
    field inforce "$CODES_IN_FORCE"
    field nullok "$CODES_NULLOK"
    field reason "$CODES_REASON"
    field clock "$(date +%s.%N | sed 's/[.]N.*//; s/[.]%N//')"
    field module "$(package_version libpam-google-authenticator)"
    field present "$(codes_module)"
    timeout 20 getent passwd >"$WORK/passwd" 2>/dev/null
    [ -s "$WORK/passwd" ] || cat /etc/passwd >"$WORK/passwd"
    printf '' >"$WORK/codes"
    codes_count=0 codes_cut=0
    IFS=". $NL" read -r codes_end _ </proc/uptime
    codes_end=$((codes_end + FACTS_SECONDS))
    codes_none=$CODES_REASON
    while IFS=: read -r TX_ACCOUNT _ TX_UID TX_GID _ TX_HOME _; do
        case $TX_ACCOUNT in '' | -* | *[!A-Za-z0-9._@+-]*) continue ;; esac
        case $TX_UID:$TX_GID:$TX_HOME in :* | *[!0-9]*:*:* | *::* | *:*[!0-9]*:*) continue ;; esac
        case $TX_HOME in *[[:cntrl:]]* | [!/]* | '') continue ;; esac
        name_codes_path
        if [ ! -e "$CODES_PATH" ] && [ ! -L "$CODES_PATH" ]; then continue; fi
        CODES_REASON=$codes_none
        codes_path || continue
        IFS=". $NL" read -r codes_now _ </proc/uptime
        if [ "$codes_now" -ge "$codes_end" ] || [ "$codes_count" -ge "$FACTS_FILES_MAX" ]; then codes_cut=1; break; fi
        codes_count=$((codes_count + 1))
        at_codes read </dev/null >"$WORK/one"
        IFS=' ' read -r codes_state codes_mode codes_owner codes_bytes codes_writable codes_place codes_me codes_why <"$WORK/one"
        case $codes_state in
        file | odd) ;;
        absent) continue ;;
        *)
            codes_why=$(printable "$(head -n 1 "$WORK/one" | cut -d' ' -f2-)")
            codes_state=odd codes_mode=0 codes_owner=0 codes_bytes=0 codes_writable=0 codes_place=0 codes_me=0
            ;;
        esac
        case $codes_mode:$codes_owner:$codes_bytes:$codes_writable:$codes_place:$codes_me in *[!0-9:]* | *::*) continue ;; esac
        sed 1d "$WORK/one" >"$WORK/shown"
        printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$TX_ACCOUNT" "$TX_UID" "$(printable "$CODES_PATH")" "$codes_state" "$codes_mode" \
            "$codes_owner" "$codes_bytes" "$codes_writable" "$(wc -l <"$WORK/shown" | tr -d ' ')" "$(printable "${codes_why:--}")" >>"$WORK/codes"
        cat "$WORK/shown" >>"$WORK/codes"
    done <"$WORK/passwd"
    field files "$codes_count"
    field cut "$codes_cut"
    answer "$WORK/codes"
}

# codes_module: 1 when PAM can load the module.
codes_module() {
    set +f
    codes_found=0
    for codes_file in /lib/security/pam_google_authenticator.so /lib64/security/pam_google_authenticator.so /usr/lib/security/pam_google_authenticator.so \
        /usr/lib64/security/pam_google_authenticator.so /lib/*/security/pam_google_authenticator.so /usr/lib/*/security/pam_google_authenticator.so; do
        if [ -f "$codes_file" ]; then codes_found=1; fi
    done
    set -f
    printf '%s\n' "$codes_found"
}

# ------------------------------------------------------------------------------------------------------- packages

# verb_packages: the system's package manager, its output live. It runs detached: a lost connection must not leave a
# package half configured.
verb_packages() {
    case $IN_ACTION in install | upgrade) ;; *) fail protocol "action is install or upgrade." ;; esac
    case $IN_NAME in openssh-server | openssh-client | libpam-google-authenticator) ;; *) fail refused "Only openssh-server, openssh-client and libpam-google-authenticator are ours to install." ;; esac
    begin_verb 5
    if is_pending; then fail pending "The change $TX_ID is not decided yet. Packages wait until then."; fi
    if packages_at_work; then fail busy "The package manager is at work already."; fi
    open_work || fail no-space "$STATE_DIR is not writable."
    log "packages: $IN_ACTION $IN_NAME"
    printf '' >"$WORK/output"
    setsid "$AGENT_PATH" package-manager "$IN_ACTION" "$(package_name "$IN_NAME")" "$WORK" </dev/null >"$WORK/output" 2>&1 9>&- &
    packages_stat=$(parent_and_start "$!")
    printf '%s %s\n' "$!" "${packages_stat#* }" >"$RUN_DIR/packages"
    exec 9>&- # it takes minutes, and the lock is for seconds; from here on the mark speaks for us
    packages_sent=0
    while :; do
        packages_done=0
        [ ! -s "$WORK/code" ] || packages_done=1 # looked up before the output, so that nothing after it is missed
        packages_more=$(($(bytes_of "$WORK/output") - packages_sent))
        [ "$packages_more" -le 32768 ] || packages_more=32768
        if [ "$packages_more" -gt 0 ]; then
            printf 'GATEHOUSE/1 part 0 %s\n' "$packages_more"
            tail -c "+$((packages_sent + 1))" "$WORK/output" | head -c "$packages_more"
            packages_sent=$((packages_sent + packages_more))
        elif [ "$packages_done" -eq 1 ]; then
            break
        else
            nap
        fi
    done
    packages_code=$(cat "$WORK/code")
    log "packages: $IN_ACTION $IN_NAME ended with $packages_code"
    field code "$packages_code"
    field version "$(package_version "$IN_NAME")"
    answer
}

# packages_at_work: a package manager that we started has not ended. The mark is its pid and start, not the pid alone.
packages_at_work() {
    { read -r packages_pid packages_start <"$RUN_DIR/packages"; } 2>/dev/null || return 1
    packages_stat=$(parent_and_start "$packages_pid")
    [ -n "$packages_stat" ] && [ "${packages_stat#* }" = "$packages_start" ]
}

# package_manager ACTION NAME DIRECTORY: local; leaves its exit code in DIRECTORY/code. The configuration files of the
# host's people are kept as they are.
package_manager() {
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    if command -v apt-get >/dev/null; then
        package_only=--no-only-upgrade
        if [ "$1" = upgrade ]; then package_only=--only-upgrade; fi
        apt-get -q update && apt-get -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install "$package_only" "$2"
    elif command -v dnf >/dev/null; then
        if [ "$1" = upgrade ]; then dnf -y upgrade "$2"; else dnf -y install "$2"; fi
    elif command -v apk >/dev/null; then
        apk add --no-cache --upgrade "$2"
    else
        printf 'This host has none of apt-get, dnf and apk.\n'
        false
    fi
    put "$3/code" "$?"
}

# ------------------------------------------------------------------------------------------------------ leaving

# verb_uninstall: answers first, since the login it runs in goes with it.
verb_uninstall() {
    begin_verb 5
    if is_pending; then fail pending "The change $TX_ID is not decided yet. Cancel it first."; fi
    open_work || fail no-space "$STATE_DIR is not writable."
    walk || fail internal "$MAIN_CONFIG cannot be read."
    uninstall_rest=$FILES
    while [ -n "$uninstall_rest" ]; do
        uninstall_path=${uninstall_rest%%"$NL"*}
        strip_marker "$(readlink -f "${uninstall_path##*"$TAB"}")"
        uninstall_rest=${uninstall_rest#*"$NL"}
    done
    log "uninstalled at the request of the dashboard"
    answer
    exec 9>&-
    setsid "$AGENT_PATH" remove </dev/null >/dev/null 2>&1 &
}

# strip_marker PATH: takes our proving block off the end of a file, and proves that sshd takes the rest. The sshd that
# runs need not reload: the block concerns nobody but our account, which is going.
strip_marker() {
    tail -n 4 "$1" | grep -q '^# Gatehouse: proof that this file is in force' || return 0
    strip_bytes=$(($(bytes_of "$1") - $(tail -n 4 "$1" | wc -c)))
    # The dashboard's note that the line above it had no line end (lib/change/marker.ts) goes with that line end.
    strip_note=$(tail -n 5 "$1" | head -n 1)
    case $strip_note in '# Gatehouse: the line above has no line end'*) strip_bytes=$((strip_bytes - ${#strip_note} - 2)) ;; esac
    strip_new=$(fresh_file uninstall "$1")
    rm -f "$strip_new"
    if ! cp -a "$1" "$strip_new" || ! head -c "$strip_bytes" "$1" >"$strip_new" || ! flush "$strip_new"; then
        fail no-space "$1 could not be rewritten."
    fi
    if can_overlay "$1" && ! test_config "$strip_new" "$1" "$WORK/test"; then
        rm -f "$strip_new"
        fail check-failed "Without our block sshd refuses $1: $(head -c 300 "$WORK/test")"
    fi
    if [ "$1" = "$DROP_IN" ] && ! grep -q '[^[:space:]]' "$strip_new"; then
        rm -f "$strip_new" "$1"
    else
        mv -f "$strip_new" "$1" || fail internal "$1 could not be replaced."
    fi
    flush "${1%/*}"
}

# remove: local; takes everything of ours off the host. An original that differs from the live file stays beside it.
remove() {
    trap '' HUP PIPE
    sleep 1 # the answer is on its way
    remove_key=$(recorded_key_file)
    remove_directories=$(sed -n 's/^made-directory=//p' "$STATE_DIR/installed" 2>/dev/null | sort -r)
    remove_account=$(sed -n 's/^made-account=//p' "$STATE_DIR/installed" 2>/dev/null)
    if has_systemd; then
        systemctl disable --now gatehouse-tick.timer gatehouse-boot.service >/dev/null 2>&1
    fi
    if [ -e /etc/init.d/gatehouse-agent ]; then
        if command -v update-rc.d >/dev/null; then update-rc.d -f gatehouse-agent remove >/dev/null 2>&1; fi
        if command -v rc-update >/dev/null; then rc-update del gatehouse-agent boot >/dev/null 2>&1; fi
        rm -f /etc/init.d/gatehouse-agent /etc/rcS.d/S??gatehouse-agent
    fi
    rm -f /etc/sudoers.d/gatehouse /etc/cron.d/gatehouse /etc/systemd/system/gatehouse-boot.service \
        /etc/systemd/system/gatehouse-tick.service /etc/systemd/system/gatehouse-tick.timer \
        /etc/systemd/system/gatehouse-watch@.service
    if has_systemd; then systemctl daemon-reload >/dev/null 2>&1; fi
    if [ -n "$remove_key" ]; then remove_key_line "$remove_key"; fi
    if [ "$remove_account" = 1 ]; then
        userdel -f "$ACCOUNT" >/dev/null 2>&1 || deluser "$ACCOUNT" >/dev/null 2>&1
        if command -v groupdel >/dev/null && grep -q "^$ACCOUNT:" /etc/group; then groupdel "$ACCOUNT" >/dev/null 2>&1; fi
        rm -rf /var/lib/gatehouse-login
    fi
    remove_original=$(original_of "$MAIN_CONFIG")
    if [ "$(digest "$remove_original")" = "$(digest "$MAIN_CONFIG")" ]; then rm -f "$remove_original"; fi
    rm -rf "$STATE_DIR" "$RUN_DIR"
    rm -f "$GUARD_PATH" "$AGENT_PATH"
    for remove_directory in $remove_directories; do rmdir "$remove_directory" 2>/dev/null; done
}

# remove_key_line FILE: takes our line out of an authorized_keys file; lines that somebody else wrote stay.
remove_key_line() {
    if ! grep -q -v -F "$AGENT_PATH rpc" "$1" 2>/dev/null; then
        rm -f "$1"
        return
    fi
    rm -f "$1.gatehouse-new"
    if cp -a "$1" "$1.gatehouse-new" && grep -v -F "$AGENT_PATH rpc" "$1" >"$1.gatehouse-new" && flush "$1.gatehouse-new"; then
        mv -f "$1.gatehouse-new" "$1"
    else # without the agent and its line of sudoers the key opens nothing
        rm -f "$1.gatehouse-new"
    fi
}

# adopt: local; the installer's first contact with the host.
adopt() {
    take_lock 10 || fail busy "Somebody holds the lock."
    recover adopt || fail internal "What is left of an earlier change could not be finished."
    keep_original "$MAIN_CONFIG" || fail no-space "The read-only copy of $MAIN_CONFIG could not be written."
}

# doctor: local; what keeps the management account out; without a login to look at, for the loopback address.
doctor() {
    open_work || fail no-space "$STATE_DIR is not writable."
    make_privilege_directory
    "$SSHD" -t >"$WORK/test" 2>&1 || fail check-failed "sshd does not accept its own configuration: $(head -c 500 "$WORK/test")"
    "$SSHD" -T -C "$(management_connection)" >"$WORK/dump" 2>/dev/null || fail check-failed "sshd -T fails."
    if management_obstacle "$WORK/dump"; then fail locks-us-out "$OBSTACLE"; fi
    printf '%s\n' "$KEY_FILE"
}

# ------------------------------------------------------------------------------------------------------- entry points

rpc() {
    VERB=request
    read_request
    VERB=$request_verb
    case $VERB in
    hello) verb_hello ;;
    accounts) verb_accounts ;;
    facts) verb_facts ;;
    logins) verb_logins ;;
    read-config) verb_read_config ;;
    read-pam) verb_read_pam ;;
    read-original) verb_read_original ;;
    check) verb_check ;;
    apply) verb_apply ;;
    read-keys) verb_read_keys ;;
    apply-keys) verb_apply_keys ;;
    repair-modes) verb_repair_modes ;;
    read-codes) verb_read_codes ;;
    write-codes) verb_write_codes ;;
    edit-codes) verb_edit_codes ;;
    remove-codes) verb_remove_codes ;;
    mend-codes) verb_mend_codes ;;
    confirm) verb_confirm ;;
    cancel) verb_cancel ;;
    status) verb_status ;;
    history) verb_history ;;
    witness) verb_witness ;;
    packages) verb_packages ;;
    update-agent) verb_update_agent ;;
    uninstall) verb_uninstall ;;
    *)
        VERB=request
        fail protocol "This agent knows no verb $(printable "$request_verb")."
        ;;
    esac
    case $VERB$LOGGED in hello* | logins* | status* | *yes) ;; *) log "$VERB: ok" ;; esac
}

# tick: the timer's call; costs nothing while nothing is open.
tick() {
    load_state || fail internal "$STATE_FILE cannot be read."
    if is_pending || [ -d "$STATE_DIR/tx/$TX_ID" ]; then
        take_lock 0 || exit 0
        recover tick
    fi
}

main() {
    [ "$(id -u)" = 0 ] || fail refused "Only root runs this."
    case ${1:-} in
    rpc) rpc ;;
    tick) tick ;;
    boot)
        take_lock 10 || fail busy "Somebody holds the lock."
        recover boot
        ;;
    watch) watch "${2:-}" ;;
    doctor) doctor ;;
    adopt) adopt ;;
    package-manager) package_manager "${2:-}" "${3:-}" "${4:-}" ;; # of our own packages verb; sudo lets nobody else call it
    remove) remove ;;
    *) fail protocol "gatehouse-agent: want rpc, tick, boot, watch ID, doctor or adopt" ;;
    esac
}

main "$@"
exit # nothing below this line is read, whatever a later version writes here
