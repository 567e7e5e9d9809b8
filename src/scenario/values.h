/* values.h - each entry by its key's type: quantities, storage types, lists, and the grammars of
 * staff, tiers, arrivals, hours, dates and distributions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SCENARIO_VALUES_H
#define XO_SCENARIO_VALUES_H

#include "problems.h"
#include <math.h>

/* ---- quantities ---- */
/* A quantity of kind `unit`; false: *why says what it takes ("has no unit; it takes ..."). */
XO_MUST_USE bool quantity_read(const char *unit, const char *text, double hours_per_month,
                               double *value, struct xo_error *why);
/* hours_per_month of a quantity that is the same in every month, as a count is. */
#define NO_MONTHS ((double)NAN)
/* The price of a whole server by the hour, "$16/node/hour"; false: it is no such price. */
bool server_hour_read(const char *text, double hours_per_month, double *usd);
/* One price of a list, of `key`: a quantity of its kind, or the price of a server with
 * build.server_gpus in it by the GPU. */
XO_MUST_USE bool price_read(const struct xo_store *store, int key, const char *text, double *value,
                            struct xo_error *why);
/* A rate of requests or tokens into "a month". */
XO_MUST_USE bool volume_read(const char *text, double hours_per_month, double *per_month,
                             bool *is_tokens, struct xo_error *why);
/* `value` as one would type it, short (for messages) or exact (for a file). */
const char *quantity_show(char *out, size_t size, const char *unit, double value);
const char *quantity_exact(char *out, size_t size, const char *unit, double value);

/* ---- every entry ---- */
/* Read every entry by its key's type; problems go to r. */
void read_values(struct reader *r);
void read_value(struct reader *r, struct xo_entry *e);

/* ---- storage types ---- */
/* What a text says of how weights are stored (precision.c). */
struct precision {
    int type;           /* enum xo_dtype; -1: not settled, and `why` says what would do */
    size_t base_length; /* bytes of a checkpoint's name before the words for its type */
    char word[24], why[120];
};
/* Of the words at the end of a checkpoint's name; false: it ends in none. */
bool precision_of_name(const char *name, struct precision *p);
/* The same of a name of the catalog that is spelled another way ("Qwen3-8Bfp8"). */
bool precision_of_model(const char *name, struct precision *p);
/* Of a value; false: it is no such word. */
bool precision_read(const char *text, struct precision *p);
/* The word of the enum that `text` is among the choices of `key`, case, '-' and '_' alike, where a
 * storage type may be spelled as in precision_read; -1. */
int choice_of(int key, const char *text);

/* ---- grammars ---- */
/* Split at commas (and blanks too for blank_separated) into at most MAX_LIST trimmed items, kept in
 * copy[XO_VALUE_SIZE]; -1: too many or an empty one. */
int list_split(const char *text, bool blanks_too, char copy[XO_VALUE_SIZE],
               const char *items[MAX_LIST]);
int prices_split(const char *text, char copy[XO_VALUE_SIZE], const char *items[MAX_LIST]);
bool is_price_list(const char *text); /* of more than one; NULL is none */
XO_MUST_USE bool staff_read(const char *text, struct xo_staff *staff, struct xo_error *why);
XO_MUST_USE bool tiers_read(const char *text, struct xo_tariff *tariff, struct xo_error *why);
/* "2027-06-01 -20%, 2028-01-01 +5%": dates that rise, each with what it multiplies by. */
struct dated_factors {
    int n;
    struct {
        char date[16];
        double factor;
    } at[XO_MAX_DRIFT_STEPS];
};
XO_MUST_USE bool dated_read(const char *text, struct dated_factors *changes, struct xo_error *why);
/* The rows of a tariff (tariff_words.c): "2x Mon-Fri 01:00-04:00", "above 32k: in $1/Mtok out 2x"
 * of the prices that the tariff has by then, "0.5x, cached at list". */
XO_MUST_USE bool windows_read(const char *text, struct xo_tariff *tariff, struct xo_error *why);
XO_MUST_USE bool long_tiers_read(const char *text, struct xo_tariff *tariff, struct xo_error *why);
XO_MUST_USE bool service_read(const char *text, struct xo_service_rule *rule, struct xo_error *why);
/* "from 2027-01-01: in $1.50/Mtok out 2x" */
XO_MUST_USE bool changes_read(const char *text, struct xo_tariff *tariff, struct xo_error *why);
XO_MUST_USE bool arrivals_read(const char *text, struct xo_arrivals *arrivals,
                               struct xo_error *why);
XO_MUST_USE bool weektime_read(const char *text, double hours_per_month, double *seconds,
                               struct xo_error *why);
/* "UTC", "UTC+2", "UTC-5:30": minutes ahead of UTC. */
XO_MUST_USE bool timezone_read(const char *text, int *minutes, struct xo_error *why);
/* "Mon-Fri 01:00-04:00, Sat 22:00-02:00" into windows in order, apart, of the tariff's first
 * window; how many, or -1. */
int week_hours_read(const char *text, struct xo_week_minutes out[XO_MAX_PEAKS],
                    struct xo_error *why);
XO_MUST_USE bool date_read(const char *text, bool month_only, struct xo_error *why);
long date_days(const char *date); /* since 1970-01-01; of a date that date_read took */
/* The distribution grammar: every quantity in `unit`, times scale; file names start at `folder`;
 * "shared_prefix + ..." adds shared_prefix, which no scale changes (NAN: there is none). */
struct dist_context {
    const char *unit, *folder;
    double hours_per_month, scale, shared_prefix;
};
XO_MUST_USE bool dist_read(const char *text, const struct dist_context *in, struct xo_dist *dist,
                           struct xo_error *why);

/* ---- files beside a scenario ---- */
/* The folder of the scenario, "" for the current one. */
void folder_of(const char *path, char folder[XO_PATH_SIZE]);
/* `name` beside the scenario, unless it is absolute. */
void path_beside(char *out, size_t size, const char *folder, const char *name);

#endif
