/* test_calibrate.c - constants are recovered, believed no more than the rows allow, and included.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "doubt/inputs.h"
#include "evidence/calibrate.h"
#include "xo/random.h"

#include <check.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct xo_study_options two_threads = { .n_threads = 2 };

static const char base[] = "[scenario]\n"
                           "as_of = 2026-11-22\n"
                           "commit = 12 months\n"
                           "[workload]\n"
                           "volume = 20k requests/day\n"
                           "profile = office-hours\n"
                           "prompt = 1500 tokens\n"
                           "output = 300 tokens\n"
                           "[slo]\n"
                           "ttft_p95 = 2 s\n"
                           "[build]\n"
                           "model = llama-3.1-8b\n"
                           "weights = fp8\n"
                           "gpu = h100-sxm\n"
                           "rent = $3.50/hour\n"
                           "staff = 0 FTE\n";

/* ---- files ---- */

static char folder[] = "/tmp/xo-calibrate-XXXXXX";

static void make_folder(void)
{
    gsl_set_error_handler_off();
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void path_of(const char *name, char path[64])
{
    snprintf(path, 64, "%s/%s", folder, name);
}

static void remove_folder(void)
{
    static const char *const names[] = { "s.ini", "c.ini", "bench.csv" };
    char path[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path_of(names[i], path);
        unlink(path);
    }
    rmdir(folder);
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
}

static void put_file(const char *name, const char *text)
{
    char path[64];
    path_of(name, path);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs(text, out), 0);
    ck_assert_int_eq(fclose(out), 0);
}

/* The base and `more`, in [build]; NULL with all problems joined in text[2000] when it has errors.
 */
static struct xo_scenario *read_with(const char *more, const char *set, char text[2000])
{
    char whole[4096], path[64];
    struct xo_scenario *s;
    struct xo_problems problems;
    const struct xo_scenario_options options = { .sets = &set, .n_sets = set != NULL };
    snprintf(whole, sizeof whole, "%s%s", base, more);
    put_file("s.ini", whole);
    path_of("s.ini", path);
    const bool ok = xo_scenario_read(&s, path, &options, &problems);
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < problems.n && n < 1900; i++) {
        const char *line = strstr(problems.lines[i], "/c.ini:");
        n += (size_t)snprintf(text + n, 2000 - n, "%s%s", i > 0 ? "\n" : "",
                              line != NULL ? line + 1 : problems.lines[i]);
    }
    xo_problems_fini(&problems);
    ck_assert_int_eq(ok, s != NULL);
    return s;
}

static struct xo_scenario *read_well(const char *more, const char *set)
{
    char text[2000];
    struct xo_scenario *s = read_with(more, set, text);
    ck_assert_msg(s != NULL, "%s", text);
    return s;
}

/* ---- included files ---- */

START_TEST(an_included_file_sets_constants_and_says_where_they_come_from)
{
    put_file("c.ini", "; fitted\n[build]\nmbu_weights = 61.25%\nmoe_prefill = 123 us\nfrontend = 7 "
                      "ms\n\n[calibration]\ndeployment = llama-3.1-8b fp8 on 1 x h100-sxm vllm\n"
                      "rows = 11\nerror = 2.5%\ndate = 2026-11-20\n");
    struct xo_scenario *s = read_well("include = c.ini\n", NULL);
    const struct xo_efficiency *e = &s->options[0].deployment.efficiency;
    const struct xo_efficiency fresh = xo_efficiency_default(XO_ENGINE_VLLM);
    ck_assert_double_eq_tol(e->mbu_weights_frac, 0.6125, 1e-12);
    ck_assert_double_eq_tol(e->moe_prefill_s, 123e-6, 1e-12);
    ck_assert_double_eq_tol(s->engine.frontend_s, 7e-3, 1e-12);
    ck_assert_double_eq(e->mbu_kv_frac, fresh.mbu_kv_frac);
    ck_assert_int_eq(s->calibration.rows, 11);
    ck_assert_double_eq_tol(s->calibration.error_frac, 0.025, 1e-12);
    ck_assert_str_eq(s->calibration.date, "2026-11-20");
    int n = 0;
    for (int i = 0; i < s->n_entries; i++)
        n += s->entries[i].origin == XO_FROM_INCLUDE && strstr(s->entries[i].where, "c.ini:");
    ck_assert_int_eq(n, 7);
    xo_scenario_free(s);
}
END_TEST

START_TEST(what_the_scenario_and_the_command_line_say_goes_before_an_included_file)
{
    char text[2000];
    put_file("c.ini", "[build]\nmbu_weights = 61.25%\nmbu_kv = 50%\n");
    struct xo_scenario *s =
        read_with("include = c.ini\nmbu_weights = 70%\n", "build.mbu_kv=55%", text);
    ck_assert_msg(s != NULL, "%s", text);
    ck_assert_double_eq_tol(s->options[0].deployment.efficiency.mbu_weights_frac, 0.7, 1e-12);
    ck_assert_double_eq_tol(s->options[0].deployment.efficiency.mbu_kv_frac, 0.55, 1e-12);
    ck_assert_ptr_nonnull(strstr(text, "c.ini:2: warning: build.mbu_weights is \"61.25%\"; "));
    ck_assert_ptr_nonnull(strstr(text, "s.ini:18 gives it too, and counts"));
    ck_assert_ptr_null(strstr(text, "mbu_kv"));
    xo_scenario_free(s);
}
END_TEST

