/* test_figures.c - every figure of a result comes out under its own name: in JSON, in CSV and in
 * the data beside the pictures. The names are the contract of docs/outputs.md.
 *
 * All figures of a curve and of a run are set apart: the one in row i of a table below is base + i
 * (and a quarter where it need not be whole), so that a figure that is lost, or stands under the
 * name of another, is another number.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"
#include "report/page/tables.h"
#include "report_fixture.h"

/* ---- figures set apart ---- */

enum kind { REAL, WHOLE, LONG };
struct figure {
    const char *name; /* where it must come out: a path of the JSON, a column of the CSV */
    enum kind kind;
    size_t at;
};
#define OF(type, name, field)                                                                      \
    {                                                                                              \
        name,                                                                                      \
            _Generic(((struct type *)0)->field, double                                             \
                     : REAL, int                                                                   \
                     : WHOLE, int64_t                                                              \
                     : LONG),                                                                      \
            offsetof(struct type, field)                                                           \
    }
#define COUNT(table) ((int)(sizeof table / sizeof table[0]))

static double figure_of(const struct figure *f, int i, double base)
{
    return base + i + (f->kind == REAL ? 0.25 : 0);
}

static void set_apart(void *in, const struct figure f[], int n, double base)
{
    for (int i = 0; i < n; i++) {
        char *at = (char *)in + f[i].at;
        if (f[i].kind == REAL)
            *(double *)at = figure_of(&f[i], i, base);
        else if (f[i].kind == WHOLE)
            *(int *)at = (int)figure_of(&f[i], i, base);
        else
            *(int64_t *)at = (int64_t)figure_of(&f[i], i, base);
    }
}

static void ck_paths(const struct answer *a, const char *under, const struct figure f[], int n,
                     double base)
{
    for (int i = 0; i < n; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s%s", under, f[i].name);
        answer_ck_near(a, path, figure_of(&f[i], i, base), 1e-15);
    }
}

#define BAND(type, name, field)                                                                    \
    OF(type, name ".p10", field.p10), OF(type, name ".p50", field.p50),                            \
        OF(type, name ".p90", field.p90), OF(type, name ".p10_se", field.p10_se),                  \
        OF(type, name ".p50_se", field.p50_se), OF(type, name ".p90_se", field.p90_se)
#define CROSSINGS(name, field)                                                                     \
    OF(xo_curve, name ".crossings[0].requests_month", field.at[0].volume),                         \
        OF(xo_curve, name ".crossings[0].usd_month", field.at[0].usd),                             \
        OF(xo_curve, name ".crossings[1].requests_month", field.at[1].volume),                     \
        OF(xo_curve, name ".crossings[1].usd_month", field.at[1].usd),                             \
        OF(xo_curve, name ".stays_above_requests_month", field.stays_above)
#define DRAWN(name, field)                                                                         \
    OF(xo_curve, name ".crossings[1].noise_lo_requests_month", field.at[1].noise_lo),              \
        OF(xo_curve, name ".crossings[1].noise_hi_requests_month", field.at[1].noise_hi),          \
        BAND(xo_curve, name ".first_requests_month", field.first),                                 \
        BAND(xo_curve, name ".last_requests_month", field.last),                                   \
        OF(xo_curve, name ".exists_share", field.exists_share),                                    \
        OF(xo_curve, name ".exists_share_se", field.exists_se),                                    \
        OF(xo_curve, name ".even_odds_requests_month", field.even_odds),                           \
        OF(xo_curve, name ".even_odds_se_requests_month", field.even_odds_se),                     \
        OF(xo_curve, name ".largest_gap_usd_month", field.largest_gap_usd),                        \
        OF(xo_curve, name ".largest_gap_frac", field.largest_gap_frac)
#define FLIP(name, key)                                                                            \
    OF(xo_curve, "verdict.flips_at_plan." name ".factor", flips[key].factor),                      \
        OF(xo_curve, "verdict.flips_at_plan." name ".limit", flips[key].limit)

static const struct figure curve_figures[] = {
    OF(xo_curve, "request.tokens", tokens_per_request),
    OF(xo_curve, "request.prompt_tokens", prompt_per_request),
    OF(xo_curve, "request.cached_tokens", cached_per_request),
    OF(xo_curve, "request.output_tokens", output_per_request),
    OF(xo_curve, "request.peak_factor", peak_factor),
    BAND(xo_curve, "verdict.buy.range_usd_month", plan_band[XO_WAY_BUY]),
    BAND(xo_curve, "verdict.same.range_usd_month", plan_band[XO_WAY_SAME]),
    BAND(xo_curve, "verdict.build.range_usd_month", plan_band[XO_WAY_BUILD]),
    BAND(xo_curve, "verdict.saving_usd_month", saving),
    BAND(xo_curve, "verdict.drawn_plan_requests_month", plan_volume),
    OF(xo_curve, "verdict.saving_base_usd_month", saving_base_usd),
    OF(xo_curve, "verdict.saving_changing_model_usd_month", saving_changing_model_usd),
    OF(xo_curve, "verdict.saving_owning_usd_month", saving_owning_usd),
    OF(xo_curve, "verdict.build_wins_share", wins_share[XO_BUY_BUILD]),
    OF(xo_curve, "verdict.build_wins_share_se", wins_se[XO_BUY_BUILD]),
    OF(xo_curve, "verdict.build_beats_same_share", wins_share[XO_SAME_BUILD]),
    OF(xo_curve, "verdict.build_beats_same_share_se", wins_se[XO_SAME_BUILD]),
    CROSSINGS("verdict.build_against_buy", crossings[XO_BUY_BUILD]),
    DRAWN("verdict.build_against_buy", crossings[XO_BUY_BUILD]),
    CROSSINGS("verdict.build_against_same", crossings[XO_SAME_BUILD]),
    DRAWN("verdict.build_against_same", crossings[XO_SAME_BUILD]),
    CROSSINGS("verdict.build_against_buy_without_people", without_people),
    CROSSINGS("verdict.same_against_buy", changing_model),
    OF(xo_curve, "verdict.napkin_requests_month", napkin_crossing),
    OF(xo_curve, "verdict.napkin_crossing_usd_month", napkin_crossing_usd),
    OF(xo_curve, "verdict.obligation_usd", obligation_usd),
    OF(xo_curve, "verdict.obligation.servers_usd", obligation.servers_usd),
    OF(xo_curve, "verdict.obligation.resale_usd", obligation.resale_usd),
    OF(xo_curve, "verdict.obligation.rent_usd", obligation.rent_usd),
    OF(xo_curve, "verdict.obligation.one_off_usd", obligation.one_off_usd),
    OF(xo_curve, "verdict.obligation.months", obligation.months),
    OF(xo_curve, "verdict.loss_at_half_plan_usd", loss_usd[0]),
    OF(xo_curve, "verdict.loss_at_plan_usd", loss_usd[1]),
    OF(xo_curve, "verdict.loss_at_twice_plan_usd", loss_usd[2]),
    OF(xo_curve, "verdict.breakeven_load_frac", breakeven_load_frac),
    FLIP("volume", XO_FLIP_VOLUME),
    FLIP("api_price", XO_FLIP_API_PRICE),
    FLIP("discount", XO_FLIP_DISCOUNT),
    FLIP("rent", XO_FLIP_RENT),
    FLIP("staff", XO_FLIP_STAFF),
    FLIP("step_time", XO_FLIP_STEP_TIME),
    OF(xo_curve, "verdict.marginal_build_usd_per_mtok", marginal_build_usd_per_mtok),
    OF(xo_curve, "verdict.marginal_buy_usd_per_mtok", marginal_buy_usd_per_mtok),
    OF(xo_curve, "verdict.n_draws", n_draws),
    OF(xo_curve, "verdict.step_error_frac", step_error_frac),
    OF(xo_curve, "verdict.uncertain[0].saving_at_p10_usd_month", effects[0].saving_usd[0]),
    OF(xo_curve, "verdict.uncertain[0].saving_at_p90_usd_month", effects[0].saving_usd[1]),
    OF(xo_curve, "verdict.uncertain[2].saving_at_p10_usd_month", effects[2].saving_usd[0]),
    OF(xo_curve, "verdict.uncertain[2].saving_at_p90_usd_month", effects[2].saving_usd[1]),
    OF(xo_curve, "verdict.infeasible_share", infeasible_share),
    OF(xo_curve, "verdict.infeasible_share_se", infeasible_se),
    OF(xo_curve, "verdict.surrogates[1].design_points", surrogates[1].n_design),
    OF(xo_curve, "verdict.surrogates[1].held_out_rms_log", surrogates[1].held_out_rms),
    OF(xo_curve, "n_simulated", n_simulated),
};

static const struct figure ladder_figures[] = {
    OF(xo_ladder, "saturation_rate_per_s", saturation_rate_per_s),
    OF(xo_ladder, "lone_ttft_s", lone_ttft_s),
    OF(xo_ladder, "lone_tpot_s", lone_tpot_s),
    OF(xo_ladder, "lone_e2e_s", lone_e2e_s),
    OF(xo_ladder, "step_exponent_1_replica", step_exponent_1),
    OF(xo_ladder, "step_exponent_8_replicas", step_exponent_8),
    OF(xo_ladder, "pooling", pooling),
    OF(xo_ladder, "pooling_se", pooling_se),
};
static const struct figure rung_figures[] = {
    OF(xo_capacity, "n_replicas", n_replicas),
    OF(xo_capacity, "n_cells", n_cells),
    OF(xo_capacity, "requests_month", volume),
    OF(xo_capacity, "requests_month_lo", volume_lo),
    OF(xo_capacity, "requests_month_hi", volume_hi),
    OF(xo_capacity, "rate_per_s", rate_per_s),
    OF(xo_capacity, "rate_per_s_lo", rate_lo_per_s),
    OF(xo_capacity, "rate_per_s_hi", rate_hi_per_s),
    OF(xo_capacity, "n_simulated", n_simulated),
};

#define METRIC(name, unit) OF(xo_point_metrics, #name, name),
static const struct figure metric_figures[] = {
    XO_METRICS(METRIC) /* with its comma */
    OF(xo_point_metrics, "n_measured", n_measured),
    OF(xo_point_metrics, "n_simulated", n_simulated),
    OF(xo_point_metrics, "slo[0].attained_frac", attained_frac[0][0]),
    OF(xo_point_metrics, "slo[1].attained_frac", attained_frac[0][1]),
};
enum { N_METRIC_COLUMNS = COUNT(metric_figures) - 2 }; /* the SLO has no column */

/* Of curve.csv and of the points in curve.json. */
#define OF_LINE(name, line)                                                                        \
    OF(xo_curve_point, name "_usd_month", usd[line]),                                              \
        OF(xo_curve_point, name "_p10_usd_month", band[line].p10),                                 \
        OF(xo_curve_point, name "_p50_usd_month", band[line].p50),                                 \
        OF(xo_curve_point, name "_p90_usd_month", band[line].p90)
#define ERRORS_OF_LINE(name, line)                                                                 \
    OF(xo_curve_point, name "_p10_se_usd_month", band[line].p10_se),                               \
        OF(xo_curve_point, name "_p50_se_usd_month", band[line].p50_se),                           \
        OF(xo_curve_point, name "_p90_se_usd_month", band[line].p90_se)
