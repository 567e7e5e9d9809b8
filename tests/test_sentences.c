/* test_sentences.c - what the verdict, the tables and the pictures say, sentence by sentence:
 * inputs on the left, the exact words on the right. All figures of the case differ, so that a
 * sentence that quotes another's figure is another sentence.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_fixture.h"

#include "xo/report.h"
#include <check.h>

/* ---- a case whose figures all differ ---- */

/* A request is 2,500 tokens, the plan 1.52 M requests: 3.8 B tokens; the range is 38 M to 380 B. */
static double billion(double tokens)
{
    return tokens * 1e9 / 2500;
}

static struct xo_band band(double p10, double p90)
{
    return (struct xo_band){ .p10 = p10, .p50 = (p10 + p90) / 2, .p90 = p90 };
}

static struct xo_crossings one_crossing(double at)
{
    return (struct xo_crossings){ .at = { { .volume = at, .usd = 77e3, .to_build = true } },
                                  .n = 1,
                                  .build_cheaper_at_max = true,
                                  .first = band(0.8 * at, 1.3 * at),
                                  .last = band(0.85 * at, 1.4 * at),
                                  .exists_share = 0.995,
                                  .even_odds = 1.15 * at };
}

static struct fix fix_told(void)
{
    struct fix f = fix_new(&fix_support);
    struct xo_curve *c = f.curve;
    struct xo_curve_point *plan = &c->points[c->plan];
    memcpy(plan->usd, (double[]){ 12000, 5700, 35000 }, sizeof plan->usd);
    c->plan_band[XO_WAY_BUY] = band(9100, 13000);
    c->plan_band[XO_WAY_SAME] = band(4200, 6400);
    c->plan_band[XO_WAY_BUILD] = band(32000, 47000);
    c->saving = band(-38000, -18000);
    c->saving_base_usd = -23000;
    c->saving_changing_model_usd = 6300;
    c->saving_owning_usd = -29300;
    c->wins_share[XO_BUY_BUILD] = 0.07;
    c->wins_share[XO_SAME_BUILD] = 0.03;
    c->crossings[XO_BUY_BUILD] = one_crossing(billion(20));
    c->crossings[XO_SAME_BUILD] = (struct xo_crossings){ .exists_share = 0.002 };
    c->without_people = one_crossing(billion(9));
    c->marginal_build_usd_per_mtok = 4.1;
    c->marginal_buy_usd_per_mtok = 2.7;
    c->napkin_crossing = billion(1.2);
    c->obligation_usd = 340e3;
    memcpy(c->loss_usd, (double[]){ 71000, 48000, 24000 }, sizeof c->loss_usd);
    c->verdict = XO_VERDICT_CROSSING;
    return f;
}

/* ---- what is said ---- */

/* On one line. Owned by the caller. */
static char *flat(char *text)
{
    ck_assert_ptr_nonnull(text);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
    return text;
}

static char *verdict_of(const struct fix *f)
{
    return flat(xo_verdict_text(f->curve, 1000000));
}

static void ck_says(const struct fix *f, const char *sentence)
{
    char *text = verdict_of(f);
    ck_assert_msg(strstr(text, sentence) != NULL, "not said: %s\nin: %s", sentence, text);
    free(text);
}

static void ck_silent(const struct fix *f, const char *words)
{
    char *text = verdict_of(f);
    ck_assert_msg(strstr(text, words) == NULL, "said: %s\nin: %s", words, text);
    free(text);
}

static void ck_title(const struct fix *f, const char *title)
{
    char *text = xo_verdict_title(f->curve);
    ck_assert_str_eq(text, title);
    free(text);
}

/* ---- 1: the lead ---- */

#define THIS_BUILD "this build (llama-3.3-70b on 2 x h100-sxm, fp8)"

START_TEST(the_lead_has_both_bills_their_difference_and_the_share_of_draws)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    double *usd = c->points[c->plan].usd;
    ck_says(&f, "Cheaper at 1.52 M requests (3.8 B tokens) a month: BUY. openai/gpt-6.2-sol costs "
                "$12,000 ($9,100 to $13,000), " THIS_BUILD " $35,000 ($32,000 to $47,000): dearer "
                "by $18,000 to $38,000, cheaper in 7 % of draws. ");
    usd[XO_WAY_BUILD] = 11999;
    c->plan_band[XO_WAY_BUILD] = band(8800, 8800); /* no range where all draws have the same */
    c->saving = band(1200, 3400);
    ck_says(&f, "Cheaper at 1.52 M requests (3.8 B tokens) a month: BUILD. openai/gpt-6.2-sol "
                "costs $12,000 ($9,100 to $13,000), " THIS_BUILD " $12,000: cheaper by $1,200 to "
                "$3,400, cheaper in 7 % of draws. ");
    usd[XO_WAY_BUILD] = 12000; /* a tie is bought */
    c->plan_band[XO_WAY_BUY] = band(NAN, 13000);
    c->saving = band(-1200, 3400);
    ck_says(&f, "a month: BUY. openai/gpt-6.2-sol costs $12,000, " THIS_BUILD " $12,000: from "
                "$1,200 dearer to $3,400 cheaper, cheaper in 7 % of draws. ");
    c->saving = band(NAN, NAN);
    ck_says(&f, THIS_BUILD " $12,000: cheaper in 7 % of draws. ");
    fix_fini(&f);
}
END_TEST

START_TEST(a_difference_that_touches_zero_has_one_side)
{
    static const struct {
        double p10, p90;
        const char *said;
    } cases[] = {
        { -38000, 0, ": dearer by $0 to $38,000, " },
        { -38000, 1, ": from $38,000 dearer to $1.00 cheaper, " },
        { 0, 38000, ": cheaper by $0 to $38,000, " },
        { -1, 38000, ": from $1.00 dearer to $38,000 cheaper, " },
    };
    struct fix f = fix_told();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        f.curve->saving = band(cases[i].p10, cases[i].p90);
        ck_says(&f, cases[i].said);
    }
    fix_fini(&f);
}
END_TEST

/* A share of draws is said in whole percent, of which the ends are "under" and "over"; with its
 * standard error from half a percent on. */
START_TEST(a_share_of_draws_is_said_to_the_percent)
{
    static const struct {
        double share, se;
        const char *said;
    } cases[] = {
        { 0, 0, "in under 1 % of draws" },
        { 0.0099, 0, "in under 1 % of draws" },
        { 0.01, 0, "in 1 % of draws" },
        { 0.09, 0, "in 9 % of draws" },
        { 0.5, 0.0049, "in 50 % of draws" },
        { 0.5, 0.005, "in 50 % +- 1 % of draws" }, /* 10,000 draws */
        { 0.5, 0.034, "in 50 % +- 3 % of draws" },
        { 0.01, 0.02, "in 1 % +- 2 % of draws" },
        { 0.0099, 0.02, "in under 1 % of draws" },
        { 0.99, 0.02, "in 99 % +- 2 % of draws" },
        { 0.9901, 0.02, "in over 99 % of draws" },
        { 1, 0, "in over 99 % of draws" },
        { NAN, 0.02, "in an unknown share of draws" },
    };
    struct fix f = fix_told();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        f.curve->wins_share[XO_BUY_BUILD] = cases[i].share;
        f.curve->wins_se[XO_BUY_BUILD] = cases[i].se;
        ck_says(&f, cases[i].said);
    }
    fix_fini(&f);
}
END_TEST

/* Two digits; whole cents where they are less than a dollar; with the error of the draws where it
 * is at least half of the last digit said. */
START_TEST(a_bill_is_said_to_two_digits)
{
    static const struct {
        double usd, p10, p90, p10_se, p90_se;
        const char *said;
    } cases[] = {
        { 12345, 1249, 1251, 0, 0, "costs $12,000 ($1,200 to $1,300), this" },
        { 0.25, 0.126, 0.5, 0, 0, "costs $0.25 ($0.13 to $0.50), this" },
        { 12345, 1234, 56789, 49, 499, "costs $12,000 ($1,200 to $57,000), this" },
        { 12345, 1234, 56789, 50, 500, "costs $12,000 ($1,200 +- $50 to $57,000 +- $500), this" },
        { 12345, 1234, 56789, 87, 0, "costs $12,000 ($1,200 +- $90 to $57,000), this" },
        { 12345, 0, 56789, 87, 0, "costs $12,000 ($0 to $57,000), this" },
        { 12345, 12000, 12300, 0, 0, "costs $12,000, this" },
    };
    struct fix f = fix_told();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        f.curve->points[f.curve->plan].usd[XO_WAY_BUY] = cases[i].usd;
        f.curve->plan_band[XO_WAY_BUY] = (struct xo_band){ .p10 = cases[i].p10,
                                                           .p90 = cases[i].p90,
                                                           .p10_se = cases[i].p10_se,
                                                           .p90_se = cases[i].p90_se };
        ck_says(&f, cases[i].said);
    }
    fix_fini(&f);
}
END_TEST

START_TEST(several_tariffs_cost_and_charge_in_the_plural)
{
    static const char *const names[] = { "acme/a", "acme/b", "acme/c", "acme/d" };
    struct fix f = fix_told();
    struct xo_scenario *s = f.scenario;
    for (int c = 0; c < 4; c++) {
        s->workload.classes[c] = s->workload.classes[0];
        s->slo[c] = s->slo[0];
        s->class_apis[c] = s->apis[0];
        xo_text_copy(s->class_apis[c].tariff.name, XO_COST_NAME_SIZE, names[c]);
    }
    s->workload.n_classes = 2;
    ck_says(&f, "BUY. acme/a + acme/b cost $12,000 ($9,100 to $13,000), this build");
    s->workload.n_classes = 4;
    ck_says(&f, "BUY. acme/a + acme/b + acme/c + 1 more cost $12,000");
    f.curve->crossings[XO_BUY_BUILD].n = 0;
    f.curve->verdict = XO_VERDICT_BUY_ALWAYS;
    ck_says(&f, "even on full replicas, and acme/a + acme/b + acme/c + 1 more charge $2.70. ");
    ck_title(&f, "DRAFT: acme/a + acme/b + acme/c + 1 more are cheaper than this build at every "
                 "volume simulated, 38 M to 380 B tokens a month");
    f.curve->verdict = XO_VERDICT_INFEASIBLE;
    f.curve->points[f.curve->plan].usd[XO_WAY_BUILD] = NAN;
    ck_says(&f, " acme/a + acme/b + acme/c + 1 more cost $12,000 ($9,100 to $13,000); with one "
                "side missing there is no comparison. ");
    fix_fini(&f);
}
END_TEST

