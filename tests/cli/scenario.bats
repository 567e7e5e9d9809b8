#!/usr/bin/env bats
# scenario.bats - files that are no scenario, and scenarios with mistakes.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

# A verb refuses the file with 2, says its name, prints nothing, and is quick about it.
refuses() { # file, text
    local verb
    for verb in check run curve; do
        run -2 --separate-stderr timeout 10 crossover "$verb" "$1"
        [ -z "$output" ]
        has "$2" "$stderr"
        has "error" "${stderr_lines[-1]}"
    done
    [ ! -e out ]
}

@test "a file that is not there" {
    refuses nothere.ini nothere.ini
}
@test "a folder" {
    mkdir folder.ini
    refuses folder.ini folder.ini
}
@test "an empty file" {
    : >empty.ini
    refuses empty.ini empty.ini
}
@test "a binary file" {
    head -c 100000 "$CROSSOVER" >binary.ini
    refuses binary.ini binary.ini
    [[ $stderr != *$'\e'* ]]
}
@test "a file of 100 MB" {
    truncate -s 100M big.ini
    refuses big.ini big.ini
}
@test "100 MB on standard input" {
    run -2 bash -c "head -c 100M /dev/zero | tr '\0' 'x' | timeout 10 crossover check -"
    has "error" "$output"
}
@test "Ctrl-C while a scenario is being typed ends the program" {
    run -130 bash -c "sleep 5 | timeout --foreground --preserve-status -s INT 0.3 crossover check -"
}
@test "standard input that is closed" {
    run -2 eval "crossover check - <&-"
}
@test "a file that may not be read" {
    chmod 000 my.ini
    [ ! -r my.ini ] || skip "this user may read everything"
    refuses my.ini my.ini
}

@test "all mistakes of a file in one go, each with its line, then their number" {
    sed -i -e 's/^volume .*/volume = 3/' -e 's/^gpu .*/gpu = h100-smx/' -e 's/^staff .*0.25.*/stuff = 1 FTE/' my.ini
    run -2 --separate-stderr crossover check my.ini
    [ -z "$output" ]
    for key in volume gpu stuff; do
        line=$(grep -n "^$key " my.ini | cut -d: -f1)
        has "my.ini:$line:" "$stderr"
    done
    [[ ${stderr_lines[-1]} =~ ^crossover:\ [0-9]+\ errors\ in\ my.ini ]]
}

@test "a scenario on standard input reads as one in a file" {
    run -0 crossover check my.ini --format csv --set scenario.name=x
    from_file=${output//my.ini/-}
    run -0 eval "crossover check - --format csv --set scenario.name=x < my.ini"
    [ "${output//standard input/-}" = "$from_file" ]
}

@test "check shows a value, where it came from, and what --set changed" {
    run -0 --separate-stderr crossover check my.ini
    has "3 requests/s" "$output"
    has "my.ini:" "$output"
    run -0 crossover check my.ini --set "workload.volume=7 requests/s" --seed 71
    has "7 requests/s" "$output"
    has "71" "$output"
}

@test "a --set that is wrong is told like a line of the file" {
    run -2 --separate-stderr crossover run my.ini --set build.rent=lots
    has "build.rent" "$stderr"
    run -2 --separate-stderr crossover run my.ini --set bulid.rent=1
    has "bulid" "$stderr"
}

@test "a resolved scenario reads again, and resolves to itself" {
    crossover check my.ini --resolved >frozen.ini
    run -0 --separate-stderr crossover check frozen.ini --resolved
    [ "$output" = "$(cat frozen.ini)" ]
}

@test "the template that init prints has no errors, and its guesses are counted" {
    crossover init >template.ini
    run -0 crossover check template.ini
    has "guess" "$output"
}
