#!/usr/bin/env bats
# told.bats - what check, run, curve, map, sweep and data say of inputs that go wrong or ask for more
# than there is: each sentence beside the least that brings it about.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

inputs() { # q.ini, small and quick; t.ini, of the trace t.csv
    cat >q.ini <<-'END'
	[scenario]
	as_of = 2026-11-22
	commit = 12 months
	parity = assumed
	[workload]
	volume = 2k requests/day
	profile = steady
	prompt = 1500 tokens
	output = 300 tokens
	[slo]
	ttft_p95 = 2 s
	[buy]
	api = openai/gpt-6.2-sol
	staff = 0 FTE
	[build]
	model = llama-3.1-8b
	weights = fp8
	gpu = h100-sxm
	tensor_parallel = 1
	rent = $3.50/hour
	staff = 0 FTE
	END
    sed '/^volume\|^profile\|^prompt\|^output/d; s/^\[workload\]/[workload]\ntrace = t.csv/' q.ini >t.ini
}

says() { # text, argument of crossover ...
    local text=$1
    shift
    run crossover "$@"
    has "$text" "$(flat "$output")"
}

set_says() { # text, --set of check ...
    local text=$1 sets=()
    shift
    for value; do sets+=(--set "$value"); done
    says "$text" check q.ini "${sets[@]}"
}

@test "check: keys that ask for what is not there" {
    inputs
    printf '%s\n' '[uncertain]' 'build.rent = uniform($3/hour, $5/hour)' | cat q.ini - >v.ini
    says '--set fixes build.rent, so that its range is left out' check v.ini --set 'build.rent=$4/hour'
    set_says 'study.replications: warning: "2"; 4 are made, the least behind an interval' study.replications=2
    set_says 'these are prices of one tariff, deepseek/deepseek-v4-pro: the hour decides which is paid' \
        buy.api=deepseek/deepseek-v4-pro-off-peak
    set_says '"median of" is for buy.same_model_api, and the api of a class is one name' \
        class.a.weight=1 'class.a.api=median of openai/gpt-5, openai/gpt-6.2-sol'
    set_says 'and not one of the requests fits into it; more GPUs a replica, smaller weights or a larger GPU would do' build.gpu=l4 build.weights=bf16 \
        'workload.prompt=60000 tokens'
    set_says 'which needs "prompt_tokens": written tokens are among them' actual.month=2026-10 \
        actual.requests=4380 'actual.invoice=$600' actual.cache_write_tokens=1M
    set_says 'the catalog knows no spread of it' uncertain.build.power_price=catalog
    set_says 'catalog is a distribution of build.rent, build.rent_scale' uncertain.build.headroom=catalog
    set_says '100 % of the requests are cut to max_context = 1600 tokens' workload.max_context=1600
    set_says 'have prompts no longer than the shared prefix of 1400 tokens: they are lengthened to 1401' \
        'workload.shared_prefix=1400 tokens' 'workload.prompt=lognormal(mean=1500, cv=0.5) tokens'
    set_says '100 % of the requests are longer, prompt and output, than the 1000 tokens that openai/gpt-6.2-sol takes: they are not billed, and count as misses' \
        api.openai/gpt-6.2-sol.context=1000
}

@test "files that are no trace are told by what they are" {
    inputs
    while IFS='|' read -r bytes text; do
        printf %b "$bytes" >t.csv
        says "$text" check t.ini
    done <<-'END'
	\x04\x22\x4d\x18\n|it is compressed by lz4; unpack it (unlz4)
	\xfd\x37zXZ\n|it is compressed by xz; unpack it (unxz)
	BZh91\n|it is compressed by bzip2; unpack it (bunzip2)
	PK\x03\x04\n|it is a zip archive or a spreadsheet
	\xfe\xff\n|it is text in UTF-16; save it as UTF-8
	END
    echo 'arrival_s|prompt_tokens|output_tokens' >t.csv
    says 'its columns are parted by vertical bars; they take commas' check t.ini
    printf 'arrival_s,prompt_tokens,output_tokens\n-1e12,2,3\n5,3,4\n' >t.csv
    says 'its first and last request lie 1000000000005 s apart; it takes more than 0 s and up to 1e+12 s' \
        check t.ini
}

