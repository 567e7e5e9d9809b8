#!/usr/bin/env bats
# study.bats - run and curve from end to end: files, exit status, progress, Ctrl-C.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

@test "curve writes its files, prints the answer and says what it wrote" {
    run -0 --separate-stderr crossover my.ini --no-plots
    [ -n "$output" ]
    has "Wrote out/: " "$stderr"
    [[ $stderr =~ Simulated\ [0-9.]+\ ?[kMB]?\ requests\ in ]]
    for file in curve.csv curve.json manifest.json verdict.txt; do
        [ -s "out/$file" ]
    done
    run ! grep -iE '(^|[^a-z])(nan|inf)([^a-z]|$)' out/curve.csv out/curve.json
    run ! ls out/*.part
}

@test "curve.json is the same to the byte on one thread and on two, and with another seed it is not" {
    sed -i 's/^tpot_p95 .*/tpot_p95 = 60 ms/' my.ini # which takes a search
    crossover curve my.ini --no-plots -q --threads 1 --out one >one.txt
    crossover curve my.ini --no-plots -q --threads 2 --out two >two.txt
    cmp one/curve.json two/curve.json
    cmp one/curve.csv two/curve.csv
    cmp one.txt two.txt
    crossover curve my.ini --no-plots -q --seed 2 --out three >three.txt
    run ! cmp one/curve.json three/curve.json
}

@test "what goes to stdout as JSON or CSV is what goes to the file" {
    crossover curve my.ini --no-plots -q --format json >stdout.json
    cmp stdout.json out/curve.json
    crossover curve my.ini --no-plots -q --format csv >stdout.csv
    cmp stdout.csv out/curve.csv
}

@test "run writes files only with --out" {
    run -0 --separate-stderr crossover run my.ini
    [ -n "$output" ]
    [ "$(ls)" = my.ini ]
    run -0 --separate-stderr crossover run my.ini --out bills
    has "Wrote bills/: " "$stderr"
    [ -s bills/manifest.json ]
}

@test "--quiet leaves stderr empty" {
    run -0 --separate-stderr crossover run my.ini --quiet
    [ -z "$stderr" ]
    run -0 --separate-stderr crossover curve my.ini --no-plots --quiet
    [ -z "$stderr" ]
}

@test "--fail-on: 4 where it holds, with the result printed and the reason told" {
    cheap="--set buy.price_scale=0.001"
    dear="--set buy.price_scale=1000"
    # shellcheck disable=SC2086  # words on purpose
    {
        run -4 --separate-stderr crossover run my.ini $cheap --fail-on buy
        [ -n "$output" ]
        has "buying is cheaper" "$stderr"
        run -0 crossover run my.ini $cheap --fail-on build --fail-on infeasible
        run -4 crossover run my.ini $dear --fail-on buy --fail-on build
        run -4 crossover curve my.ini $cheap --no-plots --fail-on no-crossover
        run -0 crossover curve my.ini $cheap --no-plots --fail-on build
    }
    run -4 crossover run my.ini --set "slo.ttft_p95=1 ms" --fail-on infeasible
}

@test "an output folder that cannot be made: the answer is printed all the same, exit 1" {
    : >file
    for folder in file /dev/null/out /proc/out; do
        run -1 --separate-stderr crossover curve my.ini --no-plots --out "$folder"
        [ -n "$output" ]
        has "cannot make the folder" "$stderr"
    done
}

@test "an output folder that may not be written to" {
    mkdir sealed && chmod 555 sealed
    [ ! -w sealed ] || skip "this user may write everywhere"
    run -1 --separate-stderr crossover curve my.ini --no-plots --out sealed
    [ -n "$output" ]
    has "sealed" "$stderr"
}