static const struct figure point_figures[] = {
    OF(xo_curve_point, "volume_requests_month", volume),
    OF(xo_curve_point, "tokens_month", tokens),
    OF_LINE("buy", XO_WAY_BUY),
    OF_LINE("same", XO_WAY_SAME),
    OF_LINE("build", XO_WAY_BUILD),
    OF(xo_curve_point, "napkin_usd_month", napkin_usd),
    OF(xo_curve_point, "buy_without_people_usd_month", without_people_usd[XO_WAY_BUY]),
    OF(xo_curve_point, "build_without_people_usd_month", without_people_usd[XO_WAY_BUILD]),
    OF(xo_curve_point, "build_wins_share", wins_share[XO_BUY_BUILD]),
    OF(xo_curve_point, "build_beats_same_share", wins_share[XO_SAME_BUILD]),
    OF(xo_curve_point, "serving_replicas", build.serving_replicas),
    OF(xo_curve_point, "headroom_replicas", build.headroom_replicas),
    OF(xo_curve_point, "spare_replicas", build.spare_replicas),
    OF(xo_curve_point, "n_gpus", build.n_gpus),
    OF(xo_curve_point, "load_frac", build.load_frac),
    OF(xo_curve_point, "week_busy_frac", build.week_busy_frac),
    OF(xo_curve_point, "week_mean_w_per_gpu", build.week_mean_w_per_gpu),
    ERRORS_OF_LINE("buy", XO_WAY_BUY),
    ERRORS_OF_LINE("same", XO_WAY_SAME),
    ERRORS_OF_LINE("build", XO_WAY_BUILD),
    OF(xo_curve_point, "build_wins_share_se", wins_se[XO_BUY_BUILD]),
    OF(xo_curve_point, "build_beats_same_share_se", wins_se[XO_SAME_BUILD]),
};

/* Groups of the bill of build at a point: group g costs base + g and a half. */
static const struct {
    enum xo_bill_group group;
    const char *column;
} bill_columns[] = {
    { XO_BILL_GPUS, "build_gpus_usd_month" },
    { XO_BILL_POWER, "build_power_usd_month" },
    { XO_BILL_SITE, "build_site_usd_month" },
    { XO_BILL_SOFTWARE, "build_software_usd_month" },
    { XO_BILL_PEOPLE, "build_people_usd_month" },
    { XO_BILL_ONE_OFF, "build_one_off_usd_month" },
    { XO_BILL_CONTINGENCY, "build_contingency_usd_month" },
};