# At once, since each takes the 10 s that are waited.
@test "files that never say a word are given up, with the limit said" {
    inputs
    mkfifo pipe
    local told=': it is no file, and nothing came from it for 10 s; save as a file what it is to give'
    crossover check pipe 2>1.err & # nobody writes to it
    crossover check t.ini --set workload.trace=pipe 2>2.err &
    crossover check q.ini --set build.include=pipe 2>3.err &
    crossover check q.ini --set 'uncertain.buy.price_scale=empirical(pipe:x)' 2>4.err &
    crossover data validate pipe 2>5.err &
    crossover data calibrate q.ini pipe 2>6.err &
    crossover check t.ini --set workload.trace=<(exec sleep 15) 2>7.err & # and here somebody might
    for job in $(jobs -p | head -n 6); do wait "$job" && return 1; done
    for i in 1 2 3 4 5 6; do has "cannot read pipe$told" "$(flat "$(cat $i.err)")"; done
    until [ -s 7.err ]; do sleep 0.1; done
    has "cannot read /dev/fd/" "$(cat 7.err)"
    # what does come through a pipe is read
    run -0 crossover check <(cat q.ini)
    awk 'BEGIN { print "arrival_s,prompt_tokens,output_tokens"; for (i = 0; i < 99; i++) print i ",9,9" }' >t.csv
    run -0 crossover check t.ini --set workload.trace=<(cat t.csv)
}

@test "files without end are refused, with the limit said" {
    inputs
    says 'cannot open' check /dev/full/x
    says '/dev/zero is larger than 4194304 bytes, the most that is read' check /dev/zero
    says '/dev/zero is larger than 65536 bytes' check q.ini --set build.include=/dev/zero
    says 'there is a byte of 0; a trace is plain text' check t.ini --set workload.trace=/dev/zero
    says 'has more than 50000000 lines, the most that is read of a trace; take a part of it' \
        check t.ini --set workload.trace=<(echo arrival_s,prompt_tokens,output_tokens; exec yes '')
    mkdir s
    mkfifo s/sweep.journal s/shard-1-of-1.journal
    local sweep=(sweep q.ini -q --out s --samples 100 --set 'uncertain.buy.price_scale=uniform(0.5, 2)')
    for how in --resume --force --join; do
        says 'journal is no file, as a journal is: remove it, or name another folder by --out' \
            "${sweep[@]}" $how
    done
}

@test "holes, zones, clocks and repeated rows of a trace are told with the volume they leave" {
    inputs
    local h=arrival_s,prompt_tokens,output_tokens
    awk -v h=$h 'BEGIN { print h; for (b = 0; b < 4; b++) for (i = 0; i < 1440; i++)
        printf "%d,9,9\n", b * 40 * 86400 + 60 * i }' >t.csv
    says 'nothing comes for up to 39 days, 3 times, and since that looks like a schedule it stays: 1,448 requests a month, or 43,800 if these were parts not recorded' \
        check t.ini
    awk -v h=$h 'BEGIN { print h; for (b = 0; b < 3; b++) for (i = 0; i < 2880; i++)
        printf "%d,9,9\n", (b == 1 ? 32 : b == 2 ? 89 : 0) * 86400 + 60 * i }' >t.csv
    says 'and in other places, so 85 days is taken for not recorded: 43,800 requests a month without' \
        check t.ini
    awk 'BEGIN { print "TIMESTAMP,ContextTokens,GeneratedTokens"; for (i = 0; i < 600; i++)
        printf "2024-05-10 %02d:%02d:00%s,9,9\n", i / 60, i % 60, i < 400 ? "Z" : "" }' >t.csv
    says 'it has dates with a time zone (400) and without (200); the latter are read as universal time' \
        check t.ini
    awk 'BEGIN { print "TIMESTAMP,ContextTokens,GeneratedTokens"; for (i = 0; i < 600; i++) {
        m = i < 180 ? i : i - 60; printf "2024-10-27 %02d:%02d:00,9,9\n", m / 60, m % 60 } }' >t.csv
    says 'the clock goes back in its line 182, as where summer time ends, so that hour counts twice' \
        check t.ini
    awk -v h=$h 'BEGIN { print h; for (i = 0; i < 100; i++) printf "%d,9,9\n%d,9,9\n", i, i }' >t.csv
    says '100 of its rows repeat the row before, stamp and lengths; was a log put in twice?' check t.ini
}