# A file may be as long as `ulimit -f` says, in KiB: what a full disk does, without one. Limits of
# 1, 6 and 20 KiB end a run at its first, its third and its second file.
@test "on a full disk old results stay as they were, and nothing new appears" {
    crossover run my.ini -q --out kept >/dev/null
    cp -r kept before
    limited() { # KiB, argument of crossover ...; what it says on stderr
        bash -c 'ulimit -f $1; shift; crossover "$@" 2>&1 >/dev/null | cat; exit ${PIPESTATUS[0]}' - "$@"
    }
    for size in 0 1 6 20; do
        run -1 limited $size run my.ini -q --out kept --seed 4
        [[ $output =~ ^crossover:\ cannot\ write\ kept/[a-z.]+:\ File\ too\ large\;\ nothing\ in\ kept\ was\ changed$ ]]
        diff -r before kept
    done
    run -1 limited 1 curve my.ini -q --no-plots --out curve
    [ ! -e curve ]
    # the journal of a long study is whole by then, and stays for --resume
    local axes=(--cells 3x3 --x workload.volume --y buy.price_scale) study
    for study in "sweep my.ini --samples 100" "map my.ini ${axes[*]}"; do
        mkdir -p long/${study%% *}.json
        # shellcheck disable=SC2086  # words on purpose
        run -1 --separate-stderr crossover $study -q --no-plots --out long
        has "json: Is a directory; nothing in long was changed" "$stderr"
        rmdir long/*.json
        # shellcheck disable=SC2086
        run -1 limited 0 $study -q --no-plots --out long --resume
        has ".csv: File too large; nothing in long was changed" "$output"
        [ "$(ls -A long)" = ${study%% *}.journal ]
        # shellcheck disable=SC2086
        crossover $study -q --no-plots --out long --resume >/dev/null
        [ ! -e long/${study%% *}.journal ]
        rm -r long
    done
}

@test "of two studies into one folder the second is told so at once" {
    (long_study --out one) 2>/dev/null &
    until [ -e one/.crossover-lock ]; do sleep 0.05; done
    local study
    for study in "curve my.ini --no-plots" "run my.ini" "sweep my.ini" "sweep my.ini --shard 1/2" \
        "map my.ini --x workload.volume --y buy.price_scale" \
        "data validate $BATS_TEST_DIRNAME/../data/measured.csv"; do
        # shellcheck disable=SC2086  # words on purpose
        run -1 --separate-stderr crossover $study --out one
        [ -z "$output" ]
        has_line "crossover: one is being written by another crossover: wait until it has ended, or \
write to another folder" "$stderr"
    done
    kill -INT $!
    wait $! || :
    [ ! -e one ]
}

@test "pictures of an earlier study do not stay beside results that have none" {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    crossover curve my.ini -q --out drawn >/dev/null
    echo mine >drawn/notes.csv
    [ -s drawn/cost.png ]
    crossover curve my.ini -q --out drawn --no-plots >/dev/null
    run ls -A drawn
    [ "$output" = "$(printf '%s\n' curve.csv curve.json manifest.json notes.csv verdict.txt)" ]
}

@test "a curve says what it wrote and simulated, and that there is no gnuplot where there is none: no more" {
    local program
    program=$(command -v crossover)
    timeout 60 env PATH=/nowhere "$program" curve my.ini --set study.draws=4000 --out o 2>&1 >/dev/null | head -20 >said
    [ "$(grep -c . said)" -eq 3 ] # with what was written and how long it took: 4.4 MB of draws are no matter
    has "no pictures: gnuplot is not installed; scripts and data are there" "$(cat said)"
    [ -s o/cost.gp ] && [ ! -e o/cost.png ]
}

@test "a picture is drawn again from its folder, and restyled with an editor" {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    crossover curve my.ini -q --out drawn >/dev/null
    cd drawn
    for plot in cost saving load; do
        [ -s $plot.gp ] && [ -s $plot.set ] && [ -s $plot.csv ]
        mv $plot.png $plot.first.png
        run -0 --separate-stderr gnuplot $plot.gp
        [ -z "$stderr" ]
        cmp $plot.png $plot.first.png
    done
    sed -i "s/orange = '#D55E00'/orange = '#800080'/" common.gp
    gnuplot cost.gp
    run ! cmp -s cost.png cost.first.png
}

@test "stdout that is full costs the exit status, not the files" {
    run -1 --separate-stderr eval "crossover curve my.ini --no-plots --quiet >/dev/full"
    [[ $stderr =~ "cannot write"|"could not be written" ]]
    [ -s out/curve.json ]
}

# A study that no machine ends within the time that the tests below give it.
long_study() {
    exec crossover curve my.ini --set study.max_volume=10000x --set study.replications=200 \
        --threads 1 "$@"
}
interrupted_after() { # seconds, further arguments
    timeout --foreground --preserve-status -s INT "$1" bash -c 'long_study "$@"' - "${@:2}"
}
interrupted_once_it_says() { # pattern, file it writes to
    long_study &
    until grep -q "$1" "$2"; do sleep 0.1; done
    kill -INT $!
    wait $!
}
export -f long_study interrupted_after interrupted_once_it_says

@test "Ctrl-C: exit 130, nothing half-written, one line" {
    run -130 --separate-stderr interrupted_after 1.5
    has "interrupted" "$stderr"
    [ -z "$output" ]
    [ ! -e out ]
}

@test "progress: on a terminal only, wiped away at the end" {
    needs_terminal
    export TERM=xterm
    touch typescript
    run timeout 60 script -qfec "interrupted_once_it_says left typescript" typescript </dev/null
    has "left" "$output"
    [[ $output =~ \[\#*\.*\]\ +[0-9]+\ % ]]
    [[ ${output##*left} == *$'\r\e[K'* ]]
    for silent in "interrupted_after 1.5 --quiet" "TERM=dumb interrupted_after 0.8"; do
        run script -qec "$silent" /dev/null </dev/null
        has "interrupted" "$output"
        [[ $output != *" %"* ]]
    done
    run -130 --separate-stderr interrupted_after 1.5
    [[ $stderr != *" %"* ]]
}

@test "every example of every help works as it stands" {
    for verb in init check data run curve map sweep help; do
        crossover help "$verb" | sed -n 's/^  \(crossover .*\)/\1/p' >examples
        [ "$(wc -l <examples)" -eq 3 ]
        while IFS= read -r example; do
            # requests that are soon simulated: an example maps what reaches the simulation
            sed 's/^prompt .*/prompt = 100 tokens/; s/^output .*/output = 9 tokens/' \
                "$BATS_TEST_DIRNAME/small.ini" >my.ini
            run -0 eval "${example/> my.ini/> template.ini} "
        done <examples
    done
    [ -s frozen.ini ]
    [ -s out-h200/curve.json ]
}

