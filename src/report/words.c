/* words.c - figures as words, and the facts that several sentences need.
 *
 * A verdict says two significant digits: more would claim what no draw supports.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include "xo/text.h"
#include <math.h>
#include <string.h>

enum { VERDICT_DIGITS = 2 };

char *xo_words_slot(struct xo_words *w)
{
    w->next = (w->next + 1) % (int)(sizeof w->slot / sizeof w->slot[0]);
    return w->slot[w->next];
}

static char *glued(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if (*c == ' ')
            *c = XO_GLUE;
    return text;
}

const char *xo_say_count(struct xo_words *w, double value)
{
    char *slot = xo_words_slot(w);
    xo_text_count(slot, sizeof w->slot[0], value, VERDICT_DIGITS);
    return glued(slot);
}

/* Tokens of a volume; of one outside the simulated range, only on which side it lies. */
const char *xo_say_tokens(struct xo_words *w, const struct xo_curve *c, double requests)
{
    const double min = c->points[0].volume, max = c->points[c->n_points - 1].volume;
    if (isnan(requests) || (requests >= min * (1 - 1e-9) && requests <= max * (1 + 1e-9)))
        return xo_say_count(w, requests * c->tokens_per_request);
    char end[32], *slot = xo_words_slot(w);
    xo_text_count(end, sizeof end, (requests < min ? min : max) * c->tokens_per_request,
                  VERDICT_DIGITS);
    snprintf(slot, sizeof w->slot[0], "%s %s", requests < min ? "under" : "over", end);
    return glued(slot);
}

const char *xo_say_usd(struct xo_words *w, double usd)
{
    char *slot = xo_words_slot(w);
    const bool whole_cents = fabs(usd) < 1 && fabs(100 * usd - round(100 * usd)) < 1e-6;
    xo_text_usd(slot, sizeof w->slot[0], usd, whole_cents ? 0 : VERDICT_DIGITS);
    return glued(slot);
}

const char *xo_say_factor(struct xo_words *w, double factor)
{
    char *slot = xo_words_slot(w);
    const bool near_one = fabs(factor - 1) < 0.1; /* what counts is by how much it is not 1 */
    const double rounded = near_one ? 1 + xo_round_significant(factor - 1, 1)
                                    : xo_round_significant(factor, VERDICT_DIGITS);
    char exact[32];
    if (fabs(rounded) >= 1e4)
        return xo_say_count(w, rounded);
    snprintf(slot, sizeof w->slot[0], "%s",
             isfinite(rounded) ? xo_text_exact(exact, xo_round_significant(rounded, 6)) : "-");
    return slot;
}

const char *xo_say_share(struct xo_words *w, double share)
{
    char *slot = xo_words_slot(w);
    if (!isfinite(share))
        snprintf(slot, sizeof w->slot[0], "an unknown share");
    else if (share < 0.01)
        snprintf(slot, sizeof w->slot[0], "under 1 %%");
    else if (share > 0.99)
        snprintf(slot, sizeof w->slot[0], "over 99 %%");
    else
        snprintf(slot, sizeof w->slot[0], "%.0f %%", 100 * share);
    return glued(slot);
}

const char *xo_say_duration(struct xo_words *w, double seconds)
{
    char *slot = xo_words_slot(w);
    xo_text_duration(slot, sizeof w->slot[0], xo_round_significant(seconds, VERDICT_DIGITS));
    return glued(slot);
}

static const char *say_range(struct xo_words *w, const char *lo, const char *hi)
{
    char *slot = xo_words_slot(w);
    if (strcmp(lo, hi) == 0)
        snprintf(slot, sizeof w->slot[0], "%.60s", lo);
    else
        snprintf(slot, sizeof w->slot[0], "%.60s to %.60s", lo, hi);
    return slot;
}

const char *xo_say_usd_range(struct xo_words *w, double lo, double hi)
{
    return say_range(w, xo_say_usd(w, lo), xo_say_usd(w, hi));
}

const char *xo_say_token_range(struct xo_words *w, const struct xo_curve *c, double lo, double hi)
{
    return say_range(w, xo_say_tokens(w, c, lo), xo_say_tokens(w, c, hi));
}

double xo_step_typical_frac(const struct xo_build_option *option)
{
    const double z90 = 1.2815515655446004;
    return expm1(z90 * option->step_sigma);
}

const char *xo_say_step_error(struct xo_words *w, const struct xo_build_option *option)
{
    const struct xo_step_error *e = &xo_step_errors[option->step_class];
    char *slot = xo_words_slot(w);
    const double frac = xo_step_typical_frac(option);
    if (frac < 1)
        snprintf(slot, XO_TITLE_SIZE, "typically within %.2g%c%% (%s: %s)", 100 * frac, XO_GLUE,
                 e->name, e->why);
    else
        snprintf(slot, XO_TITLE_SIZE, "within a factor of %.2g (%s: %s)", 1 + frac, e->name,
                 e->why);
    return slot;
}

const char *xo_metric_name(enum xo_metric metric)
{
    static const char *const names[XO_N_METRICS] = { "TTFT", "TPOT", "E2E" };
    return names[metric];
}

