#!/usr/bin/env bats
# words.bats - what results say of prices, hosts, volumes and invoices, from end to end.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

# Text on one line.

# 3 requests/s are 7,884,000 a month of 730 input and 90 output tokens: 5,755.32 and 709.56 Mtok.
#   bedrock   6,464.88 Mtok at $0.22           = $1,422.27
#   deepinfra 5,755.32 at 0.02 + 709.56 at 0.04 = $115.1064 + $28.3824 = $143.49
@test "of a list of hosts the cheapest is bought, and named with its provider" {
    hosts="bedrock/llama-3.1-8b, deepinfra/llama-3.1-8b-instruct-turbo"
    run -0 --separate-stderr crossover run my.ini --set "buy.same_model_api=$hosts"
    has_line "buy same weights: deepinfra/llama-3.1-8b-instruct-turbo" "$output"
    has '$143.49' "$output"
    has "$(printf 'openai/          deepinfra/\n')" "$output"
    run -0 --separate-stderr crossover run my.ini --set "buy.same_model_api=median of $hosts" \
        --format csv
    has 'same,deepinfra/llama-3.1-8b-instruct-turbo,tokens' "$output"
    run -0 --separate-stderr crossover run my.ini --set "buy.same_model_api=bedrock/llama-3.1-8b"
    has_line "buy same weights: bedrock/llama-3.1-8b" "$output"
    has '$1,422.27' "$output"
}

# $1,422.27 less $143.49 is $1,278.78.
@test "an API of the same weights is left for another host, not for another model" {
    run -0 --separate-stderr crossover curve my.ini --no-plots \
        --set buy.api=bedrock/llama-3.1-8b \
        --set buy.same_model_api=deepinfra/llama-3.1-8b-instruct-turbo
    has 'base case: changing the host saves $1,300, owning the GPUs costs' "$(flat "$output")"
    run ! grep -q 'changing the model' out/verdict.txt
    grep -q '"saving_changing_model_usd_month": 1278.78' out/curve.json
}

@test "the days of prices are theirs, and stale ones speak on stdout" {
    for verb in check run "curve --no-plots" "sweep --no-plots --samples 100" \
        "map --no-plots --cells 3x3 --x workload.volume --y buy.price_scale"; do
        # shellcheck disable=SC2086  # words on purpose
        run -0 --separate-stderr crossover $verb my.ini
        has "Prices of 2026-08-01 to 2026-11-22" "$(flat "$output")"
        [[ $output != *STALE* ]]
        # shellcheck disable=SC2086
        run -0 --separate-stderr crossover $verb my.ini --set scenario.as_of=2027-02-01
        has "Prices of 2026-08-01 to 2027-02-01" "$(flat "$output")"
        has "STALE: the price of bedrock/llama-3.1-8b is of 2026-08-01, 184 days before as_of: look \
for today's." "$(flat "$output")"
    done
}

# 7,884,000 requests at list: 5,755.32 Mtok at $2 and 709.56 at $10 = $18,606.24, 2.1 times $9,000.
@test "an invoice that the tariff misses is told by every study" {
    printf '[actual]\nmonth = 2026-10\nrequests = 7884k\ninvoice = $9,000\n' >>my.ini
    for verb in run "curve --no-plots" "sweep --no-plots --samples 100" \
        "map --no-plots --cells 3x3 --x workload.volume --y buy.price_scale"; do
        # shellcheck disable=SC2086  # words on purpose
        run -0 --separate-stderr crossover $verb my.ini
        has 'This tariff puts your invoice of 2026-10 at $19,000, 2.1 times the $9,000 that it says' \
            "$(flat "$output")"
    done
}

@test "a fixed fleet is compared as far as it goes" {
    run -0 --separate-stderr crossover curve my.ini --no-plots --set build.replicas=1 \
        --set build.spare_replicas=0 --set build.headroom=0% --set "workload.volume=40 requests/s"
    verdict=$(flat "$output")
    has "at every volume simulated that build.replicas carries, 21.5 B to" "$verdict"
    has "At twice your plan this build does not meet the SLO." "$verdict"
    [[ $verdict != *"345 B tokens a month"* ]]
}

@test "beyond the API's rate limit nothing is compared, and its bills are marked" {
    run -0 --separate-stderr crossover curve my.ini --no-plots \
        --set api.openai/gpt-6.2-sol.requests_per_minute=450
    verdict=$(flat "$output")
    has "stays so up to 13.9 B, the largest volume simulated within the API's rate limits." "$verdict"
    has "56,400!" "$output"
    has_line "! the API cannot serve this: its rate limits would have to be raised" "$output"
}

@test "a build alone has no API whose rate limits could be passed" {
    sed '/^\[buy\]/,/^$/d' my.ini >build.ini
    run -0 --separate-stderr crossover run build.ini
    [[ $output != *"rate limits"* ]]
}

@test "the plan prints alike in run, curve, verdict and sweep" {
    run -0 --separate-stderr crossover run my.ini
    has_line "7.88 M requests, 6.46 B tokens a month; every hour is alike" "$output"
    run -0 --separate-stderr crossover curve my.ini --no-plots
    has "  7.88 M  6.46 B " "$output"
    has "at 7.88 M requests (6.46 B tokens) a month" "$(flat "$output")"
    run -0 --separate-stderr crossover sweep my.ini --no-plots --samples 100
    has "at 7.88 M requests a month" "$(flat "$output")"
}
