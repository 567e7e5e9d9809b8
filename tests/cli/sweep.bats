#!/usr/bin/env bats
# sweep.bats - sweep and map from end to end: files, resuming, shards, refusals, Ctrl-C.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

files="samples.csv sweep.csv sweep.json sweep.txt"

uncertain() { # my.ini with three things that are not known
    cat >>my.ini <<'INI'
samples            = 2000

[uncertain]
build.rent        = triangular($2.20/hour, $3.95/hour, $5.40/hour)
build.staff_scale = triangular(0.5, 1, 2)
buy.price_scale   = triangular(0.1, 1, 1.2)
INI
}

same_results() { # folder, folder
    local file
    for file in $files; do
        cmp "$1/$file" "$2/$file" || return
    done
}

@test "sweep writes its files, prints the answer and says what it wrote" {
    uncertain
    run -0 --separate-stderr crossover sweep my.ini --no-plots
    has "P50" "$output"
    has "standard error" "$(tr '\n' ' ' <<<"$output")"
    has "Wrote out/: " "$stderr"
    for file in $files manifest.json; do
        [ -s "out/$file" ]
    done
    [ ! -e out/sweep.journal ]
    [ "$(jq -r .schema out/sweep.json)" = crossover.sweep/2 ]
    [ "$(tail -n +2 out/samples.csv | wc -l)" = "$(jq .design.samples out/sweep.json)" ]
    [ "$(jq '.inputs | length' out/sweep.json)" = "$(tail -n +2 out/sweep.csv | wc -l)" ]
}

@test "sweep draws six plots" {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    uncertain
    run -0 --separate-stderr crossover sweep my.ini
    has ", 6 plots, " "$stderr"
    for plot in crossover tornado indices fan inputs convergence; do
        [ -s "out/$plot.png" ]
        [ -s "out/$plot.svg" ]
    done
}

# More samples than one thread writes in a row, and some left over.
@test "a sweep is the same to the byte on one thread, on two and on three" {
    uncertain
    crossover sweep my.ini --no-plots -q --samples 10000 --threads 1 --out one >one.txt
    for n in 2 3; do
        crossover sweep my.ini --no-plots -q --samples 10000 --threads "$n" --out "on$n" >"on$n.txt"
        same_results one "on$n"
        cmp one.txt "on$n.txt"
    done
    cmp one.txt one/sweep.txt
    [ "$(head -n 1 one/samples.csv | cut -d, -f1-3)" = sample,base_point,row ]
    [ "$(grep -c sample one/samples.csv)" = 1 ]
    [ "$(awk -F, 'NR > 1 && $1 != NR - 2' one/samples.csv | wc -l)" = 0 ]
}

@test "a killed sweep ends with the bytes of an uninterrupted one" {
    uncertain
    crossover sweep my.ini --no-plots -q --out whole >whole.txt
    mkdir cut
    # what a kill leaves: a journal that ends anywhere; here in a simulation and in a sample
    crossover sweep my.ini --no-plots -q --out cut --shard 1/1
    for part in 10 45 90; do
        mkdir "cut$part"

        size=$(stat -c %s cut/shard-1-of-1.journal)
        head=$(grep -abo '^end ' cut/shard-1-of-1.journal | head -n 1 | cut -d: -f1)
        keep=$((head + 21 + (size - head - 21) * part / 100))
        head -c "$keep" cut/shard-1-of-1.journal >"cut$part/sweep.journal"
        crossover sweep my.ini --no-plots -q --out "cut$part" --resume >again.txt
        same_results whole "cut$part"
        cmp whole.txt again.txt
        [ ! -e "cut$part/sweep.journal" ]
    done
}

@test "SIGKILL in the middle, then --resume" {
    uncertain
    crossover sweep my.ini --no-plots -q --out whole >whole.txt
    for moment in 0.05 0.3; do
        rm -rf cut
        timeout -s KILL "$moment" crossover sweep my.ini --no-plots -q --out cut >cut.txt || :
        crossover sweep my.ini --no-plots -q --out cut --resume >cut.txt
        same_results whole cut
    done
}

