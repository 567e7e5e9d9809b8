/* by_hand.h - the deployment of tests/data/analytic.ini worked out by hand, and tables of an
 * answer.
 *
 * A replica serves one request at a time, 10 s each: 0.1 a second, 262,800 in a month of 730 hours.
 * The fleet carries the plan with 20 % of headroom, and has spares beside that. A step that takes
 * `step` times as long, or calls of which the share `retries` is repeated, let a replica carry as
 * much less.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_TESTS_BY_HAND_H
#define XO_TESTS_BY_HAND_H

#include "answer.h"

#define ANALYTIC XO_SOURCE_DIR "/tests/data/analytic.ini"

/* Money, fleets and a rate vary: prompts, outputs and limits stay as they are. */
#define BY_HAND_UNCERTAIN                                                                          \
    "[uncertain]\n"                                                                                \
    "workload.volume = uniform(200k, 2M) requests/month\n"                                         \
    "build.rent = uniform(0, 4) USD/hour\n"                                                        \
    "buy.price_scale = lognormal(p50=1, p95=1.6)\n"                                                \
    "build.spare_replicas = discrete(0:1, 1:2, 2:1)\n"                                             \
    "workload.retries = uniform(0%, 20%)\n"                                                        \
    "[calibration]\n"                                                                              \
    "deployment = tiny bf16 on 1 x clock vllm\n"                                                   \
    "error = 40%\n"

static const double HOURS = 730, REPLICA = 0.1 * 3600 * 730, HEADROOM = 1.2;

/* What differs from one world to another. */
struct by_hand {
    double rent_usd_hour, price_scale, step_scale, retries, spare_replicas;
};
static const struct by_hand as_typed = { 2, 1, 1, 0, 1 };

/* A request of 1 + 100 tokens at $5 and $200 a million. */
static inline double by_hand_usd_a_request(const struct by_hand *w)
{
    return (1 + w->retries) * w->price_scale * (5e-6 + 100 * 200e-6);
}

/* ... and a tenth of a person of $120k a year. */
static inline double by_hand_buy_usd(const struct by_hand *w, double requests)
{
    return requests * by_hand_usd_a_request(w) + 0.1 * 120e3 / 12;
}

/* The same weights cost $3 and $60. */
static inline double by_hand_same_usd(const struct by_hand *w, double requests)
{
    return requests * (1 + w->retries) * w->price_scale * (3e-6 + 100 * 60e-6) + 0.1 * 120e3 / 12;
}

/* Planned requests that a replica more lets the fleet carry. */
static inline double by_hand_tread(const struct by_hand *w)
{
    return REPLICA / (HEADROOM * w->step_scale * (1 + w->retries));
}

/* Replicas without the spares. */
static inline int by_hand_fleet(const struct by_hand *w, double requests)
{
    return (int)fmax(ceil(requests / by_hand_tread(w)), 1);
}

/* Half a person of $120k a year, $12k over 12 months, 10 % on top of it all. */
static inline double by_hand_fleet_usd(const struct by_hand *w, double replicas)
{
    return 1.1 * (replicas * w->rent_usd_hour * HOURS + 0.5 * 120e3 / 12 + 12e3 / 12);
}

static inline double by_hand_build_usd(const struct by_hand *w, double requests)
{
    return by_hand_fleet_usd(w, by_hand_fleet(w, requests) + w->spare_replicas);
}

/* Where building becomes cheaper first, and where it stays so: 0, below MIN already; INFINITY, not
 * up to MAX. */
struct by_hand_crossings {
    double first, last;
    int n;
};

/* On a tread of the fleet the bill of building is flat and that of buying rises, so they cross once
 * at most; where a replica is added, building may turn dearer again. */