# A scenario of one H100 around the [workload] and the model that a test gives.
one_gpu() { # model, gpu, line of [workload] ...
    local model=$1 gpu=$2
    shift 2
    printf '%s\n' '[scenario]' 'name = Long requests' 'as_of = 2026-11-22' 'commit = 12 months' \
        'parity = assumed' '[slo]' 'ttft_p95 = 5 s' 'tpot_p95 = 100 ms' '[buy]' \
        'api = openai/gpt-4o' 'same_model_api = none' 'staff = 0 FTE' '[build]' "model = $model" \
        "gpu = $gpu" 'rent = $2/hour' 'staff = 0 FTE' '[workload]' "$@"
}

@test "a trace half of which the model does not take: the API bills all of it, the build has no fleet" {
    printf '%s\n' 'arrival_s,prompt_tokens,output_tokens' >calls.csv
    for i in {0..59}; do # 12 a minute, every second one of 12,100 tokens
        printf '%d,%d,100\n' $((5 * i)) $((i % 2 ? 12000 : 1000)) >>calls.csv
    done
    one_gpu llama-3-8b h100-sxm 'trace = calls.csv' >long.ini
    run -0 --separate-stderr crossover check long.ini
    has "50 % of the requests are longer, prompt and output, than the 8192 tokens that llama-3-8b takes" "$stderr"
    crossover run long.ini -q --format json >run.json
    # 525,600 requests of 6,500 + 100 tokens at $2.50 and $10 a million
    [ "$(jq '.buy.usd_month' run.json)" = 9066.6 ]
    [ "$(jq -c '[.options[0].feasible, .options[0].infeasible.cause, (.options[0].unserved.frac | . * 1e9 | round / 1e9),
        .options[0].unserved.longest_tokens, .options[0].unserved.by, .buy_unserved.frac]' run.json)" = \
        '[false,"refused",0.5,8192,"context",0]' ]
    run -0 crossover run long.ini -q
    has "1 x h100-sxm, bf16 refuses 50 % of the requests" "$output"
    has "workload.max_context = 8192 tokens" "$output"
    run -0 crossover curve long.ini -q --no-plots --out curve
    has "1 x h100-sxm, bf16 refuses 50 % of the requests" "$output"
    [ "$(jq -r '.verdict.code' curve/curve.json)" = infeasible ]
}

