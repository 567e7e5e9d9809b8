#!/usr/bin/env bats
# names.bats - what people type at the command line and in files, read or refused in one clear line.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

# From a report: this checkpoint in bf16 took 16 GPUs and $23,360 a month; in fp8 two replicas of 4
# take 8 x $2 x 730 h = $11,680.
@test "a checkpoint of 8 bits is priced in 8 bits, and check says why" {
    cat >fp8.ini <<-'END'
	[scenario]
	name = A checkpoint named by its id
	as_of = 2026-11-22
	commit = 12 months
	parity = assumed
	[workload]
	volume = 1M requests/month
	profile = steady
	prompt = 1000 tokens
	output = 200 tokens
	[slo]
	ttft_p95 = 2 s
	[buy]
	api = openai/gpt-4o
	same_model_api = none
	staff = 0 FTE
	[build]
	model = Qwen/Qwen3-235B-A22B-Instruct-2507-FP8
	gpu = h100-sxm
	rent = $2/hour
	staff = 0 FTE
	END
    run -0 crossover check fp8.ini
    [[ $output =~ build\.weights\ +fp8\ +the\ checkpoint\'s\ name ]]
    run -0 crossover run fp8.ini --format json
    has '"total_micro_usd": 11680000000,' "$output"
    has '"option": "4 x h100-sxm, fp8"' "$output"
}

@test "the beginning of names lists them all" {
    run -0 crossover data models llama
    [ "$(grep -c '^llama-' <<<"$output")" -eq 14 ]
    run -0 crossover data gpus h100
    has "Others that begin so: h100-pcie, h100-nvl" "$output"
    run -0 crossover data apis openai/ --format csv
    [ "$(grep -c '^openai/' <<<"$output")" -gt 20 ]
    [ "$(grep -c '^openai/' <<<"$output")" -eq "$(wc -l <<<"$output" | awk '{print $1 - 1}')" ]
    run -2 crossover data models zzz
    has '"zzz" is not among the' "$output"
}

@test "names of files are shown with what nobody sees in them" {
    local file=$'my\u202eini.\u200bini'
    cp my.ini "$file"
    run -0 --separate-stderr crossover run "$file" --out kept
    sed 's/^rent .*/rent = $2.5\/hour/' my.ini >other.ini
    run -2 --separate-stderr crossover run other.ini --out kept
    has 'kept holds results of my<U+202E>ini.<U+200B>ini' "$stderr"
    [ "$(jq -r .scenario.path kept/manifest.json)" = "$file" ]
    run ! grep -rqP '\x{202e}|\x{200b}' kept
    run -2 crossover check $'none\u2066.ini'
    has 'none<U+2066>.ini' "$output"
    # refused in a scenario, but for its comments
    printf '; emoji \u26a0\ufe0f\n' | cat - my.ini >said.ini
    run -0 crossover check said.ini
    sed $'s/^name *= /&\u200b/' my.ini >said.ini
    run -2 --separate-stderr crossover check said.ini
    [[ $stderr =~ said.ini:[0-9]+:\ an\ invisible\ character,\ U\+200B,\ at\ column\ [0-9]+\;\ delete\ it ]]
}
