#!/bin/sh
# host-boot.sh: pid 1 of a host, from power-on until the host's own init takes over. host.ts starts it inside the
# lab, in new mount, pid, uts, ipc, network and time namespaces. Says "up" on descriptor 3 before init begins.
#
#   HOST_NAME HOST_ADDRESS LAB_GATEWAY   who it is on the lab's bridge
#   HOST_LINK                            the name of the bridge's end of its cable, new for each boot
#   HOST_DISK                            a directory that outlives this boot: upper/ and work/ of the overlay
#   HOST_LAYERS                          what lies under them (gold.sh)
#   HOST_INIT                            none, service or socket
#   HOST_FIRST_BOOT                      1 when the disk is new
#   HOST_BOOT_ID                         this boot's id
#   HOST_CGROUP                          systemd only: a new cgroup2 directory to boot in
set -eu
umask 022

# systemd must find itself at the root of its own hierarchy: join a new cgroup, then make it the root.
if [ "$HOST_INIT" != none ] && [ -z "${HOST_IN_CGROUP:-}" ]; then
    mkdir -p "$HOST_CGROUP"
    echo 0 >"$HOST_CGROUP/cgroup.procs"
    HOST_IN_CGROUP=1 exec unshare --cgroup sh "$0"
fi

# mount_device_nodes DEV: the nodes that a container gets; never the machine's disks, consoles or clock.
mount_device_nodes() {
    mount -t tmpfs -o mode=755,size=1m dev "$1"
    mkdir "$1/pts" "$1/shm"
    mknod -m 666 "$1/null" c 1 3
    mknod -m 666 "$1/zero" c 1 5
    mknod -m 666 "$1/full" c 1 7
    mknod -m 666 "$1/random" c 1 8
    mknod -m 666 "$1/urandom" c 1 9
    mknod -m 666 "$1/tty" c 5 0
    ln -s pts/ptmx "$1/ptmx"
    ln -s /proc/self/fd "$1/fd"
    ln -s fd/0 "$1/stdin"
    ln -s fd/1 "$1/stdout"
    ln -s fd/2 "$1/stderr"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$1/pts"
    mount -t tmpfs -o mode=1777,size=16m shm "$1/shm"
}

# protect PATH: read-only, so that a host cannot set what it shares with the machine.
protect() {
    if [ ! -e "$1" ]; then return; fi # not every kernel has it
    mount --bind "$1" "$1"
    mount -o remount,bind,ro "$1"
}

mount_root() {
    mkdir -p "$HOST_DISK/upper" "$HOST_DISK/work" "$HOST_DISK/root"
    mount -t overlay -o "lowerdir=$HOST_LAYERS,upperdir=$HOST_DISK/upper,workdir=$HOST_DISK/work" lab "$HOST_DISK/root"
    cd "$HOST_DISK/root"
    mount -t tmpfs -o mode=755,size=64m,nosuid,nodev run run
    mkdir -m 1777 run/lock
    mount_device_nodes dev
    mount -t proc proc proc
    protect proc/sys
    protect proc/sysrq-trigger
    # A namespace has no boot id of its own.
    printf '%s\n' "$HOST_BOOT_ID" >"$HOST_DISK/boot-id"
    mount --bind "$HOST_DISK/boot-id" proc/sys/kernel/random/boot_id
    if [ "$HOST_INIT" != none ]; then
        mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
        mount -t cgroup2 cgroup2 sys/fs/cgroup
    fi
}

# plug_in: a cable to the lab's bridge. The address decides the MAC, so nobody's ARP cache is wrong after a reboot.
plug_in() {
    mac=$(printf '%s\n' "$HOST_ADDRESS" | awk -F . '{ printf "02:00:%02x:%02x:%02x:%02x", $1, $2, $3, $4 }')
    ip link set lo up
    # The kernel takes an ended host's end of the cable away some moments after the host: a new one may have to wait.
    plug_tries=50
    until ip link add eth0 address "$mac" type veth peer name "$HOST_LINK" netns /proc/1/ns/net 2>/dev/null; do
        plug_tries=$((plug_tries - 1))
        if [ "$plug_tries" -eq 0 ]; then
            ip link add eth0 address "$mac" type veth peer name "$HOST_LINK" netns /proc/1/ns/net
        fi
        sleep 0.1
    done
    ip address add "$HOST_ADDRESS/16" dev eth0
    ip link set eth0 up
    nsenter --target 1 --net ip link set "$HOST_LINK" master br0 up
}

# install_host: what an installer writes once on a new disk. Runs in the host's root.
install_host() {
    printf '%s\n' "$HOST_NAME" >etc/hostname
    printf '127.0.0.1 localhost\n%s %s\n' "$HOST_ADDRESS" "$HOST_NAME" >etc/hosts
    if [ -x usr/sbin/sshd ]; then # else the package makes them when it is installed
        for type in ed25519 ecdsa; do
            ssh-keygen -q -t "$type" -N '' -C "root@$HOST_NAME" -f "etc/ssh/ssh_host_${type}_key"
        done
    fi
    if [ "$HOST_INIT" = none ]; then return; fi
    systemd-machine-id-setup --root=. 2>/dev/null || chroot . systemd-machine-id-setup
    if [ "$HOST_INIT" = socket ]; then
        chroot . systemctl disable ssh.service
        chroot . systemctl enable ssh.socket
    fi
}

# run_init_scripts: what sysvinit would do in runlevel 2, in the order of the links.
# shellcheck disable=SC2016 # expanded by the host's shell
readonly RUN_INIT_SCRIPTS='
    /bin/busybox syslogd -O /var/log/syslog
    for script in /etc/rcS.d/S* /etc/rc2.d/S*; do
        if [ -x "$script" ]; then "$script" start; fi
    done
    # pid 1 ignores SIGCHLD across exec, so the kernel reaps orphans: no init program is needed.
    trap "" CHLD
    exec sleep infinity
'

mount --make-rprivate /
# The view of /proc that came along belongs to the lab; /proc/1 in it is the supervisor.
plug_in
hostname "$HOST_NAME"
mount_root
if [ "$HOST_FIRST_BOOT" = 1 ]; then install_host; fi

# Stack the old root over the new one and take it off: nothing of the machine stays reachable.
pivot_root . .
umount -l .
cd /
echo up >&3
exec 3>&-
set -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if [ "$HOST_INIT" = none ]; then
    exec "$@" sh -c "$RUN_INIT_SCRIPTS" init </dev/null >/dev/null 2>&1
else
    exec "$@" container=gatehouse-lab /sbin/init </dev/null >/dev/null 2>&1
fi
