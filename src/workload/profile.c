/* profile.c - the rate over the week: hours, spikes and their decay.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"
#include "xo/clock.h"
#include "xo/memory.h"

#include <math.h>
#include <stdlib.h>

static const double steps_to_walk = 64;     /* stretches to a time constant, for arrivals */
static const double steps_to_integrate = 4; /* enough for five points each to be exact */
static const double decays_to_the_end = 20; /* exp(-20) = 2e-9 of a spike is left, and dropped */
static const double shortest_stretch_s = 1e-6;

static bool spike_check(const struct xo_spike *spike, struct xo_error *err)
{
    if (!(spike->start_s >= 0 && spike->start_s < xo_week_s))
        return xo_fail(err, XO_ERR_INPUT, "spike %s starts at %g s of the week; a week has %g s",
                       spike->name, spike->start_s, xo_week_s);
    if (!(spike->length_s >= 0 && spike->length_s <= xo_week_s))
        return xo_fail(err, XO_ERR_INPUT, "spike %s lasts %g s; it takes 0 to %g s, a week",
                       spike->name, spike->length_s, xo_week_s);
    if (!(spike->factor >= 0) || !isfinite(spike->factor))
        return xo_fail(err, XO_ERR_INPUT, "spike %s has a factor of %g; it takes 0 or more",
                       spike->name, spike->factor);
    if (!(spike->decay_s >= 0 && spike->decay_s <= xo_week_s))
        return xo_fail(err, XO_ERR_INPUT, "spike %s decays over %g s; it takes 0 to %g s, a week",
                       spike->name, spike->decay_s, xo_week_s);
    return true;
}

bool xo_profile_check(const struct xo_profile *profile, struct xo_error *err)
{
    double sum = 0;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++) {
        if (!(profile->hour_weight[h] >= 0) || !isfinite(profile->hour_weight[h]))
            return xo_fail(err, XO_ERR_INPUT,
                           "hour %d of the week has a weight of %g; it takes 0 or more", h,
                           profile->hour_weight[h]);
        sum += profile->hour_weight[h];
    }
    if (!(sum > 0))
        return xo_fail(err, XO_ERR_INPUT, "all hours of the week have a weight of 0");
    if (profile->n_spikes < 0 || profile->n_spikes > XO_MAX_SPIKES)
        return xo_fail(err, XO_ERR_INPUT, "%d spikes; there is room for %d", profile->n_spikes,
                       XO_MAX_SPIKES);
    for (int i = 0; i < profile->n_spikes; i++)
        if (!spike_check(&profile->spikes[i], err))
            return false;
    return true;
}

/* Seconds since the spike last began. */
static double since_start(const struct xo_spike *spike, double week_s)
{
    const double since = week_s - spike->start_s;
    return since < 0 ? since + xo_week_s : since;
}

static double spike_factor(const struct xo_spike *spike, double week_s)
{
    const double over_s = since_start(spike, week_s) - spike->length_s;
    if (over_s < 0)
        return spike->factor;
    if (!(over_s < decays_to_the_end * spike->decay_s))
        return 1;
    return 1 + (spike->factor - 1) * exp(-over_s / spike->decay_s);
}

static double rate_at(const struct xo_profile *profile, double week_s)
{
    double rate = profile->hour_weight[(int)(week_s / XO_HOUR_S)];
    for (int i = 0; i < profile->n_spikes; i++)
        rate *= spike_factor(&profile->spikes[i], week_s);
    return rate;
}

static double until_spike_changes(const struct xo_spike *spike, double week_s,
                                  double steps_per_decay)
{
    const double since = since_start(spike, week_s), over_s = since - spike->length_s;
    if (over_s < 0)
        return -over_s;
    if (over_s < decays_to_the_end * spike->decay_s) {
        const double step_s = spike->decay_s / steps_per_decay;
        return fmin((floor(over_s / step_s) + 1) * step_s - over_s, xo_week_s - since);
    }
    return xo_week_s - since;
}

/* The end of the stretch that begins at week_s. */
static double stretch_end(const struct xo_profile *profile, double week_s, double steps_per_decay)
{
    double until_s = (floor(week_s / XO_HOUR_S) + 1) * XO_HOUR_S - week_s;
    for (int i = 0; i < profile->n_spikes; i++)
        until_s = fmin(until_s, until_spike_changes(&profile->spikes[i], week_s, steps_per_decay));
    return fmin(week_s + fmax(until_s, shortest_stretch_s), xo_week_s);
}

