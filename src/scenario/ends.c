/* ends.c - can the scenario be at the ends of what is not known?
 *
 * A study draws values from the ranges of [uncertain] and resolves the scenario anew with them. A
 * range that some value of cannot be, such as lengths that no model holds, would stop the study in
 * its middle. So each range is tried at both ends when the scenario is read: alone, and where two
 * ranges reach the simulation, the one's ends with the other's. The ends of a distribution that has
 * none are its P0.1 and P99.9; where what lies beyond cannot be, it is cut there and rescaled, as
 * at the range of a key (uncertain.c), and a warning says so.
 *
 * Three inputs or more that cannot be together although each two can are not found here.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolve.h"
#include "values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of a distribution without ends: the share beyond what is tried at either side, and a share that
 * no study ever draws from. */
static const double TAIL = 0.001, NEVER = 1e-12;

/* Values of one input or two; the others are as the scenario has them. */
struct trial {
    int n, keys[2];
    double values[2];
};

static bool can_be(struct reader *r, const struct trial *t, struct xo_error *why)
{
    struct xo_scenario *copy = xo_scenario_copy(r->s);
    const bool ok = copy != NULL ? xo_scenario_vary_all(copy, t->n, t->keys, t->values, why)
                                 : xo_fail(why, XO_ERR_MEMORY, "out of memory");
    xo_scenario_free(copy);
    return ok || memory_ran_out(r, why);
}

/* What is wrong with a trial, to stand behind its values: without its place, ours being that of the
 * range, and without the value where it is that of `key`. */
static const char *behind(const struct reader *r, int key, const char *text,
                          char out[XO_PLACE_SIZE])
{
    char head[160];
    const char *colon = strstr(text, ": ");
    const bool placed = strncmp(text, r->file, strlen(r->file)) == 0 ||
                        strncmp(text, "varied: ", strlen("varied: ")) == 0;
    const char *said = placed && colon != NULL ? colon + 2 : text;
    const int n =
        snprintf(head, sizeof head, "%s.%s is \"", xo_keys[key].section, xo_keys[key].name);
    const char *quote = strncmp(said, head, (size_t)n) == 0 ? strchr(said + n, '"') : NULL;
    snprintf(out, XO_PLACE_SIZE, "%s%s", quote != NULL ? "" : ", where ",
             quote != NULL ? quote + 1 : said);
    return out;
}

static double near_end(const struct xo_uncertain *u, int end, double tail)
{
    return xo_uncertain_quantile(u, end == 0 ? tail : 1 - tail);
}

static double end_of(const struct xo_uncertain *u, int end)
{
    return is_endless(&u->dist) ? near_end(u, end, TAIL) : end == 0 ? u->dist.lo : u->dist.hi;
}

/* A value as a message has it. */
static const char *show(char out[64], int key, double value)
{
    const struct xo_key *k = &xo_keys[key];
    return quantity_show(out, 64, number_unit(k),
                         k->type == XO_KEY_INTEGER ? nearbyint(value) : value);
}

static bool can_be_near(struct reader *r, const struct xo_uncertain *u, int end, double tail,
                        struct xo_error *why)
{
    const struct trial t = { 1, { u->key }, { near_end(u, end, tail) } };
    return can_be(r, &t, why);
}

/* The probability of the tail beyond the last value that can be. */
static double tail_that_cannot_be(struct reader *r, const struct xo_uncertain *u, int end)
{
    double can = TAIL, cannot = NEVER;
    for (int i = 0; i < 40; i++) {
        const double tail = sqrt(can * cannot);
        struct xo_error why = { 0 };
        *(can_be_near(r, u, end, tail, &why) ? &can : &cannot) = tail;
    }
    return can;
}

/* Cut the distribution where its tail cannot be. */
static void cut_tail(struct reader *r, struct xo_uncertain *u, int end, const struct xo_entry *e)
{
    char shown[64], what[XO_PLACE_SIZE];
    struct xo_error why = { 0 };
    if (can_be_near(r, u, end, NEVER, &why))
        return;
    const double tail = tail_that_cannot_be(r, u, end), value = near_end(u, end, tail);
    *(end == 0 ? &u->u_lo : &u->u_hi) += (end == 0 ? 1 : -1) * (u->u_hi - u->u_lo) * tail;
    warning_entry(r, e, "; its tail %s %s is cut%s", end == 0 ? "below" : "above",
                  show(shown, u->key, value), behind(r, u->key, why.text, what));
}

/* Both ends of one input; false: a problem was told. */
static bool try_alone(struct reader *r, struct xo_uncertain *u)
{
    const struct xo_entry *e = store_uncertain(r->store, u->key);
    for (int end = 0; e != NULL && end < 2; end++) {
        char shown[64], what[XO_PLACE_SIZE];
        struct xo_error why = { 0 };
        const struct trial t = { 1, { u->key }, { end_of(u, end) } };
        if (!can_be(r, &t, &why)) {
            problem_entry(r, e, "; it goes %s %s%s", end == 0 ? "down to" : "up to",
                          show(shown, u->key, t.values[0]), behind(r, u->key, why.text, what));
            return false;
        }
        if (is_endless(&u->dist))
            cut_tail(r, u, end, e);
    }
    return true;
}

static void try_together(struct reader *r, const struct xo_uncertain *a,
                         const struct xo_uncertain *b)
{
    const struct xo_entry *e = store_uncertain(r->store, b->key);
    for (int corner = 0; e != NULL && corner < 4; corner++) {
        char of_a[64], of_b[64], what[XO_PLACE_SIZE];
        struct xo_error why = { 0 };
        const struct trial t = { 2,
                                 { a->key, b->key },
                                 { end_of(a, corner % 2), end_of(b, corner / 2) } };
        if (can_be(r, &t, &why))
            continue;
        problem_entry(r, e, "; it goes to %s, with %s.%s at %s%s", show(of_b, b->key, t.values[1]),
                      xo_keys[a->key].section, xo_keys[a->key].name,
                      show(of_a, a->key, t.values[0]), behind(r, b->key, why.text, what));
        return;
    }
}

void try_ends(struct reader *r)
{
    struct xo_scenario *s = r->s;
    bool alone = true;
    for (int i = 0; i < s->n_uncertain; i++)
        alone &= try_alone(r, &s->uncertain[i]);
    for (int i = 0; alone && i < s->n_uncertain; i++)
        for (int j = 0; j < i; j++)
            if (s->uncertain[i].reaches_simulation && s->uncertain[j].reaches_simulation)
                try_together(r, &s->uncertain[j], &s->uncertain[i]);
}