@test "an API too short for a fifth of the requests is no bargain: it is infeasible, and another is bought" {
    one_gpu llama-3.1-8b h100-sxm 'volume = 300k requests/month' 'profile = steady' \
        'prompt = discrete(1000:4, 9000:1) tokens' 'output = 100 tokens' >short.ini
    crossover run short.ini -q --format json --set buy.api=openai/gpt-4 >short.json
    [ "$(jq -c '[.buy_limited, (.buy_unserved.frac | . * 1e9 | round / 1e9), .buy_unserved.longest_tokens]' short.json)" = \
        '[true,0.2,8192]' ]
    # 240,000 requests of 1,000 + 100 tokens at $30 and $60 a million: what it takes, and no more
    [ "$(jq '.buy.usd_month' short.json)" = 8640 ]
    run -0 crossover curve short.ini -q --no-plots --out curve --force --set buy.api=openai/gpt-4
    has "gpt-4 refuses 20 % of the requests" "$output"
    has "an API with a longer context" "$(flat "$output")"
    # A list of both buys from the one that takes them.
    crossover run short.ini -q --format json --set 'buy.api=openai/gpt-4, openai/gpt-4-turbo' >both.json
    [ "$(jq -r '.buy.name' both.json)" = openai/gpt-4-turbo ]
}

@test "requests beyond the KV cache of one GPU of a list leave the other GPU be" {
    one_gpu llama-3.1-8b 'l4, h100-sxm' 'volume = 300k requests/month' 'profile = steady' \
        'prompt = discrete(1000:4, 40000:1) tokens' 'output = 100 tokens' >tail.ini
    sed -i 's|^rent = .*|rent = $0.70/hour, $2/hour|; s|^gpu.*|&\ntensor_parallel = 1|' tail.ini
    crossover run tail.ini -q --format json >run.json
    [ "$(jq -c '[.options[] | .feasible]' run.json)" = '[false,true]' ]
    [ "$(jq -c '.options[0] | [(.unserved.frac | . * 1e9 | round / 1e9), .unserved.by, .infeasible.cause]' run.json)" = \
        '[0.2,"kv_cache","refused"]' ]
    # Where the SLO lets them miss, they are a share of the misses and no more.
    crossover run tail.ini -q --format json --set 'workload.prompt=discrete(1000:99, 40000:1) tokens' >few.json
    [ "$(jq -c '[.options[] | .feasible]' few.json)" = '[true,true]' ]
    run -0 crossover run tail.ini -q --set 'workload.prompt=discrete(1000:99, 40000:1) tokens'
    has "This build refuses 1 % of the requests" "$output"
}

@test "a folder with results of another scenario is kept unless --force is given" {
    sed 's/^name .*/name = Another question/; s/^rent .*/rent = $2.5\/hour/' my.ini >other.ini
    axes=(--x workload.volume --y buy.price_scale --cells 3x3)
    crossover curve my.ini --no-plots -q --out kept >/dev/null
    cp kept/manifest.json before.json
    for study in "run other.ini" "curve other.ini --no-plots" \
        "sweep other.ini --no-plots --samples 100" "map other.ini --no-plots ${axes[*]}"; do
        # shellcheck disable=SC2086  # words on purpose
        run -2 --separate-stderr crossover $study --out kept
        [ -z "$output" ]
        has_line "crossover: kept holds results of my.ini: --force replaces them, --out names \
another folder" "$stderr"
        cmp kept/manifest.json before.json
    done
    run -0 crossover curve other.ini --no-plots -q --out kept --force
    grep -q '"path": "other.ini"' kept/manifest.json
}

