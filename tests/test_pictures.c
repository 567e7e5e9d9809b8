/* test_pictures.c - what is set of the pictures: ranges of axes, tics, marks and words, by figures
 * worked out on a page of 1400 x 900 pixels whose panel is 112 to 1108 wide.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"
#include "report/out/pictures.h"
#include "report_fixture.h"
#include "xo/report.h"

#define COUNT(table) ((int)(sizeof table / sizeof table[0]))

/* Three volumes a decade apart, the plan in their midst; bands are 0.9 to 1.2 of the bills. */
static struct fix fix_drawn_at(double v0, double v1, double v2)
{
    struct fix f = fix_new(&fix_support);
    struct xo_curve *c = f.curve;
    static const double usd[3][XO_N_WAYS] = { { 1e3, 500, 2e3 },
                                              { 1e4, 5e3, 8e3 },
                                              { 1e5, 5e4, 2e4 } };
    c->n_points = 3;
    c->n_corners = 0;
    c->plan = 1;
    for (int i = 0; i < 3; i++) {
        struct xo_curve_point *p = &c->points[i];
        p->volume = (double[]){ v0, v1, v2 }[i];
        p->tokens = 2500 * p->volume;
        memcpy(p->usd, usd[i], sizeof usd[i]);
        for (int line = 0; line < XO_N_WAYS; line++)
            p->band[line] = fix_drawn(0.9 * usd[i][line], usd[i][line], 1.2 * usd[i][line]);
        p->napkin_usd = 0.8 * usd[i][XO_WAY_SAME];
        p->limited[XO_WAY_BUY] = false;
    }
    c->saving_base_usd = -22868.8;
    c->saving = fix_drawn(-38254, -22868.8, -18264);
    c->crossings[XO_BUY_BUILD].n = 1;
    c->crossings[XO_BUY_BUILD].at[0] = (struct xo_crossing){
        .volume = 8e6, .usd = 8100, .noise_lo = 7.8e6, .noise_hi = 8.3e6, .to_build = true
    };
    c->crossings[XO_BUY_BUILD].first = fix_drawn(6.4e6, 8e6, 10.4e6);
    c->napkin_crossing = 3e6;
    c->napkin_crossing_usd = 2900;
    c->verdict = XO_VERDICT_CROSSING;
    return f;
}

/* The script of a picture, where there is no gnuplot to draw it. Owned by the caller. */
static char *script_of(const struct fix *f, const char *name)
{
    struct answer a = { .folder = "/tmp/xo-pictures-XXXXXX" };
    struct xo_output output = { .command = "crossover", .plots = true };
    struct xo_error err = { 0 };
    char path[4096];
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    ck_assert_ptr_nonnull(mkdtemp(a.folder));
    output.folder = a.folder;
    setenv("PATH", "/nowhere", 1);
    const bool ok = xo_curve_write(f->curve, &output, &err);
    setenv("PATH", path, 1);
    ck_assert_msg(ok, "%s", err.text);
    free(output.notes);
    free(output.wrote);
    char *script = answer_file(&a, name);
    answer_fini(&a);
    return script;
}

/* Each of the parts stands in the script. */
#define ck_has(f, name, ...) ck_has_all(f, name, (const char *const[]){ __VA_ARGS__, NULL })
static void ck_has_all(const struct fix *f, const char *name, const char *const parts[])
{
    char *script = script_of(f, name);
    for (; *parts != NULL; parts++)
        ck_assert_msg(strstr(script, *parts) != NULL, "%s is not in %s", *parts, name);
    free(script);
}

static void ck_has_not(const struct fix *f, const char *name, const char *part)
{
    char *script = script_of(f, name);
    ck_assert_msg(strstr(script, part) == NULL, "%s is in %s", part, name);
    free(script);
}

/* The number behind `before` in a script. */
static double number_after(const char *script, const char *before)
{
    const char *at = strstr(script, before);
    ck_assert_msg(at != NULL, "%s is not in %.900s", before, script);
    return atof(at + strlen(before));
}

static void ck_range(const struct fix *f, const char *name, const char *axis, double lo, double hi)
{
    char *script = script_of(f, name), before[2][64];
    for (int i = 0; i < 2; i++)
        snprintf(before[i], sizeof before[i], "%s%s_%s = ", i == 0 ? "\n" : "; ", axis,
                 i == 0 ? "lo" : "hi");
    const double from = number_after(script, before[0]), to = number_after(script, before[1]);
    ck_assert_msg(fabs(from - lo) <= 1e-9 * fabs(lo), "%s begins at %.10g", axis, from);
    ck_assert_msg(fabs(to - hi) <= 1e-9 * fabs(hi), "%s ends at %.10g", axis, to);
    free(script);
}

/* Where a label stands, in pixels. */
static void label_at(const char *script, const char *text, double *x, double *y)
{
    char quoted[160];
    snprintf(quoted, sizeof quoted, "] = '%s'; ", text);
    const char *at = strstr(script, quoted);
    ck_assert_msg(at != NULL, "%s is not in %.900s", quoted, script);
    ck_assert_int_eq(sscanf(at + strlen(quoted), "%*[^=]= %lf; %*[^=]= %lf", x, y), 2);
    *x *= 1400;
    *y *= 900;
}

/* Where a line of a title, or the name at the end of a line, stands: the pixels of its y. */
static double y_of(const char *script, const char *text)
{
    char quoted[160];
    double y = NAN;
    snprintf(quoted, sizeof quoted, "] = '%s'; ", text);
    const char *at = strstr(script, quoted);
    ck_assert_msg(at != NULL, "%s is not in %.900s", quoted, script);
    ck_assert_int_eq(sscanf(at + strlen(quoted), "%*[^=]= %lf", &y), 1);
    return 900 * y;
}

/* The tics of an axis: "'1 M' 1000000 0, '' 2000000 1, ", their text, place and 1 if minor. */
static char *tics_of(const char *script, const char *role)
{
    char line[64], *all = calloc(1, strlen(script) + 1), *end = all;
    ck_assert_ptr_nonnull(all);
    for (int i = 1;; i++) {
        char text[64] = "", at[64];
        int minor;
        snprintf(line, sizeof line, "\n%s_text[%d] = '", role, i);
        const char *row = strstr(script, line);
        if (row == NULL)
            return all;
        row += strlen(line);
        const size_t n = strcspn(row, "'");
        snprintf(text, sizeof text, "%.*s", (int)n, row);
        ck_assert_int_eq(sscanf(row + n, "'; %*[^=]= %63[^;]; %*[^=]= %d", at, &minor), 2);
        end += sprintf(end, "'%s' %s %d, ", text, at, minor);
    }
}

