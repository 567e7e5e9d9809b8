#!/bin/bash
# memory.sh - out of memory, at every allocation of a short study, at one or from there on: exit 1,
# one line, nothing half written. SPDX-License-Identifier: GPL-3.0-or-later
#
# Arguments: the root of the source tree, the program, the shim that fails allocations, and how many
# allocations of a study to try (all of those of `check` as a table). Notes are not silenced, since
# --quiet takes none of the errors away.
set -u
crossover=${2:?the program} shim=${3:?the shim} most=${4:-4}
work=$(mktemp -d) && cp "${1:?the root of the source tree}/tests/cli/small.ini" "$work/my.ini" &&
    cd "$work" || exit 1
trap 'rm -rf "$work"' EXIT
unset OMP_NUM_THREADS
printf '%s\n' '[build]' 'mbu_weights = 61%' >constants.ini
printf '%s\n' '[uncertain]' 'build.rent = uniform($3/hour, $5/hour)' >>my.ini
printf '%s\n' '[unit]' 'name = ticket' 'calls = 3' 'price = $0.05' >>my.ini
failures=0 tried=0 at=0 study=

sums() { find out -type f -exec md5sum {} + 2>/dev/null | sort; }

with_failing() { # number of the allocation, 1: all later ones too, arguments...
    local at=$1 on=$2
    shift 2
    [ ! -e out ] || rm -r out
    timeout 60 env XO_FAIL_AT="$at" XO_FAIL_ON="$on" LD_PRELOAD="$shim" "$crossover" "$@" >stdout 2>stderr
}

fault() { # sentence
    printf 'NOT OK  allocation %s of %s: %s\n' "$at" "$study" "$1"
    head -n 3 stderr
    failures=$((failures + 1))
}

# Exit 1 and one line, or the study as if nothing had happened.
judge() { # exit status
    local left='' said
    [ ! -e out ] || left=$(find out -name '*.part')
    [ -z "$left" ] || fault "left $left"
    if [ "$1" -eq 0 ]; then
        { cmp -s stdout good_stdout && [ "$(sums)" = "$(cat good_sums)" ]; } || fault "exit 0, other results"
    elif [ "$1" -ne 1 ]; then
        fault "exit $1"
    else
        mapfile said <stderr
        [[ ${#said[@]} -eq 1 && ${said[0]} == "crossover: "*memory*$'\n' ]] || fault "not one line that says so"
    fi
}

try() { # how many, 0: all; arguments...
    local n=$1 all step
    shift
    study=$*
    XO_ALLOCATIONS=allocations with_failing 0 0 "$@" || fault "without a failure: exit $?"
    cp stdout good_stdout
    sums >good_sums
    all=$(<allocations)
    step=$((n == 0 || all <= n ? 1 : all / n))
    for ((at = step; at <= all; at += step)); do # memory comes back, or stays gone, by turns
        with_failing "$at" $((tried % 2)) "$@"
        judge $?
        tried=$((tried + 1))
    done
    printf 'tried   %s: %d allocations, one in %d\n' "$study" "$all" "$step"
}

try 0 check my.ini
try $((2 * most)) check my.ini --format json --set build.include=constants.ini
try $((8 * most)) run my.ini --out out # files, then the answer
try "$most" curve my.ini --out out --no-plots
try "$most" horizon my.ini --out out --no-plots --set horizon.growth=2%
try "$most" sweep my.ini --out out --no-plots --samples 80
try "$most" map my.ini --out out --no-plots --x build.rent --y buy.price_scale --cells 4x4
printf '%d allocations failed\n' "$tried"
[ "$failures" -eq 0 ]