static const struct {
    const char *file, *problems;
} bad_files[] = {
    { "[build]\nmbu_wights = 50%\n",
      "c.ini:2: unknown key \"mbu_wights\" in [build]; did you mean \"mbu_weights\"?" },
    { "[build]\nmbu_weights = 50%\n\nstep_overhead = 3 parsecs\n", "c.ini:4: build.step_overhead" },
    { "[build]\nstep_overhead = 1 week\n", "c.ini:2: build.step_overhead is \"1 week\", out of" },
    { "[build]\ngpu = h200-sxm\n", "c.ini:2: \"gpu\" cannot stand in an included file" },
    { "[build]\ninclude = c.ini\n", "c.ini:2: \"include\" cannot stand in an included file" },
    { "[build]\nrent_scale = 0.1\n", "c.ini:2: \"rent_scale\" cannot stand in an included" },
    { "\n[workload]\nvolume = 1 requests/s\n", "c.ini:2: [workload] cannot stand in an included" },
    { "[uncertain]\nbuild.mbu_kv = uniform(10%, 20%)\n", "c.ini:1: [uncertain] cannot stand in" },
    { "[build]\nmbu_kv = 50%\nmbu_kv = 60%\n", "c.ini:3: \"mbu_kv\" was given on line 2 already" },
    { "[calibration]\ndate = yesterday\n", "c.ini:2: calibration.date is \"yesterday\"; it takes" },
    { "[calibration]\nerror = 130%\n", "c.ini:2: calibration.error is \"130%\", out of range" },
    { "[build]\n mbu_kv = 50%\n", "c.ini:2: the line is indented" },
    { "mbu_kv = 50%\n", "c.ini:1: a key before the first [section]" },
    { "[build\nmbu_kv = 50%\n", "c.ini:1: \"[build\" lacks its closing ]" },
    { "[build]\nmbu_weights = 50%\nmbu_kv = \x01\n", "c.ini:3: the control character 0x01" },
};

START_TEST(what_an_included_file_may_not_hold_is_said_with_its_own_line)
{
    char text[2000];
    put_file("c.ini", bad_files[_i].file);
    struct xo_scenario *s = read_with("include = c.ini\n", NULL, text);
    ck_assert_ptr_null(s);
    ck_assert_msg(strncmp(text, bad_files[_i].problems, strlen(bad_files[_i].problems)) == 0,
                  "\"%s\"", text);
    ck_assert_msg(strstr(text, "\nc.ini") == NULL, "more than one problem: %s", text);
}
END_TEST

START_TEST(all_problems_of_both_files_come_in_one_go)
{
    char text[2000];
    put_file("c.ini", "[build]\ngpu = x\nmbu_kv = 0%\n[foo]\na = 1\n");
    ck_assert_ptr_null(read_with("include = c.ini\nrooter = random\n", NULL, text));
    ck_assert_ptr_nonnull(strstr(text, "s.ini:18: unknown key \"rooter\""));
    ck_assert_ptr_nonnull(strstr(text, "c.ini:2: \"gpu\""));
    ck_assert_ptr_nonnull(strstr(text, "c.ini:3: build.mbu_kv is \"0%\", out of range"));
    ck_assert_ptr_nonnull(strstr(text, "c.ini:4: unknown section [foo]"));
}
END_TEST

START_TEST(an_included_file_that_cannot_be_read_is_said_at_the_key)
{
    static const char *const names[] = { "missing.ini", "/", "-" };
    char text[2000], more[64];
    snprintf(more, sizeof more, "include = %s\n", names[_i]);
    ck_assert_ptr_null(read_with(more, NULL, text));
    ck_assert_ptr_nonnull(strstr(text, "s.ini:17: build.include is"));
}
END_TEST

START_TEST(a_frozen_scenario_holds_the_constants_and_needs_the_file_no_more)
{
    char path[64];
    put_file("c.ini", "[build]\nmbu_weights = 61.25%\n[calibration]\nrows = 9\n");
    struct xo_scenario *s = read_well("include = c.ini\n", NULL), *again;
    struct xo_problems problems;
    path_of("bench.csv", path);
    FILE *out = fopen(path, "w");
    ck_assert(xo_scenario_write_resolved(s, out, NULL));
    fclose(out);
    ck_assert(xo_scenario_read(&again, path, NULL, &problems));
    ck_assert_double_eq(again->options[0].deployment.efficiency.mbu_weights_frac, 0.6125);
    ck_assert_int_eq(again->calibration.rows, 9);
    ck_assert_uint_eq(xo_scenario_hash(s), xo_scenario_hash(again));
    xo_problems_fini(&problems);
    xo_scenario_free(s);
    xo_scenario_free(again);
}
END_TEST

/* ---- classes ---- */

static const struct {
    const char *set;
    enum xo_step_class class;
} classes[] = {
    { "build.gpu=h100-sxm", XO_STEP_IN_RANGE }, { "build.gpu=a100-80gb-pcie", XO_STEP_IN_RANGE },
    { "build.gpu=h200-sxm", XO_STEP_NEW_GPU },  { "build.gpu=l40s", XO_STEP_NEW_GPU },
    { "build.engine=sglang", XO_STEP_NEW_GPU }, /* never measured on a Hopper */
    { "build.model=phi-4", XO_STEP_NEW_MODEL }, { "build.gpu=mi300x", XO_STEP_CDNA3 },
};

START_TEST(a_deployment_falls_in_the_class_of_what_was_measured)
{
    struct xo_scenario *s = read_well("", classes[_i].set);
    ck_assert_int_eq(s->options[0].step_class, classes[_i].class);
    ck_assert_double_eq(s->options[0].step_sigma, xo_step_errors[classes[_i].class].sigma);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_new_model_on_a_new_gpu_is_a_class_of_its_own)
{
    struct xo_scenario *s = read_well("", "build.gpu=l40s");
    struct xo_deployment d = s->options[0].deployment;
    ck_assert_int_eq(xo_step_class_of(&d), XO_STEP_NEW_GPU);
    d.model.hidden += 64;
    ck_assert_int_eq(xo_step_class_of(&d), XO_STEP_NEW_BOTH);
    xo_scenario_free(s);
}
END_TEST

