#!/bin/sh
# room.sh TREE WORK: run WORK/batch.sh in a throw-away copy of the root tree TREE, with WORK at /oracle.
#
# To be started in a mount namespace of its own (`unshare --mount`): everything mounted here disappears with it, and
# nothing is written to TREE. Accounts, services and names are those of WORK/world.
set -eu

readonly TREE="$1" WORK="$2"
# Any empty directory that every Debian has will do: nobody else sees what is mounted on it.
readonly ROOM=/mnt

mount -t tmpfs -o mode=0755 gatehouse-oracle "$ROOM"
mkdir "$ROOM/upper" "$ROOM/work" "$ROOM/root"
mount -t overlay -o "lowerdir=$TREE,upperdir=$ROOM/upper,workdir=$ROOM/work" gatehouse-oracle "$ROOM/root"
cd "$ROOM/root"
cp "$WORK"/world/* etc/
mkdir -p oracle run/sshd
chmod 0755 run/sshd
mount --bind "$WORK" oracle
# With Debian's /etc/host.conf (`multi on`) a name has the addresses of all lines; recorded answers know no such file.
rm -f etc/host.conf
# Each case has a directory of its own, to which a link points while sshd reads it.
rm -rf etc/ssh
exec env -i LC_ALL=C TZ=UTC PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /bin/sh /oracle/batch.sh