static void ck_tics(const struct fix *f, const char *name, const char *role, const char *tics)
{
    char *script = script_of(f, name), *all = tics_of(script, role);
    ck_assert_msg(strstr(all, tics) != NULL, "%s is not in %s", tics, all);
    free(all);
    free(script);
}

/* Of the cost picture of fix_drawn_at(): log10 of dollars, and pixels. */
struct panel_of_cost {
    double lo, hi, top;
};

static struct panel_of_cost cost_panel(const char *script)
{
    return (struct panel_of_cost){ .lo = log10(400) - 0.08,
                                   .hi = log10(1.2e5) + 0.12,
                                   .top = 900 * number_after(script, "panel_top = ") };
}

static double cost_y(const struct panel_of_cost *p, double log_usd)
{
    return 108 + (log_usd - p->lo) / (p->hi - p->lo) * (p->top - 108);
}

/* ---- axes ---- */

/* Dollars: the lowest and the highest of bills and bands, 0.08 of a decade below and 0.12 above. */
START_TEST(the_axes_hold_all_bills_and_bands)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    ck_range(&f, "cost.set", "x", 1e6 * (1 - 1e-6), 1e8 * (1 + 1e-6));
    ck_range(&f, "cost.set", "y", 400 / pow(10, 0.08), 1.2e5 * pow(10, 0.12));
    f.curve->points[0].napkin_usd = 450 / 3.1; /* it stretches the axis by half a decade at most */
    ck_range(&f, "cost.set", "y", 450 / 3.1 / pow(10, 0.08), 1.2e5 * pow(10, 0.12));
    f.curve->points[0].napkin_usd = 450 / 3.3;
    ck_range(&f, "cost.set", "y", 450 / pow(10, 0.08), 1.2e5 * pow(10, 0.12));
    f.curve->points[2].napkin_usd = 2e5;
    ck_range(&f, "cost.set", "y", 450 / pow(10, 0.08), 2e5 * pow(10, 0.12));
    for (int i = 0; i < 3; i++)
        f.curve->points[i] = (struct xo_curve_point){ .volume = 1e6 * pow(10, i),
                                                      .usd = { NAN, NAN, NAN },
                                                      .band = { { .p10 = NAN, .p90 = NAN },
                                                                { .p10 = NAN, .p90 = NAN },
                                                                { .p10 = NAN, .p90 = NAN } },
                                                      .napkin_usd = NAN };
    f.curve->points[0].usd[XO_WAY_BUY] = 10;
    f.curve->n_points = 1;
    f.curve->plan = 0;
    ck_range(&f, "cost.set", "x", 1e6 * (1 - 1e-6) / sqrt(10), 1e6 * (1 + 1e-6) * sqrt(10));
    fix_fini(&f);
}
END_TEST

/* Neither an empty frame nor a napkin alone: a line says why there is no picture. */
START_TEST(without_a_bill_there_is_no_picture)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    static void (*const draw[])(
        struct xo_plot *, const struct xo_curve *) = { xo_plot_cost, xo_plot_saving, xo_plot_load };
    static const char *const why[] = { "no side has a bill at any volume",
                                       "at no volume have both buying and this build a bill",
                                       "no fleet that was simulated meets the SLO" };
    for (int i = 0; i < 3; i++) {
        struct xo_curve_point *p = &f.curve->points[i];
        p->build.feasible = false;
        for (int line = 0; line < XO_N_WAYS; line++)
            p->usd[line] = NAN;
        ck_assert(isfinite(p->napkin_usd));
    }
    for (int i = 0; i < 3; i++) {
        struct xo_plot plot = { .name = "x" };
        draw[i](&plot, f.curve);
        ck_assert_str_eq(plot.none, why[i]);
        ck_assert_uint_eq(plot.set.length + plot.data.length, 0);
    }
    f.curve->points[0].usd[XO_WAY_BUY] = 10; /* something to draw */
    struct xo_plot plot = { .name = "cost" };
    xo_plot_cost(&plot, f.curve);
    ck_assert_str_eq(plot.none, "");
    xo_buf_fini(&plot.set);
    xo_buf_fini(&plot.data);
    fix_fini(&f);
}
END_TEST

/* Up to 0.55 of a decade tics are even, up to 1.3 decades those of 1, 2 and 5 are named, up to 4.6
 * those of 1 and 3, and beyond those of 1 alone. */
START_TEST(the_tics_of_an_axis_follow_its_decades)
{
    static const struct {
        double decades;
        const char *tics;
    } cases[] = {
        { 0.301, "'1 M' 1000000 0, '1.2 M' 1200000 0, '1.4 M' 1400000 0, '1.6 M' 1600000 0, "
                 "'1.8 M' 1800000 0, " },
        { 0.54, "'1 M' 1000000 0, '1.5 M' 1500000 0, '2 M' 2000000 0, '2.5 M' 2500000 0, '3 M' "
                "3000000 0, " },
        { 0.56, "'1 M' 1000000 0, '2 M' 2000000 0, '' 3000000 1, " },
        { 1.29, "'1 M' 1000000 0, '2 M' 2000000 0, '' 3000000 1, '' 4000000 1, '5 M' 5000000 0, ''"
                " 6000000 1, '' 7000000 1, '' 8000000 1, '' 9000000 1, '10 M' 10000000 0, " },
        { 1.31, "'1 M' 1000000 0, '' 2000000 1, '3 M' 3000000 0, '' 4000000 1, '' 5000000 1, "
                "'' 6000000 1, '' 7000000 1, '' 8000000 1, '' 9000000 1, '10 M' 10000000 0, "
                "'' 20000000 1, " },
        { 4.59, "'1 M' 1000000 0, '' 2000000 1, '3 M' 3000000 0, " },
        { 4.61, "'1 M' 1000000 0, '' 2000000 1, '' 3000000 1, " },
    };
    for (int i = 0; i < COUNT(cases); i++) {
        const double hi = 1e6 * pow(10, cases[i].decades);
        struct fix f = fix_drawn_at(1e6, sqrt(1e6 * hi), hi);
        ck_tics(&f, "cost.set", "xtic", cases[i].tics);
        fix_fini(&f);
    }
    struct fix f = fix_drawn_at(2e6, 3e6, 5e6); /* steps of at least a fifth of 3 M */
    char *script = script_of(&f, "cost.set"), *all = tics_of(script, "xtic");
    ck_assert_str_eq(all, "'2 M' 2000000 0, '3 M' 3000000 0, '4 M' 4000000 0, '5 M' 5000000 0, ");
    free(all);
    free(script);
    fix_fini(&f);
}
END_TEST