@test "the clues to the unit of stamps are told" {
    inputs
    awk 'BEGIN { print "timestamp,input_length,output_length,chat_id,parent_chat_id"
        for (i = 0; i < 3000; i++) printf "%d,9,9,%d,-1\n", 7 * i, i }' >t.csv
    says "since the names are those of Qwen's Bailian traces, in seconds" check t.ini
    awk 'BEGIN { print "timestamp,prompt_tokens,output_tokens"
        for (i = 0; i < 3000; i++) for (k = 0; k < 3; k++) printf "%d,9,9\n", 100 * i }' >t.csv
    says 'since 3.0 requests come at one moment and none for 100 s after it' check t.ini
    awk 'BEGIN { print "timestamp,prompt_tokens,output_tokens"; for (d = 0; d < 10; d++)
        for (i = 0; i < 500; i++) printf "%d,9,9\n", 86400 * d + 57 * i }' >t.csv
    says 'since requests come and go every 86,400, as days do in seconds' check t.ini
}

@test "run says why no fleet serves, and what the API's limit means" {
    inputs
    says 'No fleet of 1 x h100-sxm, fp8 answers before slo.timeout (300 ms): a lone request already takes' \
        run q.ini -q --set 'slo.timeout=0.3 s'
    has 'No larger tensor_parallel up to 8 helps, and no GPU of the catalog whose kind was measured helps' \
        "$(flat "$output")"
    has 'What would help: a timeout of at least 1.5 s' "$(flat "$output")"
    says '1 x h100-sxm, fp8: the fleet does not carry this volume within the SLO.' \
        run q.ini -q --set build.replicas=1 --set 'workload.volume=500 requests/s'
    has '<- this fleet' "$output"
    has 'of the rate that this fleet can serve at most, with full batches and however late: the queue and the latencies grow as long as that hour lasts.' \
        "$(flat "$output")"
    says 'only up to' curve q.ini -q --no-plots --set build.replicas=1 \
        --set 'workload.volume=100 requests/s'
    says "is above the API's rate limits; its bill takes a higher limit for granted." \
        run q.ini -q --set api.openai/gpt-6.2-sol.requests_per_minute=1
    says '100 % of the requests are cut to max_context, for both sides.' \
        run q.ini -q --set workload.max_context=1600
    says 'of the prompts are no longer than the shared prefix and were lengthened by a token beyond it' \
        run q.ini -q --set 'workload.shared_prefix=1400 tokens' \
        --set 'workload.prompt=lognormal(mean=1500, cv=0.5) tokens'
    says "look for today's." run q.ini -q --set scenario.as_of=2027-11-22
}

@test "curve says what spot means, and titles name the side that cannot" {
    inputs
    says 'Spot GPUs bind nobody and can be taken away at any time, which is not simulated.' \
        curve q.ini -q --no-plots --out o --set build.rent_kind=spot
    crossover curve q.ini -q --no-plots --out o --format json --set 'slo.timeout=0.3 s' >late.json
    has 'No fleet of 1 x h100-sxm, fp8 answers before slo.timeout' "$(jq -r .verdict.title late.json)"
    crossover curve q.ini -q --no-plots --out o --format json \
        --set api.openai/gpt-6.2-sol.context=1000 >short.json
    has 'openai/gpt-6.2-sol does not take the longest requests of the plan' \
        "$(jq -r .verdict.title short.json)"
    crossover curve q.ini -q --no-plots --out o --format json \
        --set 'workload.prompt=discrete(1000:9, 200000:1) tokens' >long.json
    has '1 x h100-sxm, fp8 does not hold the longest requests' "$(jq -r .verdict.title long.json)"
}

