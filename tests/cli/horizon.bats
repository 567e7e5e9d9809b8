#!/usr/bin/env bats
# horizon.bats - month by month from end to end: files, words, exit status, what is refused.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

grows() { # a scenario with months of its own
    printf '[horizon]\nmonths = 24 months\ngrowth = 5%%/month\ndiscount_rate = 8%%\n%s\n' "$1" >>my.ini
}

@test "horizon writes its files, prints the answer and says what it wrote" {
    grows 'api_steps = 2027-06-01 -20%'
    run -0 --separate-stderr crossover horizon my.ini --no-plots
    has "Wrote out/: horizon.csv, horizon.json, horizon.txt, manifest.json" "$stderr"
    has "before tax" "$output"
    run ! grep -iE '(^|[^a-z])(nan|inf)([^a-z]|$)' out/horizon.csv out/horizon.json out/horizon.txt
    [ "$(wc -l <out/horizon.csv)" -eq 25 ]
    [ "$(jq -r .schema out/horizon.json)" = crossover.horizon/1 ]
    [ "$(jq -r .study out/manifest.json)" = horizon ]
    [ "$(jq -r '.months[6].month' out/horizon.json)" = 2027-06 ]
    [ "$(jq -r '.months[6].api_factor' out/horizon.json)" = 0.8 ]
}

@test "it simulates as many requests as curve, and its first month is the curve's plan" {
    grows ''
    crossover curve my.ini --no-plots -q --out curve >/dev/null
    crossover horizon my.ini --no-plots -q --out months >/dev/null
    [ "$(jq .n_simulated curve/curve.json)" = "$(jq .n_simulated months/horizon.json)" ]
    for way in buy build; do
        plan=$(jq ".verdict.$way.usd_month" curve/curve.json)
        [ "$plan" = "$(jq ".months[0].${way}_economic_usd_month" months/horizon.json)" ]
    done
}

@test "horizon is the same to the byte on one thread and on two" {
    grows 'rent_trend = -10%/year'
    crossover horizon my.ini --no-plots -q --threads 1 --out one >one.txt
    crossover horizon my.ini --no-plots -q --threads 2 --out two >two.txt
    cmp one/horizon.json two/horizon.json
    cmp one/horizon.csv two/horizon.csv
    cmp one.txt two.txt
    crossover horizon my.ini --no-plots -q --format csv >stdout.csv
    cmp stdout.csv out/horizon.csv
}

@test "its lead has at most four lines, and no word that claims too much" {
    grows ''
    for set in horizon.growth=5% buy.price_scale=100 buy.price_scale=0.001 horizon.lead_time="3 months"; do
        run -0 crossover horizon my.ini --no-plots -q --set "$set"
        lead=$(sed -n '/^\(Cheaper\|Too close\|No \)/,/^\(Switching\|The base\|Going\|Sums\|The same\|But the\)/p' <<<"$output" | head -n -1)
        [ -n "$lead" ]
        [ "$(wc -l <<<"$lead")" -le 4 ]
        run ! grep -iE 'should|recommend|guarantee|for good|[^a-z]building[^a-z]' <<<"$output"
    done
}

@test "what it says of a case worked out by hand" {
    # $9,460 a month bought, two GPUs at $1 an hour: $60,000 now save $8,000 a month for 24
    cat >>my.ini <<-'END'
	[horizon]
	months        = 24 months
	discount_rate = 12%
	api_steps     = 2028-06-01 -50%
	[api acme/chat]
	like   = none
	input  = $9.46/Mtok
	output = $0/Mtok
	END
    sed -i 's/^volume .*/volume = 1M requests\/month/; s/^prompt .*/prompt = 1000 tokens/; s/^output .*= 90 .*/output = 6 tokens/' my.ini
    sed -i 's/^rent .*/rent = $1\/hour\none_off = $60k\nheadroom = 0%/; s/^staff .*0.25 FTE/staff = 0 FTE/' my.ini
    sed -i 's/^api .*/api = acme\/chat/; s/^same_model_api .*/same_model_api = none/' my.ini
    run -0 crossover horizon my.ini --no-plots -q --set horizon.api_steps="2028-12-01 -50%"
    text=$(flat "$output")
    has "Cheaper over 24 months from 2026-12: BUILD. acme/chat costs \$200,000, this build \$91,000: switching now saves \$110,000, in over 99 % of draws. Switching now" "$text"
    has "payback 7.5 months, discounted 7.8 months, within the horizon in over 99 % of draws; internal rate 313 % a year; at most \$60,000 paid out ahead of buying, at the start of 2026-12." "$text"
    has "Waiting 6 months costs \$43,000, 12 months costs \$84,000. Switching is worth most in 2026-12: \$110,000." "$text"
    has "Sums are cash before tax" "$text"
    # tokens cost 9,460 (a18 + (a24 - a18)/2) = $179,026, this build 60,000 + 1,460 a24 = $91,205, where
    # a18 = 16.4761 and a24 = 21.37323: they are worth the same at 0.50945 of the price, and at a rent of
    # (179,026 - 60,000)/31,205 = 3.814 dollars
    run -0 crossover horizon my.ini --no-plots -q
    has_line "  2028-06      API prices at 0.509 times today's" "$output"
    has_line "  not reached  rent at \$3.81 a GPU-hour, 3.81 times today's" "$output"
    # $2,000 a month for $60,000: 24 of them are not even that, and sum (1 + i)^-m = 30
    run -0 crossover horizon my.ini --no-plots -q --set horizon.api_steps="2028-12-01 -50%" --set build.rent='$5.109589041/hour'
    has "internal rate -19 % a year" "$(flat "$output")"
}

