#!/usr/bin/env bats
# validate.bats - data validate from end to end: table, files, exit status, threads, plots.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

measured() { printf '%s/../data/measured.csv' "$BATS_TEST_DIRNAME"; }

@test "data validate prints errors by group, the worst rows and why rows were skipped" {
    run -0 --separate-stderr crossover data validate "$(measured)"
    has "10 of 12 rows" "$output"
    for group in dataset gpu model engine weights tensor_parallel load quality; do
        [ "$(grep -c "^by $group " <<<"$output")" -eq 1 ]
    done
    has "mean over datasets" "$output"
    has "worst rows" "$output"
    has "TTFT below saturation     at most 15 % or 20 ms" "$output"
    has "isl is not given" "$output"
    [ -z "$stderr" ]
    while IFS= read -r line; do [ "${#line}" -le 80 ]; done <<<"$output"
    [ "$(ls)" = my.ini ]
}

@test "data validate writes rows, summary, JSON and two plots with --out" {
    run -0 --separate-stderr crossover data validate "$(measured)" --out val
    for file in validate.csv validate_summary.csv validate_targets.csv validate_series.csv validate.md validate.json validate_scatter.gp \
        validate_scatter.csv validate_load.gp validate_load.csv; do
        [ -s "val/$file" ]
    done
    [ "$(wc -l <val/validate.csv)" -eq 13 ]
    run ! grep -iE '(^|[^a-z])(nan|inf)([^a-z]|$)' val/validate.csv val/validate.json
    run -0 jq -r '.rows | map(select(.status == "skipped")) | length' val/validate.json
    [ "$output" -eq 2 ]
    run -0 jq -r '[.scores[] | select(.by == "dataset")] | length' val/validate.json
    [ "$output" -gt 5 ]
    run -0 jq -r '.targets | length' val/validate.json
    [ "$output" -eq 8 ]
    run ! grep -iE '(^|[^a-z])(nan|inf)([^a-z]|$)' val/validate.md val/validate_targets.csv val/validate_series.csv
    if command -v gnuplot; then
        for name in validate_scatter validate_load; do
            [ -s "val/$name.png" ]
            [ -s "val/$name.svg" ]
        done
    fi
}

@test "data validate gives the same bytes on one thread and on two" {
    for format in table csv json; do
        crossover data validate "$(measured)" --threads 1 --format $format >one
        crossover data validate "$(measured)" --threads 2 --format $format >two
        cmp one two
    done
}

@test "data validate reads packed measurements, and standard input packed or not" {
    cp -r "$(dirname "$(measured)")"/. .
    crossover data validate measured.csv >plain.txt
    crossover data validate - <measured.csv >read.txt
    for tool in gzip zstd; do
        packs "$tool" || continue
        "$tool" -c "$(measured)" >measured.csv
        run -0 --separate-stderr crossover data validate measured.csv
        [ "$output" = "$(cat plain.txt)" ]
        run -0 --separate-stderr crossover data validate - <measured.csv
        [ "$output" = "$(cat read.txt)" ]
        "$tool" -c "$(measured)" | head -c -5 >measured.csv
        run -2 --separate-stderr crossover data validate measured.csv
        [ "$(lines_of "$stderr")" -le 2 ]
        has ": its $tool-compressed data ends here, in the middle: the file is cut short" "$(flat "$stderr")"
    done
}

@test "data validate refuses a bad file with file, line and what would do" {
    printf 'gpu,model,engine,load_kind,tp\nh100,llama-3.1-8b,vllm,rate,two\n' >bad.csv
    run -2 --separate-stderr crossover data validate bad.csv
    [ -z "$output" ]
    has 'bad.csv:2: tp is "two"; it takes a number' "$stderr"
    has "1 error in bad.csv" "$stderr"
    run -2 crossover data validate missing.csv
    has missing.csv "$output"
}

@test "data validate says once which GPUs it does not know, and goes on" {
    printf 'gpu,model,engine,load_kind,load_value,isl,osl,tpot_mean_ms\n%s\n%s\n%s\n' \
        h100,llama-3.1-8b,vllm,concurrency,4,100,20,7 tpu-v9,llama-3.1-8b,vllm,concurrency,4,100,20,7 \
        tpu-v9,llama-3.1-8b,vllm,concurrency,8,100,20,7 >mixed.csv
    run -0 --separate-stderr crossover data validate mixed.csv
    has "1 of 3 rows" "$output"
    has 'mixed.csv:3: warning: GPU "tpu-v9" is in no catalog' "$stderr"
    [ "$(lines_of "$stderr")" -eq 1 ]
}

