/* toy.c - somebody else's program on an installed libcrossover: what buying costs a month.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <xo/scenario.h>
#include <xo/study.h>

int main(int argc, char *argv[])
{
    const struct xo_scenario_options options = { .sets = NULL };
    struct xo_problems problems = { 0 };
    struct xo_scenario *scenario = NULL;
    struct xo_bill bill = { .n_items = 0 };
    struct xo_error err = { .kind = XO_OK };
    if (argc != 2 || !xo_scenario_read(&scenario, argv[1], &options, &problems)) {
        for (size_t i = 0; i < problems.n; i++)
            fprintf(stderr, "%s\n", problems.lines[i]);
        return 1;
    }
    if (!xo_buy_at(scenario, scenario->requests_per_month, 0, false, &bill, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("%.2f\n", xo_bill_usd(&bill));
    xo_problems_fini(&problems);
    xo_scenario_free(scenario);
    return 0;
}
