/* map.c - who wins over a grid of two keys, and the line between.
 *
 * The state is a struct xo_map: two axes, and worlds in which these two keys vary. A cell is one
 * world, priced at its own volume; cell i stands in column i % x.n and row i / x.n. Invariant: a
 * cell is a function of scenario, settings, simulations and its number, so any range of them may be
 * run anywhere.
 *
 * The frontier is found on the edges of the grid. An edge has a root where its ends have different
 * winners: by bisection, since bills jump where a replica is added, and the root is where the sign
 * changes. Roots are joined through each square (marching squares); a root has at most two links,
 * one for each square beside its edge, and a line that ends inside the grid ends beside a cell
 * without a winner.
 *
 * Once the surrogates stand, the cells on both sides of the frontier are simulated in full
 * (pick_frontier), for the answer hangs on them: the surrogate alone gave prompts.ini 15 replicas
 * for 11 there. Begin with xo_map_new, fill_cell and find_frontier.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/map.h"

#include "doubt/worlds.h"
#include "xo/table.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { MAX_NODES = 500, BISECTIONS = 21 }; /* to 5e-7 of an edge */

#define USD_OF(NAME, name, ...) { #name "_usd", "usd/month" },
/* clang-format off */
const struct xo_field xo_map_fields[] = {
    { "x", NULL },
    { "y", NULL },
    { "volume", "requests/month" },
    XO_WAYS(USD_OF)
    { "saving_usd", "usd/month" },
    { "replicas", "" },
    { "gpus", "" },
    { "option", "" },
    { "api", "" },
    { "buy_limited", "" },
};
/* clang-format on */
#undef USD_OF
XO_TABLE_OF(xo_map_fields, XO_MAP_CELL_FIELDS);
_Static_assert(sizeof(struct xo_map_cell) == XO_MAP_CELL_FIELDS * sizeof(double),
               "a cell is as many doubles as it has names");

struct xo_map {
    const struct xo_scenario *scenario;
    const struct xo_study_options *options;
    struct xo_map_settings settings;
    struct xo_worlds worlds;
};

enum xo_map_winner xo_map_winner_of(const struct xo_map_cell *cell)
{
    return isnan(cell->saving_usd) ? XO_MAP_NONE : cell->saving_usd > 0 ? XO_MAP_BUILD : XO_MAP_BUY;
}

enum xo_map_winner xo_map_verdict_of(const struct xo_map_cell *cell, double materiality_frac)
{
    const double cheaper = fmin(cell->usd[XO_WAY_BUY], cell->usd[XO_WAY_BUILD]);
    return xo_is_immaterial(cell->saving_usd, cheaper, materiality_frac) ? XO_MAP_CLOSE
                                                                         : xo_map_winner_of(cell);
}

/* ---- axes ---- */

static double between(const struct xo_map_axis *a, double from, double to, double at)
{
    return a->log ? from * pow(to / from, at) : from + (to - from) * at;
}

static double node(const struct xo_map_axis *a, int i)
{
    return i == a->n - 1 ? a->to : between(a, a->from, a->to, (double)i / (a->n - 1));
}

static double whole(const struct xo_map_axis *a, double value)
{
    return xo_keys[a->key].type == XO_KEY_INTEGER ? nearbyint(value) : value;
}

static bool check_axis(const struct xo_map_axis *a, struct xo_error *err)
{
    char name[160];
    key_name(a->key, name, sizeof name);
    if (a->n < 2 || a->n > MAX_NODES)
        return xo_fail(err, XO_ERR_INPUT, "the axis %s has %d values; it takes 2 to %d", name, a->n,
                       MAX_NODES);
    if (!(a->from < a->to) || !isfinite(a->from) || !isfinite(a->to) || (a->log && a->from <= 0))
        return xo_fail(err, XO_ERR_INPUT, "the axis %s goes from %g to %g; it has to rise%s", name,
                       a->from, a->to, a->log ? ", from above 0 where it goes by ratios" : "");
    return true;
}

/* ---- a new map ---- */

