#!/bin/bash
# recipe_way.sh - a way is one file and its rows: do columns, JSON, pictures and verdict have it?
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Argument: the root of the source tree. A copy of it gets a way of its own, "half": half of the
# requests are bought and half are built. Nothing is touched but what the recipe "A way" of
# CONTRIBUTING.md names; the copy is built and answers a shipped scenario.
set -eu
root=$(realpath "${1:?the root of the source tree}")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git -C "$root" ls-files -z --cached --others --exclude-standard | (cd "$root" && xargs -0 cp --parents -t "$copy")
cd "$copy"

cat >src/ways/half.c <<'END'
/* half.c - half of the requests are bought, half are built.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

static double half_usd(const struct world *w, double volume, int *option)
{
    return way_usd(w, XO_WAY_BUY, volume / 2, NULL) + way_usd(w, XO_WAY_BUILD, volume / 2, option);
}

static void half_bill(const struct world *w, double volume, int option, struct xo_bill *bill)
{
    way_types[XO_WAY_BUILD]->bill(w, volume / 2, option, bill);
}

static bool half_rises(const struct world *w)
{
    return buying_rises(w) && building_rises(w);
}

static const char *half_name(const struct xo_scenario *s, int option)
{
    return xo_way_name(s, XO_WAY_BUILD, option);
}

const struct way_type way_half = {
    .usd = half_usd, .bill = half_bill, .rises = half_rises, .name = half_name
};
END
sed -i 's/target_sources(xo_rooms PRIVATE /&half.c /' src/ways/CMakeLists.txt
sed -i -e 's/^#define XO_LATER_WAYS(WAY)$/& WAY(HALF, half, "half of each", "half of each", "half of each")/' \
    -e 's/^#define XO_LATER_PAIRS(PAIR)$/& PAIR(BUY, HALF, "half_wins_share", "half_against_buy")/' \
    include/xo/ways.h

cmake --preset release -B build -DBUILD_TESTING=OFF >/dev/null
cmake --build build -j "$(nproc)" --target crossover_cli >build.log || { grep error build.log; exit 1; }
program=$(find build -name crossover -type f -perm -u+x | head -1)
"$program" curve scenarios/support.ini --out out --quiet >/dev/null

failures=0
has() { # what is wanted, file, pattern
    if grep -qE "$3" "out/$2"; then
        echo "OK      $1"
    else
        echo "NOT OK  $1: $2 has no \"$3\""
        failures=$((failures + 1))
    fi
}
has "the columns of the new way come last" curve.csv \
    '^volume_requests_month.*build_beats_same_share_se,half_usd_month,.*,half_wins_share,half_wins_share_se.?$'
has "JSON says its bill at plan" curve.json '"half": \{'
has "JSON says where it becomes cheaper" curve.json '"half_against_buy": \{'
has "the picture's data have its line" cost.csv ',corner,half_usd,half_p10_usd,half_p90_usd'
has "the picture draws it" cost.set "later_ways = 'half'"
has "the picture names it" cost.set 'half of each'
has "the verdict says what it costs" verdict.txt 'half of each'
[ -s out/cost.png ] || { echo "NOT OK  there is no picture"; failures=$((failures + 1)); }
if [ -n "${KEEP:-}" ]; then cp -r out "$KEEP"; fi
exit $((failures > 0))