START_TEST(errors_do_not_shrink_from_class_to_class_and_their_spread_is_that_of_their_80_percent)
{
    for (int i = 0; i < XO_N_STEP_CLASSES; i++) {
        const struct xo_step_error *const both[] = { &xo_step_errors[i],
                                                     &xo_step_errors_of_experts[i] };
        for (int k = 0; k < 2; k++) {
            const struct xo_step_error *e = both[k];
            ck_assert_double_gt(e->most_frac, e->median_frac);
            ck_assert_msg(fabs(log1p(e->most_frac) / 1.2816 - e->sigma) < 0.015, "%s: %g", e->name,
                          log1p(e->most_frac) / 1.2816);
            ck_assert(i == 0 || e->sigma >= e[-1].sigma);
        }
    }
}
END_TEST

START_TEST(a_calibrated_deployment_has_its_own_error_and_another_is_warned_of)
{
    char text[2000];
    put_file("c.ini", "[build]\nmbu_kv = 70%\n[calibration]\ndeployment = llama-3.1-8b fp8 on 1 x "
                      "h100-sxm vllm\nerror = 9%\n");
    struct xo_scenario *s = read_with("include = c.ini\n", NULL, text);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(s->options[0].step_class, XO_STEP_CALIBRATED);
    ck_assert_double_eq_tol(s->options[0].step_sigma, log(1.09) / 0.6745, 1e-9);
    xo_scenario_free(s);
    s = read_with("include = c.ini\n", "build.gpu=h200-sxm", text);
    ck_assert_int_eq(s->options[0].step_class, XO_STEP_NEW_GPU);
    ck_assert_ptr_nonnull(strstr(text, "c.ini:4: warning: calibration.deployment is"));
    xo_scenario_free(s);
}
END_TEST

START_TEST(model_error_is_a_distribution_around_the_step_scale)
{
    char text[2000];
    struct xo_scenario *s =
        read_well("step_scale = 1.25\n[uncertain]\nbuild.step_scale = Model-Error\n", NULL);
    ck_assert_int_eq(s->n_uncertain, 1);
    const struct xo_dist *d = &s->uncertain[0].dist;
    const double sigma = xo_step_errors[XO_STEP_IN_RANGE].sigma;
    ck_assert_double_eq_tol(xo_dist_quantile(d, 0.5), 1.25, 1e-9);
    ck_assert_double_eq_tol(xo_dist_quantile(d, 0.9), 1.25 * exp(1.2815516 * sigma), 1e-6);
    xo_scenario_free(s);
    ck_assert_ptr_null(read_with("[uncertain]\nbuild.mbu_kv = model-error\n", NULL, text));
    ck_assert_ptr_nonnull(strstr(text, "; model-error is a distribution of build.step_scale"));
}
END_TEST

START_TEST(draws_take_the_error_of_the_class_unless_the_scenario_says_it_itself)
{
    struct xo_scenario *s = read_well("", "build.gpu=h200-sxm");
    ck_assert_double_eq(step_sigma_of(s, 0), xo_step_errors[XO_STEP_NEW_GPU].sigma);
    xo_scenario_free(s);
    s = read_well("[uncertain]\nbuild.step_scale = model-error\n", NULL);
    ck_assert_double_eq(step_sigma_of(s, 0), 0);
    xo_scenario_free(s);
    s = read_well("[uncertain]\nbuild.rent_scale = triangular(0.5, 1, 2)\n", NULL);
    ck_assert_double_eq(step_sigma_of(s, 0), xo_step_errors[XO_STEP_IN_RANGE].sigma);
    xo_scenario_free(s);
}
END_TEST

/* ---- fits to rows that the simulator made ---- */

static const char header[] = "id,engine,model,precision_weights,gpu,n_gpus,tp,isl,osl,load_kind,"
                             "load_value,n_requests,ttft_mean_ms,tpot_mean_ms,output_tok_s_total\n";

/* A sweep over loads and lengths without results. */
static int put_sweep(char *text, size_t size, const char *kind)
{
    static const int lengths[3][2] = { { 930, 110 }, { 410, 1020 }, { 7300, 230 } };
    static const int loads[6] = { 1, 4, 12, 40, 90, 150 };
    int n = 0;
    size_t used = (size_t)snprintf(text, size, "%s", header);
    for (int l = 0; l < 3; l++)
        for (int c = 0; c < 6; c++, n++)
            used +=
                (size_t)snprintf(text + used, size - used,
                                 "r%d,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,%d,%d,%s,%d,%d,,,\n", n,
                                 lengths[l][0], lengths[l][1], kind, loads[c], 3 * loads[c] + 5);
    ck_assert_uint_lt(used, size);
    return n;
}

static void read_rows(const char *text, struct xo_measured *m)
{
    char path[64];
    struct xo_problems problems;
    put_file("bench.csv", text);
    path_of("bench.csv", path);
    const bool ok = xo_measured_read(m, path, &problems);
    ck_assert_msg(ok, "%s", problems.n > 0 ? problems.lines[0] : "");
    xo_problems_fini(&problems);
}

/* What is true of the machine that "measured" the rows. */
struct truth {
    double mbu_weights, mbu_kv, layer_decode, mfu_8bit, step_scale, frontend_s, noise;
};

static void measure(struct xo_measured *m, const struct xo_scenario *s, const struct truth *truth,
                    uint64_t seed)
{
    const struct xo_stream stream = { seed, 0, XO_PURPOSE_SAMPLE };
    for (size_t i = 0; i < m->n; i++) {
        struct xo_prediction p = { 0 };
        struct xo_measured_row *row = &m->rows[i];
        ck_assert(xo_row_plan(row, &p.plan, NULL));
        p.plan.deployment = s->options[0].deployment;
        p.plan.engine = xo_option_engine(s, &s->options[0].deployment);
        struct xo_efficiency *e = &p.plan.deployment.efficiency;
        e->mbu_weights_frac *= truth->mbu_weights;
        e->mbu_kv_frac *= truth->mbu_kv;
        e->layer_decode_s *= truth->layer_decode;
        e->mfu_8bit_frac *= truth->mfu_8bit;
        e->step_scale *= truth->step_scale;
        p.plan.engine.frontend_s = truth->frontend_s;
        ck_assert(row_simulate(row, NULL, &p, NULL));
        memcpy(row->measured, p.predicted, sizeof row->measured);
        for (int k = 0; k < XO_N_MEASURES; k++)
            row->measured[k] *=
                exp(truth->noise * xo_normal_quantile(xo_uniform(&stream, i, (uint32_t)k)));
    }
}