/* A request is 2,500 tokens: the tic of 3 B tokens stands at 1.2 M requests. */
START_TEST(the_upper_axis_counts_tokens)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    ck_tics(&f, "cost.set", "x2tic", "'3 B' 1200000 0, '' 1600000 1, '' 2000000 1, ");
    ck_tics(&f, "cost.set", "x2tic", "'10 B' 4000000 0, ");
    f.curve->prompt_per_request = 2010;
    f.curve->cached_per_request = 1234;
    f.curve->output_per_request = 490;
    ck_has(&f, "cost.set", "'Tokens a month; a request is 2.01 k in (1.23 k cached) and 490 out'");
    fix_fini(&f);
}
END_TEST

START_TEST(dollars_on_an_axis_are_short)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    f.curve->points[0].usd[XO_WAY_SAME] = 0.9;
    static const char *const tics[] = { "'$1.00' 1 0, ", "'$100' 100 0, ", "'$1 k' 1000 0, ",
                                        "'$100 k' 100000 0, " };
    for (int i = 0; i < COUNT(tics); i++)
        ck_tics(&f, "cost.set", "ytic", tics[i]);
    fix_fini(&f);
}
END_TEST

/* ---- cost ---- */

START_TEST(crossings_are_drawn_with_their_noise)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    struct xo_crossings *x = &f.curve->crossings[XO_BUY_BUILD];
    x->at[1] =
        (struct xo_crossing){ .volume = 9e6, .usd = 9100, .noise_lo = NAN, .noise_hi = 9.5e6 };
    x->at[2] =
        (struct xo_crossing){ .volume = 11e6, .usd = 9900, .noise_lo = 1e7, .noise_hi = NAN };
    x->n = 3;
    ck_has(&f, "cost.set",
           "cross_volume[1] = 8000000; cross_usd[1] = 8100; cross_lo[1] = 7800000; "
           "cross_hi[1] = 8300000\ncross_volume[2] = 9000000; cross_usd[2] = 9100; "
           "cross_lo[2] = 9000000; cross_hi[2] = 9500000\ncross_volume[3] = 11000000; "
           "cross_usd[3] = 9900; cross_lo[3] = 10000000; cross_hi[3] = 11000000\n",
           "crossing_text[1] = 'first of 3 crossings: 20 B tokens'; ");
    f.curve->verdict = XO_VERDICT_NO_WINNER;
    ck_has(&f, "cost.set", "\ncross_n = 0\n");
    ck_has_not(&f, "cost.set", "first of 3");
    ck_has(&f, "cost.set", "band_n = 0\n", "crossing_n = 0\n");
    f.curve->verdict = XO_VERDICT_INFEASIBLE;
    ck_has(&f, "cost.set", "\ncross_n = 0\n");
    fix_fini(&f);
}
END_TEST

START_TEST(the_first_crossing_is_named_with_its_range)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    struct xo_crossings *x = &f.curve->crossings[XO_BUY_BUILD];
    ck_has(&f, "cost.set", "crossing_text[1] = 'flips at 20 B tokens a month'; ",
           "crossing_note[1] = 'P10 to P90: 16 B to 26 B'; ");
    x->at[0].to_build = false;
    ck_has(&f, "cost.set", "crossing_note[1] = 'simulation noise: 20 B to 21 B'; ");
    x->at[0].to_build = true;
    x->first = fix_drawn(NAN, NAN, NAN);
    ck_has(&f, "cost.set", "crossing_note[1] = 'simulation noise: 20 B to 21 B'; ");
    x->n = 0;
    ck_has_not(&f, "cost.set", "flips at");
    fix_fini(&f);
}
END_TEST

/* The line from the axis and the label's stand at the first crossing. */
START_TEST(a_crossing_hangs_on_a_line_from_the_axis)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    ck_has(&f, "cost.set", "; crossing_volume[1] = 8000000; crossing_usd[1] = 8100\n");
    fix_fini(&f);
}
END_TEST

START_TEST(the_grey_band_is_the_range_of_the_first_crossing)
{
    static const struct {
        double p10, p90;
        const char *drawn; /* NULL: nothing */
    } cases[] = {
        { 6.4e6, 10.4e6, "band_lo[1] = 6400000; band_hi[1] = 10400000\n" },
        { 0, 10.4e6, "band_lo[1] = 1000000; band_hi[1] = 10400000\n" },
        { 6.4e6, INFINITY, "band_lo[1] = 6400000; band_hi[1] = 100000000\n" },
        { NAN, 10.4e6, NULL },
        { 6.4e6, 6.4e6, NULL },
        { 2e8, INFINITY, NULL },
    };
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    for (int i = 0; i < COUNT(cases); i++) {
        f.curve->crossings[XO_BUY_BUILD].first = fix_drawn(cases[i].p10, 8e6, cases[i].p90);
        if (cases[i].drawn != NULL) {
            ck_has(&f, "cost.set", cases[i].drawn);
            ck_has(&f, "saving.set", cases[i].drawn);
        } else
            ck_has(&f, "cost.set", "\nband_n = 0\n");
    }
    fix_fini(&f);
}
END_TEST

/* The plan at 10 M is half way along the panels of the load. */
START_TEST(the_plan_is_a_line_with_its_volume)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    char *cost = script_of(&f, "cost.set"), *load = script_of(&f, "load.set");
    double x, y;
    ck_assert_double_eq(number_after(cost, "\nplan_volume = "), 1e7);
    label_at(cost, "your plan: 10 M", &x, &y);
    label_at(load, "your plan: 10 M", &x, &y);
    ck_assert_double_eq_tol(x, 112 + 0.5 * (1058 - 112), 0.1); /* its panels end at 1058 */
    ck_assert_double_eq_tol(y, 762, 0.1);                      /* 12 above the first, to 750 */
    ck_assert_ptr_nonnull(strstr(load, "share_bottom = 0.67778; share_top = 0.83333\n"));
    ck_assert_ptr_nonnull(strstr(load, "batch_bottom = 0.48889; batch_top = 0.62222\n"));
    free(cost);
    free(load);
    fix_fini(&f);
}
END_TEST

