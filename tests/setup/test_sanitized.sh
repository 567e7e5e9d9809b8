#!/bin/bash
# test_sanitized.sh - the tests of the lower rooms see no wrong access and no undefined behaviour.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Arguments: the root of the source tree, a folder to build in, the C compiler. A read one past an
# array, which leaves every figure as it was, is seen here alone. The tests of upper rooms take too
# long under sanitizers for every run: `cmake --preset dev` has them all.
set -eu
root=$(realpath "${1:?the root of the source tree}")
build=${2:?a folder to build in}
tests="test_base test_delimited test_stats test_des test_random test_hardware test_steps test_cost
       test_bills test_serving test_workload test_units test_keys test_writers"
# What they link to, and no more, is compiled: all of the lower rooms, of `report` the writers.
files='/src/(base|random|stats|des|workload|hardware|serving|cost|scenario|sizing|ways)/'
files+='|/src/report/(page/page|words/(words|ledger|unit)|out/(buffer|csv|json|markdown|rows|terminal))[.]c'

# Reports name lines, which is all of -g that they need.
cmake -S "$root" --preset dev -B "$build" -DCMAKE_C_COMPILER="${3:-cc}" -DXO_FILES="$files" \
    -DCMAKE_C_FLAGS_DEBUG=-g1 -DCMAKE_DISABLE_FIND_PACKAGE_MPI=ON >"$build.log" 2>&1 ||
    { tail -5 "$build.log"; exit 1; }
# shellcheck disable=SC2086  # words of a list
cmake --build "$build" -j "$(nproc)" --target $tests >>"$build.log" 2>&1 ||
    { grep -E "error|undefined" "$build.log"; exit 1; }
declare -A job
for test in $tests; do # leaks are looked for by tracing, which containers may forbid
    CK_FORK=no ASAN_OPTIONS=detect_leaks=0 "$build/tests/$test" >"$build.$test" 2>&1 &
    job[$test]=$!
done
failures=0
for test in $tests; do
    if wait "${job[$test]}"; then
        echo "ok      $test"
    else
        echo "NOT OK  $test"
        grep -E -A12 "ERROR: |runtime error|:[FE]:" "$build.$test" | head -40
        failures=$((failures + 1))
    fi
    rm -f "$build.$test"
done
exit $((failures > 0))
