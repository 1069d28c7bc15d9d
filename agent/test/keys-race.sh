#!/bin/sh
# keys-race.sh AGENT ROUNDS HOW: on a lab host, writes and undoes alice's key file ROUNDS times while she keeps swapping
# `.ssh`, and the file in it, for links to what is not hers. HOW: agent (its own functions) or naive (root, by path).
# Prints "rounds=N done=N other=N hits=N"; a hit is a round after which something outside her own was touched.
# shellcheck disable=SC2034 # the variables are for the functions of the agent
set -u
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
agent=$1 rounds=$2 how=$3
scene=/home/race
rm -rf "$scene" && mkdir -p "$scene/victim" "$scene/home/.ssh"
chmod 755 "$scene" "$scene/victim"
printf 'root only\n' >"$scene/victim/authorized_keys"
chmod 644 "$scene/victim/authorized_keys"
printf 'ssh-ed25519 AAAA old\n' >"$scene/home/.ssh/authorized_keys"
chown -R alice: "$scene/home"
chmod 700 "$scene/home/.ssh"

# She rests a little when all is in order: who swaps without end is refused at the first look each time, and what lies
# between the looks is what the race is about.
# shellcheck disable=SC2016 # her shell's own dollars
attack='cd "$1/home" || exit 1
while [ ! -e stop ]; do
    mv .ssh .own && ln -s "$1/victim" .ssh
    rm -f .ssh && mv .own .ssh
    ln -sf "$1/victim/authorized_keys" .ssh/authorized_keys
    ln -f "$1/victim/authorized_keys" .ssh/authorized_keys
    rm -f .ssh/authorized_keys && printf "ssh-ed25519 AAAA old\n" >.ssh/authorized_keys
    sleep 0.05
done'
setpriv --reuid alice --regid alice --init-groups sh -c "$attack" sh "$scene" >/dev/null 2>&1 &
attacker=$!

# Of one process: a round is a hundred others. Whoever writes here leaves another time, whatever he writes.
image() { find "$scene/victim" -printf '%p %u %g %m %y %s %n %T@\n'; }
clean=$(image)
again() {
    find "$scene/victim" -mindepth 1 -delete
    printf 'root only\n' >"$scene/victim/authorized_keys"
    chmod 644 "$scene/victim/authorized_keys"
    clean=$(image)
}

printf 'ssh-ed25519 AAAA old\nssh-ed25519 AAAA new\n' >"$scene/after"
printf 'ssh-ed25519 AAAA old\n' >"$scene/before"
if [ "$how" = agent ]; then
    sed '/^main "\$@"$/,$d' "$agent" >"$scene/functions"
    # shellcheck source=/dev/null
    . "$scene/functions"
    find_drop
    [ -n "$DROP" ] || { echo "no way to drop rights"; exit 1; }
    clear_state
    TX_TARGET=keys TX_ACCOUNT=alice TX_UID=$(id -u alice) TX_GID=$(id -g alice) TX_HOME=$scene/home TX_PLACE=account
    TX_PATH=$scene/home/.ssh/authorized_keys
    TX_BEFORE=$(digest "$scene/before") TX_AFTER=$(digest "$scene/after")
fi
count=0 ok=0 other=0 hits=0
while [ "$count" -lt "$rounds" ]; do
    count=$((count + 1))
    if [ "$how" = agent ]; then
        TX_ID=race$count
        key_file_says write 0600 0700 <"$scene/after"
        if [ "$KEYS_WORD" = 'done' ]; then ok=$((ok + 1)); else other=$((other + 1)); fi
        key_file_says restore 600 "$TX_UID:$TX_GID" <"$scene/before"
        key_file_says clean - - </dev/null
    else
        cp "$scene/after" "$scene/home/.ssh/.new" 2>/dev/null && mv "$scene/home/.ssh/.new" "$scene/home/.ssh/authorized_keys" 2>/dev/null && ok=$((ok + 1))
        cat "$scene/before" 2>/dev/null >"$scene/home/.ssh/authorized_keys"
    fi
    if [ "$(image)" != "$clean" ]; then
        hits=$((hits + 1))
        again
    fi
done 2>/dev/null
: >"$scene/home/stop"
wait "$attacker"
printf 'rounds=%s done=%s other=%s hits=%s\n' "$count" "$ok" "$other" "$hits"
rm -rf "$scene"
