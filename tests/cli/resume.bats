#!/usr/bin/env bats
# resume.bats - maps that were killed, refused or interrupted go on; simulations that shards share.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

# An input that reaches the simulation: there are points of a design to be kept. Requests are short,
# so that each is soon simulated.
axes=(--x workload.volume --y workload.prompt_scale=0.8..1.6)
cells=(--cells 13x9 --no-plots --set workload.prompt=100 --set workload.output=9)

# A map in the background, until the first simulation is on disk, then a signal. Simulations of
# `more` arguments take longer than that on any machine.
signal_map() { # signal, folder, more arguments
    env --default-signal=INT crossover map my.ini "${axes[@]}" "${cells[@]}" --threads 1 \
        --out "$2" "${@:3}" >"$2.txt" 2>"$2.err" &
    local job=$! ended=0
    until grep -q '^t ' "$2/map.journal" 2>/dev/null; do
        kill -0 "$job" || return
        sleep 0.01
    done
    kill -s "$1" "$job" || :
    wait "$job" || ended=$?
    echo "$ended" >"$2.status"
}
long=(--set study.replications=16)

same_map() { # folder, folder
    local file
    for file in map.csv frontier.csv map.json; do
        cmp "$1/$file" "$2/$file" || return
    done
    [ ! -e "$2/map.journal" ]
}

@test "a map that was killed, or ran out of disk, goes on to the same bytes" {
    printf '\n[map]\nx = workload.volume\ny = build.rent\n' >>my.ini # --x and --y come before it
    crossover map my.ini "${axes[@]}" "${cells[@]}" -q --out whole >whole.txt
    signal_map KILL cut
    # the line that a kill may tear
    [ ! -e cut/map.journal ] || printf 't 1 3 AAAA' >>cut/map.journal
    crossover map my.ini "${axes[@]}" "${cells[@]}" -q --out cut --resume >cut.txt
    same_map whole cut
    cmp whole.txt cut.txt

    mkdir disk full
    mount -t tmpfs -o size=32k none disk 2>/dev/null || skip "no small disk can be mounted here"
    run --separate-stderr crossover map my.ini "${axes[@]}" "${cells[@]}" -q --out disk
    cp disk/map.journal full/
    umount disk
    [ "$status" = 1 ]
    has "make room, then --resume" "$stderr"
    has "simulations are finished and kept in disk/map.journal" "$stderr"
    crossover map my.ini "${axes[@]}" "${cells[@]}" -q --out full --resume >full.txt
    same_map whole full
}

@test "Ctrl-C ends a map: exit 130, what is finished, how to go on; another question is refused" {
    signal_map INT cut "${long[@]}"
    [ ! -s cut.txt ]
    [ "$(cat cut.status)" = 130 ]
    has "0 of 117 cells and " "$(cat cut.err)"
    has "kept in cut/map.journal; the same command with --resume goes on" "$(cat cut.err)"
    [ "$(wc -l <cut.err)" = 1 ]

    local again=(crossover map my.ini "${axes[@]}" "${cells[@]}" "${long[@]}" --out cut)
    run -2 --separate-stderr "${again[@]}"
    has "cut/map.journal holds an unfinished map: --resume goes on with it" "$stderr"
    run -2 --separate-stderr "${again[@]}" --resume --set build.salary=\$200k/year
    has 'build.salary was $250k/year and is $200k/year' "$stderr"
    run -2 --separate-stderr "${again[@]}" --resume --cells 15x9
    has "map.columns was 13 and is 15" "$stderr"
    run -2 --separate-stderr "${again[@]}" --resume --y workload.prompt_scale=0.8..1.7
    has "map.y was workload.prompt_scale=0.8..1.6 and is workload.prompt_scale=0.8..1.7" "$stderr"
    sed 's/^study map/study sweep/' cut/map.journal >other
    mv other cut/map.journal
    run -2 --separate-stderr "${again[@]}" --resume
    has "cut/map.journal is not a journal that can be read" "$stderr"
}