/* What the draws hang on; where no input moves the saving, what is nearest to flipping, by the size
 * of its logarithm: 0.9 (0.11), 1.35 (0.30), 0.5 (0.69), 4 (1.39). */
START_TEST(what_would_settle_a_close_call_is_told_nearest_first)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    c->verdict = XO_VERDICT_TOO_CLOSE;
    c->wins_share[XO_BUY_BUILD] = 0.43;
    c->saving = band(-38000, 9500);
    memset(c->flips, 0, sizeof c->flips);
    ck_says(&f, "Too close to call at 1.52 M requests (3.8 B tokens) a month. This build is "
                "cheaper in 43 % of draws; the difference runs from $38,000 dearer to $9,500 "
                "cheaper a month. openai/gpt-6.2-sol costs $12,000 ($9,100 to $13,000), " THIS_BUILD
                " $35,000 ($32,000 to $47,000). The base case leans to BUY by $23,000: do not "
                "quote it alone. What would settle it: narrower ranges for the uncertain inputs, "
                "or a volume outside 16 B to 26 B tokens a month. ");
    c->flips[XO_FLIP_DISCOUNT] = (struct xo_flip){ true, 0.98, 0.99 };
    c->flips[XO_FLIP_STAFF] = (struct xo_flip){ true, 0, 0 };
    c->crossings[XO_BUY_BUILD].first = band(NAN, NAN);
    ck_says(&f, "it: narrower ranges for the uncertain inputs. ");
    c->flips[XO_FLIP_VOLUME] = (struct xo_flip){ true, 4, 100 };
    ck_says(&f, "it: a firm figure for volume (x4 flips it). ");
    c->flips[XO_FLIP_RENT] = (struct xo_flip){ true, 0.5, 0.01 };
    ck_says(&f, "it: a firm figure for GPU rent (x0.5 flips it) or volume (x4 flips it). ");
    c->flips[XO_FLIP_STEP_TIME] = (struct xo_flip){ true, 0.9, 0.01 };
    c->flips[XO_FLIP_API_PRICE] = (struct xo_flip){ true, 1.35, 10 };
    ck_says(&f, "it: a firm figure for step time (x0.9 flips it), API price (x1.4 flips it) or GPU "
                "rent (x0.5 flips it). ");
    /* From P10 to P90 the saving goes by 21,000, 4,500 and, less than a fifth of the most, 4,000.
     */
    static const char *const keys[] = { "build.rent", "buy.price_scale", "build.staff" };
    const double ends[][2] = { { -1500, -6000 }, { -12500, 8500 }, { 2000, -2000 } };
    for (int i = 0; i < 3; i++) {
        c->effects[i].key = xo_key_find(keys[i]);
        memcpy(c->effects[i].saving_usd, ends[i], sizeof ends[i]);
    }
    ck_says(&f, "it: a firm figure for buy.price_scale (this build is $12,000 dearer at its P10, "
                "$8,500 cheaper at its P90) or build.rent ($1,500 dearer, $6,000 dearer). ");
    c->points[c->plan].usd[XO_WAY_BUILD] = 11000;
    c->saving_base_usd = 1000;
    c->saving = band(200, 9500);
    ck_says(&f, "43 % of draws; P10 to P90: cheaper by $200 to $9,500 a month. ");
    ck_says(&f, "The base case leans to BUILD by $1,000: ");
    c->saving = band(-9500, 0);
    ck_says(&f, "; P10 to P90: dearer by $0 to $9,500 a month. ");
    c->saving = band(0, 9500);
    ck_says(&f, "; P10 to P90: cheaper by $0 to $9,500 a month. ");
    c->saving = band(NAN, NAN);
    ck_says(&f, "cheaper in 43 % of draws. openai");
    ck_title(&f, "DRAFT: Too close to call at 3.8 B tokens a month: this build is cheaper in 43 % "
                 "of draws");
    fix_fini(&f);
}
END_TEST

/* A fleet of 4 that is full at 50 B: the last corner at which it still has a bill. */
static void fix_the_fleet(struct fix *f)
{
    struct xo_curve *c = f->curve;
    f->scenario->fixed_replicas = 4;
    c->corners[0] = (struct xo_curve_corner){ .volume = billion(40), .usd = { 1, 1, 1 } };
    c->corners[1] = (struct xo_curve_corner){ .volume = billion(50), .usd = { 1, 1, 1 } };
    c->corners[2] = (struct xo_curve_corner){ .volume = billion(60), .usd = { 1, 1, NAN } };
    c->n_corners = 3;
    c->points[c->n_points - 1].usd[XO_WAY_BUILD] = NAN;
}

START_TEST(how_far_up_the_comparison_goes_is_told_with_its_reason)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    ck_says(&f, ", and stays so up to 380 B, the largest volume simulated. ");
    fix_the_fleet(&f);
    ck_says(&f, "up to 50 B, above which build.replicas = 4 does not meet the SLO. ");
    c->n_corners = 1;
    ck_says(&f, "up to 40 B, above which build.replicas = 4 does not meet the SLO. ");
    c->n_corners = 3;
    c->n_points -= 1; /* the point below the largest has a bill */
    ck_says(&f, "B, the largest volume simulated. ");
    c->n_points += 1;
    for (int i = 0; i < c->n_points; i++) /* limited from 10 B on: the first point above 9 B */
        c->points[i].limited[XO_WAY_BUY] = c->points[i].volume > billion(9.6);
    ck_says(&f, "up to 9.55 B, the largest volume simulated within the API's rate limits. ");
    for (int i = 0; i < c->n_points; i++) /* limited, but only where the fleet is full already */
        c->points[i].limited[XO_WAY_BUY] = c->points[i].volume > billion(70);
    ck_says(&f, "up to 50 B, above which build.replicas = 4 does not meet the SLO. ");
    c->crossings[XO_BUY_BUILD].n = 0;
    c->verdict = XO_VERDICT_BUY_ALWAYS;
    ck_says(&f, "BUY is cheaper at every volume simulated that build.replicas carries, 38 M to "
                "50 B tokens a month: ");
    ck_title(&f, "DRAFT: openai/gpt-6.2-sol is cheaper than this build at every volume simulated "
                 "that build.replicas carries, 38 M to 50 B tokens a month");
    c->marginal_build_usd_per_mtok = NAN;
    ck_says(&f, "a month: the gap does not close before build.replicas = 4 is full. ");
    for (int i = 0; i < c->n_points; i++)
        c->points[i].limited[XO_WAY_BUY] = c->points[i].volume > billion(9.6);
    ck_says(&f, "at every volume simulated within the API's rate limits, 38 M to 9.55 B tokens a "
                "month: ");
    fix_fini(&f);
}
END_TEST

START_TEST(a_fixed_fleet_that_is_late_says_up_to_where_it_serves)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    fix_the_fleet(&f);
    c->verdict = XO_VERDICT_INFEASIBLE;
    c->points[c->plan].build.feasible = false;
    ck_says(&f, "build.replicas = 4 does not carry 3.8 B tokens a month within the SLO, only up to "
                "50 B, so no cost is given for this build there. `crossover run` shows how it "
                "fares there. Leave build.replicas out to have the fleet sized. At 1.52 M requests "
                "(3.8 B tokens) a month openai/gpt-6.2-sol costs $12,000 ($9,100 to $13,000); with "
                "one side missing there is no comparison. ");
    c->n_corners = 0;
    ck_says(&f,
            "a month within the SLO, so no cost is given for this build there. `crossover run`");
    f.scenario->fixed_replicas = 0;
    ck_says(&f, "No fleet that was simulated carries 3.8 B tokens a month within the SLO, so no "
                "cost is given for this build there. At 1.52 M");
    ck_title(&f, "DRAFT: No fleet simulated carries 3.8 B tokens a month");
    fix_fini(&f);
}
END_TEST

/* Ladders of options that fail, alike but for the latency of a lone request. */
static struct xo_ladder *failing(struct fix *f, int n)
{
    struct xo_curve *c = f->curve;
    struct xo_ladder *l = calloc((size_t)n, sizeof *l);
    for (int i = 0; i < n; i++) {
        l[i].option = i;
        l[i].infeasible = (struct xo_infeasible){ .holds = true, .lone_s = 3.4 + i, .n_missed = 1 };
        f->scenario->options[i] = f->scenario->options[0];
        snprintf(f->scenario->options[i].label, sizeof f->scenario->options[i].label, "option %d",
                 i);
    }
    free(c->ladders->rungs);
    free(c->ladders);
    c->ladders = l;
    c->n_ladders = f->scenario->n_options = n;
    c->verdict = XO_VERDICT_INFEASIBLE;
    c->points[c->plan].build.feasible = false;
    return l;
}

