/* crossings.c - where the cheaper of two ways changes, tread by tread; see way.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include "xo/memory.h"
#include "xo/stats.h"

#include <math.h>
#include <stdlib.h>

bool edge_add(struct edge_list *e, double volume, double min, double max, struct xo_error *err)
{
    if (volume <= min || volume >= max)
        return true;
    if (!xo_array_reserve((void **)&e->at, &e->room, e->n + 1, sizeof *e->at, err))
        return false;
    e->at[e->n++] = volume;
    return true;
}

static bool add_risers(const struct world *w, int way, double min, double max, struct edge_list *e,
                       struct xo_error *err)
{
    return way_types[way]->edges == NULL || way_types[way]->edges(w, min, max, e, err);
}

/* Hand over the list, sorted; or free it where it is not whole. */
static bool take_edges(struct edge_list *e, bool whole, double **edges, size_t *n_edges)
{
    if (!whole) {
        free(e->at);
        return false;
    }
    if (e->n > 0)
        xo_sort(e->at, e->n);
    *edges = e->at;
    *n_edges = e->n;
    return true;
}

bool way_risers(const struct world *w, int way, double min, double max, double **risers,
                size_t *n_risers, struct xo_error *err)
{
    struct edge_list e = { 0 };
    return take_edges(&e, add_risers(w, way, min, max, &e, err), risers, n_risers);
}

/* The risers of both ways, and a grid on which smooth bends (tiers, the cheapest of several APIs)
 * are looked for. */
static bool edges_of_both(const struct world *w, int a, int b, double min, double max,
                          double **edges, size_t *n_edges, struct xo_error *err)
{
    enum { GRID = 64 };
    struct edge_list e = { 0 };
    bool ok = add_risers(w, a, min, max, &e, err) && add_risers(w, b, min, max, &e, err);
    for (int i = 1; ok && i < GRID; i++)
        ok = edge_add(&e, min * pow(max / min, (double)i / GRID), min, max, err);
    return take_edges(&e, ok, edges, n_edges);
}

/* Where there is no more room the last one is kept, from which on the answer stays. */
static void add_crossing(struct xo_crossings *out, double volume, double usd, bool to_build,
                         bool at_riser)
{
    const int i = out->n < XO_MAX_CROSSINGS ? out->n++ : XO_MAX_CROSSINGS - 1;
    out->at[i] = (struct xo_crossing){ .volume = volume,
                                       .usd = usd,
                                       .noise_lo = volume,
                                       .noise_hi = volume,
                                       .to_build = to_build,
                                       .at_riser = at_riser };
}

/* Where b begins or ceases to win, kept between lo and hi. */
struct bracket {
    const struct world *w;
    int a, b;                      /* ways */
    double lo, hi, gap_lo, gap_hi; /* gap: a - b, USD */
    bool b_wins_at_hi;
    double flat_b_usd; /* what b costs between the first lo and hi; NAN: it is not flat there */
};

static void try_root(struct bracket *k, double volume)
{
    if (!(volume > k->lo && volume < k->hi))
        return;
    const double b_usd =
        isnan(k->flat_b_usd) ? way_contending_usd(k->w, k->b, volume) : k->flat_b_usd;
    const double gap = way_contending_usd(k->w, k->a, volume) - b_usd;
    const bool is_hi = (gap > 0) == k->b_wins_at_hi;
    *(is_hi ? &k->hi : &k->lo) = volume;
    *(is_hi ? &k->gap_hi : &k->gap_lo) = gap;
}

/* The root of a - b on one tread, where neither jumps, to the last bits that matter (bills are
 * whole millionths, so there is no smoother root to find). Lines are next to straight on a tread: a
 * few chords, a hair to both sides of the last, and bisection on log volume for what they leave. */
static double tread_root(struct bracket k)
{
    static const double HAIR = 4e-13;
    for (int i = 0; i < 3; i++) {
        const double at = k.lo + (k.hi - k.lo) * (k.gap_lo / (k.gap_lo - k.gap_hi));
        try_root(&k, at);
        try_root(&k, at * (1 - HAIR));
        try_root(&k, at * (1 + HAIR));
        if (k.hi / k.lo <= 1 + 1e-12)
            return k.hi;
    }
    for (int i = 0; i < 60 && k.hi / k.lo > 1 + 1e-12; i++)
        try_root(&k, sqrt(k.lo * k.hi));
    return k.hi;
}

