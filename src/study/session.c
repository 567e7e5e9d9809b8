/* session.c - studies that stay: answers to scenarios that follow one another, each a move away
 * from the one before.
 *
 * The state is what was simulated (struct xo_kept, in sizing), by what it is a function of: so an
 * answer is the same, to the bit, whatever was asked before it, and simulates only what no answer
 * before it needed. Nothing has to be told what moved: a price leaves every digest as it is, a GPU
 * changes that of its own option alone.
 *
 * What moves the engine can also be prepared: worlds in which some keys vary, with a surrogate of
 * capacity over them, as a map has. A preview then reads the lines of one such world.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "curve.h"

#include "xo/session.h"

#include <math.h>
#include <stdlib.h>

static const size_t MOST_KEPT_BYTES = (size_t)64 << 20; /* some hundred answers */

struct xo_session {
    struct xo_study_options options;
    struct xo_kept *kept; /* owned */

    bool is_prepared;
    struct xo_scenario *base; /* of the worlds; owned */
    struct xo_worlds worlds;
    struct visitor visitor;
};

struct xo_session *xo_session_new(const struct xo_study_options *options)
{
    struct xo_session *s = calloc(1, sizeof *s);
    struct xo_kept *kept = xo_kept_new(MOST_KEPT_BYTES);
    if (s == NULL || kept == NULL) {
        xo_kept_free(kept);
        free(s);
        return NULL;
    }
    s->kept = kept;
    s->options = *options;
    s->options.crew = NULL;
    s->options.kept = kept;
    return s;
}

static void forget_prepared(struct xo_session *s)
{
    if (!s->is_prepared)
        return;
    visitor_fini(&s->visitor);
    worlds_fini(&s->worlds);
    xo_scenario_free(s->base);
    s->base = NULL;
    s->is_prepared = false;
}

void xo_session_free(struct xo_session *s)
{
    if (s == NULL)
        return;
    forget_prepared(s);
    xo_kept_free(s->kept);
    free(s);
}

const struct xo_study_options *xo_session_options(const struct xo_session *s)
{
    return &s->options;
}

int64_t xo_session_n_simulations(const struct xo_session *s)
{
    return xo_kept_n_simulated(s->kept);
}

bool xo_session_answer(struct xo_session *s, const struct xo_scenario *scenario,
                       enum xo_depth depth, struct xo_curve **answer, struct xo_error *err)
{
    return curve_to(answer, scenario, &s->options, &(struct curve_wish){ .depth = depth }, err);
}

/* ---- previews ---- */

static bool prepare(struct xo_session *s, const struct varied inputs[], int n, struct xo_error *err)
{
    const double top = s->base->requests_per_month * s->base->max_volume_factor;
    struct visitor *v = &s->visitor;
    *v = (struct visitor){ .own = NULL };
    const bool ok = worlds_init(&s->worlds, s->base, &s->options, inputs, n, top, err) &&
                    xo_worlds_simulate(&s->worlds, err) && visitor_init(v, &s->worlds, err);
    s->is_prepared = true; /* as far as there is something to free */
    if (!ok)
        forget_prepared(s);
    return ok;
}

/* Key i of moving[]. */
static bool check_moving(const struct xo_scenario *scenario, const struct xo_moving moving[], int i,
                         struct xo_error *err)
{
    const struct xo_moving *m = &moving[i];
    if (m->key < 0 || m->key >= xo_n_keys)
        return xo_fail(err, XO_ERR_INPUT, "there is no key of number %d", m->key);
    const struct xo_key *key = &xo_keys[m->key];
    for (int k = 0; k < i; k++)
        if (moving[k].key == m->key)
            return xo_fail(err, XO_ERR_INPUT, "%s.%s moves twice", key->section, key->name);
    if (!(m->lo < m->hi))
        return xo_fail(err, XO_ERR_INPUT, "%s.%s moves from %g to %g; it has to rise", key->section,
                       key->name, m->lo, m->hi);
    return input_takes(scenario, m->key, m->lo, m->hi, err);
}

bool xo_session_prepare(struct xo_session *s, const struct xo_scenario *scenario,
                        const struct xo_moving moving[], int n, struct xo_error *err)
{
    struct varied inputs[XO_MAX_MOVING];
    forget_prepared(s);
    if (n < 1 || n > XO_MAX_MOVING)
        return xo_fail(err, XO_ERR_INPUT, "%d keys to move; a preview takes 1 to %d", n,
                       XO_MAX_MOVING);
    if (!curve_can_be_drawn(scenario, err))
        return false;
    for (int i = 0; i < n; i++) {
        if (!check_moving(scenario, moving, i, err))
            return false;
        inputs[i] = (struct varied){ .key = moving[i].key, .lo = moving[i].lo, .hi = moving[i].hi };
    }
    s->base = xo_scenario_copy(scenario);
    if (s->base == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a copy of the scenario");
    return prepare(s, inputs, n, err);
}

bool xo_session_preview(struct xo_session *s, const double values[], struct xo_curve **answer,
                        struct xo_error *err)
{
    if (!s->is_prepared)
        return xo_fail(err, XO_ERR_INPUT, "nothing was prepared for a preview");
    return visitor_go(&s->visitor, values, err) && curve_of_world(answer, &s->visitor, err);
}

int xo_session_surrogates(const struct xo_session *s,
                          struct xo_surrogate_report reports[XO_MAX_SURROGATES])
{
    return s->is_prepared ? worlds_surrogates(&s->worlds, reports) : 0;
}
