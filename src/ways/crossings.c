/* crossings.c - where the cheaper of two lines changes, tread by tread; see world.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include "xo/clock.h"
#include "xo/memory.h"
#include "xo/stats.h"

#include <math.h>
#include <stdlib.h>

double line_buy(const struct world *w, double volume)
{
    int api = 0;
    double requests, tokens, usd = world_buy_usd(w, volume, &api);
    return buy_limited(w, volume, api, &requests, &tokens) ? NAN : usd;
}

double line_same(const struct world *w, double volume)
{
    return world_same_usd(w, volume, NULL);
}

double line_build(const struct world *w, double volume)
{
    return world_build_usd(w, volume, NULL);
}

double line_napkin(const struct world *w, double volume)
{
    return world_napkin_usd(w, volume);
}

double line_tokens(const struct world *w, double volume)
{
    return world_tokens_usd(w, volume);
}

struct edge_list {
    double *at;
    size_t n, room;
};

static bool add_edge(struct edge_list *e, double volume, double min, double max,
                     struct xo_error *err)
{
    if (volume <= min || volume >= max)
        return true;
    if (!xo_array_reserve((void **)&e->at, &e->room, e->n + 1, sizeof *e->at, err))
        return false;
    e->at[e->n++] = volume;
    return true;
}

/* Rounding may put V_N itself, times the headroom, above V_N: an edge lies a hair below it, still
 * on the tread that it ends. */
static const double JUST_BELOW = 1 - 1e-12;

static bool add_option_edges(const struct world *w, int o, double min, double max, bool napkin,
                             struct edge_list *e, struct xo_error *err)
{
    const struct xo_scenario *s = w->scenario;
    const struct xo_ladder *ladder = w->sizings[o].ladder;
    if (napkin) {
        double full = ladder->saturation_rate_per_s * s->hours_per_month * XO_HOUR_S;
        if (!(full * MOST_REPLICAS > min))
            return true;
        max = fmin(max, full * MOST_REPLICAS);
        for (int n = (int)fmax(1, floor(min / full)); full * n < max; n += 1 + n / 500)
            if (!add_edge(e, full * n * JUST_BELOW, min, max, err))
                return false;
        return true;
    }
    if (is_out(w, o))
        return true;
    struct stairs stairs = world_stairs(w, o);
    if (s->fixed_replicas > 0)
        return add_edge(e, stairs_volume(&stairs, s->fixed_replicas) * JUST_BELOW, min, max, err);
    double reserve = 1 + s->headroom_frac;
    /* Above 500 replicas treads of a fifth of a percent: a whole step of many replicas is taken at
     * once, and a root on it is bisected all the same. */
    for (int n = stairs_replicas(&stairs, min * reserve); n <= MOST_REPLICAS; n += 1 + n / 500) {
        double edge = stairs_volume(&stairs, n) / reserve * JUST_BELOW;
        if (edge >= max)
            break;
        if (!add_edge(e, edge, min, max, err))
            return false;
    }
    return true;
}

bool world_risers(const struct world *w, double min, double max, bool napkin, double **risers,
                  size_t *n_risers, struct xo_error *err)
{
    struct edge_list e = { 0 };
    for (int o = 0; o < w->n_sizings; o++)
        if (!add_option_edges(w, o, min, max, napkin, &e, err)) {
            free(e.at);
            return false;
        }
    if (e.n > 0)
        xo_sort(e.at, e.n);
    *risers = e.at;
    *n_risers = e.n;
    return true;
}

/* The risers, and a grid on which smooth bends of the buying side (tiers, the cheapest of several
 * APIs) are looked for. */
static bool world_edges(const struct world *w, double min, double max, bool napkin, double **edges,
                        size_t *n_edges, struct xo_error *err)
{
    enum { GRID = 64 };
    struct edge_list e = { 0 };
    if (!world_risers(w, min, max, napkin, &e.at, &e.n, err))
        return false;
    e.room = e.n;
    for (int i = 1; i < GRID; i++)
        if (!add_edge(&e, min * pow(max / min, (double)i / GRID), min, max, err)) {
            free(e.at);
            return false;
        }
    if (e.n > 0)
        xo_sort(e.at, e.n);
    *edges = e.at;
    *n_edges = e.n;
    return true;
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
    world_line_fn *a, *b;
    double lo, hi, gap_lo, gap_hi; /* gap: a - b */
    bool b_wins_at_hi;
};