/* Both bills at one volume. */
struct pair {
    double a, b;
};

/* A walk over the treads 0..n_edges, upwards. */
struct scan {
    const struct world *w;
    int a, b; /* ways */
    double min, max;
    const double *edges;
    size_t n_edges;
    bool rising; /* both */
    struct xo_crossings *out;
    bool wins;         /* b, where both sides last existed */
    bool begun, known; /* whether they ever did, and do now: a side that ends (a fixed fleet that is
                          full, an API above its rate limit) is no crossing */
};

static struct pair bills_at(const struct scan *s, double volume)
{
    return (struct pair){ way_contending_usd(s->w, s->a, volume),
                          way_contending_usd(s->w, s->b, volume) };
}

static double tread_from(const struct scan *s, size_t tread)
{
    static const double JUST_ABOVE = 1 + 1e-9;
    return tread == 0 ? s->min : s->edges[tread - 1] * JUST_ABOVE;
}

static double tread_to(const struct scan *s, size_t tread)
{
    return tread < s->n_edges ? s->edges[tread] : s->max;
}

/* What is known at the next place; whether the winner there is another than before. */
static bool changes(struct scan *s, struct pair at)
{
    const bool exists = !isnan(at.a - at.b), wins = at.a - at.b > 0;
    const bool changed = exists && s->known && wins != s->wins;
    if (exists && !s->begun)
        s->out->build_cheaper_at_min = wins;
    s->begun |= exists;
    s->known = exists;
    if (exists)
        s->wins = wins;
    return changed;
}

/* Step onto a tread, across the riser before it. */
static void step_onto(struct scan *s, size_t tread, struct pair from)
{
    if (!changes(s, from))
        return;
    const double riser = s->edges[tread - 1];
    add_crossing(s->out, riser, way_contending_usd(s->w, s->a, riser), s->wins, true);
}

static void walk_tread(struct scan *s, size_t tread, struct pair from, struct pair to)
{
    step_onto(s, tread, from);
    if (!changes(s, to))
        return;
    /* What never falls and ends as it began is flat: a rented fleet, which need not be priced
     * again.
     */
    const double flat_b_usd = s->rising && from.b == to.b ? from.b : (double)NAN;
    const double root =
        tread_root((struct bracket){ s->w, s->a, s->b, tread_from(s, tread), tread_to(s, tread),
                                     from.a - from.b, to.a - to.b, s->wins, flat_b_usd });
    add_crossing(s->out, root, way_contending_usd(s->w, s->a, root), s->wins, false);
}

/* The bills just above the edge at which they are `below`: what has no risers still is what it was.
 */
static struct pair step_up(const struct scan *s, size_t tread, struct pair below)
{
    const double volume = tread_from(s, tread);
    return (struct pair){
        way_types[s->a]->edges == NULL ? below.a : way_contending_usd(s->w, s->a, volume),
        way_contending_usd(s->w, s->b, volume),
    };
}

/* Treads first..last, whose ends are known. Rounding may bend a rising line by SLACK:
 * XO_MAX_BILL_ITEMS half millionths and what is derived from them; above $9 billion by the last
 * bits of a double. */
static void walk(struct scan *s, size_t first, size_t last, struct pair from, struct pair to)
{
    static const double SLACK_USD = 1e-3, SLACK_FRAC = 1e-13;
    const double slack = SLACK_USD + SLACK_FRAC * fmax(fabs(to.a), fabs(to.b));
    const bool all_win = s->rising && from.a - to.b > slack;
    const bool none_wins = s->rising && to.a - from.b < -slack;
    if (first == last) {
        walk_tread(s, first, from, to);
    } else if (all_win || none_wins) {
        step_onto(s, first, from);
    } else {
        const size_t mid = first + (last - first) / 2;
        const struct pair below = bills_at(s, tread_to(s, mid));
        const struct pair above = step_up(s, mid + 1, below);
        walk(s, first, mid, from, below);
        walk(s, mid + 1, last, above, to);
    }
}

