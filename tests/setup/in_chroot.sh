#!/bin/bash
# in_chroot.sh - try setup.sh where nothing is installed: a bare Debian 12 made by debootstrap.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# As root: tests/setup/in_chroot.sh DIRECTORY demo|test|deps
# DIRECTORY is made when it does not exist. The committed tree is copied in; but for its own /proc
# and /dev/pts, which go when the command ends, nothing is mounted.
set -euo pipefail
if [ $# -ne 2 ] || [ "$(id -u)" -ne 0 ]; then
    echo "usage, as root: in_chroot.sh DIRECTORY demo|test|deps" >&2
    exit 2
fi
[ -d "$1" ] || debootstrap --variant=minbase bookworm "$1"
cp /etc/resolv.conf "$1/etc/resolv.conf"
mkdir -p "$1/crossover"
git -C "$(dirname "$0")/../.." archive HEAD | tar -x -C "$1/crossover"
# shellcheck disable=SC2016  # $0 and $1 are the inner shell's
exec unshare --mount --pid --fork --mount-proc="$1/proc" sh -c '
    mount -t devpts -o ptmxmode=666 devpts "$0/dev/pts" &&
    exec chroot "$0" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        /crossover/setup.sh "$1"' "$1" "$2" </dev/null
