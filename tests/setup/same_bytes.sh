#!/bin/bash
# same_bytes.sh - do two builds of the program write the same bytes?
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   tests/setup/same_bytes.sh OLD NEW [FOLDER]
#
# OLD and NEW are programs. Each answers every shipped scenario and the small ones of the tests by
# every study, in a folder of its own under FOLDER (one in /tmp, unless named), with the same words
# on the same command line. What they print, to stdout and stderr, their exit status and every file
# that they leave, pictures too, are compared. Where FOLDER has what OLD said before, OLD is not
# asked again, so that many builds are compared with one. Exits with 1 where anything differs.
# STUDIES names what is asked for (all of it): "words check run curve sweep map".
set -u
usage='usage: same_bytes.sh OLD NEW [FOLDER]'
old=$(realpath "${1:?$usage}")
new=$(realpath "${2:?$usage}")
root=$(realpath "$(dirname "$0")/../..")
folder=${3:-$(mktemp -d)}
studies=${STUDIES:-words check run curve sweep map}
mkdir -p "$folder" && folder=$(realpath "$folder") || exit 1

ask() { # name of the answer, arguments of the program
    local name=$1
    shift
    ./crossover "$@" >"$name.stdout" 2>"$name.stderr" </dev/null
    echo $? >"$name.status"
    sed -i 's/ in [0-9.]* \(s\|min\)\.$/ in a while./' "$name.stderr"
}

# Formats beside the table are asked of check and run alone: of the others they print a file again.
ask_scenario() { # study, scenario, its short name
    local study=$1 file=$2 name=$3 format
    case $study in
    check)
        for format in table csv json; do ask "$name.$format" check "$file" --format $format; done
        ask "$name.resolved" check "$file" --resolved
        ask "$name.step" data step "$file" --batch 8 --kv 8000 --prefill 500
        ;;
    run)
        ask "$name" run "$file" --out "$name.out"
        for format in csv json; do
            ask "$name.$format" run "$file" --format $format --out "$name.out" --force
        done
        ;;
    curve) ask "$name" curve "$file" --out "$name.out" ;;
    sweep) ask "$name" sweep "$file" --samples 200 --out "$name.out" ;;
    map)
        ask "$name" map "$file" --x workload.volume --y buy.price_scale=0.25..4 --cells 9x7 \
            --out "$name.out"
        ;;
    esac
}

ask_words() {
    local command format
    for command in init check data run curve map sweep help; do ask "help.$command" help $command; done
    ask help --help
    ask help.scenario help scenario
    ask init init
    for format in table csv json; do
        for command in gpus models apis; do ask "$command.$format" data $command --format $format; done
    done
    ask validate data validate tests/data/measured.csv --out validate
    ask unknown run tests/data/analytic.ini --set build.gpu=nonsense --set slo.ttft_p59=1s
}

answer() { # program, folder, study
    local file
    mkdir -p "$2" && cd "$2" || exit 1
    ln -sf "$1" crossover
    ln -sfn "$root/scenarios" scenarios
    ln -sfn "$root/tests" tests
    if [ "$3" = words ]; then
        ask_words
    else
        for file in scenarios/*.ini tests/data/analytic.ini tests/cli/small.ini; do
            ask_scenario "$3" "$file" "$(basename "$file" .ini)"
        done
    fi
    rm crossover scenarios tests # not compared
    cd / && touch "$2.done"
}

failures=0
for study in $studies; do
    rm -rf "$folder/new/$study" "$folder/new/$study.done"
    [ -e "$folder/old/$study.done" ] || (answer "$old" "$folder/old/$study" "$study")
    (answer "$new" "$folder/new/$study" "$study")
    if diff -rq "$folder/old/$study" "$folder/new/$study"; then
        echo "$study: the same bytes, $(find "$folder/new/$study" -type f | wc -l) files"
    else
        failures=$((failures + 1))
    fi
done
[ "$failures" -eq 0 ] || echo "other bytes; compare $folder/old with $folder/new"
[ "$failures" -eq 0 ]