START_TEST(the_napkin_is_marked_where_the_axis_reaches_it)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    struct xo_curve *c = f.curve;
    const double lo = 400 / pow(10, 0.08), hi = 1.2e5 * pow(10, 0.12);
    static const double inside[] = { 1.001, 0.999 };
    ck_has(&f, "cost.set", "napkin_volume[1] = 3000000; napkin_usd[1] = 2900\n",
           "'o: tokens alone cost as much'");
    for (int i = 0; i < 2; i++) {
        c->napkin_crossing_usd = (i == 0 ? lo : hi) * inside[i];
        ck_has(&f, "cost.set", "napkin_volume[1] = 3000000; ");
        c->napkin_crossing_usd = (i == 0 ? lo : hi) / inside[i];
        ck_has(&f, "cost.set", "\nnapkin_n = 0\n");
        ck_has(&f, "cost.set", "'GPUs and power alone, no SLO'");
    }
    c->napkin_crossing_usd = 2900;
    c->verdict = XO_VERDICT_NO_WINNER;
    ck_has(&f, "cost.set", "\nnapkin_n = 0\n");
    fix_fini(&f);
}
END_TEST

/* At the right 100 M requests, 250 B tokens, cost $100,000 at the API and $50,000 at the host:
 * $0.40 and $0.20 a million. A name stands at the end of its line. */
START_TEST(lines_are_named_at_their_ends_with_their_price)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    struct xo_curve_point *top = &f.curve->points[2];
    static const struct {
        const char *name, *note;
        double usd;
    } lines[] = { { "openai/gpt-6.2-sol", "$0.40 per million tokens at this end", 1e5 },
                  { "the same weights", "$0.20 per million tokens", 5e4 },
                  { "this build", "2 x h100-sxm, fp8", 4e3 },
                  { "napkin", "o: tokens alone cost as much", 800 } };
    top->usd[XO_WAY_BUILD] = 4e3; /* apart from the others */
    top->napkin_usd = 800;
    char *script = script_of(&f, "cost.set");
    const struct panel_of_cost p = cost_panel(script);
    for (int i = 0; i < COUNT(lines); i++) {
        const double end = cost_y(&p, log10(lines[i].usd));
        const double at = i == 0 ? fmin(end, p.top - 4) : end; /* within the panel by 4 pixels */
        char note[120];
        ck_assert_double_eq_tol(y_of(script, lines[i].name), at, 0.2);
        snprintf(note, sizeof note, "%.4f; end_note[%d] = '%s'; ", at / 900, COUNT(lines) - i,
                 lines[i].note);
        ck_assert_msg(strstr(script, note) != NULL, "%s", note);
    }
    ck_assert_ptr_null(strstr(script, "has_over_limit = 1"));
    free(script);
    top->limited[XO_WAY_BUY] = true;
    ck_has(&f, "cost.set", "'buy: grey above its rate limit'", "\nhas_over_limit = 1\n");
    f.curve->buy_unserved = (struct xo_unserved){ .frac = 0.1, .class_frac = { 0.1 } };
    ck_has(&f, "cost.set", "'buy: grey, too short a context'");
    fix_fini(&f);
}
END_TEST

/* Names keep 44 pixels apart: pushed down from the top, then up from the foot; a line leads to one
 * that stands over 10 pixels off. */
START_TEST(names_at_the_ends_keep_apart)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    struct xo_curve_point *top = &f.curve->points[2];
    memcpy(top->usd, (double[]){ 1e5, 1e5, 1e5 }, sizeof top->usd);
    top->napkin_usd = 410;
    double y[4];
    char *script = script_of(&f, "cost.set");
    y[0] = y_of(script, "openai/gpt-6.2-sol");
    y[1] = y_of(script, "the same weights");
    y[2] = y_of(script, "this build");
    y[3] = y_of(script, "napkin");
    const struct panel_of_cost p = cost_panel(script);
    const double end = cost_y(&p, 5);
    const double high = fmax(fmax(y[0], y[1]), y[2]), low = fmin(fmin(y[0], y[1]), y[2]);
    ck_assert_double_eq_tol(high, end, 0.2);
    ck_assert_double_eq_tol(low, high - 88, 0.2);
    ck_assert_double_eq_tol(y[0] + y[1] + y[2], 3 * high - 132, 0.3);
    free(script);
    memcpy(top->usd, (double[]){ 405, 405, 405 }, sizeof top->usd);
    script = script_of(&f, "cost.set");
    y[0] = y_of(script, "openai/gpt-6.2-sol");
    y[1] = y_of(script, "the same weights");
    y[2] = y_of(script, "this build");
    y[3] = y_of(script, "napkin");
    double lowest = INFINITY, sum = 0;
    for (int i = 0; i < 4; i++) {
        lowest = fmin(lowest, y[i]);
        sum += y[i];
    }
    ck_assert_double_eq_tol(lowest, 108 + 4, 0.2);
    ck_assert_double_eq_tol(sum, 4 * lowest + 6 * 44, 0.4);
    free(script);
    fix_fini(&f);
}
END_TEST

/* Whether a line of the cost picture passes through a box: its three points, straight in
 * logarithms. */
static bool passes(const struct panel_of_cost *p, const double usd[3], const double box[4])
{
    for (int i = 0; i <= 2000; i++) {
        const double t = i / 1000.0;
        const int k = t < 1 ? 0 : 1;
        const double x = 112 + 996 * t / 2;
        const double y = cost_y(p, log10(usd[k]) + (t - k) * (log10(usd[k + 1]) - log10(usd[k])));
        if (x > box[0] && x < box[0] + box[2] && y > box[1] && y < box[1] + box[3])
            return true;
    }
    return false;
}

/* A line leads from the edge of the label that faces the crossing, 2 pixels above it or 3 below, to
 * 88 % of the way there. */
static void ck_leader(const char *script, const double box[4], double x, double y)
{
    const char *at = strstr(script, "\nlead_x[1] = ");
    double from_x, from_y, to_x, to_y;
    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(sscanf(at,
                            "\nlead_x[1] = %lf; lead_y[1] = %lf; lead_to_x[1] = %lf; "
                            "lead_to_y[1] = %lf",
                            &from_x, &from_y, &to_x, &to_y),
                     4);
    const double right_x = fmin(fmax(x, box[0]), box[0] + box[2]);
    const double right_y = y > box[1] + box[3] ? box[1] + box[3] + 2 : box[1] - 3;
    ck_assert_double_eq_tol(1400 * from_x, right_x, 0.2);
    ck_assert_double_eq_tol(900 * from_y, right_y, 0.2);
    ck_assert_double_eq_tol(1400 * to_x, x + 0.12 * (right_x - x), 0.2);
    ck_assert_double_eq_tol(900 * to_y, y + 0.12 * (right_y - y), 0.2);
}