static inline struct by_hand_crossings by_hand_crossings(const struct by_hand *w, double min,
                                                         double max)
{
    struct by_hand_crossings c = { .first = INFINITY, .last = INFINITY };
    bool built = false;
    for (double from = min; from < max;) {
        const int n = (int)floor(from / by_hand_tread(w) + 1e-9) + 1;
        const double to = fmin(n * by_hand_tread(w), max);
        const double usd = by_hand_fleet_usd(w, n + w->spare_replicas);
        const double equal = (usd - by_hand_buy_usd(w, 0)) / by_hand_usd_a_request(w);
        if (built && equal > from) { /* the replica more has made building dearer */
            built = false;
            c.last = INFINITY;
            c.n++;
        }
        if (!built && equal < to) {
            const bool at_once = from == min && equal < min;
            built = true;
            c.last = at_once ? 0 : equal;
            c.first = isinf(c.first) ? c.last : c.first;
            c.n += !at_once;
        }
        from = to;
    }
    return c;
}

/* ---- tables of an answer ---- */

struct csv {
    char *text;  /* owned */
    char **cell; /* [1 + n_rows][n_columns], the header first; owned */
    int n_rows, n_columns;
};

/* A cell in quotes loses them. */
static inline struct csv csv_of(const struct answer *a, const char *file)
{
    struct csv t = { .text = answer_file(a, file) };
    int n_cells = 0, n_lines = 0;
    for (const char *p = t.text; *p != '\0'; p++) {
        p += answer_cell_length(p);
        n_cells++;
        p += *p == '\r';
        n_lines += *p == '\n';
    }
    ck_assert_msg(n_lines > 0 && n_cells % n_lines == 0, "%s: %d cells on %d lines", file, n_cells,
                  n_lines);
    t.n_rows = n_lines - 1;
    t.n_columns = n_cells / n_lines;
    t.cell = malloc((size_t)n_cells * sizeof *t.cell);
    char *p = t.text;
    for (int i = 0; i < n_cells; i++) {
        const size_t length = answer_cell_length(p);
        const bool ends = p[length] == '\r', quoted = *p == '"';
        p[quoted ? length - 1 : length] = '\0';
        t.cell[i] = p + quoted;
        p += length + (ends ? 2 : 1);
    }
    return t;
}

static inline void csv_fini(struct csv *t)
{
    free(t->text);
    free(t->cell);
}

/* Figures are compared by the ten thousand, and each assertion of Check's is a message to its
 * parent: the functions below speak only where something is wrong. */
static inline const char *csv_text(const struct csv *t, int row, const char *column)
{
    if (row >= t->n_rows)
        ck_abort_msg("there is no row %d", row);
    for (int c = 0; c < t->n_columns; c++)
        if (strcmp(t->cell[c], column) == 0)
            return t->cell[(row + 1) * t->n_columns + c];
    ck_abort_msg("there is no column \"%s\"", column);
}

/* NAN where the cell is empty. */
static inline double csv_number(const struct csv *t, int row, const char *column)
{
    const char *text = csv_text(t, row, column);
    char *end;
    const double value = strtod(text, &end);
    if (*end != '\0')
        ck_abort_msg("row %d: %s is %s, no number", row, column, text);
    return *text == '\0' ? (double)NAN : value;
}

/* The row whose COLUMN says TEXT. */
static inline int csv_row(const struct csv *t, const char *column, const char *text)
{
    for (int row = 0; row < t->n_rows; row++)
        if (strcmp(csv_text(t, row, column), text) == 0)
            return row;
    ck_abort_msg("no %s is \"%s\"", column, text);
}

/* Money is rounded to a millionth of a dollar an item. */
static inline bool is_near(double found, double right, double tolerance)
{
    return found == right || fabs(found - right) <= tolerance * fmax(1, fabs(right)) ||
           (isnan(found) && isnan(right));
}
#define ck_near(found, right, tolerance, ...)                                                      \
    do {                                                                                           \
        const double found_ = (found), right_ = (right);                                           \
        char what_[160];                                                                           \
        snprintf(what_, sizeof what_, __VA_ARGS__);                                                \
        if (!is_near(found_, right_, tolerance))                                                   \
            ck_abort_msg("%s is %.12g, not %.12g", what_, found_, right_);                         \
    } while (0)

#endif