START_TEST(three_options_that_fail_are_told_and_the_rest_counted)
{
    struct fix f = fix_told();
    struct xo_ladder *l = failing(&f, 5);
    ck_says(&f, "No fleet of option 0 meets TTFT p95 <= 2 s: a lone request already takes 3.4 s, "
                "so more replicas do not help. What would help: a limit of at least 3.4 s. ");
    ck_says(&f, "No fleet of option 2 meets TTFT p95 <= 2 s: a lone request already takes 5.4 s");
    ck_silent(&f, "option 3");
    ck_says(&f, "2 more options were tried and fail likewise. No cost is given for this build. At");
    ck_title(&f, "DRAFT: No fleet of option 0 meets TTFT p95 <= 2 s: a lone request takes 3.4 s");
    f.curve->n_ladders = 4;
    ck_says(&f, "1 more option was tried and fails likewise. No cost is given for this build. ");
    f.curve->n_ladders = 3;
    ck_silent(&f, "likewise");
    l[1].infeasible.holds = false;
    ck_says(&f, "a limit of at least 5.4 s. No fleet that was simulated carries 3.8 B tokens");
    ck_title(&f, "DRAFT: No fleet simulated carries 3.8 B tokens a month");
    fix_fini(&f);
}
END_TEST

/* Limits are rounded up to two digits: 3.41 s becomes 3.5 s. */
START_TEST(why_an_option_fails_is_told_with_what_would_help)
{
    struct fix f = fix_told();
    struct xo_ladder *l = failing(&f, 1);
    struct xo_infeasible *why = &l->infeasible;
    why->lone_s = 3.41;
    why->target = 1;
    why->searched = true;
    ck_says(&f, "No fleet of option 0 meets TPOT p95 <= 50 ms: a lone request already takes 3.4 s, "
                "so more replicas do not help. What would help: a limit of at least 3.5 s. No "
                "larger tensor_parallel up to 8 helps, and no GPU of the catalog whose kind was "
                "measured helps at tensor_parallel = 2. No cost");
    why->tensor_parallel = 4;
    ck_says(&f, "help: tensor_parallel = 4 or a limit of at least 3.5 s. No GPU of the catalog "
                "whose kind was measured helps at tensor_parallel = 2. No cost");
    strcpy(why->gpu, "b200-sxm");
    ck_says(&f, "help: tensor_parallel = 4, GPU b200-sxm, or a limit of at least 3.5 s. No cost");
    why->tensor_parallel = 0;
    ck_says(&f, "help: GPU b200-sxm or a limit of at least 3.5 s. No larger tensor_parallel up to "
                "8 helps. No cost");
    why->searched = false;
    why->n_missed = 2;
    ck_says(&f,
            "at least 3.5 s and wider ones for 1 other target that lone requests miss. No cost");
    why->n_missed = 4;
    ck_says(&f, "at least 3.5 s and wider ones for 3 other targets that lone requests miss. No");
    why->cause = XO_CAUSE_TIMEOUT;
    f.scenario->slo[0].timeout_s = 2.5;
    ck_says(&f, "No fleet of option 0 answers before slo.timeout (2.5 s): a lone request already "
                "takes 3.4 s, so more replicas do not help. What would help: GPU b200-sxm or a "
                "timeout of at least 3.5 s and wider");
    ck_title(&f, "DRAFT: No fleet of option 0 answers before slo.timeout (2.5 s): a lone request "
                 "takes 3.4 s");
    why->cause = XO_CAUSE_REFUSED;
    l->unserved = (struct xo_unserved){ .class_frac = { 0.0731 },
                                        .longest_tokens = { 8192 },
                                        .by_context = true };
    ck_says(&f, "option 0 refuses 7.31 % of the requests, which are longer, prompt and output, "
                "than the 8,192 tokens that its model takes; TPOT p95 <= 50 ms lets 5 % miss, so "
                "more replicas do not help. What would help: GPU b200-sxm or a model of longer "
                "context, or workload.max_context = 8192 tokens, which cuts what is longer for "
                "both sides. No cost");
    ck_title(&f, "DRAFT: option 0 does not hold the longest requests");
    l->unserved.by_context = false;
    l->unserved.longest_tokens[0] = 0;
    ck_says(&f, "which are longer than all that the KV cache of one replica holds; TPOT");
    /* a room that was typed is of the deployment that it was read on */
    f.scenario->options[0].deployment.kv_room_tokens = 2000;
    l->unserved.longest_tokens[0] = 2001;
    ck_says(&f, "than the 2,001 tokens that build.kv_room has room for; TPOT p95 <= 50 ms lets 5 % "
                "miss, so more replicas do not help. What would help: GPU b200-sxm or workload."
                "max_context = 2001 tokens, which cuts what is longer for both sides. On another "
                "deployment build.kv_room has to be read again, or left out. No cost");
    why->kv_room_tokens = 229744;
    ck_says(&f, "What would help: build.kv_room corrected or left out (worked out, it is 229,744 "
                "tokens), GPU b200-sxm, or workload.max_context = 2001 tokens, which cuts");
    why->gpu[0] = '\0';
    ck_says(&f, "(worked out, it is 229,744 tokens) or workload.max_context = 2001 tokens, which "
                "cuts what is longer for both sides. No cost");
    why->cause = XO_CAUSE_FAILED;
    strcpy(why->reason, "it never ends");
    ck_says(&f, "option 0 could not be simulated: it never ends. No cost is given");
    ck_title(&f, "DRAFT: option 0 could not be simulated");
    fix_fini(&f);
}
END_TEST

START_TEST(an_api_that_does_not_carry_the_plan_says_which_limit_it_meets)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    struct xo_tariff *tariff = &f.scenario->apis[0].tariff;
    c->verdict = XO_VERDICT_INFEASIBLE;
    c->points[c->plan].limited[XO_WAY_BUY] = true;
    tariff->requests_per_minute = 501;
    tariff->tokens_per_minute = 2.34e6;
    ck_says(&f, "openai/gpt-6.2-sol does not carry the busiest minute of 1.52 M requests (3.8 B "
                "tokens) a month: that minute is above the rate limit of the tariff (501 requests, "
                "2.34 M tokens a minute). What would help: a higher limit from the provider. Bills "
                "of buying marked ! take one for granted. This build (llama-3.3-70b on 2 x "
                "h100-sxm, fp8) costs $35,000 ($32,000 to $47,000); with one side missing there is "
                "no comparison. ");
    ck_title(&f, "DRAFT: openai/gpt-6.2-sol does not carry the busiest minute of the plan");
    tariff->requests_per_minute = INFINITY;
    ck_says(&f, "limit of the tariff (2.34 M tokens a minute). ");
    tariff->requests_per_minute = 501;
    tariff->tokens_per_minute = INFINITY;
    ck_says(&f, "limit of the tariff (501 requests a minute). ");
    f.scenario->class_apis[0] = f.scenario->apis[0]; /* a class's own tariff is asked as well */
    tariff->requests_per_minute = INFINITY;
    xo_text_copy(f.scenario->class_apis[0].tariff.name, XO_COST_NAME_SIZE, "acme/own");
    f.scenario->class_apis[0].tariff.requests_per_minute = 77;
    ck_says(&f, "acme/own does not carry the busiest minute of 1.52 M requests (3.8 B tokens) a "
                "month: that minute is above the rate limit of the tariff (77 requests a minute)");
    f.scenario->class_apis[0].tariff.name[0] = '\0';
    c->buy_unserved = (struct xo_unserved){
        .frac = 0.0731, .class_frac = { 0.0731 }, .longest_tokens = { 131072 }, .by_context = true
    };
    ck_says(&f, "openai/gpt-6.2-sol refuses 7.31 % of the requests, longer, prompt and output, "
                "than the 131,072 tokens that it takes: they count as misses, and are billed only "
                "where the other side serves them. That is more than the SLO lets miss. What would "
                "help: an API with a longer context, or workload.max_context, which cuts them for "
                "both sides. No cost is given for buying. This build");
    ck_title(&f, "DRAFT: openai/gpt-6.2-sol does not take the longest requests of the plan");
    fix_fini(&f);
}
END_TEST

START_TEST(without_a_winner_there_are_bills_alone)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    c->verdict = XO_VERDICT_NO_WINNER;
    ck_says(&f, "No winner: the quality of the two sides is declared unequal, so these are bills, "
                "not a comparison. At 1.52 M requests (3.8 B tokens) a month: openai/gpt-6.2-sol "
                "costs $12,000 ($9,100 to $13,000), " THIS_BUILD " $35,000 ($32,000 to $47,000). ");
    ck_says(&f, ". The same weights, llama-3.3-70b by the token from "
                "together/llama-3.3-70b-instruct-turbo, cost $5,700 ($4,200 to $6,400) at your "
                "plan, less than this build at every volume simulated, up to 380 B. Not compared");
    ck_title(&f, "DRAFT: Bills only, no winner: the quality of the two sides is declared unequal");
    c->points[c->plan].limited[XO_WAY_BUY] = true;
    ck_says(&f, "No winner: the quality");
    c->points[c->plan].build.feasible = false;
    ck_says(&f, "No winner: neither side serves the plan. No fleet that was simulated carries");
    ck_title(&f, "DRAFT: No winner: neither side serves the plan");
    c->points[c->plan].limited[XO_WAY_BUY] = false;
    ck_says(&f, "No winner: the quality");
    fix_fini(&f);
}
END_TEST

/* ---- 2: where it flips ---- */