/* A label is as wide as 0.7 of its points a letter. That of the crossing is two lines, 40 pixels
 * high, the first 29 above its foot; that of the plan is 18 high. Neither covers a line or the
 * other, and the crossing's is near its crossing. */
START_TEST(labels_cover_neither_lines_nor_each_other)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    char *script = script_of(&f, "cost.set");
    const struct panel_of_cost p = cost_panel(script);
    double crossing[4] = { 0, 0, 0.7 * 12 * 28, 40 };
    double plan[4] = { 0, 0, 0.7 * 11 * 15, 18 };
    label_at(script, "flips at 20 B tokens a month", &crossing[0], &crossing[1]);
    label_at(script, "your plan: 10 M", &plan[0], &plan[1]);
    crossing[1] -= 29;
    plan[1] -= 8;
    for (int line = 0; line < 4; line++) {
        double usd[3];
        for (int i = 0; i < 3; i++)
            usd[i] = line < 3 ? f.curve->points[i].usd[line] : f.curve->points[i].napkin_usd;
        ck_assert_msg(!passes(&p, usd, crossing), "the crossing's label covers line %d", line);
        ck_assert_msg(!passes(&p, usd, plan), "the plan's label covers line %d", line);
    }
    ck_assert(crossing[0] + crossing[2] < plan[0] || plan[0] + plan[2] < crossing[0] ||
              crossing[1] + crossing[3] < plan[1] || plan[1] + plan[3] < crossing[1]);
    ck_assert(crossing[0] > 610 || crossing[0] + crossing[2] < 610); /* nor the line of the plan */
    const double x = 112 + log10(8) / 2 * 996, y = cost_y(&p, log10(8100));
    ck_leader(script, crossing, x, y);
    ck_assert_double_lt(fmax(crossing[0] - x, x - crossing[0] - crossing[2]), 60);
    ck_assert_double_lt(fmax(crossing[1] - y, y - crossing[1] - crossing[3]), 90);
    free(script);
    fix_fini(&f);
}
END_TEST

START_TEST(the_lines_below_a_title_say_what_is_drawn)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    struct xo_curve *c = f.curve;
    c->n_draws = 2345;
    c->n_simulated = 45678;
    ck_has(&f, "cost.set",
           "this build: llama-3.3-70b  \xC2\xB7 SLO: TTFT p95 \xE2\x89\xA4 2 s,'; ");
    ck_has(&f, "cost.set",
           "'TPOT p95 \xE2\x89\xA4 50 ms  \xC2\xB7 bands: P10 to P90 of 2,345 draws  "
           "\xC2\xB7 same weights: together/llama-3.3-70b-instruct-turbo'; ");
    ck_has(&f, "cost.set",
           "  \xC2\xB7  seed 17  \xC2\xB7  prices of 2026-07-02 to 2026-11-22  "
           "\xC2\xB7  2,345 draws  \xC2\xB7  45.7 k requests simulated  \xC2\xB7  "
           "crossover ");
    ck_has(&f, "saving.set", "buying less this build, base case, and its two halves:'; ");
    ck_has(&f, "saving.set",
           "'changing the model (to together/llama-3.3-70b-instruct-turbo) and "
           "owning the GPUs'; ");
    ck_has(&f, "saving.set", "\nhas_same = 1\n");
    ck_has(&f, "load.set",
           "this build: 2 x h100-sxm, fp8  \xC2\xB7 latencies of the busiest hour "
           "rise and fall as replicas are added'; ");
    f.scenario->apis[0].is_same_weights = true;
    ck_has(&f, "saving.set", "'changing the host (to together/",
           "end_text[2] = 'changing the host'; ");
    f.scenario->slo_window = XO_SLO_MONTH;
    ck_has(&f, "load.set", "latencies of the month rise");
    memset(f.scenario->options[0].label, 'x', 50); /* cut to 39 and an ellipsis */
    f.scenario->options[0].label[50] = '\0';
    char *load = script_of(&f, "load.set");
    ck_assert_uint_eq(strspn(strstr(load, "xxx"), "x"), 39);
    free(load);
    f.scenario->n_same_bought = f.scenario->n_same_model = 2;
    ck_has(&f, "cost.set", "same weights: the cheapest of 2 hosts'; ");
    f.scenario->n_same_model = 0;
    ck_has(&f, "cost.set", "no host of the same weights is compared'; ");
    ck_has(&f, "cost.set", "\nhas_same = 0\n");
    ck_has(&f, "saving.set", "no host of the same weights is compared, so it has no halves'; ");
    ck_has(&f, "saving.set", "\nhas_same = 0\n");
    fix_fini(&f);
}
END_TEST

/* A page of 900 pixels: the title at 858, a line of 18 points 31.5 lower, one of 11.5 points 20.1.
 * A title of 98 columns is broken near its middle, at 59. */
START_TEST(a_title_takes_one_line_or_two)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    static const struct {
        const char *text;
        double y;
    } lines[] = {
        { "DRAFT: At your plan this build costs an extra $18,000 to", 858 },
        { "$38,000 a month against openai/gpt-6.2-sol", 858 - 31.5 },
        { "changing the model (to together/llama-3.3-70b-instruct-turbo) and owning the GPUs",
          858 - 63 - 20.125 },
    };
    char *saving = script_of(&f, "saving.set");
    for (int i = 0; i < COUNT(lines); i++)
        ck_assert_double_eq_tol(y_of(saving, lines[i].text), lines[i].y, 0.1);
    /* the panel is 60 below all that */
    ck_assert_double_eq_tol(900 * number_after(saving, "panel_top = "), 858 - 63 - 2 * 20.125 - 60,
                            0.1);
    free(saving);
    f.scenario->n_guesses = 0;
    f.scenario->name[0] = 'x';
    f.scenario->name[1] = '\0';
    saving = script_of(&f, "saving.set");
    ck_assert_double_eq_tol(900 * number_after(saving, "panel_top = "), 858 - 63 - 20.125 - 60,
                            0.1); /* the line below fits in one */
    free(saving);
    fix_fini(&f);
}
END_TEST

/* ---- saving ---- */

/* The straight part of the axis ends at the decade below a tenth of the saving at plan, $100 at
 * least. */
