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

@test "check names the file that a value was included from, in every format" {
    printf '[build]\nmbu_weights = 61%%\n' >constants.ini
    check() { crossover check my.ini --set build.include=constants.ini --format "$1"; }
    run -0 --separate-stderr check table
    has "constants.ini:2" "$output"
    run -0 --separate-stderr check csv
    has "61%,0,include," "$output"
    run -0 --separate-stderr check json
    has '"origin": "include"' "$output"
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

# A scenario with a trace: my.ini without its own traffic.
with_trace() { # file
    sed -e '/^volume /d' -e '/^profile /d' -e '/^prompt /d' -e '/^output /d' \
        -e "s/^\[workload\]/[workload]\ntrace = $1/" "$BATS_TEST_DIRNAME/small.ini" >trace.ini
}
planned() { # of the check in JSON
    grep -o '"plan_requests_month": *[0-9.]*' <<<"$1" | grep -o '[0-9.]*$'
}

@test "stamps in seconds under Mooncake's names are seconds, and the unit is said" {
    awk 'BEGIN { for (i = 0; i < 120; i++)
        printf "{\"timestamp\": %d.25, \"input_length\": 1000, \"output_length\": 100}\n", 60 * i }' >t.jsonl
    with_trace t.jsonl
    run -0 --separate-stderr crossover check trace.ini --format json
    [ "$(planned "$output")" = 43800 ]
    has '"unit": "seconds"' "$output"
    has '"unit_from": "inferred"' "$output"
    has "read as seconds: 120 requests in 2 h, 43,800 a month; not as milliseconds" "$stderr"
    crossover check trace.ini --resolved >frozen.ini 2>/dev/null
    has "trace_unit = s" "$(cat frozen.ini)"
    run -0 --separate-stderr crossover check frozen.ini --resolved
    [ "$output" = "$(cat frozen.ini)" ]
    [[ $stderr != *"read as seconds"* ]]
}

@test "a stamp of another year is named and left out, or kept when that is asked" {
    awk 'BEGIN { print "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-05-10 00:00:00.000000,1000,100"
        for (i = 0; i < 120; i++) printf "2024-05-10 00:%02d:%02d.000000,1000,100\n", i / 2, 30 * (i % 2) }' >t.csv
    with_trace t.csv
    run -0 --separate-stderr crossover check trace.ini --format json
    [ "$(planned "$output")" = 87600 ]
    has '"line": 2' "$output"
    has "its line 2 (2023-05-10 00:00:00) lies far from all others, by 366 days, and is left out: 87,600 requests a month without, 9.97 with" "$stderr"
    run -0 --separate-stderr crossover check trace.ini --format json --set workload.trace_gaps=keep
    [[ $(planned "$output") == 9.97* ]]
}

@test "two recordings six days apart are one of two hours" {
    awk 'BEGIN { print "arrival_s,prompt_tokens,output_tokens"
        for (i = 0; i < 240; i++) printf "%d,1000,100\n", 518400 * int(i / 120) + 30 * (i % 120) }' >t.csv
    with_trace t.csv
    run -0 --separate-stderr crossover check trace.ini --format json
    [ "$(planned "$output")" = 87600 ]
    has "nothing comes for 5.96 days from line 121 (3570) to line 122 (518400)" "$stderr"
}

@test "a line of hashes is as long as it is, and they are said not to be used, once" {
    awk 'BEGIN { for (i = 0; i < 4; i++) {
        printf "{\"timestamp\": %.1f, \"input_length\": 12000, \"output_length\": 100, \"hash_ids\": [0", 3.5 * i
        for (h = 1; h < 2000; h++) printf ", %d", 100000 + h
        print "]}" } }' >t.jsonl
    with_trace t.jsonl
    run -0 --separate-stderr crossover check trace.ini
    [ "$(grep -c "hash_ids are not used" <<<"$stderr")" = 1 ]
    has "4 requests in 14 s" "$stderr"
}

@test "a trace that is something else is told by what it is" {
    printf 'arrival_s,prompt_tokens,output_tokens\n1,2,3\n' | gzip >t.csv
    with_trace t.csv
    packs gzip || refuses trace.ini "t.csv:1: it is compressed by gzip; unpack it (gunzip)"
    printf 'arrival_s;prompt_tokens;output_tokens\n1;2;3\n' >t.csv
    refuses trace.ini "t.csv:1: its columns are parted by semicolons; they take commas"
    printf 'arrival_s;prompt_tokens;output_tokens\n1,500;2;3\n2,500;2;3\n' >t.csv
    refuses trace.ini "t.csv:1: its columns are parted by semicolons, and its numbers have decimal commas"
}

@test "a packed trace is the trace, with its hash, from a file and from a pipe, and so are lengths; a cut one is none" {
    awk 'BEGIN { print "arrival_s,\"what, and\nwhy\",prompt_tokens,output_tokens"
        for (i = 0; i < 9000; i++) printf "%d,\"a\n%d\",%d,100\n", 60 * i, i, 1000 + i % 7 }' >plain.csv
    cp plain.csv t.csv
    with_trace t.csv
    crossover check trace.ini --resolved >plain.ini
    local lengths='workload.prompt=empirical(t.csv:prompt_tokens) tokens'
    crossover check my.ini --resolved --set "$lengths" >lengths.ini
    for tool in gzip zstd; do
        packs "$tool" || continue
        "$tool" -c plain.csv >t.csv
        run -0 --separate-stderr crossover check trace.ini --resolved
        [ "$output" = "$(cat plain.ini)" ]
        run -0 --separate-stderr crossover check trace.ini --set workload.trace=<("$tool" -c plain.csv)
        has " 43800 requests/month " "$output"
        "$tool" -c plain.csv | head -c -1 >t.csv
        refuses trace.ini "t.csv:18003: its $tool-compressed data ends here, in the middle: the file is cut short"
        "$tool" -c plain.csv >t.csv
        run -0 --separate-stderr crossover check my.ini --resolved --set "$lengths"
        [ "$output" = "$(cat lengths.ini)" ]
    done
}

@test "a file whose name is no text resolves to what can be read again" {
    local name
    for name in $'caf\xe9' $'a\u200bb'; do
        sed '/^name/d' my.ini >"$name.ini"
        crossover check "$name.ini" --resolved >again.ini 2>/dev/null
        run -0 crossover check again.ini
    done
}