static bool find_crossings(const struct world *w, int from, int to, double min, double max,
                           struct xo_crossings *out, struct xo_error *err)
{
    double *edges;
    size_t n_edges;
    if (!edges_of_both(w, from, to, min, max, &edges, &n_edges, err))
        return false;
    struct scan s = { .w = w,
                      .a = from,
                      .b = to,
                      .min = min,
                      .max = max,
                      .edges = edges,
                      .n_edges = n_edges,
                      .rising = way_types[from]->rises(w) && way_types[to]->rises(w),
                      .out = out };
    walk(&s, 0, n_edges, bills_at(&s, min), bills_at(&s, max));
    free(edges);
    out->build_cheaper_at_max = s.wins;
    if (s.wins)
        out->stays_above = out->n > 0 ? out->at[out->n - 1].volume : min;
    return true;
}

bool ways_cross(const struct world *w, int from, int to, double min, double max,
                struct xo_crossings *out, struct xo_error *err)
{
    *out = (struct xo_crossings){ .stays_above = NAN,
                                  .first = { NAN, NAN, NAN, NAN, NAN, NAN },
                                  .last = { NAN, NAN, NAN, NAN, NAN, NAN },
                                  .exists_share = NAN,
                                  .even_odds = NAN,
                                  .exists_se = NAN,
                                  .even_odds_se = NAN };
    if (w->treads != NULL)
        return find_crossings(w, from, to, min, max, out, err);
    struct treads treads[MAX_SIZINGS] = { 0 };
    struct world own = *w;
    bool ok = world_treads(w, max, treads, err);
    own.treads = treads;
    ok = ok && find_crossings(&own, from, to, min, max, out, err);
    for (int o = 0; o < w->n_sizings; o++)
        treads_fini(&treads[o]);
    return ok;
}

/* Above which the answer stays `to_build`: 0, it is never otherwise; INFINITY, it does not up to
 * the upper end. */
static double last_turn(const struct xo_crossings *c, bool to_build)
{
    if (c->build_cheaper_at_max != to_build)
        return INFINITY;
    return c->n > 0 ? c->at[c->n - 1].volume : 0;
}

void crossings_ends(const struct xo_crossings *c, double *first, double *stays_above)
{
    *first = c->build_cheaper_at_min ? 0 : INFINITY;
    for (int i = c->n - 1; i >= 0; i--)
        if (c->at[i].to_build)
            *first = c->at[i].volume;
    *stays_above = last_turn(c, true);
}

/* ---- their noise ---- */

/* The crossing of the same direction nearest to `volume`, by ratio; the volume itself when none is.
 */
static double nearest(const struct xo_crossings *c, double volume, bool to_build)
{
    double best = NAN;
    for (int i = 0; i < c->n; i++)
        if (c->at[i].to_build == to_build &&
            (isnan(best) || fabs(log(c->at[i].volume / volume)) < fabs(log(best / volume))))
            best = c->at[i].volume;
    return isnan(best) ? volume : best;
}

/* Where the answer first becomes `to_build`: 0, it is so at the lower end already; INFINITY, never
 * in the range. */
static double first_turn(const struct xo_crossings *c, bool to_build)
{
    if (c->build_cheaper_at_min == to_build)
        return 0;
    return c->n > 0 ? c->at[0].volume : INFINITY;
}

static void widen(struct xo_crossing *c, double volume)
{
    c->noise_lo = fmin(c->noise_lo, volume);
    c->noise_hi = fmax(c->noise_hi, volume);
}

void crossings_add_noise(struct xo_crossings *out, const struct xo_crossings *noisy)
{
    for (int i = 0; i < out->n; i++) {
        struct xo_crossing *c = &out->at[i];
        widen(c, nearest(noisy, c->volume, c->to_build));
        if (i == 0)
            widen(c, first_turn(noisy, c->to_build));
        if (i == out->n - 1)
            widen(c, last_turn(noisy, c->to_build));
    }
}