static const struct xo_fitted *fitted(const struct xo_calibration *c, const char *name)
{
    for (int i = 0; i < c->n_fitted; i++)
        if (strcmp(c->fitted[i].name, name) == 0)
            return &c->fitted[i];
    ck_abort_msg("%s is not among the constants", name);
    return NULL;
}

static struct xo_calibration *calibrate(const struct xo_scenario *s, const struct xo_measured *m,
                                        const struct xo_study_options *options)
{
    struct xo_calibration *c;
    struct xo_error err;
    ck_assert_msg(xo_calibrate(&c, s, m, options, &err), "%s", err.text);
    return c;
}

START_TEST(known_constants_are_recovered_from_rows_that_the_simulator_made)
{
    static const struct truth truth = { 0.8, 0.65, 1.4, 1.2, 1, 0.021, 0 };
    char text[8192];
    struct xo_measured m;
    put_sweep(text, sizeof text, "concurrency");
    /* short steps, in which what is read of the KV cache shows: with 8,192 tokens a step the rows
     * do not tell it from the step's fixed time */
    struct xo_scenario *s = read_well("chunk = 2048 tokens\nmax_batch = 256\n", NULL);
    read_rows(text, &m);
    measure(&m, s, &truth, 1);
    struct xo_calibration *c = calibrate(s, &m, &two_threads);
    const struct xo_efficiency e = s->options[0].deployment.efficiency;
    const struct {
        const char *name;
        double true_value;
    } rows[] = {
        { "mbu_weights", e.mbu_weights_frac * 0.8 },
        { "mbu_kv", e.mbu_kv_frac * 0.65 },
        { "layer_decode", e.layer_decode_s * 1.4 },
        { "mfu_8bit", e.mfu_8bit_frac * 1.2 },
        { "step_scale", 1 },
        { "frontend", 0.021 },
    };
    ck_assert(!c->kept);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct xo_fitted *f = fitted(c, rows[i].name);
        ck_assert_msg(f->lo <= rows[i].true_value && rows[i].true_value <= f->hi,
                      "%s is %g, the interval %g to %g", f->name, rows[i].true_value, f->lo, f->hi);
        ck_assert_double_lt(f->width_frac, 1.0001);
    }
    /* three quarters of the way from the prior */
    ck_assert_double_lt(fabs(log(fitted(c, "mbu_kv")->fit / rows[1].true_value)), -log(0.65) / 4);
    ck_assert_double_eq_tol(fitted(c, "frontend")->fit, 0.021, 0.004);
    ck_assert_double_gt(c->errors[XO_MEASURE_TPOT].before_frac, 0.15);
    ck_assert_double_lt(c->errors[XO_MEASURE_TPOT].after_frac, 0.01);
    ck_assert_double_lt(c->errors[XO_MEASURE_TPOT].left_out_frac, 0.02);
    ck_assert_double_lt(c->errors[XO_MEASURE_TTFT].after_frac, 0.03);
    ck_assert_double_lt(c->scatter_frac, 0.03);
    xo_calibration_free(c);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

/* Machines that differ from the constants in all sorts of ways. */
static const struct truth machines[] = {
    { 0.75, 1, 1, 1, 1, 0, 0.04 },          { 1, 0.5, 1, 1, 1, 0.03, 0.04 },
    { 1, 1, 2, 1, 1, 0.01, 0.04 },          { 1, 1, 1, 0.6, 1.2, 0, 0.04 },
    { 0.9, 0.9, 0.8, 1.1, 1, 0.002, 0.04 }, { 1, 1, 1, 1, 1, 0, 0.06 },
    { 1, 1, 1, 1, 0.7, 0, 0.04 },           { 0.6, 1.1, 0.7, 1.3, 1.1, 0.05, 0.04 },
};

static double mean_log_error(const struct trial *trials, int from, int n,
                             const struct xo_calibration *c)
{
    double sum = 0;
    for (int i = from; i < n; i++) {
        struct xo_prediction p = { .plan = trials[i].plan };
        for (int k = 0; c != NULL && k < c->n_fitted; k++) {
            const int j = xo_constant_find(c->fitted[k].name);
            if (j >= 0) /* else the front end, which is not in TPOT */
                *xo_constant_at(&p.plan.deployment.efficiency, j) = c->fitted[k].after;
        }
        ck_assert(row_simulate(trials[i].row, NULL, &p, NULL));
        sum += fabs(log(p.predicted[XO_MEASURE_TPOT] / trials[i].row->measured[XO_MEASURE_TPOT]));
    }
    return sum / (n - from);
}

