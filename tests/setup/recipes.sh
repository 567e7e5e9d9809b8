#!/bin/bash
# recipes.sh - do the recipes of CONTRIBUTING.md hold?
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Argument: the root of the source tree. A copy of it gets a GPU, a key, a way to serve a month, a
# picture and a study, in the files that their recipes name and in no other; it is built, and asked
# for each of them. What is put in stands in recipes/ or below. KEEP names a folder for the results.
# shellcheck disable=SC2016  # dollars are those of prices
set -eu
root=$(realpath "${1:?the root of the source tree}")
with=$(realpath "$(dirname "$0")/recipes")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git -C "$root" ls-files -z --cached --others --exclude-standard |
    (cd "$root" && xargs -0 cp --parents -t "$copy")
cd "$copy"

# edit FILE PATTERN SCRIPT: sed, where the pattern stands in the file, once.
edit() {
    [ "$(grep -c -- "$2" "$1")" = 1 ] || { echo "NOT OK  \"$2\" does not stand once in $1"; exit 1; }
    sed -i "/$2/$3" "$1"
}

# A GPU: a section of the catalog.
cat >>src/scenario/catalog/gpus.ini <<'END'

[gpu test-3000]
title = NVIDIA Test 3000
generation = hopper
memory = 85.52 GB
bandwidth = 3352 GB/s
bf16 = 989 TFLOPS
fp8 = 1979 TFLOPS
link = 450 GB/s
link_kind = nvlink
power_busy = 700 W
power_idle = 122 W
rent = $3.21/hour
rent_low = $3.21/hour
rent_high = $3.21/hour
rent_quotes = 1
server_gpus = 8
source = made up for a test
as_of = 2026-11-22
END

# A key: a row, and its use.
edit src/scenario/keys.def '^KEY(BUILD_FIXED,' \
    'a KEY(BUILD_COFFEE, "build", "coffee", NUMBER, "USD/month", "$0/month", 0, 1e12, NULL, MONEY, "coffee for those who build")'
edit src/scenario/money.c 'number(r, S_BUILD, K_BUILD_FIXED)' \
    's/number(r, S_BUILD, K_BUILD_FIXED)/& + number(r, S_BUILD, K_BUILD_COFFEE)/'

# A way to serve a month: a file, and its rows.
cp "$with/half.c" src/ways/
edit src/ways/CMakeLists.txt 'xo_rooms PRIVATE' 's/PRIVATE /&half.c /'
edit include/xo/ways.h '^#define XO_LATER_WAYS(WAY)$' \
    's/$/ WAY(HALF, half, "half of each", "half of each", "half of each")/'
edit include/xo/ways.h '^#define XO_LATER_PAIRS(PAIR)$' \
    's/$/ PAIR(BUY, HALF, "half_wins_share", "half_against_buy")/'

# A picture: its program, its data, and a row where its study draws.
cp "$with/gpus.gp" plots/
cp "$with/plot_gpus.c" src/report/out/
edit src/report/CMakeLists.txt 'xo_rooms PRIVATE' 's#PRIVATE#& out/plot_gpus.c#'
edit src/report/out/pictures.h '^void xo_plot_cost(' \
    'a void xo_plot_gpus(struct xo_plot *plot, const struct xo_curve *curve);'
edit src/report/out/write.c '{ "cost", xo_plot_cost }' 's/{ "load", xo_plot_load }/&, { "gpus", xo_plot_gpus }/'

# A study: what it asks, its page, its command, and their rows.
cp "$with/twice_study.c" src/study/twice.c
cp "$with/twice_page.c" src/report/page/twice.c
cp "$with/twice_cli.c" src/cli/twice.c
edit src/study/CMakeLists.txt 'xo_rooms PRIVATE' 's/PRIVATE /&twice.c /'
edit src/report/CMakeLists.txt 'xo_rooms PRIVATE' 's#PRIVATE#& page/twice.c#'
edit src/cli/CMakeLists.txt 'xo_cli OBJECT' 's/OBJECT /&twice.c /'
edit include/xo/study.h '^void xo_run_free(' 'a \
struct xo_twice {\
    const struct xo_scenario *scenario;\
    double usd[2];\
};\
XO_MUST_USE bool xo_twice_run(struct xo_twice *twice, const struct xo_scenario *scenario,\
                              struct xo_error *err);'
