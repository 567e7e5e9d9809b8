#!/bin/bash
# test_install.sh - an installed copy, moved away, serves a toy program by CMake and by pkg-config.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Arguments: the build folder, the C compiler and its flags as one word each.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$1 compiler=$2 flags=$3
expected=18606.24 # toy.ini says why
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    printf 'test_install: %s\n' "$*" >&2
    exit 1
}
check() { # what, program
    local got
    got=$("$2" "$here/toy.ini") || fail "$1: the toy failed"
    [ "$got" = "$expected" ] || fail "$1: the toy says $got, not $expected"
    printf 'ok: %s\n' "$1"
}

cmake --install "$build" --prefix "$scratch/first" >"$scratch/log" || fail "$(tail -5 "$scratch/log")"
mv "$scratch/first" "$scratch/moved" # nothing in it may know where it was made
prefix=$scratch/moved

for file in bin/crossover include/xo/scenario.h share/man/man1/crossover.1 \
    share/man/man5/crossover-scenario.5 share/bash-completion/completions/crossover \
    share/zsh/site-functions/_crossover share/fish/vendor_completions.d/crossover.fish \
    share/doc/crossover/LICENSE share/doc/crossover/scenario.md share/doc/crossover/scenarios/support.ini; do
    [ -s "$prefix/$file" ] || fail "not installed: $file"
done
grep -rlIF -e "$scratch/first" -e "$build" "$prefix" && fail "these files name the place where they were made"
"$prefix/bin/crossover" --version >/dev/null || fail "the installed program does not start"
printf 'ok: the files are there, and the program starts\n'

cmake -S "$here" -B "$scratch/toy" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$compiler" \
    -DCMAKE_C_FLAGS="$flags" >"$scratch/log" 2>&1 || fail "cmake: $(tail -20 "$scratch/log")"
cmake --build "$scratch/toy" >"$scratch/log" 2>&1 || fail "build: $(tail -20 "$scratch/log")"
check "find_package(crossover)" "$scratch/toy/toy"

pc=$(find "$prefix" -name crossover.pc)
export PKG_CONFIG_PATH=${pc%/*}
read -ra wanted <<<"$flags $(pkg-config --cflags crossover) -o $scratch/by-pc $here/toy.c $(pkg-config --libs crossover)"
"$compiler" "${wanted[@]}" || fail "it does not compile by pkg-config"
library=${pc%/*}/..
LD_LIBRARY_PATH=$library check "pkg-config crossover" "$scratch/by-pc"