static bool can_be_mapped(const struct xo_scenario *s, const struct xo_map_settings *m,
                          struct xo_error *err)
{
    const int clients = xo_key_find("workload.clients");
    if (s->workload.n_clients > 0 || m->x.key == clients || m->y.key == clients)
        return xo_fail(err, XO_ERR_INPUT,
                       "%s: a closed loop of clients has no volume and no bills to map", s->path);
    if (s->n_apis == 0 || s->n_options == 0)
        return xo_fail(err, XO_ERR_INPUT, "%s: there is no [%s] to compare with", s->path,
                       s->n_apis == 0 ? "buy" : "build");
    if (m->x.key == m->y.key)
        return xo_fail(err, XO_ERR_INPUT, "both axes of the map are %s.%s",
                       xo_keys[m->x.key].section, xo_keys[m->x.key].name);
    return check_axis(&m->x, err) && check_axis(&m->y, err) &&
           input_takes(s, m->x.key, m->x.from, m->x.to, err) &&
           input_takes(s, m->y.key, m->y.from, m->y.to, err);
}

/* The largest volume that the grid asks about. */
static double largest_volume(const struct xo_scenario *s, const struct xo_map_settings *m)
{
    const int volume = xo_key_find("workload.volume");
    double most = s->requests_per_month;
    if (m->x.key == volume)
        most = fmax(most, m->x.to);
    if (m->y.key == volume)
        most = fmax(most, m->y.to);
    return most;
}

static pick_fn pick_frontier;