@test "validate alone is data validate, and skips what it cannot use with a warning" {
    printf '\xef\xbb\xbfgpu,model,engine,load_kind,load_value,isl,osl,tpot_mean_ms,mine\r\n%s\r\n%s\r\n%s\r\n,,,,,,,,\r\n' \
        h100,llama-3.1-8b,vllm,concurrency,4,100,20,7,x h100,llama-3.1-8b,mlc,concurrency,4,100,20,7, \
        h100,llama-3.1-8b,vllm,concurrency,four,100,20,7, >mixed.csv
    run -0 --separate-stderr crossover validate mixed.csv --out val --no-plots
    has "1 of 3 rows" "$output"
    has 'mixed.csv:3: warning: engine "mlc" is not simulated; its rows are skipped' "$stderr"
    has 'mixed.csv:4: warning: load_value is "four"; it takes a number' "$stderr"
    has 'skipped,"engine ""mlc"" is not simulated"' "$(cat val/validate.csv)"
}

# What was measured is known by hand: TTFTs of 0.1, 0.2, 0.1 and 0.4 s, TPOTs of 10, 20, 10 and 20 ms, times
# of 0.3, 0.4, 0.3 and 0.6 s.
@test "data validate tells how far it is from a request log, in per cent" {
    printf '%s\n' arrival_s,input_tokens,output_tokens,first_token_s,last_token_s 0,100,21,0.1,0.3 1,200,11,1.2,1.4 \
        2,100,21,2.1,2.3 3,300,11,3.4,3.6 >log.csv
    printf 'id,dataset,gpu,model,engine,load_kind,load_value\nmine,home,h100,llama-3.1-8b,vllm,trace,log.csv\n' >rows.csv
    run -0 --separate-stderr crossover data validate rows.csv --out val
    table=$(sed -n '/^request logs  /,/^$/p' <<<"$output")
    [ "$(head -2 <<<"$table" | wc -L)" -eq 73 ] # the heads stand over their columns
    table=$(tr -s ' ' <<<"$table")
    for measure in 'ttft 0.2 mine' 'tpot 0.015' 'e2e 0.4'; do
        read -r name mean_s id <<<"$measure"
        error=$(jq -r ".rows[0].predicted_${name}_s" val/validate.json | awk '{ print 100 * ($1 / '"$mean_s"' - 1) }')
        has "$(printf '%s %s %+.1f ' "$id" "${name^^}" "$error")" "$table"
        has "$(printf '| %s | %+.1f %% |' "${name^^}" "$error")" "$(cat val/validate.md)"
        has "$(printf '%.0f (%.0f, %+.0f) |' "${error#-}" "${error#-}" "$error")" "$(grep '^| home |' val/validate.md)"
    done
    # the TPOTs are drawn up to a quarter above the larger of both
    has '] = 0.01875' "$(grep -o "panel_of\[.\] = 'tpot_s'.*" val/validate_scatter.set)"
}

@test "panels of the scatter that have no points are left out" {
    printf 'gpu,model,engine,load_kind,load_value,isl,osl,tpot_mean_ms\nh100,llama-3.1-8b,vllm,concurrency,4,100,20,7\n' >rows.csv
    crossover data validate rows.csv --out val >/dev/null 2>&1
    grep -q '^panel_n = 1$' val/validate_scatter.set
    has '] = 0.00875' "$(grep '^panel_text' val/validate_scatter.set)" # a quarter above 7 ms
    run ! grep -iE '[= ](nan|inf)' val/validate_scatter.set
}

@test "a dataset's name cannot run a command when its picture is drawn" {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    printf '%s\n' dataset,gpu,model,engine,load_kind,load_value,isl,osl,tpot_mean_ms \
        "'.system('touch pwned').'{\`touch pwned\`@x\\,h100,llama-3.1-8b,vllm,concurrency,4,100,20,7" >hostile.csv
    run -0 --separate-stderr crossover data validate hostile.csv --out val
    [ -s val/validate_load.png ]
    [ ! -e val/pwned ]
    [ ! -e pwned ]
    cd val
    run -0 --separate-stderr gnuplot validate_scatter.gp
    [ -z "$stderr" ]
    [ ! -e pwned ]
}