START_TEST(the_axis_of_savings_bends_at_a_tenth_of_the_saving)
{
    static const struct {
        double saving_usd;
        const char *bent;
    } cases[] = { { 999, "\nunit_usd = 100\n" },   { -1000, "\nunit_usd = 100\n" },
                  { 1e4, "\nunit_usd = 1000\n" },  { -99999, "\nunit_usd = 1000\n" },
                  { 1e5, "\nunit_usd = 10000\n" }, { NAN, "\nunit_usd = 100\n" },
                  { 9999, "\nunit_usd = 100\n" } };
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    for (int i = 0; i < COUNT(cases); i++) {
        f.curve->saving_base_usd = cases[i].saving_usd;
        ck_has(&f, "saving.set", cases[i].bent);
    }
    fix_fini(&f);
}
END_TEST

/* Savings are -1,000, 2,000 and 80,000; by the model 500, 5,000 and 50,000; by owning -1,500,
 * -3,000 and 30,000; and -38,254 for one draw in ten at plan. The unit is $1,000. */
START_TEST(the_axis_of_savings_holds_all_of_them)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    ck_range(&f, "saving.set", "y", -asinh(38.254) - 0.35, asinh(80) + 0.35);
    ck_has(&f, "saving.set",
           "\nytic_text[1] = '$0'; ytic_at[1] = 0\nytic_text[2] = '-$1 k'; ytic_at[2] = -1000\n"
           "ytic_text[3] = '-$10 k'; ytic_at[3] = -10000\nytic_text[4] = '$1 k'; ytic_at[4] = "
           "1000\nytic_text[5] = '$10 k'; ytic_at[5] = 10000\nytic_text[6] = '$100 k'; "
           "ytic_at[6] = 100000\n",
           "range_text[1] = 'at plan, P10 to P90: -$38,000 to -$18,000'; ",
           "; range_usd[1] = -22868.8; range_p10[1] = -38254; range_p90[1] = -18264\n");
    f.curve->saving = fix_drawn(-1000, 0, 1e5);
    ck_range(&f, "saving.set", "y", -asinh(3) - 0.35, asinh(100) + 0.35);
    f.curve->saving = fix_drawn(NAN, NAN, NAN);
    ck_range(&f, "saving.set", "y", -asinh(3) - 0.35, asinh(80) + 0.35);
    ck_has(&f, "saving.set", "\nrange_n = 0\n");
    ck_has_not(&f, "saving.set", "at plan, P10");
    for (int i = 0; i < 3; i++)
        memcpy(f.curve->points[i].usd, (double[]){ 10, 10, 10 }, sizeof f.curve->points[i].usd);
    ck_range(&f, "saving.set", "y", -asinh(1) - 0.35, asinh(1) + 0.35);
    fix_fini(&f);
}
END_TEST

START_TEST(the_title_of_savings_is_the_finding)
{
    static const struct {
        double base, p10, p90;
        enum xo_verdict_code code;
        const char *title;
    } cases[] = {
        { 1500, 1200, 3400, XO_VERDICT_CROSSING,
          "'At your plan this build saves $1,200 to $3,400 a month against openai/gpt-6.2-sol'" },
        { -1500, -3400, -1200, XO_VERDICT_CROSSING,
          "'At your plan this build costs an extra $1,200 to $3,400 a month" },
        { 1500, -1200, 3400, XO_VERDICT_CROSSING,
          "'At your plan this build costs up to $1,200 more or saves" },
        { 1500, 0, 3400, XO_VERDICT_CROSSING, "this build saves $0 to $3,400 a month against" },
        { -1500, -3400, 0, XO_VERDICT_CROSSING, "this build costs an extra $0 to $3,400 a month" },
        { 1500, 1200, 3400, XO_VERDICT_NO_WINNER, "'Difference of the bills, no winner'" },
        { NAN, 1200, 3400, XO_VERDICT_CROSSING,
          "'No saving can be stated: one side has no bill at your plan'" },
    };
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    f.scenario->n_guesses = 0;
    for (int i = 0; i < COUNT(cases); i++) {
        f.curve->saving_base_usd = cases[i].base;
        f.curve->saving = fix_drawn(cases[i].p10, 0, cases[i].p90);
        f.curve->verdict = cases[i].code;
        ck_has(&f, "saving.set", cases[i].title);
    }
    f.curve->saving_base_usd = 1500;
    f.curve->verdict = XO_VERDICT_CROSSING;
    f.curve->saving = (struct xo_band){ .p10 = -1200, .p90 = 3400, .p10_se = 210, .p90_se = 420 };
    ck_has(&f, "saving.set", "costs up to $1,200 +- $200 more or saves",
           "$3,400 +- $400 a month against");
    f.scenario->n_guesses = 1;
    ck_has(&f, "saving.set", "title_text[1] = 'DRAFT: At your plan");
    fix_fini(&f);
}
END_TEST

/* Which side of zero is whose; not on a side of less than 36 pixels. */
START_TEST(each_side_of_zero_is_named_unless_it_is_a_sliver)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    char *script = script_of(&f, "saving.set");
    const double top = 900 * number_after(script, "panel_top = ");
    const double lo = -asinh(38.254) - 0.35, hi = asinh(80) + 0.35;
    const double zero = 108 - lo / (hi - lo) * (top - 108);
    double x, y;
    label_at(script, "above zero: this build is cheaper", &x, &y);
    ck_assert_double_gt(y, zero);
    label_at(script, "below zero: buying is cheaper", &x, &y);
    ck_assert_double_lt(y, zero);
    free(script);
    f.curve->saving_base_usd = 1e9; /* the unit becomes $100 M, so that nothing leaves zero */
    f.curve->saving = fix_drawn(-1e3, 0, 5e12);
    ck_has(&f, "saving.set", "above zero: this build is cheaper");
    f.curve->saving = fix_drawn(-5e12, 0, 1e3);
    ck_has(&f, "saving.set", "below zero: buying is cheaper");
    fix_fini(&f);
}
END_TEST

/* ---- load ---- */

static void add_metrics(struct xo_curve *c)
{
    for (int i = 0; i < 3; i++) {
        struct xo_curve_point *p = &c->points[i];
        p->has_metrics = p->build.feasible = true;
        p->build.load_frac = 0.2 + 0.1 * i;
        p->build.week_busy_frac = 0.5 + 0.2 * i;
        p->metrics.batch_mean = 10 * (i + 1);
        p->metrics.ttft_p50_s = 0.2;
        p->metrics.ttft_p95_s = 0.5;
        p->metrics.ttft_p99_s = 1.2;
        p->metrics.tpot_p50_s = 0.01;
        p->metrics.tpot_p95_s = 0.02;
        p->metrics.tpot_p99_s = 0.03;
    }
}