bool xo_map_new(struct xo_map **out, const struct xo_scenario *s,
                const struct xo_map_settings *settings, const struct xo_study_options *options,
                struct xo_error *err)
{
    if (!can_be_mapped(s, settings, err))
        return false;
    struct xo_map *map = calloc(1, sizeof *map);
    if (map == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a map");
    map->scenario = s;
    map->options = options;
    map->settings = *settings;
    const struct varied axes[2] = {
        { .key = settings->x.key, .lo = settings->x.from, .hi = settings->x.to },
        { .key = settings->y.key, .lo = settings->y.from, .hi = settings->y.to },
    };
    if (worlds_init(&map->worlds, s, options, axes, 2, largest_volume(s, settings), err)) {
        map->worlds.most_rounds = 3; /* what matters of a map is then simulated in full */
        map->worlds.pick = pick_frontier;
        map->worlds.self = map;
        *out = map;
        return true;
    }
    xo_map_free(map);
    return false;
}

void xo_map_free(struct xo_map *map)
{
    if (map != NULL)
        worlds_fini(&map->worlds);
    free(map);
}

struct xo_worlds *xo_map_worlds(struct xo_map *map)
{
    return &map->worlds;
}

const struct xo_map_settings *xo_map_settings(const struct xo_map *map)
{
    return &map->settings;
}

/* ---- cells ---- */

int xo_map_n_cells(const struct xo_map *map)
{
    return map->settings.x.n * map->settings.y.n;
}

uint64_t xo_map_hash(const struct xo_map *map)
{
    const struct xo_map_settings *m = &map->settings;
    const double of[4] = { m->x.n, m->x.log, m->y.n, m->y.log };
    return XXH64(of, sizeof of, worlds_hash(&map->worlds));
}

/* The cell of the world at (x, y); where they are NAN, of the scenario as it stands. */
static bool fill_cell(struct visitor *v, double x, double y, struct xo_map_cell *cell,
                      struct xo_error *err)
{
    const double values[2] = { x, y };
    if (!visitor_go(v, values, err))
        return false;
    const double volume = v->own->requests_per_month;
    const struct quote q = quote_at(&v->world, volume);
    const bool feasible = q.pick[XO_WAY_BUILD] >= 0;
    *cell = (struct xo_map_cell){ .x = x,
                                  .y = y,
                                  .volume = volume,
                                  .saving_usd = q.usd[XO_WAY_BUY] - q.usd[XO_WAY_BUILD],
                                  .replicas = feasible ? (double)q.replicas : NAN,
                                  .gpus = feasible ? (double)q.gpus : NAN,
                                  .option = q.pick[XO_WAY_BUILD],
                                  .api = q.pick[XO_WAY_BUY],
                                  .buy_limited = q.limited[XO_WAY_BUY] };
    memcpy(cell->usd, q.usd, sizeof cell->usd);
    return true;
}

struct cells {
    const struct xo_map_settings *settings;
    struct xo_map_cell *at;
    int from;
};

static bool run_cell(struct visitor *v, int64_t piece, void *self, struct xo_error *err)
{
    const struct cells *cells = self;
    const struct xo_map_settings *m = cells->settings;
    const int i = (int)piece;
    return fill_cell(v, whole(&m->x, node(&m->x, i % m->x.n)),
                     whole(&m->y, node(&m->y, i / m->x.n)), &cells->at[i - cells->from], err);
}

bool xo_map_run_range(const struct xo_map *map, int from, int to, struct xo_map_cell cells[],
                      struct xo_error *err)
{
    struct cells of = { &map->settings, cells, from };
    return visitors_run(&map->worlds, from, to, run_cell, &of, err);
}

/* ---- cells that are simulated in full ---- */

/* Does the winner of cell i differ from that of a neighbour? */
static bool is_at_frontier(const struct xo_map_settings *m, const struct xo_map_cell cells[], int i)
{
    const int nx = m->x.n, ny = m->y.n, column = i % nx, row = i / nx;
    const int beside[4] = { column > 0 ? i - 1 : i, column < nx - 1 ? i + 1 : i,
                            row > 0 ? i - nx : i, row < ny - 1 ? i + nx : i };
    const enum xo_map_winner winner = xo_map_winner_of(&cells[i]);
    for (int k = 0; k < 4; k++) {
        const enum xo_map_winner other = xo_map_winner_of(&cells[beside[k]]);
        if (winner != XO_MAP_NONE && other != XO_MAP_NONE && other != winner)
            return true;
    }
    return false;
}

/* The cells on both sides of the frontier, as the surrogates have it by now. */
static bool pick_frontier(const struct xo_worlds *w, const void *self, struct candidates *out,
                          struct xo_error *err)
{
    const struct xo_map *map = self;
    const int n = xo_map_n_cells(map);
    struct xo_map_cell *cells = malloc((size_t)n * sizeof *cells);
    bool ok =
        cells != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for a map of %d cells", n);
    ok = ok && xo_map_run_range(map, 0, n, cells, err);
    for (int i = 0; ok && i < n; i++) {
        const double values[2] = { cells[i].x, cells[i].y };
        if (is_at_frontier(&map->settings, cells, i))
            ok = candidates_add(out, w, values, err);
    }
    free(cells);
    return ok;
}

/* ---- the frontier ---- */

/* Edges of the grid: first those along x, row by row, then those along y. */
struct grid {
    const struct xo_map *map;
    const struct xo_map_cell *cells;
    int nx, ny, n_along_x, n_edges;
    struct xo_map_point
        *root;      /* [n_edges]; line: 0 where the winner changes on the edge, else -1 */
    int (*link)[2]; /* [n_edges] the edges that a line goes on to, one a square; -1 */
};

static void edge_ends(const struct grid *g, int edge, int *a, int *b)
{
    if (edge < g->n_along_x) {
        const int i = edge % (g->nx - 1), j = edge / (g->nx - 1);
        *a = j * g->nx + i;
        *b = *a + 1;
    } else {
        *a = edge - g->n_along_x;
        *b = *a + g->nx;
    }
}

static bool build_wins(const struct xo_map_cell *cell)
{
    return xo_map_winner_of(cell) == XO_MAP_BUILD;
}

/* The place on an edge where the winner changes, if it does. */
static bool find_root(struct visitor *v, int64_t piece, void *self, struct xo_error *err)
{
    struct grid *g = self;
    const struct xo_map_settings *m = &g->map->settings;
    const int edge = (int)piece;
    const bool along_x = edge < g->n_along_x;
    const struct xo_map_axis *axis = along_x ? &m->x : &m->y;
    int a, b;
    edge_ends(g, edge, &a, &b);
    const struct xo_map_cell *from = &g->cells[a], *to = &g->cells[b];
    struct xo_map_point *root = &g->root[edge];
    root->line = -1;
    if (isnan(from->saving_usd) || isnan(to->saving_usd) || build_wins(from) == build_wins(to))
        return true;
    double lo = along_x ? from->x : from->y, hi = along_x ? to->x : to->y;
    for (int i = 0; i < BISECTIONS; i++) {
        const double mid = between(axis, lo, hi, 0.5);
        struct xo_map_cell cell;
        if (!fill_cell(v, along_x ? mid : from->x, along_x ? from->y : mid, &cell, err))
            return false;
        if (build_wins(&cell) == build_wins(from)) /* a cell without a winner counts as buying */
            lo = mid;
        else
            hi = mid;
    }
    const double at = between(axis, lo, hi, 0.5);
    *root = (struct xo_map_point){ along_x ? at : from->x, along_x ? from->y : at, 0 };
    return true;
}

static void join(struct grid *g, int a, int b)
{
    g->link[a][g->link[a][0] < 0 ? 0 : 1] = b;
    g->link[b][g->link[b][0] < 0 ? 0 : 1] = a;
}

/* The line through one square of four nodes; through a saddle, two that part its two winners'
 * corners as the middle says. Source: marching squares, Lorensen and Cline, SIGGRAPH 1987. */
static bool join_square(struct grid *g, int i, int j, struct visitor *v, struct xo_error *err)
{
    const int below = j * (g->nx - 1) + i, above = below + g->nx - 1;
    const int left = g->n_along_x + j * g->nx + i, right = left + 1;
    const int around[4] = { below, right, above, left };
    int on[4], n = 0;
    for (int k = 0; k < 4; k++)
        if (g->root[around[k]].line == 0)
            on[n++] = around[k];
    if (n == 2)
        join(g, on[0], on[1]);
    if (n < 4)
        return true;
    const struct xo_map_cell *corner = &g->cells[j * g->nx + i];
    const struct xo_map_cell *opposite = &g->cells[(j + 1) * g->nx + i + 1];
    struct xo_map_cell middle;
    const struct xo_map_settings *m = &g->map->settings;
    if (!fill_cell(v, between(&m->x, corner->x, opposite->x, 0.5),
                   between(&m->y, corner->y, opposite->y, 0.5), &middle, err))
        return false;
    const bool as_corner = build_wins(&middle) == build_wins(corner);
    join(g, below, as_corner ? right : left);
    join(g, above, as_corner ? left : right);
    return true;
}

/* Walk from an edge to the end of its line. */
static void follow(struct grid *g, int edge, int line, struct xo_map_point *points, int *n)
{
    for (int before = -1; edge >= 0;) {
        if (g->root[edge].line != 0)
            return; /* a closed line has come round */
        g->root[edge].line = line + 1;
        points[*n] = g->root[edge];
        points[(*n)++].line = line;
        const int *link = g->link[edge];
        const int next = link[0] != before || before < 0 ? link[0] : link[1];
        before = edge;
        edge = next;
    }
}

/* Lines that end at the border first, then closed ones. */
static void trace_lines(struct grid *g, struct xo_map_result *r)
{
    for (int closed = 0; closed < 2; closed++)
        for (int e = 0; e < g->n_edges; e++) {
            const bool ends_here = g->link[e][1] < 0;
            if (g->root[e].line == 0 && (closed || ends_here))
                follow(g, e, r->n_lines++, r->frontier, &r->n_frontier);
        }
}

static bool grid_init(struct grid *g, const struct xo_map *map, const struct xo_map_cell cells[],
                      struct xo_error *err)
{
    const int nx = map->settings.x.n, ny = map->settings.y.n;
    *g = (struct grid){ .map = map, .cells = cells, .nx = nx, .ny = ny };
    g->n_along_x = (nx - 1) * ny;
    g->n_edges = g->n_along_x + nx * (ny - 1);
    g->root = malloc((size_t)g->n_edges * sizeof *g->root);
    g->link = malloc((size_t)g->n_edges * sizeof *g->link);
    if (g->root == NULL || g->link == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for the frontier");
    for (int e = 0; e < g->n_edges; e++)
        g->link[e][0] = g->link[e][1] = -1;
    return true;
}

static bool find_frontier(const struct xo_map *map, struct xo_map_result *r, struct xo_error *err)
{
    struct grid g;
    struct visitor v = { 0 };
    bool ok = grid_init(&g, map, r->cells, err) &&
              visitors_run(&map->worlds, 0, g.n_edges, find_root, &g, err) &&
              visitor_init(&v, &map->worlds, err);
    for (int j = 0; ok && j < g.ny - 1; j++)
        for (int i = 0; ok && i < g.nx - 1; i++)
            ok = join_square(&g, i, j, &v, err);
    int n = 0;
    for (int e = 0; ok && e < g.n_edges; e++)
        n += g.root[e].line == 0;
    if (ok) {
        r->frontier = malloc(((size_t)n + 1) * sizeof *r->frontier);
        ok = r->frontier != NULL || xo_fail(err, XO_ERR_MEMORY, "out of memory for the frontier");
    }
    if (ok)
        trace_lines(&g, r);
    visitor_fini(&v);
    free(g.root);
    free(g.link);
    return ok;
}

/* ---- the result ---- */

static bool read_plan(const struct xo_map *map, struct xo_map_result *r, struct xo_error *err)
{
    const struct xo_map_settings *m = &map->settings;
    struct visitor v;
    const bool ok = visitor_init(&v, &map->worlds, err) && fill_cell(&v, NAN, NAN, &r->plan, err);
    visitor_fini(&v);
    r->plan.x = map->worlds.inputs[0].base;
    r->plan.y = map->worlds.inputs[1].base;
    r->plan_inside = r->plan.x >= m->x.from && r->plan.x <= m->x.to && r->plan.y >= m->y.from &&
                     r->plan.y <= m->y.to;
    return ok;
}

static void account(const struct xo_map *map, struct xo_map_result *r)
{
    const struct xo_worlds *w = &map->worlds;
    int wins = 0, close = 0, both = 0;
    for (int i = 0; i < r->n_cells; i++) {
        const enum xo_map_winner winner =
            xo_map_verdict_of(&r->cells[i], w->scenario->materiality_frac);
        wins += winner == XO_MAP_BUILD;
        close += winner == XO_MAP_CLOSE;
        both += winner != XO_MAP_NONE;
    }
    r->build_share = both > 0 ? (double)wins / both : NAN;
    r->close_share = both > 0 ? (double)close / both : NAN;
    r->reach_x = w->inputs[0].reach;
    r->reach_y = w->inputs[1].reach;
    r->n_surrogates = worlds_surrogates(w, r->surrogates);
    for (int o = 0; o < w->n_sizings; o++)
        if (w->ladders[o].infeasible.holds && r->n_notes < XO_MAX_SWEEP_NOTES)
            worlds_say_infeasible(w, o, "cell", r->notes[r->n_notes++]);
    r->n_confirmed = w->n_confirmed;
    r->n_searches = w->n_searches;
    r->n_simulated = w->n_simulated;
}

bool xo_map_finish(const struct xo_map *map, const struct xo_map_cell cells[],
                   struct xo_map_result **out, struct xo_error *err)
{
    struct xo_map_result *r = calloc(1, sizeof *r);
    const int n = xo_map_n_cells(map);
    if (r != NULL)
        r->cells = malloc((size_t)n * sizeof *r->cells);
    if (r == NULL || r->cells == NULL) {
        free(r);
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a map of %d cells", n);
    }
    r->settings = map->settings;
    r->n_cells = n;
    memcpy(r->cells, cells, (size_t)n * sizeof *cells);
    account(map, r);
    if (read_plan(map, r, err) && find_frontier(map, r, err)) {
        *out = r;
        return true;
    }
    xo_map_result_free(r);
    return false;
}

void xo_map_result_free(struct xo_map_result *r)
{
    if (r == NULL)
        return;
    free(r->cells);
    free(r->frontier);
    free(r);
}

bool xo_map_run(struct xo_map *map, struct xo_map_result **result, struct xo_error *err)
{
    const int n = xo_map_n_cells(map);
    struct xo_map_cell *cells = malloc((size_t)n * sizeof *cells);
    if (cells == NULL)
        return xo_fail(err, XO_ERR_MEMORY, "out of memory for a map of %d cells", n);
    const bool ok = xo_worlds_simulate(&map->worlds, err) &&
                    xo_map_run_range(map, 0, n, cells, err) &&
                    xo_map_finish(map, cells, result, err);
    free(cells);
    return ok;
}
