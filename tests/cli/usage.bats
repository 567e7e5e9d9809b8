#!/usr/bin/env bats
# usage.bats - what is typed wrongly, what is asked for help, and where answers go.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

@test "without arguments: the overview on stdout, exit 0" {
    run -0 --separate-stderr crossover
    has "crossover my.ini" "$output"
    [ -z "$stderr" ]
}

@test "--help, -h and help say the same, on stdout" {
    run -0 --separate-stderr crossover curve --help
    long=$output
    [ -z "$stderr" ]
    run -0 crossover curve -h
    [ "$output" = "$long" ]
    run -0 crossover help curve
    [ "$output" = "$long" ]
    run -0 crossover help
    overall=$output
    run -0 crossover --help
    [ "$output" = "$overall" ]
}

@test "verbs of later issues are not promised" {
    run -0 crossover --help
    help=$output
    for verb in explain report; do
        [[ $help != *"  $verb "* ]]
        run -2 crossover "$verb" my.ini
    done
}

@test "--version names the program, its libraries, the prices' date and the licence" {
    run -0 crossover --version
    [[ ${lines[0]} =~ ^crossover\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
    [[ ${lines[1]} =~ ^with\ GSL\ [0-9.]+(,\ |\ and\ )inih\ [0-9]+((,\ |\ and\ )(zlib|libzstd)\ [0-9.]+)*$ ]]
    [[ ${lines[2]} =~ [0-9]+\ GPUs,\ [0-9]+\ models,\ [0-9]+\ API\ tariffs.*20[0-9]{2}-[01][0-9]-[0-3][0-9]$ ]]
    has GPL-3.0-or-later "${lines[3]}"
}

@test "a usage error is two lines on stderr, exit 2" {
    for wrong in "crve my.ini" "curve" "curve my.ini --treads 2" "curve my.ini --format yaml" \
        "curve my.ini --threads none" "init x" "data gpu" "--out" "run my.ini --fail-on never"; do
        # shellcheck disable=SC2086  # words on purpose
        run -2 --separate-stderr crossover $wrong
        [ -z "$output" ]
        [ "$(lines_of "$stderr")" -eq 2 ]
        has "crossover: " "$stderr"
        has "Try: crossover" "$stderr"
    done
}

@test "an unknown word gets the nearest known one" {
    run -2 crossover crve my.ini
    has "did you mean curve?" "$output"
    run -2 crossover curve my.ini --treads 2
    has "did you mean --threads?" "$output"
    has "crossover curve --help" "$output"
    run -2 crossover run my.ini --format jsno
    has "did you mean json?" "$output"
    run -2 crossover data models lama-3.3-70b
    has "did you mean \"llama-3.3-70b\"?" "$output"
    run -2 crossover run my.ini --set build.rentt=1
    has "rent" "$output"
}

@test "control characters of an argument do not reach the terminal" {
    run -2 crossover $'x\e[31m\x07'
    [[ $output != *$'\e'* && $output != *$'\x07'* ]]
}

@test "color: never in a pipe, unless asked for" {
    run -2 crossover crve
    [[ $output != *$'\e'* ]]
    run -2 crossover data --color always gpu
    [[ $output == *$'\e[1;31m'* ]]
}

@test "color on a terminal: on, but not with NO_COLOR, TERM=dumb or --color never" {
    needs_terminal
    on_terminal() { script -qec "$1" /dev/null </dev/null; }
    export TERM=xterm
    run on_terminal "crossover data gpu"
    [[ $output == *$'\e[1;31m'* ]]
    for quiet in "NO_COLOR=1 crossover data gpu" "TERM=dumb crossover data gpu" \
        "crossover data gpu --color never"; do
        run on_terminal "env $quiet"
        has "did you mean gpus?" "$output"
        [[ $output != *$'\e'* ]]
    done
}

@test "init prints a scenario; with --out it never overwrites, unless forced" {
    run -0 --separate-stderr crossover init
    [ -z "$stderr" ]
    template=$output
    run -0 --separate-stderr crossover init --out new.ini
    [ -z "$output" ]
    [ "$(cat new.ini)" = "$template" ]
    echo mine >new.ini
    run -1 crossover init --out new.ini
    has "new.ini exists already" "$output"
    [ "$(cat new.ini)" = mine ]
    run -0 --separate-stderr crossover init --out new.ini --force --quiet
    [ -z "$stderr" ]
    [ "$(cat new.ini)" = "$template" ]
}

@test "data lists each catalog as a table, CSV and JSON" {
    for kind in gpus models apis; do
        run -0 --separate-stderr crossover data "$kind"
        [ -z "$stderr" ]
        [ "$(lines_of "$output")" -gt 20 ]
        run -0 crossover data "$kind" --format csv
        commas=${lines[0]//[!,]/}
        [ ${#commas} -ge 3 ]
        run -0 crossover data "$kind" --format json
        has '"' "$output"
        if command -v jq >/dev/null; then jq -e . >/dev/null <<<"$output"; fi
    done
}

@test "help scenario names every section that check prints" {
    run -0 crossover help scenario
    for section in scenario workload slo buy build study; do
        has "[$section" "$output"
    done
}

@test "stdout that is full, or closed, is a failure that is told for what it is" {
    for command in "init" "--help" "--version" "data gpus" "help scenario" "check my.ini" "run my.ini"; do
        # shellcheck disable=SC2086  # words on purpose
        run -1 --separate-stderr eval "crossover $command -q >/dev/full"
        [[ $stderr =~ ^crossover:\ cannot\ write\ (the\ results\ )?to\ standard\ output:\ No\ space\ left\ on\ device$ ]]
        # shellcheck disable=SC2086
        run -1 --separate-stderr eval "crossover $command -q >&-"
        [[ $stderr =~ ^crossover:\ cannot\ write\ (the\ results\ )?to\ standard\ output:\ it\ is\ closed$ ]]
    done
    run -1 --separate-stderr crossover init --out /dev/full
    has "cannot write" "$stderr"
}

@test "a file does not land in a closed stream's place" {
    crossover init --out new.ini >&- 2>&-
    run -0 crossover init
    [ "$(cat new.ini)" = "$output" ]
}

@test "a reader who leaves early is no fault to speak of" {
    crossover data apis 2>errors | head -n 1
    [ ! -s errors ]
    # the same where SIGPIPE is ignored, as some parents leave it
    (trap '' PIPE && crossover data apis 2>errors | true)
    [ ! -s errors ]
}