@test "a curve of a million draws says beforehand what they take, and which key makes them fewer" {
    echo 'draws = 1000000' >>my.ini
    crossover curve my.ini -q --no-plots >answer 2>said &
    for ((i = 0; i < 600; i++)); do
        [ -s said ] && break
        sleep 0.1
    done
    kill $!
    wait $! || true
    [[ $(<said) =~ ^"crossover: warning: my.ini:$(grep -n ^draws my.ini | cut -d: -f1): 998000 draws take about "[1-9].*" more and up to 1.1 GB of memory; a smaller study.draws takes less"$ ]]
    [ ! -s answer ]
}

@test "a folder that cannot be written to is refused before the work" {
    run -1 --separate-stderr crossover run my.ini -q --out "$(printf 'd/%.0s' {1..2046})"
    [[ $stderr =~ ^"crossover: the folder name d/d/"[d/]+"... is too long"$ ]]
    [ ! -e d ]
    # where the lock cannot be opened, as on a file system without locks, what a killed study left
    mkdir -p one/.crossover-lock one/.crossover-new
    run -1 --separate-stderr crossover run my.ini -q --out one
    has_line "crossover: another crossover writes to one, or was killed there: if none does, remove one/.crossover-new" "$stderr"
}

@test "a shard that another process writes, or that this user may not read, is left alone" {
    local shard=(crossover sweep my.ini -q --out s --samples 80 --shard 1/2) mode
    printf '%s\n' '[uncertain]' 'build.rent = uniform($3/hour, $5/hour)' >>my.ini
    "${shard[@]}"
    cp s/shard-1-of-2.journal before
    for mode in --resume --force; do
        run -1 --separate-stderr flock s/shard-1-of-2.journal "${shard[@]}" $mode
        has_line "crossover: s/shard-1-of-2.journal is being written by another crossover: wait until it has ended" "$stderr"
    done
    chmod 0 s/shard-1-of-2.journal
    local plain=() # root may read everything, but for these
    if [ "$(id -u)" = 0 ]; then
        plain=(setpriv --bounding-set=-dac_override,-dac_read_search)
        "${plain[@]}" true || skip "root cannot be made an ordinary user here"
    fi
    run -1 --separate-stderr "${plain[@]}" "${shard[@]}" --resume
    has_line "crossover: cannot open s/shard-1-of-2.journal: Permission denied; let this user read and write it, or name another folder by --out" "$stderr"
    chmod 600 s/shard-1-of-2.journal
    cmp before s/shard-1-of-2.journal
}

# A lone request takes 10 s times build.step_scale and may take 11: no fleet meets that above 1.1,
# which is 4 of 10 samples, for Latin hypercubes have as many in each tenth. The plan takes
# 1.2 M / 262,800 = 5 replicas and a spare at $2 an hour, $6,000 of people and one-offs, 10 % on top:
# 1.1 x (6 x $1,460 + $6,000) = $16,236. Elsewhere building costs less than the API's $21,005.
@test "a sweep counts the planned fleet as lost in samples that no fleet serves" {
    cp "$BATS_TEST_DIRNAME/../data/analytic.ini" a.ini
    printf '%s\n' '[uncertain]' 'build.step_scale = uniform(0.8, 1.3)' >>a.ini
    run -0 --separate-stderr crossover sweep a.ini -q --no-plots --samples 100 --method lhs \
        --set study.indices=given-data --set study.min_volume=0.5x --set study.max_volume=1x
    has "in 40 % of samples no fleet meets the SLO: buying wins there" "$(flat "$output")"
    has "the fleet of the plan, which then costs its rent and serves nobody" "$(flat "$output")"
    [ "$(jq '.regret_of_building_usd_month.estimate * 100 | round' out/sweep.json)" = $((4 * 16236 * 10)) ]
}

