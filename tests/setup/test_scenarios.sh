#!/bin/bash
# test_scenarios.sh - the scenarios that ship: their shape, and the recipe of the synthetic trace.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Arguments: the root of the source tree, and the program.
# shellcheck disable=SC2016,SC2034  # conditions are evaluated by check, not where they are written
set -u
crossover=${2:?the program}
cd "${1:?the root of the source tree}/scenarios" || exit 1
failures=0

check() { # sentence, test...
    local sentence=$1
    shift
    if "$@"; then
        printf 'ok      %s\n' "$sentence"
    else
        printf 'NOT OK  %s\n' "$sentence"
        failures=$((failures + 1))
    fi
}

for file in *.ini; do
    check "$file opens with the question it asks" eval '[[ $(head -n 1 "$file") == "; Question: "* ]]'
    check "$file says the day of its prices" grep -q '^as_of  *= 20[0-9][0-9]-[01][0-9]-[0-3][0-9]' "$file"
    check "crossover understands $file" eval '"$crossover" check --quiet "$file" >/dev/null'
    [[ $file == support.ini || $file == bursts.ini || $file == prompts.ini ]] &&
        check "$file states the axes of a map" eval 'sed -n "/^\[map\]/,\$p" "$file" | grep -c "^[xy] *= " | grep -q 2'
    check "$file dates the price it would pay the API" eval 'grep -B 3 "^api " "$file" | grep -q "; .*(.*202[0-9]-"'
done
if command -v awk >/dev/null; then
    check "the recipe gives the synthetic trace, to the byte" eval 'awk -f traces/synthetic_chat.awk | cmp - traces/synthetic_chat.csv'
else
    echo "skipped the recipe of the trace: no awk here"
fi
[ "$failures" -eq 0 ]