/* Mean rate between two ends of a stretch by Gauss and Legendre's five points (exact to 1e-13 for
 * an exponential over a quarter of its time constant). Abramowitz and Stegun, table 25.4. */
static double mean_rate(const struct xo_profile *profile, double from_s, double to_s)
{
    static const double at[] = { 0, 0.5384693101056831, 0.9061798459386640 };
    static const double weight[] = { 0.5688888888888889, 0.4786286704993665, 0.2369268850561891 };
    const double middle = 0.5 * (from_s + to_s), half = 0.5 * (to_s - from_s);
    if (profile->n_spikes == 0)
        return rate_at(profile, middle);
    double sum = weight[0] * rate_at(profile, middle);
    for (int i = 1; i < 3; i++)
        sum += weight[i] *
               (rate_at(profile, middle - half * at[i]) + rate_at(profile, middle + half * at[i]));
    return 0.5 * sum;
}

void xo_profile_hour_factors(const struct xo_profile *profile, double factors[XO_HOURS_PER_WEEK])
{
    double total = 0;
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        factors[h] = 0;
    for (double from_s = 0, to_s; from_s < xo_week_s; from_s = to_s) {
        to_s = stretch_end(profile, from_s, steps_to_integrate);
        const double n = mean_rate(profile, from_s, to_s) * (to_s - from_s);
        factors[(int)(0.5 * (from_s + to_s) / XO_HOUR_S)] += n;
        total += n;
    }
    for (int h = 0; h < XO_HOURS_PER_WEEK; h++)
        factors[h] *= XO_HOURS_PER_WEEK / total;
}

double xo_profile_hour_factor(const struct xo_profile *profile, int hour_of_week)
{
    double factors[XO_HOURS_PER_WEEK];
    xo_profile_hour_factors(profile, factors);
    return factors[hour_of_week];
}

int xo_profile_busiest_hour(const struct xo_profile *profile)
{
    double factors[XO_HOURS_PER_WEEK];
    xo_profile_hour_factors(profile, factors);
    int busiest = 0;
    for (int h = 1; h < XO_HOURS_PER_WEEK; h++)
        if (factors[h] > factors[busiest] * (1 + 1e-12)) /* ties go to the first */
            busiest = h;
    return busiest;
}

bool xo_profile_hour_is_steady(const struct xo_profile *profile, int hour_of_week)
{
    const double from_s = hour_of_week * XO_HOUR_S;
    return stretch_end(profile, from_s, steps_to_integrate) >=
           from_s + XO_HOUR_S - shortest_stretch_s;
}

static bool week_reserve(struct xo_week *week, size_t room[2], struct xo_error *err)
{
    return xo_array_reserve((void **)&week->from_s, &room[0], week->n + 2, sizeof(double), err) &&
           xo_array_reserve((void **)&week->rate, &room[1], week->n + 1, sizeof(double), err);
}

static bool week_fill(struct xo_week *week, const struct xo_profile *profile, struct xo_error *err)
{
    size_t room[2] = { 0, 0 };
    double total = 0;
    for (double from_s = 0, to_s; from_s < xo_week_s; from_s = to_s) {
        if (!week_reserve(week, room, err))
            return false;
        to_s = profile == NULL ? xo_week_s : stretch_end(profile, from_s, steps_to_walk);
        week->from_s[week->n] = from_s;
        week->rate[week->n] = profile == NULL ? 1 : mean_rate(profile, from_s, to_s);
        total += week->rate[week->n++] * (to_s - from_s);
    }
    week->from_s[week->n] = xo_week_s;
    if (!(total > 0) || !isfinite(total))
        return xo_fail(err, XO_ERR_INPUT, "the profile and its spikes leave a total rate of %g",
                       total);
    for (size_t i = 0; i < week->n; i++)
        week->rate[i] *= xo_week_s / total;
    return true;
}

bool xo_week_init(struct xo_week *week, const struct xo_profile *profile, struct xo_error *err)
{
    struct xo_week made = { 0 };
    if (profile != NULL && !xo_profile_check(profile, err))
        return false;
    if (!week_fill(&made, profile, err)) {
        xo_week_fini(&made);
        return false;
    }
    *week = made;
    return true;
}

void xo_week_fini(struct xo_week *week)
{
    free(week->from_s);
    free(week->rate);
}
