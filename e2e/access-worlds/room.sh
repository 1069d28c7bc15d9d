#!/bin/sh
# room.sh TREE COMMAND...: run COMMAND beside a throw-away copy of the root tree TREE, which stands at /mnt/root.
#
# To be started in mount, network and process namespaces of its own (`unshare --mount --net --pid --fork`): all of it
# disappears with them, and nothing is written to TREE. The addresses below are the room's own, so that a client can
# come from any of them.
set -eu

readonly TREE="$1" ROOM=/mnt
shift

mount -t tmpfs -o mode=0755 gatehouse-worlds "$ROOM"
mkdir "$ROOM/upper" "$ROOM/work" "$ROOM/root"
mount -t overlay -o "lowerdir=$TREE,upperdir=$ROOM/upper,workdir=$ROOM/work" gatehouse-worlds "$ROOM/root"
mount -t proc proc "$ROOM/root/proc"
mkdir -p "$ROOM/root/run/sshd"
chmod 0755 "$ROOM/root/run/sshd"
ip link set lo up
for network in 10.0.0.0/8 192.0.2.0/24 198.51.100.0/24; do ip route add local "$network" dev lo; done
for address in 2001:db8::5 2001:db8:1::9; do ip -6 address add "$address/128" dev lo nodad; done
exec "$@"