edit include/xo/report.h '^XO_MUST_USE bool xo_run_print(' 'i \
XO_MUST_USE bool xo_twice_print(FILE *out, const struct xo_twice *twice, enum xo_format format,\
                                struct xo_error *err);'
edit src/cli/cli.h '^    CLI_STEP = ' 'a \    CLI_TWICE = 4096,'
edit src/cli/cli.h '^int cli_run(' 'a int cli_twice(const struct cli_request *request);'
edit src/cli/table.c 'cli_step },$' "r $with/twice_row.txt"
edit src/cli/table.c '^    STUDIES = ' 's/CLI_RUN/CLI_TWICE | &/'

cmake --preset release -B build -DBUILD_TESTING=OFF >/dev/null
cmake --build build -j "$(nproc)" --target crossover_cli >build.log ||
    { grep -A3 -E "error:|undefined|multiple" build.log; exit 1; }
program=$copy/build/crossover
"$program" data gpus test-3000 >gpu.txt
"$program" check scenarios/support.ini --set build.coffee='$1234/month' --resolved >resolved.ini
"$program" help scenario >help.txt
"$program" run scenarios/support.ini --quiet --format json >before.json
"$program" run scenarios/support.ini --set build.coffee='$1234/month' --quiet --format json >after.json
"$program" run scenarios/support.ini --quiet >run.txt
"$program" curve scenarios/support.ini --out out --quiet >curve.txt

for format in table csv json; do "$program" twice scenarios/support.ini --format $format >twice.$format; done
"$program" --help >overview.txt

failures=0
has() { # what is wanted, file, pattern
    if grep -qE "$3" "$2"; then
        echo "OK      $1"
    else
        echo "NOT OK  $1: $(basename "$2") has no \"$3\""
        failures=$((failures + 1))
    fi
}
picture() { # what is wanted, file
    if [ -s "$2" ]; then echo "OK      $1"; else
        echo "NOT OK  $1: there is no $2"
        failures=$((failures + 1))
    fi
}
has "a GPU is listed" gpu.txt '3\.21'
has "a key is read and shown" resolved.ini '^coffee = \$1234/month'
has "a key is explained" help.txt 'coffee for those who build'
if cmp -s before.json after.json; then
    echo "NOT OK  a key counts: the bill is what it was"
    failures=$((failures + 1))
else
    echo "OK      a key counts"
fi
has "a way: run has its bill" after.json '"half": \{'
has "a way: run lists it" run.txt 'half of each'
has "a way: its columns come last" out/curve.csv \
    '^volume_requests_month.*build_beats_same_share_se,half_usd_month,.*,half_wins_share,half_wins_share_se.?$'
has "a way: JSON has its bill" out/curve.json '"half": \{'
has "a way: JSON has where it becomes cheaper" out/curve.json '"half_against_buy": \{'
has "a way: the picture's data have its line" out/cost.csv ',corner,half_usd,half_p10_usd,half_p90_usd'
has "a way: the picture draws it" out/cost.set "later_ways = 'half'"
has "a way: the picture names it" out/cost.set 'half of each'
has "a way: the verdict says what it costs" out/verdict.txt 'half of each'
has "a way: the table of a curve names it" curve.txt ' buy same +build: +half of'
has "a way: the table of a curve has its bills" curve.txt '^ +1\.52 M( +[0-9,]+){4} +[0-9]+ %  <- your plan$'
has "a way: what it saves is among the data" out/saving.csv ',corner,half_against_buy_usd'
has "a way: the picture of savings draws it" out/saving.set "later_lines = 'half_against_buy'"
has "a way: the picture of savings names it" out/saving.set 'half of each'
picture "a way: there is a picture of savings" out/saving.png
picture "a way: there is a picture" out/cost.png
picture "a picture is drawn" out/gpus.png
has "a study prints a table" twice.table 'requests a month   USD a month'
has "a study prints CSV" twice.csv '^requests_month,usd_month'
has "a study prints JSON" twice.json '"usd_month"'
has "a study stands in the overview" overview.txt 'twice .*buying at twice the plan'
if [ -n "${KEEP:-}" ]; then cp -r . "$KEEP"; fi
exit $((failures > 0))