static void ck_latencies(const struct fix *f, double least, double most)
{
    char *script = script_of(f, "load.set");
    ck_assert_double_eq_tol(number_after(script, "\nlatency_lo = "), least / pow(10, 0.1), 1e-8);
    ck_assert_double_eq_tol(number_after(script, "; latency_hi = "), most * pow(10, 0.15), 1e-8);
    free(script);
}

/* Shares and batches from 0 to 1.15 of the highest; latencies 0.1 of a decade below and 0.15 above,
 * limits of the SLO among them but those of E2E. */
START_TEST(the_panels_of_the_load_picture_hold_their_lines)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    struct xo_slo *slo = &f.scenario->slo[0];
    add_metrics(f.curve);
    ck_range(&f, "load.set", "share", 0, 0.9 * 1.15);
    ck_has(&f, "load.set",
           "\nbatch_lo = 0; batch_hi = 34.5\nbatch_step = 5\n"); /* 30 * 1.15 / 4 = 8.6 */
    ck_latencies(&f, 0.01, 2);                                   /* TTFT p95 <= 2 s */
    slo->targets[0].limit_s = 0.004;
    ck_latencies(&f, 0.004, 1.2);
    slo->targets[0].metric = XO_METRIC_E2E;
    slo->targets[0].limit_s = 20;
    ck_latencies(&f, 0.01, 1.2);
    ck_has_not(&f, "load.set", "SLO E2E");
    fix_fini(&f);
}
END_TEST

/* 1, 2 or 5 times a power of ten, at most a quarter of the axis. */
START_TEST(the_tics_of_a_batch_are_round)
{
    static const struct {
        double batch, step;
    } cases[] = { { 1, 0.2 }, { 3, 0.5 }, { 4, 1 },    { 7.1, 2 },
                  { 17, 2 },  { 18, 5 },  { 340, 50 }, { 350, 100 } };
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    add_metrics(f.curve);
    for (int k = 0; k < COUNT(cases); k++) {
        for (int i = 0; i < 3; i++)
            f.curve->points[i].metrics.batch_mean = cases[k].batch;
        char *script = script_of(&f, "load.set");
        ck_assert_double_eq_tol(number_after(script, "\nbatch_step = "), cases[k].step, 1e-9);
        free(script);
    }
    fix_fini(&f);
}
END_TEST

/* The latencies' panel is 104 to 390 high. A limit's words stand 11 pixels above its line, or below
 * it where there is more room; those at 2 s are free above. */
START_TEST(limits_of_the_slo_are_lines_across_the_latencies)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    add_metrics(f.curve);
    for (int i = 0; i < 3; i++)
        f.curve->points[i].metrics.tpot_p99_s = 0.045; /* just below the limit of 50 ms */
    char *script = script_of(&f, "load.set"), line[160];
    const double lo = log10(0.01) - 0.1, hi = log10(2) + 0.15;
    static const struct {
        const char *text;
        double limit_s, away;
    } limits[] = { { "SLO TTFT p95 \xE2\x89\xA4 2 s", 2, 11 },
                   { "SLO TPOT p95 \xE2\x89\xA4 50 ms", 0.05, 11 } };
    for (int i = 0; i < 2; i++) {
        const double at = 104 + (log10(limits[i].limit_s) - lo) / (hi - lo) * (390 - 104);
        double x, y;
        snprintf(line, sizeof line, "; slo_line[%d] = %.4f\n", i + 1, at / 900);
        ck_assert_msg(strstr(script, line) != NULL, "%s", line);
        label_at(script, limits[i].text, &x, &y);
        ck_assert_double_eq_tol(x, 122, 0.1);
        ck_assert_double_eq_tol(y, at + limits[i].away, 0.2);
    }
    free(script);
    for (int i = 0; i < 3; i++)
        f.curve->points[i].metrics.tpot_p99_s = 0.055; /* just above it */
    script = script_of(&f, "load.set");
    const double at = 104 + (log10(0.05) - lo) / (hi - lo) * (390 - 104);
    double x, y;
    label_at(script, limits[1].text, &x, &y);
    ck_assert_double_eq_tol(y, at - 11, 0.2);
    free(script);
    fix_fini(&f);
}
END_TEST

/* Names stand at the ends of their lines, 20 pixels apart. */
START_TEST(lines_of_the_load_picture_are_named_at_their_ends)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    add_metrics(f.curve);
    static const struct {
        const char *name;
        double s;
    } lines[] = { { "TTFT p50", 0.2 },  { "TTFT p95", 0.5 },  { "TTFT p99", 1.2 },
                  { "TPOT p50", 0.01 }, { "TPOT p95", 0.02 }, { "TPOT p99", 0.04 } };
    for (int i = 0; i < 3; i++)
        f.curve->points[i].metrics.tpot_p99_s = 0.04;
    char *script = script_of(&f, "load.set");
    const double lo = log10(0.01) - 0.1, hi = log10(2) + 0.15;
    double y, below;
    for (int i = 0; i < COUNT(lines); i++) {
        y = y_of(script, lines[i].name);
        ck_assert_double_eq_tol(y, 104 + (log10(lines[i].s) - lo) / (hi - lo) * 286, 0.2);
    }
    y = y_of(script, "load: of what they could do in the SLO");
    ck_assert_double_eq_tol(y, 610 + 0.4 / (0.9 * 1.15) * 140, 0.2);
    y = y_of(script, "busy: time with a batch, serving replicas");
    ck_assert_double_eq_tol(y, 610 + 0.9 / (0.9 * 1.15) * 140, 0.2);
    free(script);
    f.curve->points[2].metrics.ttft_p95_s = 0.21; /* too near to TTFT p50 */
    script = script_of(&f, "load.set");
    below = y_of(script, "TTFT p50");
    y = y_of(script, "TTFT p95");
    ck_assert_double_eq_tol(y - below, 20, 0.2);
    free(script);
    f.curve->points[2].has_metrics = false; /* then the last point that has them */
    f.curve->points[1].metrics.ttft_p50_s = 0.3;
    script = script_of(&f, "load.set");
    y = y_of(script, "TTFT p50");
    ck_assert_double_eq_tol(y, 104 + (log10(0.3) - lo) / (hi - lo) * 286, 0.2);
    free(script);
    fix_fini(&f);
}
END_TEST

/* Three names 20 pixels apart at lines of about 40 ms do not fit below a limit of 50 ms where they
 * end: they are pushed down, not above a limit that none of them misses. */