static void try_root(struct bracket *k, double volume)
{
    if (!(volume > k->lo && volume < k->hi))
        return;
    const double gap = k->a(k->w, volume) - k->b(k->w, volume);
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

/* Buying by the token costs no less for more, but for caches that expire. Building does not either,
 * unless people become fewer. */
static bool lines_rise(const struct world *w)
{
    if (!buying_rises(w))
        return false;
    for (int o = 0; o < w->n_sizings; o++) {
        const struct xo_staff *staff = &option_of(w, o)->terms.staff;
        for (int i = 1; i < staff->n_steps; i++)
            if (staff->steps[i].fte < staff->steps[i - 1].fte)
                return false;
    }
    return true;
}

/* Both lines at one volume. */
struct pair {
    double a, b;
};

/* A walk over the treads 0..n_edges, upwards. */
struct scan {
    const struct world *w;
    world_line_fn *a, *b;
    double min, max;
    const double *edges;
    size_t n_edges;
    bool rising;
    struct xo_crossings *out;
    bool wins;         /* b, where both sides last existed */
    bool begun, known; /* whether they ever did, and do now: a side that ends (a fixed fleet that is
                          full, an API above its rate limit) is no crossing */
};

static struct pair lines_at(const struct scan *s, double volume)
{
    return (struct pair){ s->a(s->w, volume), s->b(s->w, volume) };
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
    add_crossing(s->out, riser, s->a(s->w, riser), s->wins, true);
}

static void walk_tread(struct scan *s, size_t tread, struct pair from, struct pair to)
{
    step_onto(s, tread, from);
    if (!changes(s, to))
        return;
    const double root =
        tread_root((struct bracket){ s->w, s->a, s->b, tread_from(s, tread), tread_to(s, tread),
                                     from.a - from.b, to.a - to.b, s->wins });
    add_crossing(s->out, root, s->a(s->w, root), s->wins, false);
}

/* Treads first..last, whose ends are known; a has no risers, so that what it is at one it still is
 * just above. Rounding may bend a rising line by SLACK: XO_MAX_BILL_ITEMS half millionths and what
 * is derived from them; above $9 billion by the last bits of a double. */
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
        const struct pair below = lines_at(s, tread_to(s, mid));
        const struct pair above = { below.a, s->b(s->w, tread_from(s, mid + 1)) };
        walk(s, first, mid, from, below);
        walk(s, mid + 1, last, above, to);
    }
}

static bool find_crossings(const struct world *w, world_line_fn *a, world_line_fn *b, double min,
                           double max, struct xo_crossings *out, struct xo_error *err)
{
    double *edges;
    size_t n_edges;
    if (!world_edges(w, min, max, b == line_napkin, &edges, &n_edges, err))
        return false;
    struct scan s = { .w = w,
                      .a = a,
                      .b = b,
                      .min = min,
                      .max = max,
                      .edges = edges,
                      .n_edges = n_edges,
                      .rising = lines_rise(w),
                      .out = out };
    walk(&s, 0, n_edges, lines_at(&s, min), lines_at(&s, max));
    free(edges);
    out->build_cheaper_at_max = s.wins;
    if (s.wins)
        out->stays_above = out->n > 0 ? out->at[out->n - 1].volume : min;
    return true;
}

bool world_crossings(const struct world *w, world_line_fn *a, world_line_fn *b, double min,
                     double max, struct xo_crossings *out, struct xo_error *err)
{
    *out = (struct xo_crossings){ .stays_above = NAN,
                                  .first = { NAN, NAN, NAN, NAN, NAN, NAN },
                                  .last = { NAN, NAN, NAN, NAN, NAN, NAN },
                                  .exists_share = NAN,
                                  .even_odds = NAN,
                                  .exists_se = NAN,
                                  .even_odds_se = NAN };
    if (w->treads != NULL)
        return find_crossings(w, a, b, min, max, out, err);
    struct treads treads[MAX_SIZINGS] = { 0 };
    struct world own = *w;
    bool ok = world_treads(w, max, treads, err);
    own.treads = treads;
    ok = ok && find_crossings(&own, a, b, min, max, out, err);
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