@test "shard 0 simulates for all: the others do not, and joined they are one sweep" {
    sed -i 's/^prompt .*/prompt = 100 tokens/; s/^output .*/output = 9 tokens/' my.ini
    cat >>my.ini <<'INI'
samples            = 2000

[uncertain]
build.rent            = triangular($2.20/hour, $3.95/hour, $5.40/hour)
workload.prompt_scale = uniform(0.8, 1.3)
INI
    crossover sweep my.ini --no-plots -q --out whole >whole.txt
    for part in 0 2 1; do
        run -0 --separate-stderr crossover sweep my.ini --out parts --shard $part/2
        has "Shard $part of 2 is finished" "$stderr"
    done
    [ "$(grep -c '^t ' parts/shard-0-of-2.journal)" -ge 45 ]
    for part in 1 2; do
        [ "$(grep -c '^t ' parts/shard-$part-of-2.journal)" = 0 ]
    done
    crossover sweep my.ini --no-plots -q --out parts --join >joined.txt
    cmp whole.txt joined.txt
    for file in samples.csv sweep.csv sweep.json; do
        cmp "whole/$file" "parts/$file"
    done
    # of another scenario: refused, not used
    run -2 --separate-stderr crossover sweep my.ini --seed 5 --out parts --shard 1/2 --force
    has "scenario.seed was 1 and is 5" "$stderr"
}

@test "a file that the scenario names has changed: refused, though no key differs" {
    cat >>my.ini <<'INI'
samples            = 2000

[uncertain]
buy.price_scale = empirical(factors.csv:factor)
INI
    printf 'factor\n0.5\n0.7\n0.9\n1.4\n' >factors.csv
    crossover sweep my.ini -q --out parts --shard 1/1
    mkdir other
    cp parts/shard-1-of-1.journal other/sweep.journal
    printf 'factor\n0.5\n0.7\n1.1\n1.4\n' >factors.csv
    run -2 --separate-stderr crossover sweep my.ini --out other --resume
    has "no key differs, but a file that it names has changed" "$stderr"
}

@test "a trace that has changed is named, not the volume that follows from it" {
    local calls='BEGIN { print "arrival_s,prompt_tokens,output_tokens"; for (i = 0; i < 90; i++) print n * i ",900,90" }'
    awk -v n=2 "$calls" >calls.csv
    sed -i '/^volume\|^profile\|^prompt\|^output/d; s/^\[workload\]/[workload]\ntrace = calls.csv/' my.ini
    local sweep=(crossover sweep my.ini -q --out parts --samples 100 --set 'uncertain.buy.price_scale=uniform(0.5, 2)')
    "${sweep[@]}" --shard 1/1
    awk -v n=3 "$calls" >calls.csv
    run -2 --separate-stderr "${sweep[@]}" --shard 1/1 --resume
    has "workload.volume was 1314000 requests/month and is 876000 requests/month, the trace's own rate: has calls.csv changed?" "$stderr"
    run -2 --separate-stderr "${sweep[@]}" --shard 1/1 --resume --set build.rent=\$7/hour
    has 'build.rent was $3.95/hour and is $7/hour' "$stderr"
}

@test "a journal that cannot be read says what to do" {
    mkdir cut
    echo 'no journal' >cut/map.journal
    run -2 --separate-stderr crossover map my.ini "${axes[@]}" "${cells[@]}" --out cut --resume
    has_line 'crossover: cut/map.journal is not a journal that can be read: the command that wrote it begins anew with --force' "$stderr"
    run -0 crossover map my.ini --x workload.volume --y build.rent --cells 3x2 --no-plots --out cut --force
}

@test "a key more or less than the journal's is named" {
    printf '%s\n' '[uncertain]' 'build.rent = uniform($3/hour, $5/hour)' >>my.ini
    (cat my.ini; echo 'buy.price_scale = uniform(0.5, 2)') >more.ini
    crossover sweep my.ini -q --samples 100 --out a --shard 1/1
    crossover sweep more.ini -q --samples 100 --out b --shard 1/1
    run -2 --separate-stderr crossover sweep more.ini -q --samples 100 --out a --shard 1/1 --resume
    has "uncertain.buy.price_scale = uniform(0.5, 2) is new" "$stderr"
    run -2 --separate-stderr crossover sweep my.ini -q --samples 100 --out b --shard 1/1 --resume
    has "uncertain.buy.price_scale = uniform(0.5, 2) is gone" "$stderr"
}