START_TEST(no_name_stands_above_a_limit_that_its_line_keeps)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    static const char *const names[] = { "TPOT p50", "TPOT p95", "TPOT p99" };
    add_metrics(f.curve);
    for (int i = 0; i < 3; i++) {
        f.curve->points[i].metrics.tpot_p50_s = 0.038;
        f.curve->points[i].metrics.tpot_p95_s = 0.04;
        f.curve->points[i].metrics.tpot_p99_s = 0.042;
    }
    char *script = script_of(&f, "load.set");
    const double limit = 900 * number_after(script, "; slo_line[2] = ");
    double above = limit;
    for (int i = 2; i >= 0; i--) {
        const double y = y_of(script, names[i]);
        ck_assert_msg(y < above, "%s at %g", names[i], y);
        ck_assert(i == 2 || above - y > 19.8);
        above = y;
    }
    free(script);
    for (int i = 0; i < 3; i++) /* this one misses it: it may stand above */
        f.curve->points[i].metrics.tpot_p99_s = 0.06;
    script = script_of(&f, "load.set");
    ck_assert_double_gt(y_of(script, names[2]), 900 * number_after(script, "; slo_line[2] = "));
    free(script);
    fix_fini(&f);
}
END_TEST

START_TEST(the_load_is_of_the_fleet_at_plan)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    static const char *const labels[] = { "2 x h100-sxm, fp8", "8 x l40s, fp8" };
    add_metrics(f.curve);
    strcpy(f.scenario->options[1].label, labels[1]);
    f.scenario->options[1].deployment = f.scenario->options[0].deployment;
    for (int option = 0; option < 2; option++) {
        struct xo_plot plot = { .name = "load" };
        char said[64];
        f.curve->points[1].build.option = option;
        xo_plot_load(&plot, f.curve);
        snprintf(said, sizeof said, "this build: %s  ", labels[option]);
        ck_assert_msg(strstr(plot.set.text, said) != NULL, "%s", plot.set.text);
        xo_buf_fini(&plot.set);
        xo_buf_fini(&plot.data);
    }
    fix_fini(&f);
}
END_TEST

START_TEST(the_title_of_the_load_is_the_work_done_at_plan)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    struct xo_sized *z = &f.curve->points[1].build;
    static const char why[] = "load above busy: the SLO is missed long before these GPUs";
    z->n_gpus = 99; /* what fills up the last server has no part in it */
    z->serving_replicas = 3, z->headroom_replicas = 2, z->spare_replicas = 1;
    z->load_frac = z->week_busy_frac = 0.314;
    ck_has(&f, "load.set",
           "title_text[1] = 'DRAFT: At your plan 12 GPUs do 31 % of the work they could do "
           "within the SLO'; ");
    ck_has_not(&f, "load.set", "load above busy");
    z->week_busy_frac = 0.313;
    z->serving_replicas = 1, z->headroom_replicas = z->spare_replicas = 0;
    f.scenario->options[z->option].deployment.tensor_parallel = 1;
    ck_has(&f, "load.set", why, "At your plan 1 GPU does 31 % of");
    z->feasible = false;
    f.scenario->n_guesses = 0;
    ck_has(&f, "load.set",
           "title_text[1] = 'No fleet that was simulated carries your plan within the SLO'");
    ck_has_not(&f, "load.set", "load above busy");
    fix_fini(&f);
}
END_TEST

/* A scenario may have a name of 120 letters; a line has room for 60 of them, and for 40 of what is
 * built. */
START_TEST(long_names_are_cut_where_a_line_would_end)
{
    struct fix f = fix_drawn_at(1e6, 1e7, 1e8);
    char name[80] = "'", label[80] = "'";
    memset(f.scenario->name, 'n', 120);
    f.scenario->name[120] = '\0';
    memset(f.scenario->options[0].label, 'b', 100);
    f.scenario->options[0].label[100] = '\0';
    f.curve->points[1].build.option = 0;
    memset(name + 1, 'n', 59);
    memset(label + 1, 'b', 39);
    add_metrics(f.curve);
    ck_has(&f, "load.set", strcat(name, "\xE2\x80\xA6 "), strcat(label, "\xE2\x80\xA6 "));
    fix_fini(&f);
}
END_TEST

int main(void)
{
    xo_catalog_builtin(); /* once, before the tests fork */
    Suite *suite = suite_create("pictures");
    TCase *tc = tcase_create("scripts");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_axes_hold_all_bills_and_bands);
    tcase_add_test(tc, the_tics_of_an_axis_follow_its_decades);
    tcase_add_test(tc, the_upper_axis_counts_tokens);
    tcase_add_test(tc, dollars_on_an_axis_are_short);
    tcase_add_test(tc, crossings_are_drawn_with_their_noise);
    tcase_add_test(tc, the_first_crossing_is_named_with_its_range);
    tcase_add_test(tc, a_crossing_hangs_on_a_line_from_the_axis);
    tcase_add_test(tc, the_grey_band_is_the_range_of_the_first_crossing);
    tcase_add_test(tc, the_plan_is_a_line_with_its_volume);
    tcase_add_test(tc, the_napkin_is_marked_where_the_axis_reaches_it);
    tcase_add_test(tc, lines_are_named_at_their_ends_with_their_price);
    tcase_add_test(tc, names_at_the_ends_keep_apart);
    tcase_add_test(tc, labels_cover_neither_lines_nor_each_other);
    tcase_add_test(tc, the_lines_below_a_title_say_what_is_drawn);
    tcase_add_test(tc, a_title_takes_one_line_or_two);
    tcase_add_test(tc, the_axis_of_savings_bends_at_a_tenth_of_the_saving);
    tcase_add_test(tc, the_axis_of_savings_holds_all_of_them);
    tcase_add_test(tc, the_title_of_savings_is_the_finding);
    tcase_add_test(tc, each_side_of_zero_is_named_unless_it_is_a_sliver);
    tcase_add_test(tc, the_panels_of_the_load_picture_hold_their_lines);
    tcase_add_test(tc, the_tics_of_a_batch_are_round);
    tcase_add_test(tc, limits_of_the_slo_are_lines_across_the_latencies);
    tcase_add_test(tc, lines_of_the_load_picture_are_named_at_their_ends);
    tcase_add_test(tc, the_title_of_the_load_is_the_work_done_at_plan);
    tcase_add_test(tc, the_load_is_of_the_fleet_at_plan);
    tcase_add_test(tc, long_names_are_cut_where_a_line_would_end);
    tcase_add_test(tc, without_a_bill_there_is_no_picture);
    tcase_add_test(tc, no_name_stands_above_a_limit_that_its_line_keeps);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