/* 20 B over 3.8 B is 5.26: 5.3 to two digits. */
START_TEST(one_crossing_is_told_with_its_range_and_its_odds)
{
    struct fix f = fix_told();
    struct xo_crossings *x = &f.curve->crossings[XO_BUY_BUILD];
    ck_says(&f, "It flips to this build at 20 B tokens a month (16 B to 26 B; even odds at 23 B), "
                "5.3 times your plan, and stays so up to 380 B, the largest volume simulated. "
                "Without people on either side it flips at 9 B in the base case. ");
    ck_title(&f, "DRAFT: This build is cheaper than openai/gpt-6.2-sol above 20 B (16 B to 26 B) "
                 "tokens a month");
    x->exists_share = 0.9899;
    x->exists_se = 0.012;
    ck_says(&f, "simulated. Only 99 % +- 1 % of draws have a crossing in the range. Without");
    x->exists_share = 0.99;
    ck_silent(&f, "of draws have a crossing");
    x->even_odds = NAN;
    ck_says(&f, "20 B tokens a month (16 B to 26 B), 5.3 times");
    x->even_odds = billion(23);
    x->even_odds_se = billion(1.3);
    ck_says(&f, "20 B tokens a month (16 B to 26 B; even odds at 23 B +- 1 B), 5.3 times");
    x->first = band(NAN, NAN);
    x->at[0].noise_lo = billion(19);
    x->at[0].noise_hi = billion(21);
    ck_says(&f, "20 B tokens a month (19 B to 21 B by simulation noise alone), 5.3 times");
    x->at[0].noise_lo = NAN;
    ck_says(&f, "It flips to this build at 20 B tokens a month, 5.3 times your plan");
    x->at[0].noise_lo = billion(19);
    x->first = band(billion(16), billion(26));
    x->at[0].to_build = false;
    ck_says(&f, "It flips to buying at 20 B tokens a month (19 B to 21 B by simulation noise "
                "alone), 5.3 times your plan");
    ck_title(&f, "DRAFT: This build is cheaper than openai/gpt-6.2-sol below 20 B (19 B to 21 B by "
                 "simulation noise alone) tokens a month");
    fix_fini(&f);
}
END_TEST

/* Volumes outside the simulated range say only on which side they lie. */
START_TEST(a_drawn_volume_outside_the_range_is_under_or_over_it)
{
    struct fix f = fix_told();
    f.curve->crossings[XO_BUY_BUILD].first = band(0, INFINITY);
    ck_says(&f, "at 20 B tokens a month (under 38 M to over 380 B; even odds at 23 B)");
    f.curve->crossings[XO_BUY_BUILD].first = band(billion(0.038), billion(380));
    ck_says(&f, "at 20 B tokens a month (38 M to 380 B; even odds at 23 B)");
    fix_fini(&f);
}
END_TEST

/* Two digits of a drawn volume; three where two would leave the base case outside, or make both
 * ends one. The error of the draws from half of the last digit on: 500 M of 16 B. */
START_TEST(a_range_of_volumes_has_the_digits_that_it_needs)
{
    static const struct {
        double at, p10, p90, p10_se, p90_se;
        const char *said;
    } cases[] = {
        { 20, 15.6, 26.3, 0, 0, "(16 B to 26 B;" },
        { 15.7, 15.6, 26.3, 0, 0, "(15.6 B to 26.3 B;" }, /* 16 B is above 15.7 B */
        { 26.2, 15.6, 26.3, 0, 0, "(15.6 B to 26.3 B;" }, /* 26 B is below 26.2 B */
        { 26.4, 15.6, 26.3, 0, 0, "(16 B to 26 B;" },     /* it lies outside as it is */
        { 20, 19.9, 20.1, 0, 0, "(19.9 B to 20.1 B;" },
        { 20, 15.6, 26.3, 0.49, 0.49, "(16 B to 26 B;" },
        { 20, 15.6, 26.3, 0.5, 1.7, "(16 B +- 500 M to 26 B +- 2 B;" },
    };
    struct fix f = fix_told();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        f.curve->crossings[XO_BUY_BUILD].at[0].volume = billion(cases[i].at);
        f.curve->crossings[XO_BUY_BUILD].first =
            (struct xo_band){ .p10 = billion(cases[i].p10),
                              .p90 = billion(cases[i].p90),
                              .p10_se = billion(cases[i].p10_se),
                              .p90_se = billion(cases[i].p90_se) };
        ck_says(&f, cases[i].said);
    }
    fix_fini(&f);
}
END_TEST

/* Two digits; of a factor within a tenth of 1 one digit of what it is off by. */
START_TEST(a_crossing_is_told_in_times_of_the_plan)
{
    static const struct {
        double factor;
        const char *said;
    } cases[] = { { 5.26, ", 5.3 times" },   { 0.1234, ", 0.12 times" }, { 1.036, ", 1.04 times" },
                  { 1.072, ", 1.07 times" }, { 0.913, ", 0.91 times" },  { 0.89, ", 0.89 times" },
                  { 1.11, ", 1.1 times" },   { 97.4, ", 97 times" } };
    struct fix f = fix_told();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        f.curve->crossings[XO_BUY_BUILD].at[0].volume = cases[i].factor * fix_support.plan;
        ck_says(&f, cases[i].said);
    }
    fix_fini(&f);
}
END_TEST

START_TEST(without_people_it_flips_elsewhere_or_not_at_all)
{
    struct fix f = fix_told();
    struct xo_crossings *w = &f.curve->without_people;
    w->at[1] = w->at[0];
    w->at[0] = (struct xo_crossing){ .volume = billion(2), .to_build = false };
    w->n = 2;
    ck_says(&f, "Without people on either side it flips at 9 B in the base case. ");
    w->n = 0;
    ck_says(&f, "Without people on either side it does not flip either. ");
    w->build_cheaper_at_min = true;
    ck_says(&f, "Without people on either side this build is cheaper at every volume simulated. ");
    w->n = 1;
    ck_silent(&f, "Without people");
    fix_fini(&f);
}
END_TEST

/* Three crossings, at 18 B to build, 19 B back and 21 B to build again. */
static void fix_three(struct fix *f)
{
    struct xo_crossings *x = &f->curve->crossings[XO_BUY_BUILD];
    x->n = 3;
    for (int i = 0; i < 3; i++)
        x->at[i] = (struct xo_crossing){ .volume = billion((double[]){ 18, 19, 21 }[i]),
                                         .noise_lo = billion((double[]){ 17.8, 18.7, 20.6 }[i]),
                                         .noise_hi = billion((double[]){ 18.3, 19.4, 21.5 }[i]),
                                         .to_build = i != 1 };
    x->first = band(billion(14), billion(25));
    x->last = band(billion(17), billion(32));
    x->largest_gap_usd = 5400;
    x->largest_gap_frac = 0.13;
    f->scenario->materiality_frac = 0.05;
    f->curve->verdict = XO_VERDICT_SEVERAL;
}

START_TEST(several_crossings_are_told_by_their_ends)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    struct xo_crossings *x = &c->crossings[XO_BUY_BUILD];
    fix_three(&f);
    ck_says(&f, "Below 18 B (14 B to 25 B) tokens a month BUY, above 21 B (17 B to 32 B) BUILD, up "
                "to 380 B, the largest volume simulated. Going up the answer changes 3 times "
                "there, as whole replicas and staff are added, by at most $5,400 a month (13 %): "
                "treat 18 B to 21 B as equal, for what is not known moves these volumes further "
                "than they lie apart. Your plan lies below them. Without people");
    ck_title(&f, "DRAFT: Below 18 B (14 B to 25 B) tokens a month BUY, above 21 B (17 B to 32 B) "
                 "BUILD");
    x->first.p10 = billion(18.1);
    ck_says(&f, "(13 %): too much to treat as equal: there the last replica decides, by how full "
                "it is (curve.csv has each volume). Your");
    x->first.p10 = billion(18);
    x->last.p90 = billion(20.9);
    ck_says(&f, "(13 %): too much to treat as equal: ");
    x->last.p90 = billion(21);
    ck_says(&f, "(13 %): treat 18 B to 21 B as equal, for what is not known ");
    x->largest_gap_frac = 0.05;
    ck_says(&f, "(5 %): treat 18 B to 21 B as equal, for that is too little to decide by. ");
    x->largest_gap_frac = 0.0501;
    ck_says(&f, "(5 %): treat 18 B to 21 B as equal, for what is not known ");
    x->at[0].to_build = false; /* then only one end has a range of draws */
    ck_says(&f, "(5 %): too much to treat as equal: ");
    x->at[0].to_build = true;
    x->at[2].to_build = false;
    ck_says(&f, "Below 18 B (18 B to 25 B) and above 21 B (21 B to 22 B by simulation noise alone) "
                "tokens a month BUY, up");
    ck_says(&f, "(5 %): too much to treat as equal: ");
    x->at[0].to_build = false;
    ck_says(&f, "Below 18 B (17.8 B to 18.3 B by simulation noise alone) tokens a month BUILD, "
                "above 21 B (21 B to 22 B by simulation noise alone) BUY, up");
    fix_fini(&f);
}
END_TEST

START_TEST(two_crossings_leave_one_side_at_both_ends)
{
    struct fix f = fix_told();
    struct xo_crossings *x = &f.curve->crossings[XO_BUY_BUILD];
    fix_three(&f);
    x->n = 2;
    ck_says(&f, "Below 18 B (14 B to 25 B) and above 19 B (18.7 B to 19.4 B by simulation noise "
                "alone) tokens a month BUY, up to 380 B, the largest volume simulated. Going up "
                "the answer changes twice there, ");
    x->at[0].to_build = false;
    x->at[1].to_build = true;
    ck_says(&f, "Below 18 B (17.8 B to 18.3 B by simulation noise alone) and above 19 B (17 B to "
                "32 B) tokens a month BUILD, up");
    fix_fini(&f);
}
END_TEST

START_TEST(the_plan_lies_below_between_or_above_the_crossings)
{
    static const struct {
        double first, last;
        const char *said;
    } cases[] = { { 3.81, 21, "Your plan lies below them. " },
                  { 3.8, 21, "Your plan lies between them. " },
                  { 1.9, 3.8, "Your plan lies between them. " },
                  { 1.9, 3.79, "Your plan lies above them. " } };
    struct fix f = fix_told();
    fix_three(&f);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        f.curve->crossings[XO_BUY_BUILD].at[0].volume = billion(cases[i].first);
        f.curve->crossings[XO_BUY_BUILD].at[2].volume = billion(cases[i].last);
        ck_says(&f, cases[i].said);
    }
    fix_fini(&f);
}
END_TEST