# A study by its options alone, then its manifest's scenario with none.
@test "what options ask for stands in the manifest, which reruns to the same bytes" {
    local map="map --cells 3x2 --x workload.volume --y buy.price_scale=0.5..2" sweep="sweep --samples 100"
    sed -i 's/^prompt .*/prompt = 100 tokens/; s/^output .*/output = 9 tokens/' my.ini
    echo 'buy.price_scale = uniform(0.5, 2)' | sed '1i [uncertain]' >>my.ini
    local study
    for study in "$map" "$map --cells 2x3" "$map --x build.rent" "$map --x-axis linear" \
        "$map --y buy.price_scale=0.5..3" "$map --y-axis log --seed 7" "$sweep" "$sweep --method lhs" \
        "$sweep --precision 40% --samples 200" "curve --seed 7"; do
        # shellcheck disable=SC2086  # words on purpose
        crossover $study my.ini --quiet --no-plots --out typed >/dev/null
        jq -r .resolved typed/manifest.json >frozen.ini
        crossover "${study%% *}" frozen.ini --quiet --no-plots --out frozen >/dev/null
        for file in typed/*.csv; do cmp "$file" "frozen/${file#*/}"; done
        jq -r .scenario.hash typed/manifest.json >>hashes
        [ "$(jq -r .scenario.hash frozen/manifest.json)" = "$(tail -n 1 hashes)" ]
        rm -r typed frozen
    done
    [ "$(sort -u hashes | wc -l)" = 10 ]
}

@test "the same file with other values, and the same text by another name, replace their results" {
    crossover curve my.ini --no-plots -q --out kept >/dev/null
    run -0 crossover curve my.ini --no-plots -q --out kept --set 'build.rent=$2.5/hour'
    [ "$(jq -r '.scenario.path' kept/manifest.json)" = my.ini ]
    grep -q 'rent = $2.5/hour' kept/manifest.json
    cp my.ini copy.ini
    run -0 crossover curve copy.ini --no-plots -q --out kept --set 'build.rent=$2.5/hour'
    [ "$(jq -r '.scenario.path' kept/manifest.json)" = copy.ini ]
}

@test "in the default folder the results of another scenario give way, and a note says so" {
    crossover curve my.ini --no-plots -q >/dev/null
    sed 's/^rent .*/rent = $2.5\/hour/' my.ini >other.ini
    run -0 --separate-stderr crossover curve other.ini --no-plots
    has "out held results of my.ini, which this study replaces; --out keeps both." "$stderr"
}

@test "run measures a closed loop in the steady state, or as a benchmark does" {
    sed -e 's/^volume .*/clients = 8/' -e '/^profile/d' my.ini >closed.ini
    run -0 --separate-stderr crossover run closed.ini
    has "8 clients in a closed loop" "$output"
    has "requests, steady state" "$output"
    run -0 --separate-stderr crossover run closed.ini --set workload.benchmark_requests=83
    has "over 83 requests, benchmark" "$output"
    run -2 crossover run my.ini --set workload.benchmark_requests=83
    has "needs clients" "$output"
}

@test "data step shows one step whose parts add up, in three formats" {
    run -0 --separate-stderr crossover data step my.ini --batch 7 --kv 12345 --prefill 500 --reread 100
    has "7 decoding sequences attending to 12,345 tokens in all and 500 prompt tokens after 100" \
        "${output//$'\n'/ }"
    awk '/microseconds/ { on = 1; next } /^  step / { total = $NF; exit }
         on { sum += $NF } END { exit !(total > 0 && sum - total < 5e-4 && total - sum < 5e-4) }' <<<"$output"
    while IFS= read -r line; do [ "${#line}" -le 80 ]; done <<<"$output"
    crossover data step my.ini --batch 7 --kv 12345 --prefill 500 --reread 100 --format csv >step.csv
    crossover data step my.ini --batch 7 --kv 12345 --prefill 500 --reread 100 --format json >step.json
    awk -F, '/,time,total,/ { total = $(NF - 1); next } /,time,/ { sum += $(NF - 1) }
             END { exit !(total > 0 && (sum / total - 1) ^ 2 < 1e-20) }' step.csv
    [ "$(jq '.options[0].total_s' step.json)" = "$(sed -n 's/.*,time,total,,,\([^,]*\),.*/\1/p' step.csv)" ]
    run -0 jq -e '.options[0] | (.gpu_weight_bytes | .total == .attention + .mlp + .norms + .head + .embedding)
        and .kv.room_bytes > 1e10 and .kv.full_block_bytes == 2097152' step.json
}

