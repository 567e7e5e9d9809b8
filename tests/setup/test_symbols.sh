#!/bin/bash
# test_symbols.sh - a program that links to libcrossover meets no name but those with xo_.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Argument: the library, static or shared.
set -u
library=${1:?the library}
flag=-g
[[ $library == *.a ]] || flag=-D
names=$(nm $flag --defined-only "$library" | awk 'NF == 3 { print $3 }') || exit 1
strangers=$(grep -v '^xo_\|^[.]gomp_critical_user_xo_' <<<"$names")
[ "$(wc -l <<<"$names")" -gt 100 ] || { echo "NOT OK  fewer than 100 names" && exit 1; }
[ -z "$strangers" ] || { printf 'NOT OK  names without xo_:\n%s\n' "$strangers" && exit 1; }
homeless=$(readelf -sW "$library" 2>/dev/null | grep -E ' OBJECT +LOCAL .* COM ')
[ -z "$homeless" ] || { printf 'NOT OK  common symbols that are local have no place:\n%s\n' "$homeless" && exit 1; }
echo "ok      $(wc -l <<<"$names") names, all with xo_"