START_TEST(how_often_the_answer_changes_is_counted)
{
    struct fix f = fix_told();
    fix_three(&f);
    for (int i = 3; i < XO_MAX_CROSSINGS; i++)
        f.curve->crossings[XO_BUY_BUILD].at[i] = f.curve->crossings[XO_BUY_BUILD].at[2];
    f.curve->crossings[XO_BUY_BUILD].n = XO_MAX_CROSSINGS - 1;
    ck_says(&f, "the answer changes 63 times there");
    f.curve->crossings[XO_BUY_BUILD].n = XO_MAX_CROSSINGS;
    ck_says(&f, "the answer changes at least 64 times there");
    fix_fini(&f);
}
END_TEST

START_TEST(where_buying_is_cheaper_throughout_the_last_million_says_why)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    c->crossings[XO_BUY_BUILD] = (struct xo_crossings){ .exists_share = 0.0099, .exists_se = 0.02 };
    c->verdict = XO_VERDICT_BUY_ALWAYS;
    ck_says(&f, "BUY is cheaper at every volume simulated, 38 M to 380 B tokens a month: one more "
                "million tokens costs this build $4.10 even on full replicas, and "
                "openai/gpt-6.2-sol charges $2.70. Without people on either side it flips at 9 B");
    c->marginal_build_usd_per_mtok = 2.7;
    ck_says(&f, "costs this build $2.70 even on full replicas, and openai/gpt-6.2-sol charges");
    c->marginal_build_usd_per_mtok = 2.69;
    c->crossings[XO_BUY_BUILD].exists_share = 0.01;
    ck_says(&f, "tokens a month: the gap narrows but does not close up to 380 B, the largest "
                "volume simulated. A crossing lies in the range in 1 % +- 2 % of draws. Without");
    fix_fini(&f);
}
END_TEST

/* 12.5 dollars saved at 38 M; the causes are named where they hold. */
START_TEST(where_building_is_cheaper_throughout_what_is_unusual_is_named)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    struct xo_scenario *s = f.scenario;
    struct xo_build_terms *terms = &s->options[0].terms;
    c->crossings[XO_BUY_BUILD] =
        (struct xo_crossings){ .build_cheaper_at_min = true, .build_cheaper_at_max = true };
    c->verdict = XO_VERDICT_BUILD_ALWAYS;
    c->points[0].usd[XO_WAY_BUY] = 1234;
    c->points[0].usd[XO_WAY_BUILD] = 234;
    ck_says(&f, "BUILD is cheaper at every volume simulated, 38 M to 380 B tokens a month, already "
                "by $1,000 at 38 M in the base case. That is unusual: check an API of another "
                "model as baseline. ");
    ck_silent(&f, "Without people");
    ck_title(&f, "DRAFT: This build is cheaper than openai/gpt-6.2-sol at every volume simulated, "
                 "38 M to 380 B tokens a month");
    s->spare_replicas = 0;
    ck_says(&f, "check spares = 0 and an API of another model as baseline. ");
    terms->one_off_usd = 0;
    terms->tenure = XO_ALREADY_OWNED;
    ck_says(&f, "check one_off = 0, spares = 0, owned GPUs at $0 and an API of another model as "
                "baseline. ");
    terms->opportunity_usd_per_gpu_hour = 0.5;
    c->points[c->plan].build.bill.items[1].micro_usd = 0; /* people */
    ck_says(&f, "check staff = 0, one_off = 0, spares = 0 and an API of another model as ");
    s->n_same_model = 0;
    c->points[c->plan].build.bill.items[1].micro_usd = 1;
    terms->one_off_usd = 1;
    s->spare_replicas = 1;
    ck_says(&f, "That is unusual: check staff = 0, one_off = 0, spares = 0, owned GPUs at $0, an "
                "API of another model as baseline (none of them is so here) and the tariff. ");
    fix_fini(&f);
}
END_TEST

/* ---- 3: the same weights ---- */

START_TEST(the_same_weights_are_told_with_their_own_bill_and_share)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    double *usd = c->points[c->plan].usd;
    ck_says(&f, "But the same weights, llama-3.3-70b by the token from "
                "together/llama-3.3-70b-instruct-turbo, cost $5,700 ($4,200 to $6,400) at your "
                "plan, less than this build at every volume simulated, up to 380 B. ");
    ck_says(&f, "Going from openai/gpt-6.2-sol to this build at your plan, base case: changing the "
                "model saves $6,300, owning the GPUs costs $29,000. ");
    c->saving_changing_model_usd = -6300;
    c->saving_owning_usd = 0;
    ck_says(&f, "changing the model costs $6,300, owning the GPUs saves $0. ");
    usd[XO_WAY_SAME] = 35001;
    c->wins_se[XO_SAME_BUILD] = 0.011;
    ck_says(&f, "At your plan the same weights, llama-3.3-70b by the token from "
                "together/llama-3.3-70b-instruct-turbo, cost $35,000 ($4,200 to $6,400), and this "
                "build is cheaper than that in 3 % +- 1 % of draws. ");
    usd[XO_WAY_SAME] = 35000;
    ck_says(&f, "But the same weights, ");
    f.scenario->n_same_model = 3;
    ck_says(&f, "-turbo (the host of median price), cost $35,000");
    f.scenario->n_same_bought = 2;
    ck_says(&f, "-turbo (the cheapest of 2 hosts at your plan), cost $35,000");
    c->points[c->plan].build.feasible = false;
    ck_says(&f, "-turbo (the cheapest of 2 hosts at your plan), cost $35,000 ($4,200 to $6,400) at "
                "your plan. ");
    usd[XO_WAY_SAME] = NAN;
    ck_silent(&f, "the same weights, llama");
    fix_fini(&f);
}
END_TEST

START_TEST(where_the_same_weights_stop_being_cheaper_is_told)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    c->crossings[XO_SAME_BUILD] = one_crossing(billion(60));
    ck_says(&f, "at your plan, less than this build up to 60 B (48 B to 78 B). ");
    c->crossings[XO_SAME_BUILD].exists_share = 0.9899;
    c->crossings[XO_SAME_BUILD].exists_se = 0.021;
    ck_says(&f, "up to 60 B (48 B to 78 B), a crossing that 99 % +- 2 % of draws have. ");
    c->crossings[XO_SAME_BUILD].at[1] = (struct xo_crossing){ .volume = billion(90) };
    c->crossings[XO_SAME_BUILD].n = 2;
    c->crossings[XO_SAME_BUILD].exists_share = 0.99;
    ck_says(&f, "(48 B to 78 B); above 90 B this build is dearer again, up to 380 B. ");
    c->crossings[XO_SAME_BUILD].at[2] =
        (struct xo_crossing){ .volume = billion(95), .to_build = true };
    c->crossings[XO_SAME_BUILD].n = 3;
    ck_says(&f, "(48 B to 78 B); from there the answer changes twice up to 95 B, and above that "
                "this build is cheaper, up to 380 B. ");
    c->crossings[XO_SAME_BUILD].at[3] = (struct xo_crossing){ .volume = billion(99) };
    c->crossings[XO_SAME_BUILD].n = 4;
    ck_says(&f, "changes 3 times up to 99 B, and above that this build is dearer, up to 380 B. ");
    fix_the_fleet(&f);
    ck_says(&f, "changes 3 times up to 99 B, and above that this build is dearer, up to 50 B. ");
    c->crossings[XO_SAME_BUILD] = (struct xo_crossings){ .at = { { .volume = billion(0.7) } },
                                                         .n = 1,
                                                         .build_cheaper_at_min = true };
    ck_says(&f, "dearer than this build up to 700 M, then less than this build up to 50 B. ");
    c->crossings[XO_SAME_BUILD].n = 0;
    ck_says(&f, "at your plan, less than this build at every volume simulated, up to 50 B. ");
    fix_fini(&f);
}
END_TEST

/* A point where build saves on the API what matters and loses to its own weights what matters: by
 * more than the materiality of 5 % each. */
START_TEST(the_irony_of_a_build_that_beats_the_api_alone_has_its_figures)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    for (int i = 0; i < c->n_points; i++)
        memcpy(c->points[i].usd, (double[]){ 100, 100, 200 }, sizeof c->points[i].usd);
    struct xo_curve_point *p = &c->points[0]; /* 38 M: a request a token */
    memcpy(p->usd, (double[]){ 30000, 17000, 19000 }, sizeof p->usd);
    p->wins_share[XO_BUY_BUILD] = 0.61;
    p->wins_se[XO_BUY_BUILD] = 0.02;
    f.scenario->materiality_frac = 0.05;
    ck_says(&f, "At 38 M tokens a month this build saves $11,000 on openai/gpt-6.2-sol (base case; "
                "cheaper in 61 % +- 2 % of draws), but the same weights by the token save "
                "$13,000. Going");
    p->wins_share[XO_BUY_BUILD] = 0.5;
    ck_silent(&f, "(base case; cheaper");
    p->wins_share[XO_BUY_BUILD] = 0.51;
    ck_says(&f, "(base case; cheaper in 51 % +- 2 % of draws)");
    p->usd[XO_WAY_BUY] = 19900; /* 900 is less than 5 % of 19,000 */
    ck_silent(&f, "(base case; cheaper");
    p->usd[XO_WAY_BUY] = 20000; /* 1,000 is more */
    ck_says(&f, "(base case; cheaper");
    p->usd[XO_WAY_SAME] = 18100; /* 900 is less than 5 % of 18,100 */
    ck_silent(&f, "(base case; cheaper");
    p->usd[XO_WAY_SAME] = 18000; /* 1,000 is more */
    ck_says(&f, "this build saves $1,000 on openai/gpt-6.2-sol (base case; cheaper in 51 % +- 2 % "
                "of draws), but the same weights by the token save $2,000. ");
    memcpy(c->points[c->plan].usd, (double[]){ 50000, 6000, 7000 }, sizeof p->usd);
    c->points[c->plan].wins_share[XO_BUY_BUILD] = 0.9;
    ck_says(&f, "At 3.8 B tokens a month this build saves $43,000 on openai/gpt-6.2-sol (base "
                "case; cheaper in 7 % of draws), but the same weights by the token save $44,000. ");
    fix_fini(&f);
}
END_TEST

