#!/bin/sh
# key.sh: print the path of the lab's public key, $GATEHOUSE_LAB_CACHE/key.pub, making the pair first where it is missing.
# It opens the people of every lab host of this machine, and nothing else.
set -eu
umask 022

cache=${GATEHOUSE_LAB_CACHE:-/var/cache/gatehouse-lab}
if [ ! -f "$cache/key.pub" ]; then
    mkdir -p "$cache"
    exec 9>"$cache/key.lock"
    flock 9
    if [ ! -f "$cache/key.pub" ]; then
        # ssh-keygen writes the public half last: a pair that was cut short has none, and is made anew.
        rm -f "$cache/key"
        ssh-keygen -q -t ed25519 -N '' -C lab -f "$cache/key"
    fi
fi
printf '%s\n' "$cache/key.pub"
