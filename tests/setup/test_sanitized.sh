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

cmake -S "$root" --preset dev -B "$build" -DCMAKE_C_COMPILER="${3:-cc}" >"$build.log" 2>&1 ||
    { tail -5 "$build.log"; exit 1; }
# shellcheck disable=SC2086  # words of a list
cmake --build "$build" -j "$(nproc)" --target $tests >>"$build.log" 2>&1 ||
    { grep -E "error|undefined" "$build.log"; exit 1; }
failures=0
for test in $tests; do # leaks are looked for by tracing, which containers may forbid
    if CK_FORK=no ASAN_OPTIONS=detect_leaks=0 "$build/tests/$test" >"$build.$test" 2>&1; then
        echo "ok      $test"
    else
        echo "NOT OK  $test"
        grep -E -A12 "ERROR: |runtime error|:[FE]:" "$build.$test" | head -40
        failures=$((failures + 1))
    fi
    rm -f "$build.$test"
done
exit $((failures > 0))