@test "shards joined are one sweep" {
    uncertain
    crossover sweep my.ini --no-plots -q --out whole >whole.txt
    for part in 3 1 2; do
        run -0 --separate-stderr crossover sweep my.ini --out parts --shard $part/3
        [ -z "$output" ]
        has "Shard $part of 3 is finished" "$stderr"
    done
    crossover sweep my.ini --no-plots -q --out parts --join >joined.txt
    same_results whole parts
    cmp whole.txt joined.txt
    cp parts/shard-2-of-3.journal kept
    cp parts/shard-1-of-3.journal parts/shard-2-of-3.journal
    run -2 --separate-stderr crossover sweep my.ini --no-plots --out parts --join
    has "parts/shard-2-of-3.journal holds samples 0 to " "$stderr"
    has ": it is a copy of another; run --shard 2/3 --force" "$stderr"
    run -2 --separate-stderr crossover sweep my.ini --no-plots --out parts --shard 2/3 --resume
    has ": is it a copy of another? --force begins anew" "$stderr"
    head -c -9 kept >parts/shard-2-of-3.journal
    run -2 --separate-stderr crossover sweep my.ini --no-plots --out parts --join
    has ": run --shard 2/3 --resume first" "$stderr"
    rm parts/shard-2-of-3.journal
    run -2 --separate-stderr crossover sweep my.ini --no-plots --out parts --join
    has "run --shard 2/3" "$stderr"
}

@test "what is wrong with an option is told of that option" {
    uncertain
    run -2 --separate-stderr crossover sweep my.ini --precision 3x
    has_line '--precision: study.precision is "3x", in the unknown unit "x"; it takes a share such as 70% or 0.7' "$stderr"
    has_line 'crossover: 1 error in the options; every key and its unit: crossover help scenario' "$stderr"
    run -2 --separate-stderr crossover sweep my.ini --precision "1 ;%" --set build.rent=4
    has_line '--precision: study.precision: a blank and ; would start a comment' "$stderr"
    has '--set build.rent: "4", a number without a unit; it takes' "$stderr"
    has_line 'crossover: 2 errors in the options; every key and its unit: crossover help scenario' "$stderr"
    echo 'none = 1' >>my.ini
    run -2 --separate-stderr crossover sweep my.ini --precision 3x
    has_line 'crossover: 2 errors in my.ini and the options; every key and its unit: crossover help scenario' "$stderr"
    run -2 --separate-stderr crossover sweep my.ini --precision "$(printf %0200d 1)"
    has '--precision: study.precision: longer than a line of a scenario may be' "$stderr"
    sed -i /none/d my.ini
    run -0 crossover check my.ini --seed 9 # which says where a value is from
    [[ $output =~ scenario.seed\ +9\ +--seed ]]
}

@test "--resume refuses another scenario, naming the key, and another version" {
    uncertain
    crossover sweep my.ini -q --out parts --shard 1/1
    mkdir other
    cp parts/shard-1-of-1.journal other/sweep.journal
    run -2 --separate-stderr crossover sweep my.ini --out other --resume --set build.salary=\$200k/year
    has 'build.salary was $250k/year and is $200k/year' "$stderr"
    run -2 --separate-stderr crossover sweep my.ini --out other --resume --seed 7
    has "scenario.seed was 1 and is 7" "$stderr"
    run -2 --separate-stderr crossover sweep my.ini --out other --resume --samples 4000
    has "study.samples was 2000 and is 4000" "$stderr"
    run -2 --separate-stderr crossover sweep my.ini --out other
    has "--resume goes on with it" "$stderr"
    sed '0,/^version .*/s//version 0.0.0/' parts/shard-1-of-1.journal >other/sweep.journal
    run -2 --separate-stderr crossover sweep my.ini --out other --resume
    has "other/sweep.journal" "$stderr"
    run -0 crossover sweep my.ini --no-plots --out other --force
}

@test "Ctrl-C within a second: exit 130, what is finished, how to go on" {
    uncertain
    run -130 --separate-stderr timeout --foreground --preserve-status -s INT 3 \
        crossover sweep my.ini --no-plots --samples 3000000 --threads 1 --out cut
    has "--resume goes on" "$stderr"
    [ -s cut/sweep.journal ]
    [ -z "$output" ]
}