START_TEST(without_a_host_the_difference_is_not_split)
{
    struct fix f = fix_told();
    f.scenario->n_same_model = 0;
    ck_says(&f, "No host is known that sells llama-3.3-70b by the token, so the difference cannot "
                "be split into changing the model and owning the GPUs. ");
    f.scenario->apis[0].is_same_weights = true;
    f.scenario->n_same_model = 1; /* another host */
    ck_says(&f, "to this build at your plan, base case: changing the host saves $6,300, owning the "
                "GPUs costs $29,000. ");
    xo_text_copy(f.scenario->same_model[0].tariff.name, XO_COST_NAME_SIZE, "openai/gpt-6.2-sol");
    ck_says(&f, "openai/gpt-6.2-sol serves the weights of this build, llama-3.3-70b: the "
                "difference is owning the GPUs. ");
    fix_fini(&f);
}
END_TEST

/* ---- 4: single changes ---- */

static void no_flips(struct xo_curve *c)
{
    for (int k = 0; k < XO_N_FLIPS; k++)
        c->flips[k] = (struct xo_flip){ .limit = NAN };
}

/* A factor is rounded away from 1, so that what is said flips it; a discount away from today's. */
START_TEST(each_change_that_flips_it_is_told_with_its_factor)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    no_flips(c);
    ck_says(&f, "No single change that was tried flips it at your plan. ");
    c->flips[XO_FLIP_VOLUME] = (struct xo_flip){ true, 5.23, 100 };
    ck_says(&f, "Flips at your plan, base case, each alone: volume x5.3. ");
    c->flips[XO_FLIP_API_PRICE] = (struct xo_flip){ true, 2.81, 10 };
    ck_says(&f, "alone: volume x5.3 or API price x2.9. ");
    c->flips[XO_FLIP_DISCOUNT] = (struct xo_flip){ true, 0.344, 0.99 };
    c->flips[XO_FLIP_RENT] = (struct xo_flip){ true, 0.119, 0.01 };
    c->flips[XO_FLIP_STAFF] = (struct xo_flip){ true, 0.96, 0.01 };
    c->flips[XO_FLIP_STEP_TIME] = (struct xo_flip){ true, 0.234, 0.01 };
    ck_says(&f, "alone: volume x5.3, API price x2.9, a discount of 35 %, GPU rent x0.11, staff "
                "x0.96 or step time x0.23. ");
    f.scenario->buy.discount_frac = 0.5; /* a smaller discount than today's flips it */
    ck_says(&f, "a discount of 34 %, ");
    c->flips[XO_FLIP_DISCOUNT].factor = 0.35;
    ck_says(&f, "a discount of 35 %, ");
    f.scenario->buy.discount_frac = 0.1;
    ck_says(&f, "a discount of 35 %, ");
    fix_fini(&f);
}
END_TEST

START_TEST(each_change_that_is_not_enough_is_told_with_how_far_it_was_tried)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    no_flips(c);
    c->flips[XO_FLIP_VOLUME].limit = 100;
    ck_says(&f, "at your plan. Not enough alone: volume up to x100. ");
    c->flips[XO_FLIP_API_PRICE].limit = 0.0099;
    c->flips[XO_FLIP_RENT].limit = 0.001;
    c->flips[XO_FLIP_STAFF].limit = 0;
    c->flips[XO_FLIP_STEP_TIME].limit = 0.001;
    ck_says(&f, "alone: volume up to x100, free tokens, free GPUs, no staff, step time down to "
                "x0.001. ");
    c->flips[XO_FLIP_API_PRICE].limit = 0.01;
    c->flips[XO_FLIP_DISCOUNT].limit = 0.9;
    c->flips[XO_FLIP_RENT].limit = 1;
    c->flips[XO_FLIP_STAFF].limit = INFINITY;
    c->flips[XO_FLIP_STEP_TIME].limit = 1.5;
    ck_says(&f, "alone: volume up to x100, API price down to x0.01, a discount of up to 90 %, step "
                "time up to x1.5. ");
    c->flips[XO_FLIP_DISCOUNT].limit = 0;
    ck_says(&f, "API price down to x0.01, step time up to x1.5. ");
    fix_fini(&f);
}
END_TEST

/* ---- what is signed for ---- */

START_TEST(what_is_signed_for_and_lost_has_its_figures)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    struct xo_build_terms *terms = &f.scenario->options[0].terms;
    f.scenario->commitment_months = 36;
    ck_says(&f, "Signing for 36 months commits $340,000 for GPUs and one-offs, base case; over "
                "that time, against buying, this build loses $71,000 at half your plan, $48,000 at "
                "your plan and $24,000 at twice your plan. ");
    f.scenario->commitment_months = 1;
    ck_says(&f, "Signing for 1 month commits $340,000");
    c->loss_usd[0] = 0; /* nothing lost is something saved */
    c->loss_usd[1] = NAN;
    ck_says(&f, "this build saves $0 at half your plan, and loses $24,000 at twice your plan. ");
    c->loss_usd[2] = NAN;
    ck_says(&f, "this build saves $0 at half your plan. At twice your plan this build does not "
                "meet the SLO. ");
    ck_silent(&f, "Spot GPUs");
    terms->rent_kind = "spot";
    ck_says(&f, "Spot GPUs bind nobody and can be taken away at any time, which is not simulated.");
    c->loss_usd[0] = NAN;
    ck_silent(&f, "Signing");
    c->loss_usd[0] = 1;
    c->obligation_usd = NAN;
    ck_silent(&f, "Signing");
    fix_fini(&f);
}
END_TEST

START_TEST(servers_that_are_bought_have_a_price_a_resale_and_a_life)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    struct xo_build_terms *terms = &f.scenario->options[0].terms;
    terms->tenure = XO_OWN;
    terms->life_years = 3;
    c->obligation = (struct xo_obligation){
        .servers_usd = 480e3, .resale_usd = 45e3, .one_off_usd = 61e3, .n_servers = 1, .months = 36
    };
    ck_says(&f, "This build buys 1 server for $480,000, of which $45,000 comes back after 3 years, "
                "and pays $61,000 once: $340,000 in all, however long you sign for, base case; "
                "over 36 months, against buying, this build loses $71,000");
    c->obligation.months = 36.5;
    c->obligation.n_servers = 2;
    c->obligation.resale_usd = c->obligation.one_off_usd = 0;
    ck_says(&f, "This build buys 2 servers for $480,000, of which nothing comes back after 3 "
                "years, however long you sign for, base case; over 36.5 months, the servers bought "
                "again after 3 years, against buying");
    terms->life_years = 1;
    ck_says(&f, "comes back after 1 year, however");
    terms->tenure = XO_ALREADY_OWNED;
    f.scenario->commitment_months = 30;
    ck_says(&f, "This build commits $340,000 for one-offs and nothing for GPUs, which are there "
                "already, base case; over 30 months, against buying");
    fix_fini(&f);
}
END_TEST

START_TEST(a_fleet_that_hangs_on_a_limit_says_which)
{
    struct fix f = fix_told();
    struct xo_edge *e = &f.curve->ladders->edge;
    *e = (struct xo_edge){ .holds = true, .target = 1, .missed_frac = 0.0345, .settled_s = 0.0621 };
    ck_says(&f, "How many GPUs it takes hangs on TPOT p95 <= 50 ms: 3.45 % of the requests miss it "
                "alone in an empty replica, and 5 % may. A limit of 63 ms would settle it: half of "
                "those that may miss would then be left to load. ");
    f.curve->points[f.curve->plan].build.feasible = false;
    ck_silent(&f, "How many GPUs");
    fix_fini(&f);
}
END_TEST

/* ---- 5 and 6: what was not compared; ranges, prices, guesses ---- */

START_TEST(what_was_not_compared_is_told)
{
    struct fix f = fix_told();
    struct xo_scenario *s = f.scenario;
    struct xo_bill *bill = &f.curve->points[f.curve->plan].build.bill;
    static const char tokens[] = "Nor how many tokens each model takes (tokenizer, verbosity, "
                                 "reasoning: taken as alike). ";
    ck_says(&f, "Not compared: quality (parity assumed), API latency (not measured), exit costs. "
                "Nor how many");
    ck_says(&f, tokens);
    s->apis[0].tokens_ratio_output = 1.2;
    ck_silent(&f, tokens);
    s->apis[0].tokens_ratio_output = 0;
    s->apis[0].tokens_ratio_input = 1.2;
    ck_silent(&f, tokens);
    s->apis[0].tokens_ratio_input = 0;
    s->api_ratio_input = 1.1;
    ck_silent(&f, tokens);
    s->api_ratio_input = 1;
    s->api_ratio_output = 1.1;
    ck_silent(&f, tokens);
    s->api_ratio_output = 1;
    s->apis[0].is_same_weights = true;
    ck_silent(&f, tokens);
    s->parity = XO_PARITY_MEASURED;
    ck_says(&f, "Not compared: API latency (not measured), exit costs. Quality was measured: blind "
                "test of 400 tickets. ");
    s->parity_evidence[0] = '\0';
    ck_says(&f, "Quality was measured: no evidence given. ");
    ck_silent(&f, "count as free");
    bill->items[0].micro_usd = 0;
    ck_says(&f, "The GPUs of this build count as free ($0). ");
    fix_fini(&f);
}
END_TEST

