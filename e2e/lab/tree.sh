#!/bin/sh
# tree.sh SUITE[-systemd|-python]: print the path of a cached root tree, building it first where it is missing.
#
# A tree is a small Debian with sshd, as debootstrap makes it, without host keys or people. It is read-only
# from then on: hosts stack their own layers on top (gold.sh, host-boot.sh).
#
# Cached in $GATEHOUSE_LAB_CACHE (default /var/cache/gatehouse-lab) under the digest of its recipe, so a changed
# recipe is a new tree. Two builds at once: one builds, the other waits. A killed build leaves only a
# *.partial directory, which the next one sweeps away. Needs root, debootstrap, flock, unshare.
# Exit codes: 64 wrong arguments, 69 something is missing on this machine, 70 the build failed.
set -eu
umask 022

readonly BASE=openssh-server,openssh-client,sudo,libpam-google-authenticator,procps,curl,busybox-static
readonly SYSTEMD=systemd,systemd-sysv,dbus,libpam-systemd,iproute2
# Raise this when the steps below change what a tree contains.
readonly RECIPE_VERSION=1

die() { code=$1; shift; printf 'lab: %s\n' "$*" >&2; exit "$code"; }
say() { printf 'lab: %s\n' "$*" >&2; }

# mirror: the address of the Debian archive that apt is configured with on this machine.
# shellcheck disable=SC2016 # $(REPO_URI) is apt's own notation
mirror() {
    uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)
    # Before the first `apt-get update`, apt does not know origins: take the first repository it lists.
    [ -n "$uri" ] || uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
    [ -n "$uri" ] || die 69 "apt has no repository configured here. Configure one, run apt-get update, and try again."
    printf '%s\n' "$uri"
}

# keep_openssh_packages ROOT: hosts have no way out to a mirror, so a tree carries the packages that an installer
# under test may ask apt for (gold.sh makes a repository of them).
keep_openssh_packages() {
    mkdir -p "$1/srv/lab-packages"
    mv "$1"/var/cache/apt/archives/openssh-*.deb "$1/srv/lab-packages/"
}

# remove_what_differs ROOT: what must not be shared between hosts, and what only costs space.
remove_what_differs() {
    rm -f "$1"/etc/ssh/ssh_host_* "$1"/var/cache/apt/archives/*.deb "$1/etc/apt/sources.list"
    rm -rf "$1"/var/lib/apt/lists/* "$1"/var/log/bootstrap.log
    if [ -e "$1/etc/machine-id" ]; then : >"$1/etc/machine-id"; fi
}

# build SUITE PACKAGES TARGET
build() {
    partial=$3.partial
    rm -rf "$partial"
    log=$3.log
    # Its own mount and pid namespace: when the build is killed, debootstrap's mounts and children die with it.
    setpriv --pdeathsig KILL \
        unshare --mount --pid --fork --kill-child --mount-proc \
        debootstrap --variant=minbase --include="$2" "$1" "$partial" "$(mirror)" >"$log" 2>&1 ||
        { tail -n 15 "$log" >&2; die 70 "debootstrap could not build $1; the whole log is $log"; }
    keep_openssh_packages "$partial"
    remove_what_differs "$partial"
    mv "$partial" "$3"
    rm -f "$log"
}

[ "$#" -eq 1 ] || die 64 "usage: tree.sh SUITE[-systemd|-python], for example tree.sh bookworm or tree.sh trixie-systemd"
[ "$(id -u)" -eq 0 ] || die 69 "building a root tree needs root"
command -v debootstrap >/dev/null || die 69 "debootstrap is missing; install the packages in e2e/lab/packages.txt"

suite=${1%%-*}
packages=$BASE
case $1 in
*-systemd) packages=$BASE,$SYSTEMD ;;
*-python) packages=$BASE,python3 ;;
esac
recipe=$(printf '%s %s %s' "$RECIPE_VERSION" "$suite" "$packages" | sha256sum | cut -c 1-8)

cache=${GATEHOUSE_LAB_CACHE:-/var/cache/gatehouse-lab}
tree=$cache/tree-$1-$recipe
mkdir -p "$cache"

if [ ! -d "$tree" ]; then
    exec 9>"$tree.lock"
    flock --nonblock 9 || { say "another process builds the tree $1; waiting for it"; flock 9; }
    if [ ! -d "$tree" ]; then
        say "building the tree $1 (one to two minutes, once on this machine)"
        build "$suite" "$packages" "$tree"
        say "the tree $1 is ready ($(du -sm "$tree" | cut -f 1) MB)"
    fi
fi
printf '%s\n' "$tree"
