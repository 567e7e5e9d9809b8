#!/usr/bin/env bats
# calibrate.bats - data calibrate from end to end: table, the file to include, refusals.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

# A machine whose steps take about a fifth longer than the defaults say.
setup_bench() {
    cat >bench.csv <<'END'
engine,model,precision_weights,gpu,tp,isl,osl,load_kind,load_value,n_requests,ttft_mean_ms,tpot_mean_ms
vllm,llama-3.1-8b,fp8,h100-sxm,1,1000,200,concurrency,1,20,38,6.9
vllm,llama-3.1-8b,fp8,h100-sxm,1,1000,200,concurrency,8,80,75,7.9
vllm,llama-3.1-8b,fp8,h100-sxm,1,1000,200,concurrency,32,160,160,10.9
vllm,llama-3.1-8b,fp8,h100-sxm,1,300,600,concurrency,16,80,45,8.3
vllm,llama-3.1-8b,fp8,h100-sxm,1,300,600,concurrency,64,200,90,11.9
vllm,llama-3.1-8b,fp8,h200-sxm,1,300,600,concurrency,64,200,90,9.9
END
    cat >own.ini <<'END'
[scenario]
as_of = 2026-11-22
commit = 12 months
[workload]
volume = 20k requests/day
profile = office-hours
prompt = 1500 tokens
output = 300 tokens
[slo]
ttft_p95 = 2 s
[build]
model = llama-3.1-8b
weights = fp8
gpu = h100-sxm
rent = $3.50/hour
staff = 0 FTE
END
}

@test "data calibrate prints constants with intervals, errors and what the rows do not tell" {
    setup_bench
    run -0 --separate-stderr crossover data calibrate own.ini bench.csv
    has "llama-3.1-8b fp8 on 1 x h100-sxm vllm: 5 rows of bench.csv, 1 skipped" "$output"
    has "gpu is h200-sxm, and" "$output"
    has "95 % interval" "$output"
    has "left out" "$output"
    has "their defaults; other loads" "$output"
    has "--out calibrated.ini" "$stderr"
    while IFS= read -r line; do [ "${#line}" -le 80 ]; done <<<"$output"
    [ ! -e calibrated.ini ]
}

@test "data calibrate writes a file that a scenario includes, and never over one that exists" {
    setup_bench
    SOURCE_DATE_EPOCH=1790000000 run -0 --separate-stderr crossover data calibrate own.ini \
        bench.csv --out calibrated.ini --quiet
    has "date = 2026-09-21" "$(cat calibrated.ini)"
    run -0 --separate-stderr crossover check own.ini --set build.include=calibrated.ini
    has "calibrated.ini:" "$output"
    has "build.step_scale" "$output"
    [ -z "$stderr" ]
    run -1 crossover data calibrate own.ini bench.csv --out calibrated.ini
    has "exists already" "$output"
    run -0 crossover data calibrate own.ini bench.csv --out calibrated.ini --force
    run -0 --separate-stderr crossover check own.ini --set build.include=calibrated.ini \
        --set build.gpu=h200-sxm
    has "warning: calibration.deployment" "$stderr"
}

@test "data calibrate begins at the defaults also when the scenario includes a calibration" {
    setup_bench
    crossover data calibrate own.ini bench.csv --out calibrated.ini --quiet >one
    crossover data calibrate own.ini bench.csv --set build.include=calibrated.ini --quiet >two
    cmp one two
}

@test "data calibrate gives the same bytes on one thread and on two, without NaN" {
    setup_bench
    for format in table csv json; do
        crossover data calibrate own.ini bench.csv --threads 1 --format $format --quiet >one
        crossover data calibrate own.ini bench.csv --threads 2 --format $format --quiet >two
        cmp one two
        run ! grep -iE '(^|[^a-z])(nan|inf)([^a-z]|$)' one
    done
    run -0 jq -r '.constants | map(select(.name == "step_scale")) | .[0].used > 1' one
    [ "$output" = true ]
}

@test "data calibrate refuses what it cannot fit, in one sentence" {
    setup_bench
    run -2 crossover data calibrate own.ini
    has "data calibrate needs a scenario and a file of measurements" "$output"
    run -2 crossover data calibrate own.ini missing.csv
    has missing.csv "$output"
    run -2 crossover data calibrate own.ini bench.csv --set build.gpu=h200-sxm
    has "has 1 row of" "$output"
    run -2 crossover data calibrate own.ini bench.csv --set build.weights=fp8,bf16
    has "lists 2 deployments" "$output"
}

@test "run and curve say how far step times may be off, and for which class" {
    run -0 crossover run my.ini --quiet
    has "Step times are typically within" "$output"
    has "in range: GPU, model and engine were" "$output"
    run -0 crossover run my.ini --quiet --format json --set build.gpu=l40s
    [ "$(jq -r '.options[0].step_class' <<<"$output")" = "new GPU" ]
    [ "$(jq -r '.options[0] | .step_typical_frac > .step_error_frac' <<<"$output")" = true ]
    run -0 crossover run my.ini --quiet --set build.gpu=mi300x
    has "typically within 92 % (AMD CDNA3: runs on this" "$output"
    run -0 crossover curve my.ini --quiet --no-plots --out a
    has "step times typically within" "${output//$'\n'/ }"
    run -0 crossover curve my.ini --quiet --no-plots --out b --set uncertain.build.step_scale=model-error
    run ! grep -q "step times" b/verdict.txt
    [ "$(jq -r '.verdict.step_error_frac' b/curve.json)" = 0 ]
}

result() { # concurrency, TPOT in ms, tokens a second: as vllm bench serve saves it
    printf '{"backend": "openai-chat", "model_id": "%s", "request_rate": "inf", "max_concurrency": %d,
"completed": 40, "total_input_tokens": 9200, "total_output_tokens": 8800, "output_throughput": %g,
"mean_ttft_ms": 60.5, "mean_tpot_ms": %g}\n' "${4:-meta-llama/Llama-3.1-8B-Instruct}" "$1" "$3" "$2"
}

@test "results of vllm in JSON are rows of the scenario's deployment" {
    setup_bench
    { result 1 6.9 143; result 4 7.4 520; result 16 8.1 1860; result 4 9 400 Qwen/Qwen3-8B; } >bench.json
    run -0 --separate-stderr crossover data calibrate own.ini bench.json
    has "3 rows of bench.json, 1 skipped" "$output"
    has "what is missing is taken from" "$stderr"
    result 4 7.4 520 >one.json
    run -2 crossover data calibrate own.ini one.json
    has "has 1 row of" "$output"
    has "results of other loads go into the same file, one after another" "$output"
    run -2 crossover data validate one.json
    has "one.json:1: this benchmark result in JSON does not say on what GPU it ran" "$output"
}