const char *xo_flip_name(enum xo_flip_key key)
{
    static const char *const names[XO_N_FLIPS] = { "volume", "api_price", "discount",
                                                   "rent",   "staff",     "step_time" };
    return names[key];
}

const char *xo_origin_name(enum xo_origin origin)
{
    static const char *const names[] = { "default", "file", "set", "catalog", "derived" };
    return names[origin];
}

const char *xo_parity_name(enum xo_parity parity)
{
    static const char *const names[] = { "assumed", "measured", "unequal" };
    return names[parity];
}

const char *xo_group_name(enum xo_bill_group group)
{
    static const char *const names[XO_N_GROUPS] = { "tokens",  "gpus",        "power",
                                                    "site",    "software",    "people",
                                                    "one_off", "contingency", "discount" };
    return names[group];
}

const char *xo_say_target(struct xo_words *w, const struct xo_slo_target *target)
{
    char *slot = xo_words_slot(w);
    char limit[32], percent[32];
    snprintf(slot, sizeof w->slot[0], "%s p%s <= %s", xo_metric_name(target->metric),
             xo_text_exact(percent, xo_round_significant(100 * target->quantile, 6)),
             xo_text_duration(limit, sizeof limit, target->limit_s));
    return glued(slot);
}

const char *xo_say_api(struct xo_words *w, const char *tariff_name)
{
    const char *slash = strrchr(tariff_name, '/');
    const char *name = slash != NULL && slash[1] != '\0' ? slash + 1 : tariff_name;
    return xo_plain(xo_words_slot(w), sizeof w->slot[0], name, 48);
}

const char *xo_api_at(const struct xo_curve *c, int point)
{
    const int api = c->points[point].api;
    return api >= 0 && api < c->scenario->n_apis ? c->scenario->apis[api].tariff.name : "the API";
}

/* "build.rent"; of a section with a name, "class easy: weight"; "uncertain build.rent". */
const char *xo_key_text(struct xo_words *w, const struct xo_entry *entry)
{
    char both[2 * XO_SECTION_SIZE + 4];
    const bool named = strchr(entry->section, ' ') != NULL;
    const bool range = strcmp(entry->section, "uncertain") == 0;
    snprintf(both, sizeof both, "%s%s%s", entry->section,
             named   ? ": "
             : range ? " "
                     : ".",
             entry->name);
    return xo_plain(xo_words_slot(w), sizeof w->slot[0], both, 120);
}

const char *xo_uncertain_text(struct xo_words *w, const struct xo_uncertain *u)
{
    char *slot = xo_words_slot(w);
    snprintf(slot, sizeof w->slot[0], "%.60s.%.60s", xo_keys[u->key].section, xo_keys[u->key].name);
    return slot;
}

const struct xo_curve_point *xo_plan_point(const struct xo_curve *c)
{
    return &c->points[c->plan];
}

const struct xo_crossing *xo_first_crossing(const struct xo_crossings *c)
{
    return c->n > 0 ? &c->at[0] : NULL;
}

const struct xo_crossing *xo_first_to_build(const struct xo_crossings *c)
{
    for (int i = 0; i < c->n; i++)
        if (c->at[i].to_build)
            return &c->at[i];
    return NULL;
}

const struct xo_ladder *xo_why_infeasible(const struct xo_curve *c)
{
    for (int i = 0; i < c->n_ladders; i++)
        if (!c->ladders[i].infeasible.is)
            return NULL;
    return c->n_ladders > 0 ? &c->ladders[0] : NULL;
}

bool xo_band_is(const struct xo_band *band)
{
    return !isnan(band->p10) && !isnan(band->p90);
}

/* ---- a value of a key ---- */

/* How a number in a key's base is shown: value * scale between prefix and suffix. */
static const struct unit {
    const char *name;
    double scale;
    const char *prefix, *suffix;
} units[] = {
    { "share", 100, "", " %" },
    { "share/year", 100, "", " %/year" },
    { "time", 1, "", " s" },
    { "tokens", 1, "", " tokens" },
    { "months", 1, "", " months" },
    { "years", 1, "", " years" },
    { "hours", 1, "", " h" },
    { "USD", 1, "$", "" },
    { "USD/month", 1, "$", "/month" },
    { "USD/year", 1, "$", "/year" },
    { "USD/hour", 1, "$", "/hour" },
    { "USD/Mtok", 1e6, "$", "/Mtok" },
    { "USD/kWh", 1, "$", "/kWh" },
    { "USD/kW/month", 1, "$", "/kW/month" },
    { "USD/GPU/month", 1, "$", "/GPU/month" },
    { "bytes", 1e-9, "", " GB" },
    { "bytes/s", 1e-9, "", " GB/s" },
    { "FLOPS", 1e-12, "", " TFLOPS" },
    { "W", 1, "", " W" },
    { "FTE", 1, "", " FTE" },
    { "factor", 1, "x", "" },
};

const char *xo_show_quantity(char *out, size_t size, const char *unit, double value)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].name, unit) == 0) {
            snprintf(out, size, "%s%.4g%s", units[i].prefix, value * units[i].scale,
                     units[i].suffix);
            return out;
        }
    if (fabs(value) >= 1e4)
        return xo_text_count(out, size, value, 3);
    snprintf(out, size, "%.4g", value);
    return out;
}