START_TEST(three_rows_do_not_make_the_others_worse)
{
    char text[8192];
    struct xo_measured m;
    const int n = put_sweep(text, sizeof text, "concurrency");
    struct xo_scenario *s = read_well("", NULL);
    read_rows(text, &m);
    measure(&m, s, &machines[_i], 7);
    struct trial *trials = calloc((size_t)n, sizeof *trials);
    for (int i = 0; i < n; i++) { /* 7 is no divisor of 18: loads and lengths come mixed */
        trials[i].row = &m.rows[i * 7 % n];
        ck_assert(xo_row_plan(trials[i].row, &trials[i].plan, NULL));
        trials[i].plan.deployment = s->options[0].deployment;
        trials[i].plan.engine = xo_option_engine(s, &s->options[0].deployment);
    }
    struct xo_calibration c = { .rows = calloc(3, sizeof *c.rows), .n_rows = 3 };
    ck_assert(calibrate_trials(&c, trials, 3, &two_threads, NULL));
    const double before = mean_log_error(trials, 3, n, NULL);
    const double after = mean_log_error(trials, 3, n, &c);
    ck_assert_msg(after < before + 0.02, "machine %d: %.3f before, %.3f after", _i, before, after);
    free(c.rows);
    free(trials);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

START_TEST(rows_that_contradict_each_other_leave_the_constants_alone)
{
    static const struct truth as_is = { 1, 1, 1, 1, 1, 0, 0 };
    char text[8192];
    struct xo_measured m;
    put_sweep(text, sizeof text, "concurrency");
    struct xo_scenario *s = read_well("", NULL);
    read_rows(text, &m);
    measure(&m, s, &as_is, 1);
    m.n = 6;
    for (size_t i = 0; i < m.n; i++)
        for (int k = 0; k < XO_N_MEASURES; k++)
            m.rows[i].measured[k] *= i % 2 == 0 ? 1.3 : 1 / 1.3;
    struct xo_calibration *c = calibrate(s, &m, &two_threads);
    ck_assert(c->kept);
    for (int i = 0; i < c->n_fitted; i++)
        ck_assert_double_eq(c->fitted[i].after, c->fitted[i].before);
    ck_assert_double_eq(c->errors[XO_MEASURE_TPOT].after_frac,
                        c->errors[XO_MEASURE_TPOT].before_frac);
    xo_calibration_free(c);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

START_TEST(what_the_rows_cannot_tell_is_left_as_wide_as_it_was)
{
    static const struct truth truth = { 0.8, 1, 1, 1, 1, 0, 0 };
    char text[4096];
    struct xo_measured m; /* one request at a time: no room for the cache to matter */
    snprintf(text, sizeof text,
             "%sa,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,100,900,concurrency,1,9,,,\n"
             "b,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,150,700,concurrency,1,9,,,\n"
             "c,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,200,500,concurrency,1,9,,,\n",
             header);
    struct xo_scenario *s = read_well("", NULL);
    read_rows(text, &m);
    measure(&m, s, &truth, 1);
    for (size_t i = 0; i < m.n; i++)
        m.rows[i].measured[XO_MEASURE_TTFT] = m.rows[i].measured[XO_MEASURE_TTFT_P50] = NAN;
    struct xo_calibration *c = calibrate(s, &m, &two_threads);
    ck_assert_double_gt(fitted(c, "mbu_kv")->width_frac, XO_UNKNOWN_WIDTH);
    ck_assert_double_lt(fitted(c, "mbu_weights")->width_frac, XO_UNKNOWN_WIDTH);
    for (int i = 0; i < c->n_fitted; i++) {
        ck_assert_str_ne(c->fitted[i].name, "frontend");          /* no row has a TTFT */
        ck_assert_str_ne(c->fitted[i].name, "allreduce_latency"); /* one GPU */
        ck_assert_str_ne(c->fitted[i].name, "moe_decode");        /* no experts */
    }
    xo_calibration_free(c);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

/* Rows of which one measure alone is known, by a machine whose steps take 1.3 times as long. */
static void measure_alone(struct xo_measured *m, const struct xo_scenario *s,
                          enum xo_measure measure_known)
{
    static const struct truth truth = { 1, 1, 1, 1, 1.3, 0, 0 };
    char text[8192];
    put_sweep(text, sizeof text, "concurrency");
    read_rows(text, m);
    measure(m, s, &truth, 1);
    for (size_t i = 0; i < m->n; i++)
        for (int k = 0; k < XO_N_MEASURES; k++)
            if (k != (int)measure_known)
                m->rows[i].measured[k] = NAN;
}

START_TEST(a_front_end_is_found_in_ttft_alone_and_a_throughput_counts_without_a_tpot)
{
    struct xo_measured m;
    struct xo_scenario *s = read_well("", NULL);
    measure_alone(&m, s, XO_MEASURE_OUTPUT);
    struct xo_calibration *c = calibrate(s, &m, &two_threads);
    ck_assert(!c->kept);
    ck_assert_int_eq(c->errors[XO_MEASURE_TPOT].n, 0);
    ck_assert(isnan(c->errors[XO_MEASURE_TPOT].before_frac));
    ck_assert_int_eq(c->errors[XO_MEASURE_OUTPUT].n, 18);
    ck_assert_double_gt(c->errors[XO_MEASURE_OUTPUT].before_frac, 0.2);
    ck_assert_double_lt(c->errors[XO_MEASURE_OUTPUT].left_out_frac, 0.02);
    xo_calibration_free(c);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

/* A row's mean says what its percentiles would say again: where it has one, none of them counts,
 * not even one three times too long, and not as a pace either where the row has none. */
START_TEST(of_each_line_the_first_measure_that_a_row_has_is_taken)
{
    struct xo_measured m;
    struct xo_scenario *s = read_well("", NULL);
    measure_alone(&m, s, XO_MEASURE_TTFT);
    struct xo_calibration *alone = calibrate(s, &m, &two_threads);
    for (size_t i = 0; i < m.n; i++)
        for (int k = XO_MEASURE_TTFT_P50; k <= XO_MEASURE_TTFT_P99; k++)
            m.rows[i].measured[k] = 3 * m.rows[i].measured[XO_MEASURE_TTFT];
    struct xo_calibration *beside = calibrate(s, &m, &two_threads);
    ck_assert_int_gt(alone->n_fitted, 0);
    for (int i = 0; i < alone->n_fitted; i++)
        ck_assert_double_eq(beside->fitted[i].fit, alone->fitted[i].fit);
    xo_calibration_free(beside);
    xo_calibration_free(alone);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_calibration_is_the_same_on_any_number_of_threads_and_begins_at_the_defaults)
{
    static const struct truth truth = { 0.8, 0.8, 1.2, 1, 1, 0.01, 0.03 };
    static const struct xo_study_options one = { .n_threads = 1 };
    char text[8192];
    struct xo_measured m;
    put_file("c.ini", "[build]\nmbu_weights = 30%\nfrontend = 1 s\n");
    put_sweep(text, sizeof text, "concurrency");
    struct xo_scenario *s = read_well("", NULL), *included = read_well("include = c.ini\n", NULL);
    read_rows(text, &m);
    measure(&m, s, &truth, 1);
    struct xo_calibration *a = calibrate(s, &m, &one), *b = calibrate(included, &m, &two_threads);
    ck_assert_int_eq(a->n_fitted, b->n_fitted);
    for (int i = 0; i < a->n_fitted; i++) {
        ck_assert_double_eq(a->fitted[i].before, b->fitted[i].before);
        ck_assert_double_eq(a->fitted[i].fit, b->fitted[i].fit);
        ck_assert_double_eq(a->fitted[i].lo, b->fitted[i].lo);
    }
    ck_assert_double_eq(a->errors[XO_MEASURE_TTFT].left_out_frac,
                        b->errors[XO_MEASURE_TTFT].left_out_frac);
    xo_calibration_free(a);
    xo_calibration_free(b);
    xo_measured_fini(&m);
    xo_scenario_free(s);
    xo_scenario_free(included);
}
END_TEST

/* What a row's notes say of the engine goes before [build], where each row is run on its own:
 * batches of four, steps of 256 tokens, a KV room of two requests. */
START_TEST(the_notes_of_a_row_go_before_the_scenario)
{
    static const struct {
        const char *notes;
        int chunk_tokens, max_batch;
        double memory_frac;
    } rows[] = {
        { "", 0, 0, 0 },
        { "max_num_seqs=4", 0, 4, 0 },
        { "max_num_batched_tokens=256", 256, 0, 0 },
        { "KV fraction 0.15", 0, 0, 0.15 },
    };
    enum { N = sizeof rows / sizeof rows[0] };
    char text[2048];
    struct xo_measured m;
    struct xo_scenario *s = read_well("", NULL);
    int used = snprintf(text, sizeof text,
                        "engine,model,precision_weights,gpu,n_gpus,tp,isl,osl,load_kind,load_value,"
                        "n_requests,quality,tpot_mean_ms,notes\n");
    for (int i = 0; i < N; i++)
        used += snprintf(text + used, sizeof text - (size_t)used,
                         "vllm,llama-3.1-8b,fp8,h100-sxm,1,1,4000,60,concurrency,24,72,A,9,%s\n",
                         rows[i].notes);
    snprintf(text + used, sizeof text - (size_t)used,
             "vllm,llama-3.1-8b,fp8,h100-sxm,1,1,4000,60,concurrency,24,72,X,9,\n");
    read_rows(text, &m);
    struct xo_calibration *c = calibrate(s, &m, &two_threads);
    ck_assert_uint_eq(c->n_rows, N);
    ck_assert_uint_eq(c->n_skipped, 1);
    ck_assert_str_eq(c->why_skipped, "line 6: its quality is X: it breaks physics");
    double ttft_s[N];
    for (size_t i = 0; i < N; i++) {
        struct xo_prediction p = { 0 };
        ck_assert(xo_row_plan(&m.rows[i], &p.plan, NULL));
        p.plan.deployment = s->options[0].deployment;
        p.plan.engine = xo_option_engine(s, &s->options[0].deployment);
        if (rows[i].chunk_tokens > 0)
            p.plan.engine.chunk_tokens = p.plan.deployment.chunk_tokens = rows[i].chunk_tokens;
        if (rows[i].max_batch > 0)
            p.plan.engine.max_batch = p.plan.deployment.max_batch = rows[i].max_batch;
        if (rows[i].memory_frac > 0)
            p.plan.deployment.memory_frac = rows[i].memory_frac;
        ck_assert(row_simulate(&m.rows[i], NULL, &p, NULL));
        ttft_s[i] = p.predicted[XO_MEASURE_TTFT];
        ck_assert_double_eq_tol(c->rows[i].before[XO_MEASURE_TPOT], p.predicted[XO_MEASURE_TPOT],
                                1e-12);
        ck_assert_msg(i == 0 || fabs(ttft_s[i] / ttft_s[0] - 1) > 0.02,
                      "%s changes nothing: the row is not worth its notes", rows[i].notes);
    }
    xo_calibration_free(c);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

/* A row on attention ranks is run with the limits of each of them, whatever its notes say: of two
 * ranks of at most 4 sequences 8 run at once, of 12 clients. */
START_TEST(a_row_on_attention_ranks_has_the_limits_of_each)
{
    static const char row[] =
        "vllm,qwen3-30b-a3b,fp8,h100-sxm,2,1,2,2000,40,concurrency,12,36,A,9,";
    char text[1200];
    struct xo_measured m;
    struct xo_scenario *s = read_well("attention_dp = 2\nexpert_parallel = 2\nmax_batch = 4\n"
                                      "tensor_parallel = 1\n",
                                      "build.model=qwen3-30b-a3b");
    snprintf(text, sizeof text,
             "engine,model,precision_weights,gpu,n_gpus,tp,ep,isl,osl,load_kind,load_value,"
             "n_requests,quality,tpot_mean_ms,notes\n"
             "%s\n%smax_num_seqs=4\n%smax_num_seqs=6\n%smax_num_seqs=8\n",
             row, row, row, row);
    read_rows(text, &m);
    struct xo_calibration *c = calibrate(s, &m, &two_threads);
    ck_assert_uint_eq(c->n_rows, 4);
    double tpot_s[4];
    for (int i = 0; i < 4; i++)
        tpot_s[i] = c->rows[i].before[XO_MEASURE_TPOT];
    ck_assert_double_eq(tpot_s[0], tpot_s[1]);
    ck_assert_double_gt(tpot_s[2], 1.02 * tpot_s[0]);
    ck_assert_double_eq(tpot_s[2], tpot_s[3]);
    xo_calibration_free(c);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

/* ---- what is refused ---- */

static const struct {
    const char *set, *rows, *text;
} refused[] = {
    { "build.weights=fp8, bf16",
      "x,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,100,100,concurrency,1,9,20,5,\n",
      "[build] lists 2 deployments" },
    { NULL, "x,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,100,100,concurrency,1,9,20,5,\n",
      "has 1 row of llama-3.1-8b fp8 on 1 x h100-sxm vllm; 3 are the fewest" },
    { NULL,
      "x,vllm,llama-3.1-8b,fp8,h200-sxm,1,1,100,100,concurrency,1,9,20,5,\n"
      "x,vllm,llama-3.1-8b,bf16,h100-sxm,1,1,100,100,concurrency,1,9,20,5,\n",
      "line 2: gpu is h200-sxm, and [build] has h100-sxm" },
    { NULL, "x,vllm,llama-3.1-8b,bf16,h100-sxm,1,1,100,100,concurrency,1,9,20,5,\n",
      "line 2: precision_weights is bf16, and [build] has fp8" },
    { NULL, "x,sglang,llama-3.1-8b,fp8,h100-sxm,1,1,100,100,concurrency,1,9,20,5,\n",
      "line 2: engine is sglang, and [build] has vllm" },
    { NULL, "x,vllm,llama-3.1-8b,fp8,h100-sxm,2,2,100,100,concurrency,1,9,20,5,\n",
      "line 2: tp is 2, and [build] has 1" },
    { "build.pipeline_parallel=2",
      "x,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,100,100,concurrency,1,9,20,5,\n",
      "line 2: a replica takes 2 GPUs and there are 1" },
    { NULL, "x,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,9e6,100,concurrency,1,9,20,5,\n",
      "line 2: lengths over 2097152 tokens are not simulated" },
    { NULL,
      "x,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,100,100,concurrency,1,9,,,\n"
      "y,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,200,100,concurrency,1,9,,,\n"
      "z,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,300,100,concurrency,1,9,,,\n",
      "no row has a TPOT, a TTFT, an E2E time or a throughput to fit to" },
};

START_TEST(what_cannot_be_calibrated_is_refused_in_one_sentence)
{
    char text[4096];
    struct xo_measured m;
    struct xo_calibration *c = NULL;
    struct xo_error err = { 0 };
    snprintf(text, sizeof text, "%s%s", header, refused[_i].rows);
    struct xo_scenario *s = read_well("", refused[_i].set);
    read_rows(text, &m);
    ck_assert(!xo_calibrate(&c, s, &m, &two_threads, &err));
    ck_assert_int_eq(err.kind, XO_ERR_INPUT);
    ck_assert_msg(strstr(err.text, refused[_i].text) != NULL, "%s", err.text);
    ck_assert_ptr_null(c);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

/* A TTFT that is met does not make up for TPOTs that are not: the two are weighed apart too. */
START_TEST(the_misfit_of_the_pace_leaves_ttft_out)
{
    static const struct truth as_is = { 1, 1, 1, 1, 1, 0.007, 0 };
    char text[8192];
    struct xo_measured m;
    struct fitting f;
    struct trial trials[18] = { 0 };
    struct xo_scenario *s = read_well("", NULL);
    const int n = put_sweep(text, sizeof text, "concurrency");
    read_rows(text, &m);
    measure(&m, s, &as_is, 1);
    for (int i = 0; i < n; i++) {
        trials[i].row = &m.rows[i];
        ck_assert(xo_row_plan(&m.rows[i], &trials[i].plan, NULL));
        trials[i].plan.deployment = s->options[0].deployment;
        trials[i].plan.engine = xo_option_engine(s, &s->options[0].deployment);
    }
    ck_assert(fitting_init(&f, trials, n, &two_threads, NULL));
    double predicted[18][XO_N_MEASURES];
    for (int i = 0; i < n; i++)
        memcpy(predicted[i], trials[i].before, sizeof predicted[i]);
    const double(*view)[XO_N_MEASURES] = (const double(*)[XO_N_MEASURES])predicted;
    ck_assert_double_eq_tol(fitting_misfit(&f, NULL, view, 1), 0, 1e-9);
    predicted[3][XO_MEASURE_TTFT] *= 1.5;
    ck_assert_double_gt(fitting_misfit(&f, NULL, view, 1), 1);
    ck_assert_double_eq_tol(fitting_pace_misfit(&f, view), 0, 1e-9);
    predicted[5][XO_MEASURE_TPOT] *= 1.06; /* two of its standard deviations: 2.5 log(1 + 4/4) */
    ck_assert_double_eq_tol(fitting_pace_misfit(&f, view),
                            2.5 * log1p(pow(log(1.06) / 0.03, 2) / 4), 1e-9);
    fitting_fini(&f);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

/* Eighty requests, one at a time, of a machine that takes 1.3 times as long: as a log they are four
 * rows, and each is measured alone. */
START_TEST(a_request_log_is_calibrated_on_in_parts)
{
    enum { N = 80, PROMPT = 870, OUTPUT = 90 };
    static const struct truth slower = { 1, 1, 1, 1, 1.3, 0.007, 0 };
    char text[512];
    struct xo_measured m;
    struct xo_scenario *s = read_well("", NULL);
    snprintf(text, sizeof text, "%sx,vllm,llama-3.1-8b,fp8,h100-sxm,1,1,%d,%d,concurrency,1,5,,,\n",
             header, PROMPT, OUTPUT);
    read_rows(text, &m);
    measure(&m, s, &slower, 1);
    struct xo_measured_row *row = &m.rows[0];
    const double ttft_s = row->measured[XO_MEASURE_TTFT], tpot_s = row->measured[XO_MEASURE_TPOT];
    row->load = XO_LOAD_TRACE;
    row->trace = (struct xo_trace){ .n = N,
                                    .arrival_s = calloc(N, sizeof(double)),
                                    .prompt_tokens = calloc(N, sizeof(int32_t)),
                                    .output_tokens = calloc(N, sizeof(int32_t)),
                                    .period_s = 3.0 * N };
    double *times = calloc(3 * N, sizeof *times);
    row->served = (struct xo_served){ N, times, times + N, times + 2 * N, NAN };
    for (int i = 0; i < N; i++) {
        row->trace.arrival_s[i] = 3 * i;
        row->trace.prompt_tokens[i] = PROMPT;
        row->trace.output_tokens[i] = OUTPUT;
        times[i] = ttft_s;
        times[N + i] = tpot_s;
        times[2 * N + i] = ttft_s + tpot_s * (OUTPUT - 1);
    }
    times[N - 1] = 2 * ttft_s; /* the last part's mean grows by a twentieth */
    struct xo_calibration *c = calibrate(s, &m, &two_threads);
    ck_assert_uint_eq(c->n_rows, 4);
    ck_assert_int_eq(c->rows[3].part, 4);
    ck_assert_double_eq_tol(c->rows[3].measured[XO_MEASURE_TTFT], 1.05 * ttft_s, 1e-12);
    ck_assert_double_eq_tol(c->rows[2].measured[XO_MEASURE_TTFT], ttft_s, 1e-12);
    ck_assert_int_eq(c->logs[XO_MEASURE_TPOT].n, 1);
    ck_assert_double_eq_tol(c->logs[XO_MEASURE_TPOT].before_frac, 1 - 1 / 1.3, 0.01);
    ck_assert_double_lt(c->logs[XO_MEASURE_TPOT].left_out_frac, 0.02);
    ck_assert_double_lt(c->logs[XO_MEASURE_E2E].after_frac, 0.02);
    xo_calibration_free(c);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

START_TEST(calibration_stops_when_told)
{
    static const struct truth as_is = { 1, 1, 1, 1, 1, 0, 0 };
    const volatile int stop = 1;
    const struct xo_study_options options = { .n_threads = 1, .stop = &stop };
    char text[8192];
    struct xo_measured m;
    struct xo_calibration *c;
    struct xo_error err;
    put_sweep(text, sizeof text, "concurrency");
    struct xo_scenario *s = read_well("", NULL);
    read_rows(text, &m);
    measure(&m, s, &as_is, 1);
    ck_assert(!xo_calibrate(&c, s, &m, &options, &err));
    ck_assert_int_eq(err.kind, XO_ERR_STOPPED);
    xo_measured_fini(&m);
    xo_scenario_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calibrate");
    TCase *files = tcase_create("included files"), *fits = tcase_create("fits");
    const int n_bad = sizeof bad_files / sizeof *bad_files;
    const int n_classes = sizeof classes / sizeof *classes;
    const int n_machines = sizeof machines / sizeof *machines;
    const int n_refused = sizeof refused / sizeof *refused;
    tcase_add_checked_fixture(files, make_folder, remove_folder);
    tcase_add_test(files, an_included_file_sets_constants_and_says_where_they_come_from);
    tcase_add_test(files, what_the_scenario_and_the_command_line_say_goes_before_an_included_file);
    tcase_add_loop_test(files, what_an_included_file_may_not_hold_is_said_with_its_own_line, 0,
                        n_bad);
    tcase_add_test(files, all_problems_of_both_files_come_in_one_go);
    tcase_add_loop_test(files, an_included_file_that_cannot_be_read_is_said_at_the_key, 0, 3);
    tcase_add_test(files, a_frozen_scenario_holds_the_constants_and_needs_the_file_no_more);
    tcase_add_loop_test(files, a_deployment_falls_in_the_class_of_what_was_measured, 0, n_classes);
    tcase_add_test(files, a_new_model_on_a_new_gpu_is_a_class_of_its_own);
    tcase_add_test(
        files,
        errors_do_not_shrink_from_class_to_class_and_their_spread_is_that_of_their_80_percent);
    tcase_add_test(files, a_calibrated_deployment_has_its_own_error_and_another_is_warned_of);
    tcase_add_test(files, model_error_is_a_distribution_around_the_step_scale);
    tcase_add_test(files, draws_take_the_error_of_the_class_unless_the_scenario_says_it_itself);
    suite_add_tcase(suite, files);
    tcase_add_checked_fixture(fits, make_folder, remove_folder);
    tcase_set_timeout(fits, 60);
    tcase_add_test(fits, known_constants_are_recovered_from_rows_that_the_simulator_made);
    tcase_add_loop_test(fits, three_rows_do_not_make_the_others_worse, 0, n_machines);
    tcase_add_test(fits, rows_that_contradict_each_other_leave_the_constants_alone);
    tcase_add_test(fits, what_the_rows_cannot_tell_is_left_as_wide_as_it_was);
    tcase_add_test(fits, a_front_end_is_found_in_ttft_alone_and_a_throughput_counts_without_a_tpot);
    tcase_add_test(fits, of_each_line_the_first_measure_that_a_row_has_is_taken);
    tcase_add_test(fits,
                   a_calibration_is_the_same_on_any_number_of_threads_and_begins_at_the_defaults);
    tcase_add_test(fits, the_notes_of_a_row_go_before_the_scenario);
    tcase_add_test(fits, a_row_on_attention_ranks_has_the_limits_of_each);
    tcase_add_loop_test(fits, what_cannot_be_calibrated_is_refused_in_one_sentence, 0, n_refused);
    tcase_add_test(fits, the_misfit_of_the_pace_leaves_ttft_out);
    tcase_add_test(fits, a_request_log_is_calibrated_on_in_parts);
    tcase_add_test(fits, calibration_stops_when_told);
    suite_add_tcase(suite, fits);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