@test "map writes who wins in each cell, and the frontier" {
    run -0 --separate-stderr crossover map my.ini --x workload.volume --y buy.price_scale=0.25..4 \
        --cells 9x7 --no-plots
    has "#" "$output"
    [ "$(tail -n +2 out/map.csv | wc -l)" = 63 ]
    [ "$(jq -r .schema out/map.json)" = crossover.map/2 ]
    [ "$(jq .x.n out/map.json)" = 9 ]
    # too close to call: under 5 % of the cheaper bill
    [ "$(jq '[.cells[] | ((.saving_usd | fabs) < 0.05 * ([.buy_usd, .build_usd] | min)) ==
        (.winner == "too_close")] | all' out/map.json)" = true ]
    [ "$(jq '[.cells[] | select(.winner == "too_close")] | length > 0' out/map.json)" = true ]
    [ "$(jq '.too_close_share * 63 | round' out/map.json)" = "$(grep -c ',too_close' out/map.csv)" ]
    has "~" "$output"
    [ "$(tail -n +2 out/frontier.csv | wc -l)" = "$(jq '.frontier | length' out/map.json)" ]
}

@test "map takes the axes that the scenario states, and the command line over them" {
    crossover map my.ini --x 'build.rent=$1..$8/hour' --y buy.price_scale=0.25..4 --cells 5x4 \
        --no-plots -q --out typed
    printf '%s\n' '[map]' 'x = build.rent=$1..$8/hour' 'y = workload.volume' 'columns = 5' \
        'rows = 4' >>my.ini
    crossover map my.ini --y buy.price_scale=0.25..4 --no-plots -q --out stated
    cmp typed/map.csv stated/map.csv
    sed -i 's/^y = workload.volume/y = workload.volum/' my.ini
    run -2 --separate-stderr crossover check my.ini
    has 'map.y is "workload.volum"; it takes a key' "$stderr"
    has 'did you mean "workload.volume"?' "$stderr"
}

@test "map marks the plan at a rent of the catalog, and draws about it" {
    sed -i 's/^rent .*/rent = catalog/' my.ini
    crossover map my.ini --x workload.volume --y 'build.rent=$1..$6/hour' --cells 9x7 --no-plots >o
    has "month, \$3.76/hour), inside the map:" "$(tr '\n' ' ' <o)"
    [ "$(sed -n '/|/p' o | grep -c @)" = 1 ]
    [ "$(jq .plan_inside out/map.json)" = true ]
    [ "$(jq .plan.y out/map.json)" = 3.76 ]
    crossover map my.ini --x workload.volume --y build.rent --cells 9x7 --no-plots -q --out own >/dev/null
    [ "$(jq -c '[.y.from, .y.to | . * 1000 | round]' own/map.json)" = '[376,37600]' ]
}

@test "map takes the ends of an axis as the scenario would" { # 820 tokens a request
    crossover map my.ini --x 'workload.volume=1B..100B tokens/month' --y build.rent --cells 5x4 \
        --no-plots -q >/dev/null
    [ "$(jq -c '[.x.from, .x.to | . * 820 | round]' out/map.json)" = '[1000000000,100000000000]' ]
}

@test "map says what is wrong with an axis" {
    run -2 --separate-stderr crossover map my.ini --x workload.volume
    has "--y KEY" "$stderr"
    has "x and y in a" "$stderr"
    run -2 --separate-stderr crossover map my.ini --x workload.volume --y buy.price_scal
    has_line '--y: map.y is "buy.price_scal"; it takes a key that changes the simulation or the money, such as workload.volume, and a range, such as build.rent=$1..$8/hour; did you mean "buy.price_scale"?' "$stderr"
    run -2 --separate-stderr crossover map my.ini --x workload.volume --y buy.price_scale=4..1
    has "a range that rises" "$stderr"
    run -2 --separate-stderr crossover map my.ini --x workload.volume --y buy.price_scale=1-4
    has "FROM..TO" "$stderr"
    run -2 --separate-stderr crossover map my.ini --x workload.volume --y build.rent=1..4
    has_line 'crossover: --y: build.rent is "1", a number without a unit; it takes a price per GPU-hour such as $3.99/hour or $2,900/month' "$stderr"
    run -2 --separate-stderr crossover map my.ini --x workload.volume=10M..10B --y build.rent
    has 'crossover: --x: workload.volume is "10M", a number without a unit; it takes' "$stderr"
    run -2 --separate-stderr crossover map my.ini --x workload.volume --y build.fixed
    has_line 'crossover: --y: build.fixed is 0 in this scenario, so it needs a range: build.fixed=FROM..TO' "$stderr"
    run -2 --separate-stderr crossover map my.ini --x workload.volume --y build.replicas
    has "build.replicas is no one number in this scenario" "$stderr"
}

