#!/bin/sh
# gold-without-sshd.sh: takes sshd off a gold layer (gold.sh runs it inside the tree), for tests of the installer.
set -eu
DEBIAN_FRONTEND=noninteractive dpkg --purge openssh-server openssh-sftp-server
rm -rf /etc/ssh/sshd_config.d
