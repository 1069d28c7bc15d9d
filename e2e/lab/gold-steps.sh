#!/bin/sh
# gold-steps.sh PUBLIC_KEY_LINE: makes a bare tree a host with people. gold.sh runs it once per tree, inside the
# tree (chroot), and caches what it changed as the "gold" layer that every host of the tree shares.
set -eu
umask 022

# add_person NAME: an account with the password NAME-pw and the lab's key.
add_person() {
    useradd -m -s /bin/bash "$1"
    printf '%s:%s-pw\n' "$1" "$1" | chpasswd
    mkdir -m 700 "/home/$1/.ssh"
    printf '%s\n' "$public_key" >"/home/$1/.ssh/authorized_keys"
    chmod 600 "/home/$1/.ssh/authorized_keys"
    chown -R "$1:$1" "/home/$1/.ssh"
}

# newer PACKAGE_FILE TARGET_DIRECTORY: the same package as a later version (1:9.2p1-2 becomes 1:9.2p1-2+lab1), so
# that an upgrade has something to upgrade to. The packages depend on each other by exact version: rewritten too.
newer() {
    work=$(mktemp -d)
    dpkg-deb --raw-extract "$1" "$work"
    version=$(dpkg-deb --field "$1" Version)
    awk -v old="$version" '
        { while ((at = index($0, old)) > 0) { printf "%s%s+lab1", substr($0, 1, at - 1), old; $0 = substr($0, at + length(old)) } print }
    ' "$work/DEBIAN/control" >"$work/DEBIAN/control.new"
    mv "$work/DEBIAN/control.new" "$work/DEBIAN/control"
    dpkg-deb --build -Znone "$work" "$2" >/dev/null
    rm -rf "$work"
}

# index_packages: makes the current directory a repository for apt.
index_packages() {
    for package in *.deb; do
        # apt reads a file: URI literally, so the %3a that stands for the epoch's colon must go.
        plain=${package%%_*}_${package#*%3a}
        case $package in *%3a*) mv "$package" "$plain"; package=$plain ;; esac
        dpkg-deb --field "$package"
        printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$package" \
            "$(stat -c %s "$package")" "$(sha256sum "$package" | cut -d ' ' -f 1)"
    done >Packages
}

# Hosts have no way out, so apt's only source is a directory of the host. A test that wants an upgrade to be there
# adds `deb [trusted=yes] file:/srv/lab-packages/newer ./` and runs apt-get update, as a real mirror would have moved on.
offer_packages() {
    cd /srv/lab-packages
    mkdir newer
    for package in *.deb; do newer "$package" newer; done
    (cd newer && index_packages)
    index_packages
    printf 'deb [trusted=yes] file:/srv/lab-packages ./\n' >/etc/apt/sources.list
    apt-get update -qq
}

# mask UNIT...: no consoles (agetty would open the machine's), no timers that reach for a mirror, no modules to load,
# no file systems through which the machine's kernel could be set.
mask() {
    for unit; do ln -sf /dev/null "/etc/systemd/system/$unit"; done
}

public_key=$1
for person in admin alice bob; do add_person "$person"; done
mkdir -p /etc/sudoers.d
printf 'admin ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/admin
chmod 440 /etc/sudoers.d/admin
passwd --quiet --lock root

offer_packages

# A host has the machine's clock, and must not touch it.
if [ -e /etc/init.d/hwclock.sh ]; then update-rc.d hwclock.sh remove; fi
: >/etc/resolv.conf

if [ -x /sbin/init ]; then
    mask console-getty.service getty@.service getty@tty1.service serial-getty@.service \
        apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
        systemd-pstore.service systemd-networkd-wait-online.service systemd-modules-load.service \
        sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount dev-hugepages.mount
    rm -f /etc/systemd/system/getty.target.wants/*
fi