@test "maps and sweeps say where a side has no bill, and where the API cannot serve as listed" {
    inputs
    local map=(map q.ini -q --no-plots --out m --force --cells 3x2 --x workload.volume --y buy.price_scale=0.5..2)
    says "--x: 'abc' is no range; it takes FROM..TO, such as 0.5..2" \
        map q.ini --x workload.volume=abc --y buy.price_scale
    says 'In 100 % of cells the API cannot serve it as listed (rate limit or context)' \
        "${map[@]}" --set api.openai/gpt-6.2-sol.requests_per_minute=1
    says 'inside the map: one side has no bill.' "${map[@]}" --set 'slo.ttft_p95=1 ms'
    local sweep=(sweep q.ini -q --no-plots --out s --force --samples 100 --set 'uncertain.buy.price_scale=uniform(0.5, 2)')
    says 'refuses 10 % of the requests in the scenario as it stands, so that no fleet of it was sized' \
        "${sweep[@]}" --set 'workload.prompt=discrete(1000:9, 200000:1) tokens'
    says 'No fleet meets the SLO in any sample: no cost is given for this build.' \
        "${sweep[@]}" --set 'slo.ttft_p95=1 ms'
    says 'No winner is named: parity is unequal. Bills alone:' "${sweep[@]}" --set scenario.parity=unequal
    says 'The API cannot serve it as listed in 100 % (a rate limit below the busiest minute, or requests longer than its context)' \
        "${sweep[@]}" --set api.openai/gpt-6.2-sol.context=1000
}

@test "run and curve name the limit that the size of the fleet hangs on, and the one that settles it" {
    inputs
    cp "$BATS_TEST_DIRNAME/../../scenarios/copilot.ini" .
    local hangs='How many GPUs it takes hangs on TTFT p95 <= 5 s: 4.29 % of the requests miss it alone in an empty replica, and 5 % may. A limit of 6.3 s would settle it'
    says "$hangs" run copilot.ini -q -o o --force
    [ "$(jq -c '.options[0].hangs_on' o/run.json)" = \
        '{"class":"all","metric":"TTFT","quantile":0.95,"limit_s":5,"missed_alone_frac":0.04290771484375,"would_limit_s":6.3}' ]
    [ "$(jq -c '.options[1].hangs_on' o/run.json)" = null ]
    says "$hangs" curve copilot.ini -q -o o --force --no-plots --set study.max_volume=1.1x
    run crossover run copilot.ini -q -o o --force --set 'slo.ttft_p95=6.5 s'
    ! has 'hangs on' "$(flat "$output")"
}

@test "a fleet that would not recover from an overload is told, and its interval reaches down to it" {
    inputs
    cp "$BATS_TEST_DIRNAME/../../scenarios/batch.ini" .
    local batch=(run batch.ini -q -o o --force --set build.gpu=h100-sxm --set 'build.rent=$2/hour'
        --set 'workload.volume=500k requests/day' --set build.max_batch=256)
    says 'A fleet of this kind that once falls behind stays behind: its running requests throw each other out of the KV cache, and it then serves 20 % less than within the SLO.' \
        "${batch[@]}" --set build.kv_admission=chunk
    jq -e '.options[0].capacity | .requests_month_lo <= .requests_month_overwhelmed and
        .requests_month_overwhelmed < 0.85 * .requests_month' o/run.json
    run crossover "${batch[@]}" --set build.kv_admission=reserve
    ! has 'stays behind' "$(flat "$output")"
    jq -e '.options[0].capacity | .requests_month_overwhelmed == null' o/run.json
}

@test "measurements of types and results that are not known" {
    inputs
    printf '%s\n' gpu,model,engine,precision_weights,load_kind,load_value,isl,osl,output_tok_s_total \
        h100-sxm,llama-3.1-8b,vllm,fp9,concurrency,8,500,200,900 >v.csv
    says 'precision_weights "fp9" is not simulated; its rows are skipped; fp16, bf16, fp8, int8, int4, nvfp4, mxfp4 and fp4 are known' \
        data validate v.csv
    echo '{"backend":"vllm","gpu":"H100","completed":40,"total_input_tokens":9200,"total_output_tokens":8800}' >nm.json
    says 'this benchmark result in JSON does not say which model it was' data validate nm.json
}