@test "three pictures, each with its program and data" {
    grows ''
    PATH=/nowhere "$CROSSOVER" horizon my.ini -q >page.txt
    for plot in cumulative monthly switching; do
        for end in gp set csv; do
            [ -s "out/$plot.$end" ]
        done
    done
    run ! grep -iE '(^|,)(nan|inf)' out/cumulative.csv out/monthly.csv out/switching.csv
}

@test "--fail-on: 4 where it holds over the horizon" {
    grows ''
    run -4 --separate-stderr crossover horizon my.ini --no-plots -q --fail-on buy --set buy.price_scale=0.001
    has "--fail-on buy: buying is cheaper over the horizon" "$stderr"
    run -4 --separate-stderr crossover horizon my.ini --no-plots -q --fail-on build --set buy.price_scale=1000
    has "this build is cheaper over the horizon" "$stderr"
    run -0 crossover horizon my.ini --no-plots -q --fail-on build --set buy.price_scale=0.001
}

@test "what cannot be is one clear line with its place" {
    local n=$(($(wc -l <my.ini) + 2))
    grows ''
    sed -i 's/^months = .*/months = 0 months/' my.ini
    run -2 --separate-stderr crossover horizon my.ini
    has_line "my.ini:$n: horizon.months is \"0 months\", out of range; it takes 1 months to 240 months" "$stderr"
    [ "$(lines_of "$stderr")" -eq 2 ] # and where the keys are explained
    sed -i 's/^months = .*/path = plan.csv/; /^growth/d' my.ini
    printf 'month,volume\n2026-12,-3\n' >plan.csv
    run -2 --separate-stderr crossover horizon my.ini
    [ "$(lines_of "$stderr")" -eq 2 ]
    has "my.ini:$n: horizon.path is \"plan.csv\": plan.csv:2: volume is \"-3\"" "$stderr"
}

@test "a path above what a million replicas serve is one clear line" {
    printf '[horizon]\npath = plan.csv\n' >>my.ini
    printf 'month,volume\n2026-11,1000\n2029-12,9e12\n' >plan.csv
    run -2 --separate-stderr crossover horizon my.ini --no-plots --set "workload.output=20k tokens"
    [ "$(lines_of "$stderr")" -eq 1 ]
    has_line "crossover: my.ini:40: the largest volume of the horizon takes more than a million replicas of 1 x h100-sxm, fp8; lower horizon.path, or give them more GPUs" "$stderr"
    printf 'month,volume\n2026-11,1000\n2029-12,2e12\n' >plan.csv # engines get worse
    run -2 --separate-stderr crossover horizon my.ini --no-plots --set "horizon.capacity_steps=2028-01-01 -99%"
    [ "$(lines_of "$stderr")" -eq 1 ]
    [[ $stderr =~ my.ini:40:\ the\ [0-9.]+\ T\ requests\ of\ 20[23][0-9]-[0-9]+\ take\ more\ than\ a\ million\ replicas\ of\ 1\ x\ h100-sxm,\ fp8\;\ lower\ horizon.path$ ]]
    printf '%s\n' "$(head -n -2 my.ini)" '[horizon]' 'months = 120 months' 'capacity_trend = -99%/year' >my.ini
    run -2 --separate-stderr crossover horizon my.ini --no-plots
    [ "$(lines_of "$stderr")" -eq 1 ]
    [[ $stderr =~ my.ini:41:\ the\ [0-9.]+\ [MkB]\ requests\ of\ 20[0-9-]+\ take\ more\ than\ a\ million\ replicas\ of\ 1\ x\ h100-sxm,\ fp8\;\ raise\ horizon.capacity_trend$ ]]
}

@test "a closed loop has no volume that could grow" {
    sed -i 's/^volume .*/clients = 4/; /^profile/d' my.ini
    run -2 --separate-stderr crossover horizon my.ini --no-plots
    has "a closed loop of 4 clients has no volume to vary" "$stderr"
}

@test "a month says which prices are announced for later" {
    run -0 --separate-stderr crossover run my.ini --set buy.api=google/gemini-3.8-flash --out flash
    has "google/gemini-3.8-flash announces other prices from 2027-01-01 on: \`crossover horizon\` counts them." "$(flat "$output")"
    run -0 --separate-stderr crossover check my.ini --set buy.api=google/gemini-3.8-flash
    has "prices stay as typed, until 2027-01-01 /" "$(flat "$output")"
    run -0 --separate-stderr crossover check my.ini
    [[ $output != *announces* ]]
}