/* The support bot binds one side alone to an SLO; a discount is the tariff's alone. */
START_TEST(effects_of_one_side_alone_are_named)
{
    struct fix f = fix_told();
    ck_says(&f, "On one side only: SLO (this build), one-off cost (this build). ");
    f.scenario->buy.one_off_usd = 1;
    f.scenario->buy.discount_frac = 0.1;
    ck_says(&f, "On one side only: SLO (this build), discount (buying). ");
    fix_fini(&f);
}
END_TEST

START_TEST(the_ranges_say_over_what_they_run)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    c->n_draws = 2345;
    f.scenario->options[0].step_sigma = 0.1;
    /* exp(1.28155 * 0.1) - 1 = 0.1367 */
    ck_says(&f, "Ranges: P10 to P90 of 2,345 draws over 3 uncertain inputs and step times "
                "typically within 14 % (");
    ck_says(&f, "Napkin (full batches, no SLO, no spares; people and one-offs on neither side): "
                "1.2 B. ");
    /* support.ini varies build.rent, build.staff_scale and buy.price_scale */
    f.scenario->uncertain[0].implied = f.scenario->uncertain[2].implied = true;
    ck_says(&f,
            "3 uncertain inputs (by the catalog's spread: build.rent, buy.price_scale) and step");
    f.scenario->uncertain[0].implied = f.scenario->uncertain[2].implied = false;
    c->n_uncertain = 1;
    ck_says(&f, "draws over 1 uncertain input and step times");
    c->n_uncertain = 0;
    c->step_error_frac = 0;
    c->napkin_crossing = NAN;
    ck_says(&f, "draws over simulation noise. Napkin (full batches, no SLO, no spares; people and "
                "one-offs on neither side): no crossing. ");
    c->step_error_frac = 0.1;
    f.scenario->options[0].step_sigma = 0.6; /* exp(1.28155 * 0.6) = 2.16 */
    ck_says(&f, "simulation noise and step times within a factor of 2.2 (");
    fix_fini(&f);
}
END_TEST

START_TEST(inputs_that_change_nothing_or_much_together_are_named)
{
    static const char *const keys[] = { "build.rent", "build.server_price", "slo.tpot_p95" };
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    ck_silent(&f, "Of the uncertain");
    for (int i = 0; i < 3; i++)
        c->effects[i] = (struct xo_effect){ .key = xo_key_find(keys[i]), .moves = true };
    c->effects[1].moves = false;
    ck_says(&f, "Of the uncertain inputs build.server_price changes no bill here. ");
    c->effects[0].moves = false;
    ck_says(&f, "Of the uncertain inputs build.rent and build.server_price change no bill here. ");
    c->effects[2].moves = false;
    ck_says(&f, "inputs build.rent, build.server_price and slo.tpot_p95 change no bill here. ");
    ck_silent(&f, "of draws no fleet meets the SLO");
    c->infeasible_share = 0.385;
    c->infeasible_se = 0.0345;
    ck_says(&f, "In 38 % +- 3 % of draws no fleet meets the SLO: buying wins there, and ranges "
                "leave them out. ");
    c->infeasible_share = 0;
    ck_silent(&f, "come from a fit");
    c->n_surrogates = 2;
    c->surrogates[0] = (struct xo_surrogate_report){
        .option = 0, .n_design = 160, .held_out_rms = 0.0437, .precise = false
    };
    c->surrogates[1] = (struct xo_surrogate_report){ .held_out_rms = 0.029, .precise = true };
    ck_says(&f, "come from a fit to 160 simulated ones, which is 4.4 % off on others: ranges and "
                "shares are that much less sure. ");
    c->surrogates[0].precise = true;
    ck_silent(&f, "come from a fit");
    c->surrogates[0] = (struct xo_surrogate_report){ .held_out_rms = NAN };
    ck_silent(&f, "come from a fit");
    fix_fini(&f);
}
END_TEST

START_TEST(an_uncertain_plan_is_told_with_its_own_range)
{
    struct fix f = fix_told();
    f.curve->plan_volume = band(billion(2.1), billion(6.4));
    ck_says(&f, "What is said of your plan is over volumes of 2.1 B to 6.4 B tokens a month; "
                "crossings and even odds are volumes themselves. ");
    f.curve->plan_volume = band(billion(3.8), billion(3.8));
    ck_silent(&f, "What is said of your plan");
    f.curve->points[f.curve->plan].volume = billion(3.79); /* of which 3.8 B is not the lower end */
    f.curve->plan_volume = band(billion(3.78), billion(6.42));
    ck_says(&f, "over volumes of 3.78 B to 6.42 B tokens a month; ");
    fix_fini(&f);
}
END_TEST

/* By more than half a percent of the end of the range. */
START_TEST(a_base_case_outside_its_range_names_its_line)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    ck_silent(&f, "lies outside");
    c->plan_band[XO_WAY_SAME] = band(5720, 6400); /* 5,700 is 0.35 % below */
    ck_silent(&f, "lies outside");
    c->plan_band[XO_WAY_SAME] = band(5740, 6400); /* 0.7 % */
    ck_says(&f, "The base case lies outside the range of the same weights: what varies does so "
                "mostly to one side of the value typed. ");
    c->plan_band[XO_WAY_SAME] = band(4200, 5680); /* 0.35 % above */
    ck_silent(&f, "lies outside");
    c->plan_band[XO_WAY_BUY] = band(9100, 11900); /* 0.84 % above */
    c->plan_band[XO_WAY_BUILD] = band(36000, 47000);
    c->crossings[XO_BUY_BUILD].first = band(billion(21), billion(26));
    ck_says(&f, "outside the range of buying, this build and its crossing: what");
    c->crossings[XO_BUY_BUILD].at[0].to_build = false;
    ck_says(&f, "outside the range of buying and this build: what");
    fix_fini(&f);
}
END_TEST

START_TEST(guesses_are_counted_and_named)
{
    struct fix f = fix_told();
    struct xo_scenario *s = f.scenario;
    ck_says(&f, "Prices of 2026-07-02 to 2026-11-22. DRAFT: 11 values are guesses (?): "
                "scenario.commit, scenario.parity, workload.volume, ");
    ck_silent(&f, " more. ");
    s->n_guesses = 13;
    ck_says(&f, " and 2 more. ");
    for (int i = 0; i < s->n_entries; i++)
        s->entries[i].guess =
            strcmp(s->entries[i].section, "build") == 0 && strcmp(s->entries[i].name, "rent") == 0;
    s->n_guesses = 1;
    ck_says(&f, "DRAFT: 1 value is a guess (?): build.rent. ");
    s->n_guesses = 0;
    ck_says(&f, "Prices of 2026-07-02 to 2026-11-22. No value is a guess. ");
    ck_title(&f, "This build is cheaper than openai/gpt-6.2-sol above 20 B (16 B to 26 B) tokens a "
                 "month");
    for (int i = 0; i < s->n_entries; i++)
        s->entries[i].guess = true;
    s->n_guesses = s->n_entries;
    char said[32];
    snprintf(said, sizeof said, " and %d more. ", s->n_entries - 16);
    ck_says(&f, said);
    fix_fini(&f);
}
END_TEST

/* From 2026-07-02 to 2026-12-29 are 180 days. */
START_TEST(prices_over_180_days_old_are_stale)
{
    struct fix f = fix_told();
    struct xo_scenario *s = f.scenario;
    xo_text_copy(s->as_of, sizeof s->as_of, "2026-12-29");
    ck_silent(&f, "STALE");
    xo_text_copy(s->as_of, sizeof s->as_of, "2026-12-30");
    ck_says(&f, "STALE: the price of together/llama-3.3-70b-instruct-turbo is of 2026-07-02, 181 "
                "days before as_of: look for today's. ");
    xo_text_copy(s->apis[0].as_of, sizeof s->apis[0].as_of, "2026-07-01");
    ck_says(&f, "STALE: the price of openai/gpt-6.2-sol is of 2026-07-01, 182 days before as_of, "
                "and 1 other is over 180 days old: look for today's. ");
    ck_says(&f, "Prices of 2026-07-01 to 2026-12-30. ");
    fix_fini(&f);
}
END_TEST

/* A tariff of $2 and $10 per million bills 1000 M tokens in and 200 M out at $4,000. */
START_TEST(an_invoice_that_is_far_off_is_told_with_both_sums)
{
    static const struct {
        double invoice_usd;
        const char *said; /* NULL: nothing */
    } cases[] = {
        { 2000, "at $4,000, 2 times the $2,000 that it says: find out why before using the buy " },
        { 2001, "at $4,000, over 99 % more than the $2,000 that it says: find out why" },
        { 1600, "at $4,000, 2.5 times the $1,600 that it says: " },
        { 2500, "at $4,000, 60 % more than the $2,500 that it says: " },
        { 3479, NULL },
        { 4000, NULL },
        { 4700, NULL },
        { 4800, "at $4,000, 17 % less than the $4,800 that it says: " },
        { 16000, "at $4,000, 75 % less than the $16,000 that it says: " },
    };
    struct fix f = fix_told();
    struct xo_scenario *s = f.scenario;
    s->apis[0].tariff.input = 2e-6;
    s->apis[0].tariff.output = 10e-6;
    s->buy.staff.scale = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        s->actual = (struct xo_actual){ .month = "2026-10",
                                        .requests = 1e6,
                                        .prompt_tokens = 1e9,
                                        .cached_tokens = 0,
                                        .output_tokens = 2e8,
                                        .invoice_usd = cases[i].invoice_usd,
                                        .cache_write_tokens = NAN,
                                        .cache_write_extended_tokens = NAN };
        if (cases[i].said == NULL)
            ck_silent(&f, "invoice");
        else {
            ck_says(&f, "This tariff puts your invoice of 2026-10 at $4,000, ");
            ck_says(&f, cases[i].said);
        }
    }
    fix_fini(&f);
}
END_TEST

