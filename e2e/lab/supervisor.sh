#!/bin/sh
# supervisor.sh: pid 1 of a lab. lab.ts starts it in new mount, pid and network namespaces.
#
# It owns the network that the lab's hosts hang on, and lives as long as its stdin is open: when the process that
# opened the lab closes it, or dies in any way, the kernel ends this process and with it every process, mount and
# interface of the lab. Says "up" on descriptor 3 when the network is there.
set -eu

ip link set lo up
ip link add br0 type bridge
ip address add "$LAB_GATEWAY/16" dev br0
ip link set br0 up

echo up >&3
exec 3>&-
# Ignored across exec: the kernel itself reaps the orphans that come to pid 1.
trap '' CHLD
exec cat >/dev/null
