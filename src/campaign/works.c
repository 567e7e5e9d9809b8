/* works.c - a sweep and a map as the work of a campaign.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/campaign.h"

#include "doubt/worlds.h"

/* ---- sweep ---- */

_Static_assert(sizeof(struct xo_sweep_row) == XO_SWEEP_ROW_FIELDS * sizeof(double),
               "a row is its fields");

static bool run_rows(const void *study, int64_t from, int64_t to, void *rows, struct xo_error *err)
{
    return xo_sweep_run_range(study, from, to, rows, err);
}

static int64_t next_look(const void *study, int64_t done)
{
    return xo_sweep_next_look(study, done);
}

static bool enough(const void *study, const void *rows, int64_t n)
{
    return xo_sweep_enough(study, rows, n);
}

struct xo_campaign_work xo_campaign_of_sweep(struct xo_sweep *sweep)
{
    static const struct xo_campaign_kind kind = { .name = "sweep",
                                                  .items = "samples",
                                                  .n_fields = XO_SWEEP_ROW_FIELDS,
                                                  .bytes_per_item = 250,
                                                  .run_range = run_rows,
                                                  .next_look = next_look,
                                                  .enough = enough };
    struct xo_worlds *worlds = xo_sweep_worlds(sweep);
    return (struct xo_campaign_work){ .kind = &kind,
                                      .scenario = worlds->scenario,
                                      .study = sweep,
                                      .worlds = worlds,
                                      .n_items = xo_sweep_n_rows(sweep),
                                      .unit = xo_sweep_rows_per_base(sweep),
                                      .key = "study.samples",
                                      .hash = xo_sweep_hash(sweep) };
}

/* ---- map ---- */

_Static_assert(sizeof(struct xo_map_cell) == XO_MAP_CELL_FIELDS * sizeof(double),
               "a cell is its fields");

static bool run_cells(const void *study, int64_t from, int64_t to, void *cells,
                      struct xo_error *err)
{
    return xo_map_run_range(study, (int)from, (int)to, cells, err);
}

struct xo_campaign_work xo_campaign_of_map(struct xo_map *map)
{
    static const struct xo_campaign_kind kind = { .name = "map",
                                                  .items = "cells",
                                                  .n_fields = XO_MAP_CELL_FIELDS,
                                                  .bytes_per_item = 2700,
                                                  .run_range = run_cells };
    const struct xo_map_settings *axes = xo_map_settings(map);
    struct xo_worlds *worlds = xo_map_worlds(map);
    return (struct xo_campaign_work){ .kind = &kind,
                                      .scenario = worlds->scenario,
                                      .study = map,
                                      .worlds = worlds,
                                      .n_items = xo_map_n_cells(map),
                                      .unit = 1,
                                      .key = axes->x.n >= axes->y.n ? "map.columns" : "map.rows",
                                      .hash = xo_map_hash(map) };
}