@test "data step refuses a step that there is not" {
    run -2 crossover data step my.ini
    has "data step needs a step" "$output"
    run -2 crossover data step my.ini --batch 8 --kv 7
    has "each sequence attends to a token at least" "$output"
    run -0 crossover data step my.ini --batch 8 --kv 8
    run -2 crossover data step my.ini --kv 7 --prefill 20
    has "--kv belongs to --batch" "$output"
    run -2 crossover data step my.ini --batch 1 --kv 7 --reread 3
    has "--reread belongs to --prefill" "$output"
    run -2 crossover data step my.ini --batch 2000 --kv 9000
    has "a step holds at most 1024 sequences" "$output"
    local ranks=(--set build.model=qwen3-30b-a3b --set build.attention_dp=2 --set build.expert_parallel=2)
    run -0 crossover data step my.ini "${ranks[@]}" --batch 2000 --kv 9000
    run -2 crossover data step my.ini "${ranks[@]}" --batch 2049 --kv 9000
    has "a step holds at most 2048 sequences" "$output"
    run -2 crossover data step my.ini --batch 10 --kv 9000000
    has "my.ini: 10 sequences of 900000 tokens do not fit into the KV room of a replica" "$output"
    run -2 crossover data step my.ini --prefill 8193
    has "a step processes at most 8192 tokens" "$output"
    sed '/^\[build\]/,/^$/d' my.ini >bare.ini
    run -2 crossover data step bare.ini --prefill 20
    has "that could take a step" "$output"
}

@test "thread counts of the environment, sound or not, change no byte" {
    crossover run my.ini -q >one.txt
    local n
    for n in 0 -3 abc 3 100000 2147483647 99999999999999999999; do
        OMP_NUM_THREADS=$n run -0 --separate-stderr timeout 60 crossover run my.ini -q
        [ "$output" = "$(cat one.txt)" ]
        # what is no number is told by OpenMP itself, by the name of the variable
        [ -z "$stderr" ] || has OMP_NUM_THREADS "$stderr"
    done
}

@test "a volume that takes more than a million replicas is refused with its line" {
    sed -i 's/^volume .*/volume = 10T requests\/month/; s/^prompt .*/prompt = 20000 tokens/' my.ini
    # with full batches too: that is said before fleets are simulated, a thousand times each
    run -2 --separate-stderr timeout 60 crossover run my.ini --set study.replications=1000
    has "my.ini:$(grep -n ^volume my.ini | cut -d: -f1): the planned volume takes more than a million replicas" "$stderr"
    sed -i -e 's/^volume .*/volume = 30M requests\/month/' -e 's/^max_volume .*/max_volume = 1000000000x/' \
        -e 's/^prompt .*/prompt = 2000 tokens/' my.ini
    run -2 --separate-stderr timeout 60 crossover curve my.ini
    has "my.ini:$(grep -n ^max_volume my.ini | cut -d: -f1): the largest volume takes more than a million replicas" "$stderr"
}

@test "a spike in the busiest hour of a large volume is announced with the time it takes" {
    sed -i 's/^volume .*/volume = 10T requests\/month/; s/^prompt .*/prompt = 8 tokens/' my.ini
    printf '\n[spike noon]\nstart = Mon 12:00\nlength = 60 s\nfactor = 3\n' >>my.ini
    touch told
    crossover run my.ini --quiet 2>told 3>&- &
    until [ -s told ] || ! kill -0 $!; do sleep 0.1; done
    kill -KILL $!
    has "my.ini:$(grep -n ^volume my.ini | cut -d: -f1): each fleet takes about" "$(cat told)"
}

@test "curve has the fleet of run for a plan at the edge of it" {
    cp "$BATS_TEST_DIRNAME/../../scenarios/copilot.ini" .
    local edge=(copilot.ini -q --format json --set build.headroom=0% --set 'workload.volume=73900 requests/month'
        --set study.min_volume=0.25x --set study.max_volume=4x)
    crossover run "${edge[@]}" >run.json
    crossover curve "${edge[@]}" --no-plots >curve.json
    [ "$(jq -c '.options[0] | [.serving_replicas, .usd_month]' run.json)" = \
        "$(jq -c '.points[] | select(.is_plan) | [.serving_replicas, .build_usd_month]' curve.json)" ]
}
