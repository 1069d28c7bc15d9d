#!/bin/sh
# gold.sh TREE [without-sshd]: print the layers of a host's root, lowest last, as overlayfs wants them (lowerdir=…).
#
# The gold layer holds what a tree lacks to be a host with people: accounts, the lab's key, sudo, packages for apt.
# It is cached beside the tree under the digest of what made it. Builds what is missing; two at once: one builds.
set -eu
umask 022

here=$(cd "$(dirname "$0")" && pwd)
cache=${GATEHOUSE_LAB_CACHE:-/var/cache/gatehouse-lab}

# digest TEXT...: the first eight hex digits of what names a layer.
digest() { printf '%s\n' "$@" | sha256sum | cut -c 1-8; }

# build_layer TARGET LOWER STEPS [ARGUMENT]: run the script STEPS inside the root LOWER; TARGET keeps what it changed.
build_layer() {
    rm -rf "$1.partial" "$1.work" "$1.mount"
    mkdir "$1.partial" "$1.work" "$1.mount"
    # Namespaces of its own: the mounts die with the build, and no step can stop a process of this machine.
    # shellcheck disable=SC2016 # expanded by the inner shell
    setpriv --pdeathsig KILL \
        unshare --mount --pid --uts --ipc --net --fork --kill-child sh -euc '
            mount -t tmpfs -o mode=755 lab "$4"
            mkdir "$4/root"
            mount -t overlay -o "lowerdir=$2,upperdir=$1.partial,workdir=$1.work" lab "$4/root"
            mount -t proc proc "$4/root/proc"
            cp "$3" "$4/steps"
            mount -t tmpfs -o mode=1777 lab "$4/root/tmp"
            cp "$4/steps" "$4/root/tmp/steps"
            exec chroot "$4/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C sh /tmp/steps "$5"
        ' sh "$1" "$2" "$3" "$1.mount" "${4:-}" >"$1.log" 2>&1 ||
        { tail -n 15 "$1.log" >&2; printf 'lab: could not make %s\n' "$1" >&2; exit 70; }
    rm -rf "$1.work" "$1.mount" "$1.log"
    mv "$1.partial" "$1"
}

# layer TARGET LOWER STEPS [ARGUMENT]: build it unless it is there; wait for another process that builds it.
layer() {
    [ -d "$1" ] && return 0
    exec 9>"$1.lock"
    flock 9
    [ -d "$1" ] || build_layer "$@"
    exec 9>&-
}

tree=$(sh "$here/tree.sh" "$1")
public_key=$(cat "$(sh "$here/key.sh")")

gold=$cache/gold-$1-$(digest "$tree" "$public_key" "$(cat "$here/gold-steps.sh")")
layer "$gold" "$tree" "$here/gold-steps.sh" "$public_key"
layers=$gold:$tree

if [ "${2:-}" = without-sshd ]; then
    bare=$cache/bare-$1-$(digest "$layers" "$(cat "$here/gold-without-sshd.sh")")
    layer "$bare" "$layers" "$here/gold-without-sshd.sh"
    layers=$bare:$layers
fi
printf '%s\n' "$layers"
