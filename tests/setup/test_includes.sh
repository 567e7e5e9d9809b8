#!/bin/bash
# test_includes.sh - the law of includes: a room uses the headers of rooms below it, and its own.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Argument: the root of the source tree. Rooms are listed in src/CMakeLists.txt, the highest first.
# A header of include/xo/ belongs to the room of its name, or to the one that `home` says; the
# include path is that of src/, so that "room/file.h" is another room's own header.
set -u
cd "${1:?the root of the source tree}" || exit 1
declare -A home=(
    [clock]=base [error]=base [file]=base [folder]=base [memory]=base [table]=base [text]=base
    [measured]=scenario [validate]=evidence [calibrate]=evidence
    [map]=study [session]=study [sweep]=study [horizon]=study [journal]=campaign [usage]=cost
)
strangers=("serving cost" "cost serving") # neighbours that never visit
rooms=$(sed -n 's/^foreach(room \(.*\))$/\1/p' src/CMakeLists.txt)
declare -A height
n=0
for room in $rooms; do height[$room]=$((n--)); done
failures=0

wrong() {
    echo "NOT OK  $*"
    failures=$((failures + 1))
}

room_of() { # header, room of the file that includes it; leaves in `of` the room that it belongs to
    local name=${1#xo/}
    case $1 in
    xo/*)
        name=${name%.h}
        of=${home[$name]:-$name}
        ;;
    */*) of=${1%%/*} ;;
    *) of=$2 ;;
    esac
}

n_seen=0
for room in $rooms; do
    while IFS=: read -r file header; do
        room_of "$header" "$room"
        n_seen=$((n_seen + 1))
        if [ -z "${height[$of]:-}" ]; then
            wrong "$file includes $header, of no room that src/CMakeLists.txt lists"
        elif [ "${height[$of]}" -gt "${height[$room]}" ]; then
            wrong "$file includes $header: $of lies above $room"
        fi
        for pair in "${strangers[@]}"; do
            [ "$pair" = "$room $of" ] && wrong "$file includes $header: $room has never heard of $of"
        done
    done < <(find "src/$room" -name "*.[ch]" -exec grep -HoE '^#include "[^"]+"' {} + | sed 's/:#include "/:/; s/"$//')
done
for header in include/xo/*.h; do
    room_of "${header#include/}" none
    [ -n "${height[$of]:-}" ] || wrong "$header belongs to no room"
done
while IFS=: read -r file header; do
    room_of "${file#include/}" none
    room=$of
    room_of "$header" "$room"
    [ "${height[$of]:-99}" -gt "${height[$room]:-99}" ] && wrong "$file includes $header: $of lies above $room"
done < <(grep -HoE '^#include "[^"]+"' include/xo/*.h | sed 's/:#include "/:/; s/"$//')
[ "$n_seen" -gt 100 ] || wrong "only $n_seen includes seen"
[ "$failures" -eq 0 ] && echo "ok      $n_seen includes point down"
[ "$failures" -eq 0 ]