static const char *const labels[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i" };

static void bill_apart(struct xo_bill *bill, double base)
{
    bill->n_items = 0;
    for (int g = 0; g < XO_N_BILL_GROUPS; g++) {
        fix_item(bill, (enum xo_bill_group)g, labels[g], base + g + 0.5);
    }
}

/* Three points, the plan in their midst, two corners between plan and end. */
static void make_apart(struct xo_curve *c)
{
    c->n_surrogates = 2;
    set_apart(c, curve_figures, COUNT(curve_figures), 500);
    set_apart(c->ladders, ladder_figures, COUNT(ladder_figures), 700);
    set_apart(&c->ladders->rungs[1], rung_figures, COUNT(rung_figures), 800);
    c->ladders->n_rungs = 2;
    c->n_points = 3;
    c->n_corners = 0;
    c->plan = 1;
    c->crossings[XO_BUY_BUILD].n = c->crossings[XO_SAME_BUILD].n = c->without_people.n =
        c->changing_model.n = 2;
    c->verdict = XO_VERDICT_SEVERAL;
    for (int k = 0; k < XO_N_FLIPS; k++)
        c->flips[k].possible = true;
    for (int i = 0; i < c->n_points; i++) {
        struct xo_curve_point *p = &c->points[i];
        set_apart(p, point_figures, COUNT(point_figures), 1000 * (i + 1));
        set_apart(&p->metrics, metric_figures, COUNT(metric_figures), 1000 * (i + 1) + 100);
        bill_apart(&p->build.bill, 1000 * (i + 1) + 200);
        p->has_metrics = p->build.feasible = true;
    }
    bill_apart(&c->bills[XO_WAY_BUY], 4000);
    bill_apart(&c->bills[XO_WAY_SAME], 5000);
    c->bills[XO_WAY_BUILD] = c->points[c->plan].build.bill;
}

static struct fix fix_apart(void)
{
    struct fix f = fix_new(&fix_support);
    make_apart(f.curve);
    return f;
}

/* ---- what comes out ---- */

static char *curve_text(const struct xo_curve *c, enum xo_format format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct xo_error err = { 0 };
    ck_assert_msg(xo_curve_print(out, c, format, &err), "%s", err.text);
    fclose(out);
    return text;
}

static char *run_text(const struct xo_run *r, enum xo_format format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct xo_error err = { 0 };
    ck_assert_msg(xo_run_print(out, r, format, &err), "%s", err.text);
    fclose(out);
    return text;
}

/* Takes the text. */
static struct answer parsed(char *text)
{
    static char none[] = "";
    struct answer a = { .json = json_loads(text, 0, NULL), .errors = none };
    ck_assert_ptr_nonnull(a.json);
    free(text);
    return a;
}

static void done(struct answer *a)
{
    if (a->folder[0] != '\0')
        answer_fini(a);
    else
        json_decref(a->json);
}

static struct answer curve_answer(const struct xo_curve *c)
{
    return parsed(curve_text(c, XO_FORMAT_JSON));
}

static struct answer run_answer(const struct xo_run *r)
{
    return parsed(run_text(r, XO_FORMAT_JSON));
}

/* The folder of a curve or of a run (the other is NULL), written where there is no gnuplot: scripts
 * and data of the pictures are there all the same. */
static struct answer folder_of(const struct xo_curve *c, const struct xo_run *r)
{
    struct answer a = { .folder = "/tmp/xo-figures-XXXXXX" };
    struct xo_output output = { .command = "crossover", .plots = c != NULL };
    struct xo_error err = { 0 };
    char path[4096];
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    ck_assert_ptr_nonnull(mkdtemp(a.folder));
    output.folder = a.folder;
    setenv("PATH", "/nowhere", 1);
    const bool ok = c != NULL ? xo_curve_write(c, &output, &err) : xo_run_write(r, &output, &err);
    setenv("PATH", path, 1);
    ck_assert_msg(ok, "%s", err.text);
    free(output.notes);
    free(output.wrote);
    return a;
}

static void ck_file(const struct answer *a, const char *name, const char *expected)
{
    char *text = answer_file(a, name);
    ck_assert_str_eq(text, expected);
    free(text);
}

/* ---- curve.json ---- */

START_TEST(every_figure_of_a_curve_stands_under_its_name)
{
    struct fix f = fix_apart();
    f.curve->effects[2].key = xo_key_find("build.server_price");
    struct answer a = curve_answer(f.curve);
    ck_assert_str_eq(answer_string(&a, "verdict.uncertain[2].key"), "build.server_price");
    ck_paths(&a, "", curve_figures, COUNT(curve_figures), 500);
    ck_paths(&a, "options[0].", ladder_figures, COUNT(ladder_figures), 700);
    ck_paths(&a, "options[0].capacity[1].", rung_figures, COUNT(rung_figures), 800);
    answer_ck_near(&a, "verdict.n_uncertain", 3, 0);
    ck_assert_int_eq(answer_count(&a, "verdict.uncertain"), 3);
    ck_assert_int_eq(answer_count(&a, "verdict.build_against_buy.crossings"), 2);
    ck_assert_int_eq(answer_count(&a, "options[0].capacity"), 2);
    done(&a);
    fix_fini(&f);
}
END_TEST

START_TEST(every_figure_of_a_point_stands_under_its_name)
{
    struct fix f = fix_apart();
    struct answer a = curve_answer(f.curve);
    for (int i = 0; i < 3; i++) {
        char under[64];
        snprintf(under, sizeof under, "points[%d].", i);
        ck_paths(&a, under, point_figures, COUNT(point_figures), 1000 * (i + 1));
        for (int g = 0; g < COUNT(bill_columns); g++) {
            char path[96];
            snprintf(path, sizeof path, "%s%s", under, bill_columns[g].column);
            answer_ck_near(&a, path, 1000 * (i + 1) + 200.5 + (int)bill_columns[g].group, 1e-15);
        }
        snprintf(under, sizeof under, "points[%d].metrics.", i);
        ck_paths(&a, under, metric_figures, COUNT(metric_figures), 1000 * (i + 1) + 100);
    }
    ck_assert_int_eq(answer_count(&a, "points"), 3);
    answer_ck_near(&a, "points[1].option_index", 0, 0);
    done(&a);
    fix_fini(&f);
}
END_TEST

/* Row 0 of the table of a point is its volume, row 1 its tokens, rows 2, 6 and 10 its bills. */
START_TEST(the_verdict_has_the_plan_and_the_ends_of_the_range)
{
    struct fix f = fix_apart();
    struct answer a = curve_answer(f.curve);
    answer_ck_near(&a, "verdict.min_requests_month", 1000.25, 0);
    answer_ck_near(&a, "verdict.plan_requests_month", 2000.25, 0);
    answer_ck_near(&a, "verdict.max_requests_month", 3000.25, 0);
    answer_ck_near(&a, "verdict.plan_tokens_month", 2001.25, 0);
    answer_ck_near(&a, "verdict.buy.usd_month", 2002.25, 0);
    answer_ck_near(&a, "verdict.same.usd_month", 2006.25, 0);
    answer_ck_near(&a, "verdict.build.usd_month", 2010.25, 0);
    done(&a);
    fix_fini(&f);
}
END_TEST

/* The sum of base + g + 1/2 over the groups g = 0..8 is 9 base + 36 + 4.5, in millionths. */
START_TEST(bills_at_plan_are_those_of_their_sides)
{
    static const struct {
        const char *side;
        double base;
    } sides[] = { { "buy", 4000 }, { "same", 5000 }, { "build", 2200 } };
    static const char *const groups[] = { "tokens", "gpus",    "power",       "site",    "software",
                                          "people", "one_off", "contingency", "discount" };
    struct fix f = fix_apart();
    struct answer a = curve_answer(f.curve);
    for (int i = 0; i < COUNT(sides); i++) {
        char path[96];
        snprintf(path, sizeof path, "bills_at_plan.%s.total_micro_usd", sides[i].side);
        answer_ck_near(&a, path, (9 * sides[i].base + 40.5) * 1e6, 0);
        for (int g = 0; g < COUNT(groups); g++) {
            snprintf(path, sizeof path, "bills_at_plan.%s.items[%d].micro_usd", sides[i].side, g);
            answer_ck_near(&a, path, (sides[i].base + g + 0.5) * 1e6, 0);
            snprintf(path, sizeof path, "bills_at_plan.%s.items[%d].group", sides[i].side, g);
            ck_assert_str_eq(answer_string(&a, path), groups[g]);
            snprintf(path, sizeof path, "bills_at_plan.%s.items[%d].label", sides[i].side, g);
            ck_assert_str_eq(answer_string(&a, path), labels[g]);
        }
    }
    done(&a);
    fix_fini(&f);
}
END_TEST

/* Three tariffs and three hosts; point i buys from tariff i and from host 2 - i. */
START_TEST(a_point_names_who_is_cheapest_there)
{
    static const char *const names[] = {
        "acme/a", "acme/b", "acme/c", "host/a", "host/b", "host/c"
    };
    struct fix f = fix_apart();
    struct xo_scenario *s = f.scenario;
    for (int i = 0; i < 3; i++) {
        s->apis[i] = s->apis[0];
        s->same_model[i] = s->same_model[0];
        xo_text_copy(s->apis[i].tariff.name, XO_COST_NAME_SIZE, names[i]);
        xo_text_copy(s->same_model[i].tariff.name, XO_COST_NAME_SIZE, names[3 + i]);
        f.curve->points[i].pick[XO_WAY_BUY] = i;
        f.curve->points[i].pick[XO_WAY_SAME] = 2 - i;
    }
    s->n_apis = s->n_same_model = s->n_same_bought = 3;
    f.curve->plan = 2;
    struct answer a = curve_answer(f.curve), folder = folder_of(f.curve, NULL);
    for (int i = 0; i < 3; i++) {
        char path[32];
        snprintf(path, sizeof path, "points[%d].api", i);
        ck_assert_str_eq(answer_string(&a, path), names[i]);
        snprintf(path, sizeof path, "points[%d].same", i);
        ck_assert_str_eq(answer_string(&a, path), names[5 - i]);
        ck_assert_int_eq(atoi(answer_cell(&folder, "curve.csv", i, "api_index")), i);
        ck_assert_int_eq(atoi(answer_cell(&folder, "curve.csv", i, "same_index")), 2 - i);
    }
    ck_assert_str_eq(answer_string(&a, "verdict.buy.name"), "acme/c");
    ck_assert_str_eq(answer_string(&a, "verdict.same.name"), "host/a");
    ck_assert_str_eq(answer_string(&a, "verdict.build.name"), "2 x h100-sxm, fp8");
    done(&folder);
    done(&a);
    fix_fini(&f);
}
END_TEST

static const struct {
    const char *path;
    size_t at; /* in struct xo_curve, else in the point of the plan */
    bool of_point;
} flags[] = {
    { "verdict.build_against_buy.build_cheaper_at_min",
      offsetof(struct xo_curve, crossings[XO_BUY_BUILD].build_cheaper_at_min), false },
    { "verdict.build_against_buy.build_cheaper_at_max",
      offsetof(struct xo_curve, crossings[XO_BUY_BUILD].build_cheaper_at_max), false },
    { "verdict.build_against_buy.crossings[0].at_riser",
      offsetof(struct xo_curve, crossings[XO_BUY_BUILD].at[0].at_riser), false },
    { "verdict.build_against_same.build_cheaper_at_min",
      offsetof(struct xo_curve, crossings[XO_SAME_BUILD].build_cheaper_at_min), false },
    { "verdict.build_against_same.build_cheaper_at_max",
      offsetof(struct xo_curve, crossings[XO_SAME_BUILD].build_cheaper_at_max), false },
    { "verdict.flips_at_plan.rent.possible",
      offsetof(struct xo_curve, flips[XO_FLIP_RENT].possible), false },
    { "verdict.flips_at_plan.staff.possible",
      offsetof(struct xo_curve, flips[XO_FLIP_STAFF].possible), false },
    { "verdict.uncertain[1].moves", offsetof(struct xo_curve, effects[1].moves), false },
    { "verdict.uncertain[2].moves", offsetof(struct xo_curve, effects[2].moves), false },
    { "points[1].fleet_settled", offsetof(struct xo_curve_point, build.settled), true },
    { "points[1].is_plan", offsetof(struct xo_curve_point, is_plan), true },
    { "points[1].is_crossing", offsetof(struct xo_curve_point, is_crossing), true },
    { "verdict.buy_limited", offsetof(struct xo_curve_point, limited[XO_WAY_BUY]), true },
    { "points[1].buy_limited", offsetof(struct xo_curve_point, limited[XO_WAY_BUY]), true },
};

/* Each flag alone is set: it is true where it stands, and all the others are false. */
START_TEST(every_flag_of_a_curve_stands_under_its_name)
{
    struct fix f = fix_apart();
    struct xo_curve *c = f.curve;
    for (int set = 0; set < COUNT(flags); set++) {
        for (int i = 0; i < COUNT(flags); i++) {
            char *in = flags[i].of_point ? (char *)&c->points[1] : (char *)c;
            *(bool *)(in + flags[i].at) = false;
        }
        *(bool *)((flags[set].of_point ? (char *)&c->points[1] : (char *)c) + flags[set].at) = true;
        struct answer a = curve_answer(c);
        for (int i = 0; i < COUNT(flags); i++) {
            const bool same =
                flags[i].at == flags[set].at && flags[i].of_point == flags[set].of_point;
            ck_assert_msg(answer_is(&a, flags[i].path) == same, "%s with %s set", flags[i].path,
                          flags[set].path);
        }
        done(&a);
    }
    fix_fini(&f);
}
END_TEST

START_TEST(what_a_curve_has_not_is_null)
{
    struct fix f = fix_apart();
    struct xo_curve *c = f.curve;
    c->points[1].has_metrics = false;
    c->flips[XO_FLIP_RENT].possible = false;
    c->obligation_usd = NAN;
    f.scenario->n_same_model = 0;
    c->points[2].build.feasible = false;
    c->points[0].build.feasible = false;
    c->points[0].is_plan = true;
    struct answer a = curve_answer(c);
    ck_assert(json_is_null(answer_at(&a, "points[1].metrics")));
    ck_assert(json_is_object(answer_at(&a, "points[0].metrics")));
    ck_assert(json_is_null(answer_at(&a, "verdict.flips_at_plan.rent.factor")));
    answer_ck_near(&a, "verdict.flips_at_plan.rent.limit", c->flips[XO_FLIP_RENT].limit, 0);
    ck_assert(json_is_null(answer_at(&a, "verdict.obligation")));
    ck_assert(json_is_null(answer_at(&a, "verdict.same")));
    ck_assert(json_is_null(answer_at(&a, "bills_at_plan.same")));
    ck_assert(json_is_null(answer_at(&a, "points[1].same")));
    ck_assert(!answer_is(&a, "points[2].build_feasible"));
    ck_assert(answer_is(&a, "points[1].build_feasible"));
    ck_assert(json_is_null(answer_at(&a, "points[2].n_gpus")));
    ck_assert(json_is_null(answer_at(&a, "points[2].build_gpus_usd_month")));
    ck_assert(json_is_null(answer_at(&a, "points[2].fleet_settled")));
    ck_assert(json_is_object(answer_at(&a, "verdict.build")));
    ck_assert(json_is_object(answer_at(&a, "bills_at_plan.build")));
    done(&a);
    c->plan = 0;
    a = curve_answer(c);
    ck_assert(json_is_null(answer_at(&a, "verdict.build")));
    ck_assert(json_is_null(answer_at(&a, "bills_at_plan.build")));
    done(&a);
    fix_fini(&f);
}
END_TEST

/* The range is 1000.25 to 3000.25; arithmetic may miss an end by a billionth. */
START_TEST(a_drawn_volume_says_on_which_side_of_the_range_it_lies)
{
    static const struct {
        double volume;
        const char *lies;
    } cases[] = { { 0, "below" },       { 1000.25 * (1 - 2e-9), "below" },
                  { NAN, "nowhere" },   { 1000.25 * (1 - 5e-10), "inside" },
                  { 2000, "inside" },   { 3000.25 * (1 + 5e-10), "inside" },
                  { 3000.26, "above" }, { INFINITY, "above" } };
    struct fix f = fix_apart();
    for (int i = 0; i < COUNT(cases); i++) {
        f.curve->crossings[XO_BUY_BUILD].first =
            (struct xo_band){ cases[i].volume, 2000, 2000, 0, 0, 0 };
        f.curve->crossings[XO_BUY_BUILD].last =
            (struct xo_band){ 2000, cases[i].volume, 2000, 0, 0, 0 };
        f.curve->crossings[XO_SAME_BUILD].first =
            (struct xo_band){ 2000, 2000, cases[i].volume, 0, 0, 0 };
        struct answer a = curve_answer(f.curve);
        ck_assert_str_eq(
            answer_string(&a, "verdict.build_against_buy.first_requests_month.p10_lies"),
            cases[i].lies);
        ck_assert_str_eq(
            answer_string(&a, "verdict.build_against_buy.first_requests_month.p90_lies"), "inside");
        ck_assert_str_eq(
            answer_string(&a, "verdict.build_against_buy.last_requests_month.p50_lies"),
            cases[i].lies);
        ck_assert_str_eq(
            answer_string(&a, "verdict.build_against_same.first_requests_month.p90_lies"),
            cases[i].lies);
        done(&a);
    }
    fix_fini(&f);
}
END_TEST

START_TEST(which_side_is_cheaper_is_said_where_there_is_a_winner)
{
    static const struct {
        enum xo_verdict_code code;
        double saving_usd;
        const char *code_name, *cheaper; /* NULL: null */
    } cases[] = {
        { XO_VERDICT_INFEASIBLE, 5, "infeasible", NULL },
        { XO_VERDICT_TOO_CLOSE, 5, "too_close", NULL },
        { XO_VERDICT_SEVERAL, 5, "several", "build" },
        { XO_VERDICT_SEVERAL, -5, "several", "buy" },
        { XO_VERDICT_CROSSING, 5, "crossing", "build" },
        { XO_VERDICT_CROSSING, -5, "crossing", "buy" },
        { XO_VERDICT_BUY_ALWAYS, -5, "buy_always", "buy" },
        { XO_VERDICT_BUILD_ALWAYS, 5, "build_always", "build" },
        { XO_VERDICT_NO_WINNER, -5, "no_winner", NULL },
    };
    struct fix f = fix_apart();
    for (int i = 0; i < COUNT(cases); i++) {
        f.curve->verdict = cases[i].code;
        f.curve->saving_base_usd = cases[i].saving_usd;
        struct answer a = curve_answer(f.curve);
        const json_t *cheaper = answer_at(&a, "verdict.cheaper_at_plan");
        ck_assert_str_eq(answer_string(&a, "verdict.code"), cases[i].code_name);
        if (cases[i].cheaper == NULL)
            ck_assert(json_is_null(cheaper));
        else
            ck_assert_str_eq(json_string_value(cheaper), cases[i].cheaper);
        done(&a);
    }
    fix_fini(&f);
}
END_TEST

START_TEST(a_crossing_says_which_side_is_cheaper_above_it)
{
    struct fix f = fix_apart();
    f.curve->crossings[XO_BUY_BUILD].at[0].to_build = true;
    f.curve->crossings[XO_BUY_BUILD].at[1].to_build = false;
    f.curve->crossings[XO_SAME_BUILD].at[0].to_build = false;
    f.curve->changing_model.at[0].to_build = true;
    f.curve->changing_model.at[1].to_build = false;
    struct answer a = curve_answer(f.curve);
    ck_assert_str_eq(answer_string(&a, "verdict.build_against_buy.crossings[0].cheaper_above"),
                     "build");
    ck_assert_str_eq(answer_string(&a, "verdict.build_against_buy.crossings[1].cheaper_above"),
                     "buy");
    ck_assert_str_eq(answer_string(&a, "verdict.build_against_same.crossings[0].cheaper_above"),
                     "same");
    ck_assert_str_eq(answer_string(&a, "verdict.same_against_buy.crossings[0].cheaper_above"),
                     "same");
    ck_assert_str_eq(answer_string(&a, "verdict.same_against_buy.crossings[1].cheaper_above"),
                     "buy");
    ck_assert(json_is_null(
        answer_at(&a, "verdict.same_against_buy.crossings[0].noise_lo_requests_month")));
    ck_assert(json_is_null(
        answer_at(&a, "verdict.same_against_buy.crossings[0].noise_hi_requests_month")));
    done(&a);
    fix_fini(&f);
}
END_TEST

START_TEST(the_target_that_binds_is_the_one_of_its_class)
{
    struct fix f = fix_apart();
    struct xo_capacity *r = f.curve->ladders->rungs;
    r[0].binding_class = r[1].binding_class = 0;
    r[0].binding_target = 1; /* TTFT, TPOT */
    r[1].binding_target = 2;
    struct answer a = curve_answer(f.curve);
    ck_assert_str_eq(answer_string(&a, "options[0].capacity[0].binding"), "TPOT");
    ck_assert(json_is_null(answer_at(&a, "options[0].capacity[1].binding")));
    done(&a);
    r[0].binding_target = 0;
    r[1] = (struct xo_capacity){ .n_replicas = 2, .binding_class = 1, .interpolated = true };
    a = curve_answer(f.curve);
    ck_assert_str_eq(answer_string(&a, "options[0].capacity[0].binding"), "TTFT");
    ck_assert(json_is_null(answer_at(&a, "options[0].capacity[1].binding")));
    ck_assert(answer_is(&a, "options[0].capacity[1].interpolated"));
    ck_assert(!answer_is(&a, "options[0].capacity[0].interpolated"));
    done(&a);
    fix_fini(&f);
}
END_TEST

/* With a standard deviation of 0.1 of the log of step time, four steps in five are within a factor
 * of exp(1.28155 * 0.1): 1.28155 is the 90 % point of the standard normal. */
START_TEST(the_error_of_step_times_is_given_with_its_class)
{
    struct fix f = fix_apart();
    f.scenario->options[0].step_sigma = 0.1;
    struct answer a = curve_answer(f.curve);
    answer_ck_near(&a, "options[0].step_error_frac", 0.1, 0);
    answer_ck_near(&a, "options[0].step_typical_frac", exp(1.28155 * 0.1) - 1, 1e-5);
    done(&a);
    fix_fini(&f);
}
END_TEST

/* What stands of an option that no fleet of meets the SLO. */
START_TEST(why_an_option_fails_is_told_in_figures)
{
    static const char *const causes[] = { "target", "timeout", "refused", "failed" };
    struct fix f = fix_apart();
    f.curve->ladders->infeasible = (struct xo_infeasible){ .holds = true,
                                                           .target = 1,
                                                           .lone_s = 3.41,
                                                           .n_missed = 2,
                                                           .searched = true,
                                                           .kv_room_tokens = 229744,
                                                           .tensor_parallel = 4,
                                                           .gpu = "b200-sxm",
                                                           .reason = "too large" };
    for (int cause = 0; cause < COUNT(causes); cause++) {
        f.curve->ladders->infeasible.cause = (enum xo_cause)cause;
        struct answer a = curve_answer(f.curve);
        ck_assert(!answer_is(&a, "options[0].feasible"));
        ck_assert_str_eq(answer_string(&a, "verdict.infeasible[0].cause"), causes[cause]);
        ck_assert_str_eq(answer_string(&a, "verdict.infeasible[0].option"), "2 x h100-sxm, fp8");
        if (cause == XO_CAUSE_FAILED) {
            ck_assert_str_eq(answer_string(&a, "verdict.infeasible[0].reason"), "too large");
            done(&a);
            continue;
        }
        ck_assert_str_eq(answer_string(&a, "verdict.infeasible[0].metric"), "TPOT");
        ck_assert_str_eq(answer_string(&a, "verdict.infeasible[0].class"), "easy");
        answer_ck_near(&a, "verdict.infeasible[0].quantile", 0.95, 1e-12);
        answer_ck_near(&a, "verdict.infeasible[0].limit_s", 0.05, 1e-12);
        answer_ck_near(&a, "verdict.infeasible[0].lone_s", 3.41, 0);
        answer_ck_near(&a, "verdict.infeasible[0].would_limit_s", 3.5, 1e-12); /* 2 digits, up */
        answer_ck_near(&a, "verdict.infeasible[0].targets_missed", 2, 0);
        answer_ck_near(&a, "verdict.infeasible[0].would_kv_room_tokens", 229744, 0);
        answer_ck_near(&a, "verdict.infeasible[0].would_tensor_parallel", 4, 0);
        ck_assert_str_eq(answer_string(&a, "verdict.infeasible[0].would_gpu"), "b200-sxm");
        ck_assert(answer_is(&a, "verdict.infeasible[0].searched"));
        ck_assert(answer_is(&a, "verdict.infeasible[0].by_timeout") == (cause == XO_CAUSE_TIMEOUT));
        done(&a);
    }
    f.curve->ladders->infeasible.cause = XO_CAUSE_TARGET;
    f.curve->ladders->infeasible.kv_room_tokens = 0;
    f.curve->ladders->infeasible.tensor_parallel = 0;
    f.curve->ladders->infeasible.gpu[0] = '\0';
    struct answer a = curve_answer(f.curve);
    ck_assert(json_is_null(answer_at(&a, "verdict.infeasible[0].would_kv_room_tokens")));
    ck_assert(json_is_null(answer_at(&a, "verdict.infeasible[0].would_tensor_parallel")));
    ck_assert(json_is_null(answer_at(&a, "verdict.infeasible[0].would_gpu")));
    done(&a);
    fix_fini(&f);
}
END_TEST

START_TEST(what_a_fleet_hangs_on_and_refuses_is_told_in_figures)
{
    struct fix f = fix_apart();
    struct xo_ladder *l = f.curve->ladders;
    l->edge = (struct xo_edge){
        .holds = true, .class_index = 0, .target = 0, .missed_frac = 0.0345, .settled_s = 2.31
    };
    l->unserved = (struct xo_unserved){ .frac = 0.0123, .longest_tokens = { 8192 } };
    f.curve->buy_unserved =
        (struct xo_unserved){ .frac = 0.0456, .longest_tokens = { 131072 }, .by_context = true };
    struct answer a = curve_answer(f.curve);
    ck_assert_str_eq(answer_string(&a, "options[0].hangs_on.metric"), "TTFT");
    ck_assert_str_eq(answer_string(&a, "options[0].hangs_on.class"), "easy");
    answer_ck_near(&a, "options[0].hangs_on.quantile", 0.95, 1e-12);
    answer_ck_near(&a, "options[0].hangs_on.limit_s", 2, 1e-12);
    answer_ck_near(&a, "options[0].hangs_on.missed_alone_frac", 0.0345, 0);
    answer_ck_near(&a, "options[0].hangs_on.would_limit_s", 2.4, 1e-12); /* two digits, up */
    answer_ck_near(&a, "options[0].unserved.frac", 0.0123, 0);
    answer_ck_near(&a, "options[0].unserved.longest_tokens", 8192, 0);
    ck_assert_str_eq(answer_string(&a, "options[0].unserved.by"), "kv_cache");
    answer_ck_near(&a, "buy_unserved.frac", 0.0456, 0);
    answer_ck_near(&a, "buy_unserved.longest_tokens", 131072, 0);
    ck_assert_str_eq(answer_string(&a, "buy_unserved.by"), "context");
    done(&a);
    l->edge.holds = false;
    l->unserved = f.curve->buy_unserved = (struct xo_unserved){ 0 };
    a = curve_answer(f.curve);
    ck_assert(json_is_null(answer_at(&a, "options[0].hangs_on")));
    ck_assert(json_is_null(answer_at(&a, "buy_unserved.by")));
    ck_assert(json_is_null(answer_at(&a, "buy_unserved.longest_tokens")));
    done(&a);
    fix_fini(&f);
}
END_TEST

START_TEST(the_scenario_is_told_with_its_own_figures)
{
    struct fix f = fix_apart();
    struct xo_scenario *s = f.scenario;
    s->hours_per_month = 731.5;
    s->commitment_months = 23;
    s->materiality_frac = 0.0625;
    s->same_model_low_usd_per_mtok = 0.125;
    s->same_model_high_usd_per_mtok = 1.375;
    struct answer a = curve_answer(f.curve);
    ck_assert_str_eq(answer_string(&a, "scenario.name"), fix_support.name);
    ck_assert_str_eq(answer_string(&a, "scenario.path"), "plans/support.ini");
    ck_assert_str_eq(answer_string(&a, "scenario.as_of"), "2026-11-22");
    ck_assert_str_eq(answer_string(&a, "scenario.parity"), "assumed");
    ck_assert_str_eq(answer_string(&a, "scenario.parity_evidence"), "blind test of 400 tickets");
    answer_ck_near(&a, "scenario.seed", 17, 0);
    answer_ck_near(&a, "scenario.plan_requests_month", fix_support.plan, 0);
    answer_ck_near(&a, "scenario.hours_month", 731.5, 0);
    answer_ck_near(&a, "scenario.commitment_months", 23, 0);
    answer_ck_near(&a, "scenario.materiality_frac", 0.0625, 0);
    answer_ck_near(&a, "scenario.same_low_usd_per_mtok", 0.125, 0);
    answer_ck_near(&a, "scenario.same_high_usd_per_mtok", 1.375, 0);
    answer_ck_near(&a, "scenario.n_guesses", 11, 0); /* marks ? in support.ini */
    ck_assert_int_eq(answer_count(&a, "scenario.guesses"), 11);
    ck_assert_str_eq(answer_string(&a, "scenario.guesses[0].key"), "scenario.commit");
    ck_assert_str_eq(answer_string(&a, "scenario.guesses[0].value"), "24 months");
    ck_assert_int_eq(answer_count(&a, "scenario.prices"), 2);
    ck_assert_str_eq(answer_string(&a, "scenario.prices[0].role"), "buy");
    ck_assert_str_eq(answer_string(&a, "scenario.prices[0].name"), "openai/gpt-6.2-sol");
    ck_assert_str_eq(answer_string(&a, "scenario.prices[1].role"), "same");
    ck_assert_str_eq(answer_string(&a, "scenario.prices[1].as_of"), "2026-07-02");
    ck_assert_int_eq(answer_count(&a, "scenario.slo_not_judged"), 0);
    done(&a);
    fix_fini(&f);
}
END_TEST

/* U+E0041, a letter that nobody sees, is U+DB40 and U+DC41 in the pairs of JSON: 0xE0041 - 0x10000
 * is 0xD0041, whose upper ten bits are 0x340. U+200B is one unit. */
START_TEST(what_nobody_sees_is_written_by_its_number)
{
    struct fix f = fix_apart();
    static const char name[] = "a\xF3\xA0\x81\x81z\xE2\x80\x8B!";
    xo_text_copy(f.scenario->name, sizeof f.scenario->name, name);
    char *text = curve_text(f.curve, XO_FORMAT_JSON);
    ck_assert_ptr_nonnull(strstr(text, "\"name\": \"a\\uDB40\\uDC41z\\u200B!\""));
    struct answer a = parsed(text);
    ck_assert_str_eq(answer_string(&a, "scenario.name"), name);
    done(&a);
    fix_fini(&f);
}
END_TEST

/* 7,300 requests in 36,500 s are 525,600 in a month of 730 hours; 11,680 rows in 29,200 s
 * twice as many. */
START_TEST(a_trace_is_told_with_what_was_left_out)
{
    struct fix f = fix_apart();
    struct xo_trace *t = &f.scenario->trace;
    static const struct {
        const char *name;
        double right;
    } figures[] = { { "n_requests", 7300 },
                    { "length_s", 36500 },
                    { "requests_month", 525600 },
                    { "requests_month_uncut", 1051200 },
                    { "n_without_prompt", 11 },
                    { "n_without_output", 12 },
                    { "n_without_tokens", 13 },
                    { "n_strays", 2 },
                    { "strays[0].line", 14 },
                    { "strays[1].line", 15 },
                    { "n_holes", 16 },
                    { "cut_s", 17.5 },
                    { "n_repeated", 18 } };
    t->n = 7300;
    t->period_s = 36500;
    t->arrival_s = calloc(t->n, sizeof *t->arrival_s);
    t->prompt_tokens = calloc(t->n, sizeof *t->prompt_tokens);
    t->output_tokens = calloc(t->n, sizeof *t->output_tokens);
    for (int i = 0; i < 7300; i++) {
        t->arrival_s[i] = 5 * i;
        t->prompt_tokens[i] = 2000;
        t->output_tokens[i] = 500;
    }
    t->notes = (struct xo_trace_notes){ .n_no_prompt = 11,
                                        .n_no_output = 12,
                                        .n_no_tokens = 13,
                                        .n_rows = 11680,
                                        .as_is_s = 29200,
                                        .n_strays = 2,
                                        .strays = { { .line = 14 }, { .line = 15 } },
                                        .n_holes = 16,
                                        .cut_s = 17.5,
                                        .n_twins = 18,
                                        .has_hash_ids = true };
    f.scenario->workload.trace = t;
    f.scenario->hours_per_month = 730;
    struct answer a = curve_answer(f.curve);
    for (int i = 0; i < COUNT(figures); i++) {
        char path[80];
        snprintf(path, sizeof path, "scenario.trace.%s", figures[i].name);
        answer_ck_near(&a, path, figures[i].right, 1e-12);
    }
    ck_assert_int_eq(answer_count(&a, "scenario.trace.strays"), 2);
    ck_assert(answer_is(&a, "scenario.trace.hash_ids_unused"));
    done(&a);
    f.scenario->workload.trace = NULL;
    fix_fini(&f);
}
END_TEST

START_TEST(title_text_and_counts_are_those_of_the_study)
{
    struct fix f = fix_apart();
    f.curve->n_draws = 2345;
    f.curve->n_simulated = 45678;
    struct answer a = curve_answer(f.curve), folder = folder_of(f.curve, NULL);
    char *title = xo_verdict_title(f.curve), *text = xo_verdict_text(f.curve, 1000000);
    ck_assert_str_eq(answer_string(&a, "verdict.title"), title);
    ck_assert_str_eq(answer_string(&a, "verdict.text"), text);
    ck_assert(answer_is(&a, "verdict.draft"));
    done(&a);
    free(title);
    free(text);
    a = parsed(answer_file(&folder, "manifest.json"));
    answer_ck_near(&a, "counts.simulated_requests", 45678, 0);
    answer_ck_near(&a, "counts.draws", 2345, 0);
    answer_ck_near(&a, "counts.uncertain_inputs", 3, 0); /* of support.ini */
    answer_ck_near(&a, "counts.guesses", 11, 0);
    ck_assert_str_eq(answer_string(&a, "study"), "curve");
    ck_assert_str_eq(answer_string(&a, "command"), "crossover");
    done(&a);
    done(&folder);
    f.scenario->n_guesses = 0;
    a = curve_answer(f.curve);
    ck_assert(!answer_is(&a, "verdict.draft"));
    done(&a);
    fix_fini(&f);
}
END_TEST

/* ---- curve.csv ---- */

static const char curve_header[] =
    "volume_requests_month,tokens_month,"
    "buy_usd_month,buy_p10_usd_month,buy_p50_usd_month,buy_p90_usd_month,"
    "same_usd_month,same_p10_usd_month,same_p50_usd_month,same_p90_usd_month,"
    "build_usd_month,build_p10_usd_month,build_p50_usd_month,build_p90_usd_month,"
    "napkin_usd_month,buy_without_people_usd_month,build_without_people_usd_month,"
    "build_wins_share,build_beats_same_share,buy_limited,build_feasible,api_index,option_index,"
    "serving_replicas,headroom_replicas,spare_replicas,n_gpus,fleet_settled,load_frac,"
    "week_busy_frac,week_mean_w_per_gpu,build_gpus_usd_month,build_power_usd_month,"
    "build_site_usd_month,build_software_usd_month,build_people_usd_month,build_one_off_usd_month,"
    "build_contingency_usd_month,ttft_p50_s,ttft_p95_s,ttft_p99_s,tpot_p50_s,tpot_p95_s,"
    "tpot_p99_s,e2e_p50_s,e2e_p95_s,e2e_p99_s,itl_p50_s,itl_p99_s,goodput_per_s,busy_frac,"
    "batch_mean,kv_mean_frac,kv_peak_frac,mbu_frac,mfu_frac,prefill_frac,decode_frac,idle_frac,"
    "preemptions_per_request,n_measured,n_simulated,is_plan,is_crossing,same_index,"
    "buy_p10_se_usd_month,buy_p50_se_usd_month,buy_p90_se_usd_month,"
    "same_p10_se_usd_month,same_p50_se_usd_month,same_p90_se_usd_month,"
    "build_p10_se_usd_month,build_p50_se_usd_month,build_p90_se_usd_month,"
    "build_wins_share_se,build_beats_same_share_se\r\n";

START_TEST(every_figure_of_a_point_stands_in_its_column)
{
    struct fix f = fix_apart();
    f.curve->points[1].build.settled = true;
    struct answer a = folder_of(f.curve, NULL);
    char *text = answer_file(&a, "curve.csv");
    ck_assert_int_eq(strncmp(text, curve_header, strlen(curve_header)), 0);
    free(text);
    for (int i = 0; i < 3; i++) {
        const double base = 1000 * (i + 1);
        for (int k = 0; k < COUNT(point_figures); k++)
            ck_assert_double_eq(atof(answer_cell(&a, "curve.csv", i, point_figures[k].name)),
                                figure_of(&point_figures[k], k, base));
        for (int k = 0; k < N_METRIC_COLUMNS; k++)
            ck_assert_double_eq(atof(answer_cell(&a, "curve.csv", i, metric_figures[k].name)),
                                figure_of(&metric_figures[k], k, base + 100));
        for (int g = 0; g < COUNT(bill_columns); g++)
            ck_assert_double_eq(atof(answer_cell(&a, "curve.csv", i, bill_columns[g].column)),
                                base + 200.5 + (int)bill_columns[g].group);
    }
    ck_assert_str_eq(answer_cell(&a, "curve.csv", 1, "fleet_settled"), "1");
    ck_assert_str_eq(answer_cell(&a, "curve.csv", 1, "build_feasible"), "1");
    ck_assert_str_eq(answer_cell(&a, "curve.csv", 1, "buy_limited"), "0");
    done(&a);
    fix_fini(&f);
}
END_TEST

START_TEST(a_point_without_a_fleet_or_without_latencies_has_empty_cells)
{
    static const struct {
        const char *column;
        bool of_metrics;
    } columns[] = { { "n_gpus", false },        { "load_frac", false },
                    { "fleet_settled", false }, { "build_people_usd_month", false },
                    { "option_index", false },  { "ttft_p95_s", true },
                    { "idle_frac", true },      { "n_measured", true } };
    struct fix f = fix_apart();
    f.curve->points[0].build.feasible = false;
    f.curve->points[2].has_metrics = false;
    struct answer a = folder_of(f.curve, NULL);
    for (int i = 0; i < COUNT(columns); i++)
        for (int row = 0; row < 3; row++) {
            const bool empty = row == (columns[i].of_metrics ? 2 : 0);
            ck_assert_msg((answer_cell(&a, "curve.csv", row, columns[i].column)[0] == '\0') ==
                              empty,
                          "%s of row %d", columns[i].column, row);
        }
    done(&a);
    fix_fini(&f);
}
END_TEST

/* ---- data beside the pictures ---- */

/* Three volumes and a riser at 150 between the first two, where the fleet grows. */
static struct fix fix_drawing(void)
{
    struct fix f = fix_apart();
    struct xo_curve *c = f.curve;
    static const double volumes[3] = { 100, 200, 400 };
    static const struct xo_band bands[3][XO_N_WAYS] = {
        { { .p10 = 8, .p90 = 12 }, { .p10 = 4, .p90 = 6 }, { .p10 = 18, .p90 = 25 } },
        { { .p10 = 15, .p90 = 30 }, { .p10 = 7, .p90 = 11 }, { .p10 = 20, .p90 = 50 } },
        { { .p10 = 30, .p90 = 44 }, { .p10 = 15, .p90 = 25 }, { .p10 = 60, .p90 = 88 } },
    };
    static const double usd[3][XO_N_WAYS] = { { 10, 5, 20 }, { 20, 10, 40 }, { 40, 20, 80 } };
    for (int i = 0; i < 3; i++) {
        struct xo_curve_point *p = &c->points[i];
        p->volume = volumes[i];
        p->tokens = 7 * volumes[i];
        memcpy(p->usd, usd[i], sizeof usd[i]);
        memcpy(p->band, bands[i], sizeof bands[i]);
        p->napkin_usd = 1.5 + i;
        p->limited[XO_WAY_BUY] = false;
    }
    c->tokens_per_request = 7;
    c->corners[0] = (struct xo_curve_corner){ 150, { 15, 7.5, 20 }, 1.25 };
    c->corners[1] = (struct xo_curve_corner){ 150.5, { 16, 8, 40 }, 1.75 };
    c->n_corners = 2;
    return f;
}

/* An end of a band goes straight from 100 to 200 requests where both axes are logarithmic. */
static double straight(double at_100, double at_200, double requests)
{
    return at_100 * pow(at_200 / at_100, log2(requests / 100));
}

START_TEST(the_cost_picture_draws_bills_bands_and_risers)
{
    struct fix f = fix_drawing();
    struct answer a = folder_of(f.curve, NULL);
    static const struct {
        const char *column;
        double values[5];
    } columns[] = {
        { "requests_month", { 100, 150, 150.5, 200, 400 } },
        { "tokens_month", { 700, 1050, 1053.5, 1400, 2800 } },
        { "buy_usd", { 10, 15, 16, 20, 40 } },
        { "same_usd", { 5, 7.5, 8, 10, 20 } },
        { "build_usd", { 20, 20, 40, 40, 80 } },
        { "napkin_usd", { 1.5, 1.25, 1.75, 2.5, 3.5 } },
    };
    static const struct {
        const char *column;
        double at_100, at_200, at_400;
    } bands[] = { { "buy_p10_usd", 8, 15, 30 },    { "buy_p90_usd", 12, 30, 44 },
                  { "same_p10_usd", 4, 7, 15 },    { "same_p90_usd", 6, 11, 25 },
                  { "build_p10_usd", 18, 20, 60 }, { "build_p90_usd", 25, 50, 88 } };
    for (int i = 0; i < COUNT(columns); i++)
        for (int row = 0; row < 5; row++)
            ck_assert_double_eq_tol(atof(answer_cell(&a, "cost.csv", row, columns[i].column)),
                                    columns[i].values[row], 1e-9);
    for (int i = 0; i < COUNT(bands); i++) {
        const double lo = bands[i].at_100, hi = bands[i].at_200;
        const double ends[5] = { lo, straight(lo, hi, 150), straight(lo, hi, 150.5), hi,
                                 bands[i].at_400 };
        for (int row = 0; row < 5; row++)
            ck_assert_double_eq_tol(atof(answer_cell(&a, "cost.csv", row, bands[i].column)),
                                    ends[row], 1e-7 * ends[row]);
    }
    char *text = answer_file(&a, "cost.csv");
    const char *line = text;
    for (int row = -1; row < 5; row++, line = strchr(line, '\n') + 1) {
        const char *end = strchr(line, '\r');
        if (row < 0)
            ck_assert_int_eq(strncmp(end - 7, ",corner", 7), 0);
        else
            ck_assert_int_eq(end[-1], row == 1 || row == 2 ? '1' : '0');
        ck_assert_str_ne(line, "");
    }
    ck_assert_str_eq(line, "");
    free(text);
    ck_assert_str_eq(answer_cell(&a, "cost.csv", 4, "buy_over_limit_usd"), "");
    done(&a);
    fix_fini(&f);
}
END_TEST

/* Above the rate limits the line of buying is another one, which begins at the last point within.
 */
START_TEST(buying_over_its_limits_is_a_line_of_its_own)
{
    struct fix f = fix_drawing();
    f.curve->points[2].limited[XO_WAY_BUY] = true;
    struct answer a = folder_of(f.curve, NULL);
    static const char *const within[] = { "10", "15", "16", "20", "" };
    static const char *const over[] = { "", "", "", "20", "40" };
    for (int row = 0; row < 5; row++) {
        ck_assert_str_eq(answer_cell(&a, "cost.csv", row, "buy_usd"), within[row]);
        ck_assert_str_eq(answer_cell(&a, "cost.csv", row, "buy_over_limit_usd"), over[row]);
    }
    done(&a);
    fix_fini(&f);
}
END_TEST

/* Buying less build, and its halves: buying less the same weights, those less build. */
START_TEST(the_saving_picture_draws_the_differences_of_the_bills)
{
    struct fix f = fix_drawing();
    struct answer a = folder_of(f.curve, NULL);
    ck_file(&a, "saving.csv",
            "requests_month,tokens_month,saving_usd,changing_model_usd,owning_gpus_usd,"
            "owning_gpus_lo_usd,owning_gpus_hi_usd,corner\r\n" /* one tooth has no envelope */
            "100,700,-10,5,-15,,,0\r\n"
            "150,1050,-5,7.5,-12.5,,,1\r\n"
            "150.5,1053.5,-24,8,-32,,,1\r\n"
            "200,1400,-20,10,-30,,,0\r\n"
            "400,2800,-40,20,-60,,,0\r\n");
    done(&a);
    fix_fini(&f);
}
END_TEST

START_TEST(the_load_picture_draws_loads_and_latencies)
{
    struct fix f = fix_drawing();
    f.curve->points[0].build.feasible = false;
    f.curve->points[1].build.load_frac = 0.31;
    f.curve->points[1].build.week_busy_frac = 0.42;
    f.curve->points[2].has_metrics = false;
    f.curve->points[2].build.load_frac = 0.61;
    f.curve->points[2].build.week_busy_frac = 0.72;
    f.curve->points[1].metrics = (struct xo_point_metrics){ .batch_mean = 13.5,
                                                            .ttft_p50_s = 0.5,
                                                            .ttft_p95_s = 0.95,
                                                            .ttft_p99_s = 0.99,
                                                            .tpot_p50_s = 0.05,
                                                            .tpot_p95_s = 0.095,
                                                            .tpot_p99_s = 0.099 };
    struct answer a = folder_of(f.curve, NULL);
    ck_file(&a, "load.csv",
            "requests_month,tokens_month,load_frac,week_busy_frac,batch_mean,ttft_p50_s,ttft_p95_s,"
            "ttft_p99_s,tpot_p50_s,tpot_p95_s,tpot_p99_s\r\n"
            "200,1400,0.31,0.42,13.5,0.5,0.95,0.99,0.05,0.095,0.099\r\n"
            "400,2800,0.61,0.72,,,,,,,\r\n");
    done(&a);
    fix_fini(&f);
}
END_TEST

/* ---- a run ---- */

static const struct figure run_figures[] = {
    OF(xo_run, "requests_month", requests),
    OF(xo_run, "tokens_per_request", tokens_per_request),
    OF(xo_run, "prompt_per_request", prompt_per_request),
    OF(xo_run, "cached_per_request", cached_per_request),
    OF(xo_run, "output_per_request", output_per_request),
    OF(xo_run, "peak_factor", peak_factor),
    OF(xo_run, "buy.usd_month", usd[XO_WAY_BUY]),
    OF(xo_run, "same.usd_month", usd[XO_WAY_SAME]),
    OF(xo_run, "busiest_minute_requests", busiest_minute_requests),
    OF(xo_run, "busiest_minute_tokens", busiest_minute_tokens),
    OF(xo_run, "n_simulated", n_simulated),
};
static const struct figure fleet_figures[] = {
    OF(xo_sized, "serving_replicas", serving_replicas),
    OF(xo_sized, "headroom_replicas", headroom_replicas),
    OF(xo_sized, "spare_replicas", spare_replicas),
    OF(xo_sized, "n_gpus", n_gpus),
    OF(xo_sized, "load_frac", load_frac),
    OF(xo_sized, "week_busy_frac", week_busy_frac),
    OF(xo_sized, "week_mean_w_per_gpu", week_mean_w_per_gpu),
};
static const struct figure run_rung_figures[] = {
    OF(xo_capacity, "n_replicas", n_replicas),
    OF(xo_capacity, "requests_month", volume),
    OF(xo_capacity, "requests_month_lo", volume_lo),
    OF(xo_capacity, "requests_month_hi", volume_hi),
    OF(xo_capacity, "rate_per_s", rate_per_s),
};
static const struct figure class_figures[] = {
    OF(xo_class_tally, "n_arrived", n_arrived),
    OF(xo_class_tally, "n_finished", n_finished),
    OF(xo_class_tally, "n_rejected", n_fates[XO_FATE_REJECTED]),
    OF(xo_class_tally, "n_timed_out", n_timed_out),
    OF(xo_class_tally, "n_good", n_good),
    OF(xo_class_tally, "prompt_tokens", prompt_tokens),
    OF(xo_class_tally, "cached_tokens", cached_tokens),
    OF(xo_class_tally, "output_tokens", output_tokens),
    OF(xo_class_tally, "ttft_s.mean", ttft.mean),
    OF(xo_class_tally, "tpot_s.mean", tpot.mean),
    OF(xo_class_tally, "e2e_s.mean", e2e.mean),
};

/* 1000 latencies spread evenly up to `most`: the share q of them is below q times that. */
static void fill_evenly(struct xo_hist *h, double most)
{
    for (int i = 0; i < 1000; i++)
        xo_hist_add(h, most * (i + 0.5) / 1000);
}

static void run_apart(struct xo_run *r)
{
    set_apart(r, run_figures, COUNT(run_figures), 100);
    set_apart(r->sized, fleet_figures, COUNT(fleet_figures), 200);
    set_apart(&r->metrics, metric_figures, COUNT(metric_figures), 300);
    set_apart(r->capacity_below, run_rung_figures, COUNT(run_rung_figures), 400);
    set_apart(r->capacity, run_rung_figures, COUNT(run_rung_figures), 500);
    set_apart(r->capacity_above, run_rung_figures, COUNT(run_rung_figures), 600);
    set_apart(r->tally->classes, class_figures, COUNT(class_figures), 700);
    fill_evenly(&r->tally->classes->ttft_hist, 1);
    fill_evenly(&r->tally->classes->tpot_hist, 0.03);
    fill_evenly(&r->tally->classes->e2e_hist, 50);
    bill_apart(&r->bills[XO_WAY_BUY], 4000);
    bill_apart(&r->bills[XO_WAY_SAME], 5000);
    bill_apart(&r->sized->bill, 6000);
    r->offered_frac = 0.75;
}

START_TEST(every_figure_of_a_run_stands_under_its_name)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = fix_run(&f);
    run_apart(&r);
    struct answer a = run_answer(&r);
    ck_paths(&a, "", run_figures, COUNT(run_figures), 100);
    ck_paths(&a, "options[0].", fleet_figures, COUNT(fleet_figures), 200);
    ck_paths(&a, "metrics.", metric_figures, COUNT(metric_figures), 300);
    ck_paths(&a, "options[0].capacity_below.", run_rung_figures, COUNT(run_rung_figures), 400);
    ck_paths(&a, "options[0].capacity.", run_rung_figures, COUNT(run_rung_figures), 500);
    ck_paths(&a, "options[0].capacity_above.", run_rung_figures, COUNT(run_rung_figures), 600);
    ck_paths(&a, "classes[0].", class_figures, COUNT(class_figures), 700);
    answer_ck_near(&a, "buy.bill.total_micro_usd", (9 * 4000 + 40.5) * 1e6, 0);
    answer_ck_near(&a, "same.bill.total_micro_usd", (9 * 5000 + 40.5) * 1e6, 0);
    answer_ck_near(&a, "options[0].bill.total_micro_usd", (9 * 6000 + 40.5) * 1e6, 0);
    answer_ck_near(&a, "options[0].usd_month", 9 * 6000 + 40.5, 1e-15);
    answer_ck_near(&a, "offered_frac", 0.75, 0);
    answer_ck_near(&a, "best", 0, 0);
    answer_ck_near(&a, "observed", 0, 0);
    done(&a);
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

/* Bins are up to 0.8 % wide. */
START_TEST(every_quantile_of_a_known_histogram_stands_under_its_name)
{
    static const struct {
        const char *path;
        double right;
    } quantiles[] = {
        { "ttft_s.p50", 0.5 },         { "ttft_s.p90", 0.9 },         { "ttft_s.p95", 0.95 },
        { "ttft_s.p99", 0.99 },        { "tpot_s.p50", 0.03 * 0.5 },  { "tpot_s.p90", 0.03 * 0.9 },
        { "tpot_s.p95", 0.03 * 0.95 }, { "tpot_s.p99", 0.03 * 0.99 }, { "e2e_s.p50", 50 * 0.5 },
        { "e2e_s.p90", 50 * 0.9 },     { "e2e_s.p95", 50 * 0.95 },    { "e2e_s.p99", 50 * 0.99 },
    };
    struct fix f = fix_new(&fix_support);
    struct xo_run r = fix_run(&f);
    run_apart(&r);
    struct answer a = run_answer(&r);
    for (int i = 0; i < COUNT(quantiles); i++) {
        char path[64];
        snprintf(path, sizeof path, "classes[0].%s", quantiles[i].path);
        answer_ck_near(&a, path, quantiles[i].right, 0.008);
    }
    done(&a);
    memset(&r.tally->classes->tpot_hist, 0, sizeof r.tally->classes->tpot_hist);
    a = run_answer(&r);
    ck_assert(json_is_null(answer_at(&a, "classes[0].tpot_s.mean")));
    ck_assert(json_is_null(answer_at(&a, "classes[0].tpot_s.p50")));
    ck_assert(!json_is_null(answer_at(&a, "classes[0].ttft_s.mean")));
    done(&a);
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

/* A fixed fleet that misses the SLO has replicas and capacities, but neither bill nor load; from an
 * offered load of 1 on its queue grows and nothing is measured. */
START_TEST(what_a_run_has_not_is_null)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = fix_run(&f);
    run_apart(&r);
    r.sized->feasible = false;
    r.best = -1;
    r.usd[XO_WAY_BUY] = NAN;
    r.offered_frac = 0.999;
    struct answer a = run_answer(&r);
    ck_assert(json_is_null(answer_at(&a, "options[0].usd_month")));
    ck_assert(json_is_null(answer_at(&a, "options[0].bill")));
    ck_assert(json_is_null(answer_at(&a, "options[0].load_frac")));
    ck_assert(json_is_null(answer_at(&a, "options[0].week_busy_frac")));
    ck_assert(json_is_null(answer_at(&a, "options[0].week_mean_w_per_gpu")));
    ck_assert(json_is_null(answer_at(&a, "best")));
    ck_assert(json_is_null(answer_at(&a, "buy.bill")));
    ck_assert(json_is_object(answer_at(&a, "metrics")));
    answer_ck_near(&a, "options[0].n_gpus", 203, 0);
    done(&a);
    r.offered_frac = 1;
    r.sized->n_gpus = 0;
    f.scenario->n_same_model = 0;
    a = run_answer(&r);
    ck_assert(json_is_null(answer_at(&a, "metrics")));
    ck_assert(json_is_null(answer_at(&a, "same")));
    ck_assert_ptr_null(json_object_get(answer_at(&a, "options[0]"), "n_gpus"));
    done(&a);
    r.observed = -1;
    r.offered_frac = NAN;
    a = run_answer(&r);
    ck_assert(json_is_null(answer_at(&a, "metrics")));
    ck_assert(json_is_null(answer_at(&a, "observed")));
    done(&a);
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

/* A run of three bills with few items, as its files have it. */
static void few_items(struct fix *f, struct xo_run *r)
{
    static const char *const items[] = { "in, uncached", "out", "say \"hi\"" };
    struct xo_bill *bills[] = { &r->bills[XO_WAY_BUY], &r->bills[XO_WAY_SAME], &r->sized->bill };
    for (int side = 0; side < 3; side++) {
        bills[side]->n_items = 0;
        for (int i = 0; i < 3; i++)
            fix_item(bills[side], (enum xo_bill_group)(3 * i), items[i],
                     100 * (side + 1) + 10 * i + 0.0625);
    }
    r->usd[XO_WAY_BUY] = 330.1875;
    r->usd[XO_WAY_SAME] = 630.1875;
    xo_text_copy(f->scenario->options[0].label, sizeof f->scenario->options[0].label, "two, fp8");
    xo_text_copy(f->scenario->same_model[0].tariff.name, XO_COST_NAME_SIZE, "host/tiny");
    *r->sized = (struct xo_sized){ .feasible = true,
                                   .serving_replicas = 3,
                                   .headroom_replicas = 1,
                                   .spare_replicas = 2,
                                   .n_gpus = 12,
                                   .settled = true,
                                   .load_frac = 0.31,
                                   .week_busy_frac = 0.42,
                                   .week_mean_w_per_gpu = 433.5,
                                   .bill = r->sized->bill };
    r->capacity_below[0].volume = 1.1e6;
    r->capacity[0].volume = 2.2e6;
    r->capacity[0].volume_lo = 2.1e6;
    r->capacity[0].volume_hi = 2.3e6;
    r->capacity_above[0].volume = 3.3e6;
}

START_TEST(bills_csv_has_every_amount_beside_its_item)
{
    static const char expected[] = "side,name,group,item,usd_month\r\n"
                                   "buy,openai/gpt-6.2-sol,tokens,\"in, uncached\",100.0625\r\n"
                                   "buy,openai/gpt-6.2-sol,site,out,110.0625\r\n"
                                   "buy,openai/gpt-6.2-sol,one_off,\"say \"\"hi\"\"\",120.0625\r\n"
                                   "same,host/tiny,tokens,\"in, uncached\",200.0625\r\n"
                                   "same,host/tiny,site,out,210.0625\r\n"
                                   "same,host/tiny,one_off,\"say \"\"hi\"\"\",220.0625\r\n"
                                   "build,\"two, fp8\",tokens,\"in, uncached\",300.0625\r\n"
                                   "build,\"two, fp8\",site,out,310.0625\r\n"
                                   "build,\"two, fp8\",one_off,\"say \"\"hi\"\"\",320.0625\r\n";
    struct fix f = fix_new(&fix_support);
    struct xo_run r = fix_run(&f);
    few_items(&f, &r);
    char *text = run_text(&r, XO_FORMAT_CSV);
    ck_assert_str_eq(text, expected);
    free(text);
    struct answer a = folder_of(NULL, &r);
    ck_file(&a, "bills.csv", expected);
    done(&a);
    r.usd[XO_WAY_BUY] = r.usd[XO_WAY_SAME] = NAN;
    r.sized->feasible = false;
    text = run_text(&r, XO_FORMAT_CSV);
    ck_assert_str_eq(text, "side,name,group,item,usd_month\r\n");
    free(text);
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

#define RUN_HEADER                                                                                 \
    "side,name,best,usd_month,serving_replicas,headroom_replicas,spare_replicas,n_gpus,"           \
    "fleet_settled,load_frac,week_busy_frac,week_mean_w_per_gpu,capacity_below_requests_month,"    \
    "capacity_requests_month,capacity_lo_requests_month,capacity_hi_requests_month,"               \
    "capacity_above_requests_month,lone_s,kv_room_tokens,weight_bytes_per_gpu,"                    \
    "longest_request_tokens\r\n"

/* Of 2 x 85.52e9 bytes 0.9, less 36329504768 of weights (68451041280 parameters in 8 bits over two
 * GPUs, half of 2 x 1050673152 in 16, norms), 4 x 8192 x 8192 and 14 x 1024 x 128256 of a step and
 * 0.89e9, at 163840 a token. */
#define HELD ",229744,36329504768,131072\r\n"

START_TEST(run_csv_has_every_figure_in_its_column)
{
    struct fix f = fix_new(&fix_support);
    struct xo_run r = fix_run(&f);
    few_items(&f, &r);
    struct answer a = folder_of(NULL, &r);
    ck_file(&a, "run.csv",
            RUN_HEADER "buy,openai/gpt-6.2-sol,1,330.1875,,,,,,,,,,,,,,,,,\r\n"
                       "same,host/tiny,1,630.1875,,,,,,,,,,,,,,,,,\r\n"
                       "build,\"two, fp8\",1,930.1875,3,1,2,12,1,0.31,0.42,433.5,1100000,2200000,"
                       "2100000,2300000,3300000," HELD);
    done(&a);
    r.sized->feasible = r.sized->settled = false; /* a fixed fleet that misses the SLO */
    r.best = -1;
    a = folder_of(NULL, &r);
    ck_file(&a, "run.csv",
            RUN_HEADER "buy,openai/gpt-6.2-sol,1,330.1875,,,,,,,,,,,,,,,,,\r\n"
                       "same,host/tiny,1,630.1875,,,,,,,,,,,,,,,,,\r\n"
                       "build,\"two, fp8\",0,,3,1,2,12,0,,,,1100000,2200000,"
                       "2100000,2300000,3300000," HELD);
    done(&a);
    r.sized->n_gpus = 0; /* none at all: a lone request takes 3.41 s */
    r.infeasible[0] = (struct xo_infeasible){ .holds = true, .lone_s = 3.41 };
    f.scenario->n_same_model = 0;
    a = folder_of(NULL, &r);
    ck_file(&a, "run.csv",
            RUN_HEADER "buy,openai/gpt-6.2-sol,1,330.1875,,,,,,,,,,,,,,,,,\r\n"
                       "build,\"two, fp8\",0,,,,,,,,,,,,,,,3.41" HELD);
    done(&a);
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

/* Hour h of the week is hour h mod 24 of day h / 24; its figures here are h, h + 1000 and so on, in
 * thousandths, and its reading is the (h mod 4)th. */
START_TEST(hours_csv_has_every_hour_of_the_week_with_its_figures)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const readings[] = { "simulated", "steady", "averaged", "spike" };
    struct fix f = fix_new(&fix_support);
    struct xo_run r = fix_run(&f);
    r.hours = calloc(168, sizeof *r.hours);
    for (int h = 0; h < 168; h++)
        r.hours[h] =
            (struct xo_run_hour){ .reading = (enum xo_hour_reading)(h % 4),
                                  .load_frac = (h + 1000) / 1e3,
                                  .busy_frac = (h + 2000) / 1e3,
                                  .attained_frac = { { (h + 3000) / 1e3, (h + 4000) / 1e3 } } };
    struct answer a = folder_of(NULL, &r);
    char *text = answer_file(&a, "hours.csv");
    static const char header[] = "hour_of_week,day,hour,load_frac,busy_frac,class,metric,quantile,"
                                 "limit_s,attained_frac,reading\r\n";
    ck_assert_int_eq(strncmp(text, header, strlen(header)), 0);
    const char *at = text + strlen(header);
    for (int line = 0; line < 2 * 168; line++) {
        char expected[160];
        const int h = line / 2;
        const size_t n = (size_t)snprintf(
            expected, sizeof expected, "%d,%s,%d,%.15g,%.15g,easy,%s,0.95,%s,%.15g,%s\r\n", h,
            days[h / 24], h % 24, (h + 1000) / 1e3, (h + 2000) / 1e3,
            line % 2 == 0 ? "TTFT" : "TPOT", line % 2 == 0 ? "2" : "0.05",
            (h + (line % 2 == 0 ? 3000 : 4000)) / 1e3, readings[h % 4]);
        ck_assert_msg(strncmp(at, expected, n) == 0, "%.80s is not %s", at, expected);
        at += n;
    }
    ck_assert_str_eq(at, "");
    free(text);
    done(&a);
    free(r.hours);
    r.hours = NULL;
    a = folder_of(NULL, &r);
    ck_file(&a, "hours.csv", header);
    done(&a);
    fix_run_fini(&r);
    fix_fini(&f);
}
END_TEST

/* ---- catalogs ---- */

/* A name whose unit is not that of the catalog: so many times the figure. */
struct in_unit {
    struct figure figure;
    double times;
};
#define IN(times, type, name, field)                                                               \
    {                                                                                              \
        OF(type, name, field), times                                                               \
    }
#define GPU(times, name, field) IN(times, xo_gpu_entry, name, field)
#define QUOTED(name, unit, field)                                                                  \
    GPU(1, name "_median_" unit, field.median), GPU(1, name "_low_" unit, field.low),              \
        GPU(1, name "_high_" unit, field.high), GPU(1, name "_quotes", field.n)
static const struct in_unit gpu_figures[] = {
    GPU(1e-9, "memory_gb", gpu.memory_bytes),
    GPU(1e-9, "hbm_gb_per_s", gpu.hbm_bytes_per_s),
    GPU(1e-12, "bf16_tflops", gpu.bf16_flop_per_s),
    GPU(1e-12, "fp8_tflops", gpu.fp8_flop_per_s),
    GPU(1e-12, "fp4_tflops", gpu.fp4_flop_per_s),
    GPU(1e-9, "link_gb_per_s", gpu.link_bytes_per_s),
    GPU(1, "power_busy_w", gpu.power_busy_w),
    GPU(1, "power_idle_w", gpu.power_idle_w),
    QUOTED("rent", "usd_per_hour", on_demand),
    QUOTED("rent_reserved", "usd_per_hour", reserved),
    QUOTED("rent_reserved_3y", "usd_per_hour", reserved_3y),
    QUOTED("rent_spot", "usd_per_hour", spot),
    QUOTED("server", "usd", server),
};
#define MODEL(times, name, field) IN(times, xo_model_entry, name, model.field)
static const struct in_unit model_figures[] = {
    MODEL(1, "params_total", params_total),
    MODEL(1, "params_active", params_active),
    MODEL(1, "layers", layers),
    MODEL(1, "hidden", hidden),
    MODEL(1, "heads", heads),
    MODEL(1, "kv_heads", kv_heads),
    MODEL(1, "head_dim", head_dim),
    MODEL(1, "intermediate", intermediate),
    MODEL(1, "vocab", vocab),
    MODEL(1, "experts", experts),
    MODEL(1, "experts_per_token", experts_per_token),
    MODEL(1, "shared_experts", shared_experts),
    MODEL(1, "expert_intermediate", expert_intermediate),
    MODEL(1, "dense_layers", dense_layers),
    MODEL(1, "kv_lora_rank", kv_lora_rank),
    MODEL(1, "rope_dim", rope_dim),
    MODEL(1, "window_tokens", window_tokens),
    MODEL(1, "window_layers", window_layers),
    MODEL(1, "linear_layers", linear_layers),
    MODEL(1, "mlp_matrices", mlp_matrices),
    MODEL(1, "expert_matrices", expert_matrices),
    MODEL(1, "expert_hidden", expert_hidden),
    MODEL(1, "bare_layers", bare_layers),
    MODEL(1, "nope_dim", nope_dim),
    MODEL(1, "v_head_dim", v_head_dim),
    MODEL(1, "q_lora_rank", q_lora_rank),
    MODEL(1, "o_lora_rank", o_lora_rank),
    MODEL(1, "o_groups", o_groups),
    MODEL(1, "compress_layers", compress_layers),
    MODEL(1, "compress_by", compress_by),
    MODEL(1, "window_head_dim", window_head_dim),
    MODEL(1, "window_kv_heads", window_kv_heads),
    MODEL(1, "kv_shared_layers", kv_shared_layers),
    MODEL(1, "kv_shared_window_layers", kv_shared_window_layers),
    MODEL(1, "index_top_k", index_top_k),
    MODEL(1, "index_heads", index_heads),
    MODEL(1, "index_dim", index_dim),
    MODEL(1, "index_layers", index_layers),
    MODEL(1, "index_shared_layers", index_shared_layers),
    MODEL(1, "index_by", index_by),
    MODEL(1, "residual_streams", residual_streams),
    MODEL(1, "linear_key_heads", linear_key_heads),
    MODEL(1, "linear_value_heads", linear_value_heads),
    MODEL(1, "linear_key_dim", linear_key_dim),
    MODEL(1, "linear_value_dim", linear_value_dim),
    MODEL(1, "linear_conv", linear_conv),
    MODEL(1, "linear_state_bits", linear_state_bits),
    MODEL(1, "tower_params", tower_params),
    MODEL(1, "max_context_tokens", max_context_tokens),
};
#define API(times, name, field) IN(times, xo_api, name, field)
static const struct in_unit api_figures[] = {
    API(1e6, "input_usd_per_mtok", tariff.input),
    API(1e6, "cached_input_usd_per_mtok", tariff.cached_input),
    API(1e6, "cache_write_usd_per_mtok", tariff.cache_write),
    API(1, "cache_ttl_s", tariff.cache.ttl_s),
    API(1e6, "extended_write_usd_per_mtok", tariff.cache.extended_write),
    API(1, "cache_ttl_extended_s", tariff.cache.extended_ttl_s),
    API(1, "cache_min_tokens", tariff.cache.min_tokens),
    API(1, "cache_step_tokens", tariff.cache.step_tokens),
    API(1e6, "output_usd_per_mtok", tariff.output),
    API(1, "batch_discount_frac", tariff.services[XO_SERVICE_BATCH].off_frac),
    API(1, "long_threshold_tokens", tariff.contexts[0].above_tokens),
    API(1e6, "long_input_usd_per_mtok", tariff.contexts[0].input),
    API(1e6, "long_cached_input_usd_per_mtok", tariff.contexts[0].cached_input),
    API(1e6, "long_output_usd_per_mtok", tariff.contexts[0].output),
    API(1, "peak_factor", tariff.window_factor[XO_WINDOW_PEAK]),
    API(1, "requests_per_minute", tariff.requests_per_minute),
    API(1, "tokens_per_minute", tariff.tokens_per_minute),
    API(1, "context_tokens", context_tokens),
};

/* One entry of each kind; its texts are named after their columns. */
static struct xo_gpu_entry gpu_apart = { .gpu = { .name = "GPU", .link_is_switched = true },
                                         .title = "title",
                                         .aliases = "aliases",
                                         .source = "source",
                                         .as_of = "as_of",
                                         .rent_as_of = "rent_as_of" };
static struct xo_model_entry model_apart = { .model = { .name = "model",
                                                        .native_weights = XO_MXFP4 },
                                             .title = "title",
                                             .aliases = "aliases",
                                             .licence = "licence",
                                             .source = "source",
                                             .as_of = "as_of" };
static struct xo_api api_apart = { .tariff = { .name = "API" },
                                   .model = "model",
                                   .caching_unknown = true,
                                   .aliases = "aliases",
                                   .source = "source",
                                   .as_of = "as_of" };
static const struct {
    char kind;
    const char *array, *name;
    const struct in_unit *figures;
    int n_figures;
    void *entry;
    const char *texts[7];
} lists[] = {
    { 'g',
      "gpus",
      "GPU",
      gpu_figures,
      COUNT(gpu_figures),
      &gpu_apart,
      { "title", "aliases", "source", "as_of", "rent_as_of" } },
    { 'm',
      "models",
      "model",
      model_figures,
      COUNT(model_figures),
      &model_apart,
      { "title", "aliases", "licence", "source", "as_of" } },
    { 'a',
      "apis",
      "API",
      api_figures,
      COUNT(api_figures),
      &api_apart,
      { "model", "aliases", "source", "as_of" } },
};

static char *list_text(int i, enum xo_format format)
{
    const struct xo_catalog c = { &gpu_apart, &model_apart, &api_apart, 1, 1, 1 };
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(xo_catalog_print(out, &c, lists[i].kind, NULL, NULL, format, 80, NULL));
    fclose(out);
    return text;
}

/* The figure f of a list, in the unit of its name, to the 12 digits that are shown. */
static double in_unit(int i, int f)
{
    return lists[i].figures[f].times * figure_of(&lists[i].figures[f].figure, f, 1000);
}

/* _i: which list. In CSV columns have the order of the page of an entry. */
START_TEST(every_figure_of_a_catalog_stands_under_its_name)
{
    for (int f = 0; f < lists[_i].n_figures; f++)
        set_apart(lists[_i].entry, &lists[_i].figures[f].figure, 1, 1000 + f);
    struct answer a = parsed(list_text(_i, XO_FORMAT_JSON));
    char *csv = list_text(_i, XO_FORMAT_CSV), path[96];
    const char *column = csv, *cell = strstr(csv, "\r\n") + 2;
    json_t *entry = json_array_get(answer_at(&a, lists[_i].array), 0);
    ck_assert_int_eq(answer_count(&a, lists[_i].array), 1);
    for (int f = 0; f < lists[_i].n_figures; f++) {
        snprintf(path, sizeof path, "%s[0].%s", lists[_i].array, lists[_i].figures[f].figure.name);
        answer_ck_near(&a, path, in_unit(_i, f), 1e-11);
    }
    for (int t = 0; lists[_i].texts[t] != NULL; t++) {
        snprintf(path, sizeof path, "%s[0].%s", lists[_i].array, lists[_i].texts[t]);
        ck_assert_str_eq(answer_string(&a, path), lists[_i].texts[t]);
    }
    snprintf(path, sizeof path, "%s[0].name", lists[_i].array);
    ck_assert_str_eq(answer_string(&a, path), lists[_i].name);
    for (bool last = false; !last;) { /* CSV says the same, column by column */
        const size_t length = strcspn(column, ",\r"), width = strcspn(cell, ",\r");
        char key[48], text[64];
        snprintf(key, sizeof key, "%.*s", (int)length, column);
        snprintf(text, sizeof text, "%.*s", (int)width, cell);
        const json_t *value = json_object_get(entry, key);
        ck_assert_msg(value != NULL, "%s is not in the JSON", key);
        if (json_is_string(value))
            ck_assert_str_eq(text, json_string_value(value));
        else
            ck_assert_msg(atof(text) == (json_is_boolean(value) ? json_is_true(value)
                                                                : json_number_value(value)),
                          "%s is %s", key, text);
        last = column[length] == '\r';
        column += length + 1;
        cell += width + 1;
    }
    free(csv);
    done(&a);
}
END_TEST

START_TEST(billions_flags_and_types_of_a_catalog_are_told)
{
    model_apart.model.params_total = 70.6e9;
    model_apart.model.params_active = 5.1e9;
    struct answer a = parsed(list_text(1, XO_FORMAT_JSON));
    answer_ck_near(&a, "models[0].params_b", 70.6, 1e-12);
    answer_ck_near(&a, "models[0].active_b", 5.1, 1e-12);
    ck_assert_str_eq(answer_string(&a, "models[0].weights"), "mxfp4");
    done(&a);
    a = parsed(list_text(0, XO_FORMAT_JSON));
    ck_assert(answer_is(&a, "gpus[0].link_is_switched"));
    done(&a);
    api_apart.tariff.input = api_apart.tariff.cache.ttl_s = 0;
    a = parsed(list_text(2, XO_FORMAT_JSON));
    ck_assert(answer_is(&a, "apis[0].cached_price_unknown"));
    answer_ck_null(&a, "apis[0].cache_ttl_s"); /* 0: not known */
    answer_ck_near(&a, "apis[0].input_usd_per_mtok", 0, 0);
    done(&a);
}
END_TEST

int main(void)
{
    xo_catalog_builtin(); /* once, before the tests fork */
    Suite *suite = suite_create("figures");
    TCase *tc = tcase_create("names");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, every_figure_of_a_curve_stands_under_its_name);
    tcase_add_test(tc, every_figure_of_a_point_stands_under_its_name);
    tcase_add_test(tc, the_verdict_has_the_plan_and_the_ends_of_the_range);
    tcase_add_test(tc, bills_at_plan_are_those_of_their_sides);
    tcase_add_test(tc, a_point_names_who_is_cheapest_there);
    tcase_add_test(tc, every_flag_of_a_curve_stands_under_its_name);
    tcase_add_test(tc, what_a_curve_has_not_is_null);
    tcase_add_test(tc, a_drawn_volume_says_on_which_side_of_the_range_it_lies);
    tcase_add_test(tc, which_side_is_cheaper_is_said_where_there_is_a_winner);
    tcase_add_test(tc, a_crossing_says_which_side_is_cheaper_above_it);
    tcase_add_test(tc, the_target_that_binds_is_the_one_of_its_class);
    tcase_add_test(tc, the_error_of_step_times_is_given_with_its_class);
    tcase_add_test(tc, why_an_option_fails_is_told_in_figures);
    tcase_add_test(tc, what_a_fleet_hangs_on_and_refuses_is_told_in_figures);
    tcase_add_test(tc, the_scenario_is_told_with_its_own_figures);
    tcase_add_test(tc, title_text_and_counts_are_those_of_the_study);
    tcase_add_test(tc, what_nobody_sees_is_written_by_its_number);
    tcase_add_test(tc, a_trace_is_told_with_what_was_left_out);
    tcase_add_test(tc, every_figure_of_a_point_stands_in_its_column);
    tcase_add_test(tc, a_point_without_a_fleet_or_without_latencies_has_empty_cells);
    tcase_add_test(tc, the_cost_picture_draws_bills_bands_and_risers);
    tcase_add_test(tc, buying_over_its_limits_is_a_line_of_its_own);
    tcase_add_test(tc, the_saving_picture_draws_the_differences_of_the_bills);
    tcase_add_test(tc, the_load_picture_draws_loads_and_latencies);
    tcase_add_test(tc, every_figure_of_a_run_stands_under_its_name);
    tcase_add_test(tc, every_quantile_of_a_known_histogram_stands_under_its_name);
    tcase_add_test(tc, what_a_run_has_not_is_null);
    tcase_add_test(tc, bills_csv_has_every_amount_beside_its_item);
    tcase_add_test(tc, run_csv_has_every_figure_in_its_column);
    tcase_add_test(tc, hours_csv_has_every_hour_of_the_week_with_its_figures);
    tcase_add_loop_test(tc, every_figure_of_a_catalog_stands_under_its_name, 0, COUNT(lists));
    tcase_add_test(tc, billions_flags_and_types_of_a_catalog_are_told);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