/* A tariff of $2 for input, $0.10 cached, $10 for output; a prompt is 1,200 shared tokens and 800
 * others, and 3 % of the calls are repeated: 1.5656 M calls a month, 0.5957 a second at a steady
 * rate. */
static struct fix fix_cached(struct xo_cache_rules rules)
{
    struct fix f = fix_told();
    struct xo_scenario *s = f.scenario;
    struct xo_tariff *t = &s->apis[0].tariff;
    t->input = 2e-6;
    t->cached_input = 0.1e-6;
    t->cache_write = NAN;
    t->output = 10e-6;
    t->cache = rules;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        s->workload.profile.hour_weight[h] = 1;
    return f;
}

/* An entry lives 2 s after each call: a call finds it with probability 1 - exp(-2 * 0.5957) =
 * 0.696. Where writing costs 1.25 of input and reading 0.05, it pays from 0.25 / 1.2 = 21 %. */
START_TEST(how_often_a_prefix_is_found_is_told_with_its_lifetime)
{
    struct fix f = fix_cached((struct xo_cache_rules){ .ttl_s = 2 });
    struct xo_scenario *s = f.scenario;
    struct xo_tariff *t = &s->apis[0].tariff;
    ck_says(&f, "70 % of calls find the shared prefix in the cache of openai/gpt-6.2-sol (2 s). ");
    t->cache_write = 2.5e-6;
    ck_says(&f, "70 % of calls find the shared prefix in the cache of openai/gpt-6.2-sol (2 s), "
                "where writing it pays from 21 %. ");
    t->cache.ttl_s = 0.2; /* 1 - exp(-0.2 * 0.5957) = 11 %: writing does not pay */
    ck_says(&f, "The shared prefix is billed as input: 11 % of calls would find it in the cache of "
                "openai/gpt-6.2-sol (200 ms), where writing it pays from 21 %. ");
    t->cache.ttl_s = 2;
    t->cache.min_tokens = 1201;
    ck_says(&f, "The shared prefix is shorter than openai/gpt-6.2-sol caches, so it is billed as "
                "input. ");
    t->cache.min_tokens = 1200;
    ck_silent(&f, "is shorter than");
    t->cache = (struct xo_cache_rules){ .ttl_s = 300 };
    ck_silent(&f, "find the shared prefix");
    fix_fini(&f);
}
END_TEST

/* Of 1.5656 M calls the prefix costs 1,200 * $2 a million, $3,757, of $14,090 for 2,000 tokens in
 * and 500 out. */
START_TEST(a_cached_price_that_is_not_known_is_told_with_what_it_could_save)
{
    struct fix f = fix_cached((struct xo_cache_rules){ 0 });
    struct xo_scenario *s = f.scenario;
    s->apis[0].tariff.cached_input = NAN;
    s->apis[0].caching_unknown = true;
    ck_says(&f, "Whether openai/gpt-6.2-sol sells cached input for less is not known, so all of it "
                "is billed in full; a cached price could save at most $3,800 a month, 27 % of what "
                "the tokens cost there. ");
    s->materiality_frac = 0.27;
    ck_silent(&f, "sells cached input for less");
    s->materiality_frac = 0.26;
    ck_says(&f, "sells cached input for less");
    fix_fini(&f);
}
END_TEST

START_TEST(peak_hours_are_told_in_their_zones)
{
    static const struct {
        int minutes;
        const char *said;
    } zones[] = { { 0, "taken as UTC (scenario.timezone). " },
                  { 60, "taken as UTC+1:00 (scenario.timezone). " },
                  { -150, "taken as UTC-2:30 (scenario.timezone). " } };
    struct fix f = fix_cached((struct xo_cache_rules){ 0 });
    struct xo_scenario *s = f.scenario;
    s->apis[0].tariff.n_windows = s->apis[0].tariff.n_peaks = 1;
    s->apis[0].tariff.peaks[0] =
        (struct xo_week_minutes){ .from_min = 60, .to_min = 120, .window = XO_WINDOW_PEAK };
    s->apis[0].tariff.window_factor[XO_WINDOW_PEAK] = 2;
    ck_silent(&f, "The peak hours");
    s->workload.profile.hour_weight[5] = 1.5;
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        s->timezone_min = zones[i].minutes;
        ck_says(&f, "The peak hours of openai/gpt-6.2-sol are in UTC; those of the profile are ");
        ck_says(&f, zones[i].said);
    }
    s->apis[0].tariff.n_windows = 0;
    ck_silent(&f, "The peak hours");
    fix_fini(&f);
}
END_TEST

START_TEST(requests_that_a_side_refuses_are_told_with_their_share)
{
    struct fix f = fix_told();
    struct xo_curve *c = f.curve;
    c->ladders->unserved =
        (struct xo_unserved){ .frac = 0.00123, .longest_tokens = { 8192 }, .by_context = false };
    ck_says(&f, "This build refuses 0.123 % of the requests, longer, prompt and output, than the "
                "8,192 tokens that the KV cache of one replica holds: they count as misses, and "
                "are billed only where the other side serves them. ");
    c->ladders->unserved.by_context = true;
    c->ladders->unserved.longest_tokens[0] = 0;
    ck_says(&f, "This build refuses 0.123 % of the requests, longer than all that its model takes");
    c->ladders->unserved.frac = 1e-6;
    ck_silent(&f, "refuses");
    c->buy_unserved = (struct xo_unserved){ .frac = 0.0456, .longest_tokens = { 131072 } };
    ck_says(&f, "openai/gpt-6.2-sol refuses 4.56 % of the requests, longer, prompt and output, "
                "than the 131,072 tokens that it takes: they count");
    c->points[c->plan].limited[XO_WAY_BUY] = true;
    ck_silent(&f, "refuses");
    fix_fini(&f);
}
END_TEST

int main(void)
{
    xo_catalog_builtin(); /* once, before the tests fork */
    Suite *suite = suite_create("sentences");
    TCase *tc = tcase_create("verdict");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_lead_has_both_bills_their_difference_and_the_share_of_draws);
    tcase_add_test(tc, a_difference_that_touches_zero_has_one_side);
    tcase_add_test(tc, a_share_of_draws_is_said_to_the_percent);
    tcase_add_test(tc, a_bill_is_said_to_two_digits);
    tcase_add_test(tc, several_tariffs_cost_and_charge_in_the_plural);
    tcase_add_test(tc, what_would_settle_a_close_call_is_told_nearest_first);
    tcase_add_test(tc, how_far_up_the_comparison_goes_is_told_with_its_reason);
    tcase_add_test(tc, a_fixed_fleet_that_is_late_says_up_to_where_it_serves);
    tcase_add_test(tc, three_options_that_fail_are_told_and_the_rest_counted);
    tcase_add_test(tc, why_an_option_fails_is_told_with_what_would_help);
    tcase_add_test(tc, an_api_that_does_not_carry_the_plan_says_which_limit_it_meets);
    tcase_add_test(tc, without_a_winner_there_are_bills_alone);
    tcase_add_test(tc, one_crossing_is_told_with_its_range_and_its_odds);
    tcase_add_test(tc, a_drawn_volume_outside_the_range_is_under_or_over_it);
    tcase_add_test(tc, a_range_of_volumes_has_the_digits_that_it_needs);
    tcase_add_test(tc, a_crossing_is_told_in_times_of_the_plan);
    tcase_add_test(tc, without_people_it_flips_elsewhere_or_not_at_all);
    tcase_add_test(tc, several_crossings_are_told_by_their_ends);
    tcase_add_test(tc, two_crossings_leave_one_side_at_both_ends);
    tcase_add_test(tc, the_plan_lies_below_between_or_above_the_crossings);
    tcase_add_test(tc, how_often_the_answer_changes_is_counted);
    tcase_add_test(tc, where_buying_is_cheaper_throughout_the_last_million_says_why);
    tcase_add_test(tc, where_building_is_cheaper_throughout_what_is_unusual_is_named);
    tcase_add_test(tc, the_same_weights_are_told_with_their_own_bill_and_share);
    tcase_add_test(tc, where_the_same_weights_stop_being_cheaper_is_told);
    tcase_add_test(tc, the_irony_of_a_build_that_beats_the_api_alone_has_its_figures);
    tcase_add_test(tc, without_a_host_the_difference_is_not_split);
    tcase_add_test(tc, each_change_that_flips_it_is_told_with_its_factor);
    tcase_add_test(tc, each_change_that_is_not_enough_is_told_with_how_far_it_was_tried);
    tcase_add_test(tc, what_is_signed_for_and_lost_has_its_figures);
    tcase_add_test(tc, servers_that_are_bought_have_a_price_a_resale_and_a_life);
    tcase_add_test(tc, a_fleet_that_hangs_on_a_limit_says_which);
    tcase_add_test(tc, what_was_not_compared_is_told);
    tcase_add_test(tc, effects_of_one_side_alone_are_named);
    tcase_add_test(tc, the_ranges_say_over_what_they_run);
    tcase_add_test(tc, inputs_that_change_nothing_or_much_together_are_named);
    tcase_add_test(tc, an_uncertain_plan_is_told_with_its_own_range);
    tcase_add_test(tc, a_base_case_outside_its_range_names_its_line);
    tcase_add_test(tc, guesses_are_counted_and_named);
    tcase_add_test(tc, prices_over_180_days_old_are_stale);
    tcase_add_test(tc, an_invoice_that_is_far_off_is_told_with_both_sums);
    tcase_add_test(tc, how_often_a_prefix_is_found_is_told_with_its_lifetime);
    tcase_add_test(tc, a_cached_price_that_is_not_known_is_told_with_what_it_could_save);
    tcase_add_test(tc, peak_hours_are_told_in_their_zones);
    tcase_add_test(tc, requests_that_a_side_refuses_are_told_with_their_share);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
