/* worlds_confirm.c - worlds whose capacities are simulated in full; see worlds.h.
 *
 * A surrogate that is 2 % off is off by a replica where a fleet is nearly full, and near an SLO's
 * cliff by much more. So once the surrogates stand, the owner of the worlds names those on which
 * its answers hang, and the capacity of the fleet that each would take is simulated as a study of
 * that world alone would do it, in rounds: what is found may change the fleet, and the worlds
 * named. A world that was simulated keeps exactly what was found; at other numbers of replicas its
 * surrogate is moved by as much. The number of simulations is bounded, and does not depend on
 * threads.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "worlds_parts.h"

#include "xo/memory.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIRMING_ROUNDS = 3, MOST_A_ROUND = 64 };
/* A replica fewer that carries the volume to within this is tried too. */
static const double NEARLY = 0.02;

bool candidates_add(struct candidates *c, const struct xo_worlds *w, const double values[],
                    struct xo_error *err)
{
    const size_t d = (size_t)w->n_inputs;
    if (!xo_array_reserve((void **)&c->values, &c->room, (c->n + 1) * d, sizeof *c->values, err))
        return false;
    memcpy(c->values + c->n++ * d, values, d * sizeof *values);
    return true;
}

/* ---- what is known of a world ---- */

/* The point of a world, as far as simulations depend on it; false when it lies at the base case in
 * any of it. Outside the box its coordinates are those of the edge, its values its own. */
static bool point_of_world(const struct xo_worlds *w, int option, const double values[],
                           struct point *p)
{
    *p = (struct point){ .kind = POINT_CONFIRMED, .option = option, .of = -1, .step_scale = NAN };
    for (int i = 0; i < w->n_inputs; i++) {
        const struct varied *v = &w->inputs[i];
        if (v->coordinate < 0 && v->reach != XO_REACH_STEP)
            continue;
        if (isnan(values[i]))
            return false;
        if (v->reach == XO_REACH_STEP)
            p->step_scale = v->base * pow(values[i] / v->base, w->step_share[option]);
        else {
            p->value[v->coordinate] = values[i];
            p->t[v->coordinate] = coordinate_of(v, values[i]);
        }
    }
    return true;
}

static bool is_same_world(const struct xo_worlds *w, const struct point *a, const struct point *b)
{
    bool same = a->option == b->option &&
                (a->step_scale == b->step_scale || (isnan(a->step_scale) && isnan(b->step_scale)));
    for (int c = 0; same && c < w->n_coordinates; c++)
        same = a->value[c] == b->value[c];
    return same;
}

bool confirmed_apply(const struct xo_worlds *w, int option, const double values[],
                     struct scaling *s)
{
    struct point p;
    bool misses = false;
    if (w->n_confirmed == 0 || !point_of_world(w, option, values, &p))
        return false;
    for (size_t i = w->first_confirmed; i < w->n_points; i++) {
        if (w->points[i].kind != POINT_CONFIRMED || !is_same_world(w, &w->points[i], &p))
            continue;
        misses |= w->found[i].lone_margin > 0;
        if (!isnan(w->found[i].log_ratio))
            scaling_fix(s, w->points[i].n_replicas, w->found[i].log_ratio);
    }
    return misses;
}

/* ---- what to simulate ---- */

static bool is_known(const struct xo_worlds *w, const struct point *list, size_t n,
                     const struct point *p)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].kind == POINT_CONFIRMED && list[i].n_replicas == p->n_replicas &&
            is_same_world(w, &list[i], p))
            return true;
    return false;
}

struct wanted {
    struct point *points; /* [n] owned */
    size_t n, room;
};

/* The fleet of a visitor's world at its cheapest option, where that has not been simulated; one
 * replica fewer, where that nearly does. */
static bool want(struct wanted *list, struct visitor *v, const double values[],
                 struct xo_error *err)
{
    const struct xo_worlds *w = v->worlds;
    const double volume = v->own->requests_per_month;
    const double reserved = volume * (1 + v->own->headroom_frac);
    const struct quote q = quote_at(&v->world, volume);
    struct point p;
    if (q.pick[XO_WAY_BUILD] < 0 || v->own->fixed_replicas > 0 ||
        !point_of_world(w, q.pick[XO_WAY_BUILD], values, &p))
        return true;
    const struct stairs stairs = { .ladder = &w->ladders[q.pick[XO_WAY_BUILD]],
                                   .scaling = v->scaling[q.pick[XO_WAY_BUILD]] };
    p.n_replicas = stairs_replicas(&stairs, reserved);
    if (is_known(w, w->points, w->n_points, &p)) {
        p.n_replicas--;
        if (p.n_replicas < 1 || stairs_volume(&stairs, p.n_replicas) < reserved * (1 - NEARLY) ||
            is_known(w, w->points, w->n_points, &p))
            return true;
    }
    if (is_known(w, list->points, list->n, &p))
        return true;
    if (!xo_array_reserve((void **)&list->points, &list->room, list->n + 1, sizeof *list->points,
                          err))
        return false;
    list->points[list->n++] = p;
    return true;
}

static bool want_all(struct wanted *list, const struct xo_worlds *w, struct xo_error *err)
{
    struct candidates c = { 0 };
    struct visitor v = { 0 };
    bool ok = w->pick(w, w->self, &c, err) && visitor_init(&v, w, err);
    for (size_t i = 0; ok && i < c.n; i++) {
        const double *values = c.values + i * (size_t)w->n_inputs;
        ok = visitor_go(&v, values, err) && want(list, &v, values, err);
    }
    visitor_fini(&v);
    free(c.values);
    return ok;
}

/* Of more than may be, evenly many. */
bool points_add_confirmed(struct xo_worlds *w, struct xo_error *err)
{
    struct wanted list = { 0 };
    if (w->pick == NULL || w->n_coordinates == 0 || w->n_confirming == CONFIRMING_ROUNDS)
        return true;
    bool ok = want_all(&list, w, err);
    if (w->n_confirming++ == 0)
        w->first_confirmed = w->n_points;
    const size_t n = list.n < MOST_A_ROUND ? list.n : MOST_A_ROUND;
    for (size_t i = 0; ok && i < n; i++)
        ok = point_add(w, &list.points[i * list.n / n], err);
    w->n_confirmed += ok ? (int)n : 0;
    free(list.points);
    return ok;
}