@test "ratios of tokens and requests asked again are billed in a sweep as run bills them" {
    cat >unequal.ini <<-END
	[scenario]
	as_of = 2026-11-22
	parity = assumed
	commit = 12 months
	[workload]
	volume = 2M requests/month
	profile = steady
	prompt = 900 tokens
	output = 300 tokens
	[slo]
	ttft_p95 = 2 s
	[buy]
	api = openai/gpt-4o
	same_model_api = groq/llama-3.1-8b-instant
	staff = 0 FTE
	[build]
	model = llama-3.1-8b
	weights = bf16
	gpu = h100-sxm
	tensor_parallel = 1
	rent = \$3/hour
	replicas = 4
	staff = 0 FTE
	[uncertain]
	build.escalated = uniform(0%, 10%)
	buy.api_tokens_ratio_output = uniform(1, 2)
	END
    run -0 crossover sweep unequal.ini -q --no-plots --samples 100 --out unequal
    local row=0
    while IFS=, read -r escalated ratio buy same build; do
        crossover run unequal.ini -q --format json --set "build.escalated=$escalated" \
            --set "buy.api_tokens_ratio_output=$ratio" >run.json
        [ "$(jq -r '[.buy.usd_month, .same.usd_month, .options[0].usd_month] | map(. * 1e6 | round) | join(",")' run.json)" = \
            "$(jq -rn "[$buy, $same, $build] | map(. * 1e6 | round) | join(\",\")")" ]
        row=$((row + 1))
    done < <(tr -d '\r' <unequal/samples.csv | sed -n '2,5p' | cut -d, -f4,5,11,12,13)
    [ "$row" -eq 4 ]
}

@test "a sweep too large for the memory is refused beforehand, with the line of its key" {
    echo 'samples = 100000000' >>my.ini
    run -2 --separate-stderr bash -c 'ulimit -v 4000000; crossover sweep my.ini'
    has "my.ini:$(grep -n ^samples my.ini | cut -d: -f1): 9437" "$stderr"
    has "samples: lower study.samples" "$stderr"
    [ ! -e out ]
}
@test "a map too large for the memory names its longer axis and what asked for it" {
    limited() { run -2 --separate-stderr bash -c 'ulimit -v 400000; crossover map my.ini --threads 1 "$@"' - "$@"; }
    limited --x build.rent --y buy.price_scale --cells 400x500
    has "--cells: 200000 cells take 0.54 GB of memory" "$stderr"
    has "cells: lower map.rows" "$stderr"
    printf '%s\n' '[map]' 'x = build.rent' 'y = buy.price_scale' 'columns = 500' 'rows = 400' >>my.ini
    limited
    has "my.ini:$(grep -n ^columns my.ini | cut -d: -f1): 200000 cells" "$stderr"
    has "cells: lower map.columns" "$stderr"
    [ ! -e out ]
}

@test "a long sweep says how long and how much it takes, and which key makes it shorter" {
    echo 'samples = 28000000' >>my.ini # four times what is long, on one thread; 7 GB
    touch told
    timeout 20 crossover sweep my.ini --threads 1 2>told >/dev/null 3>&- &
    until [ -s told ] || ! kill -0 $!; do sleep 0.1; done
    kill $! || :
    wait $! || :
    has "samples take" "$(cat told)"
    has "GB of memory; study.samples (my.ini:$(grep -n ^samples my.ini | cut -d: -f1))" "$(cat told)"
}
