/* resolve.h - entries to structs, by what they speak of: workload, SLO, tariffs, machines, money.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SCENARIO_RESOLVE_H
#define XO_SCENARIO_RESOLVE_H

#include "problems.h"

/* A section of the catalog, or the scenario's own. */
void gpu_fill(const struct xo_store *store, int group, struct xo_gpu_entry *gpu);
void model_fill(const struct xo_store *store, int group, struct xo_model_entry *model);
void api_fill(const struct xo_store *store, int group, struct xo_api *api);

/* Do the keys of [model NAME], which is complete, go together? Problems at their lines. */
void check_own_model(struct reader *r, int group);
bool model_has_fault(const struct xo_model *m); /* such a problem */

/* All of the scenario from its store; problems go to r. */
void resolve(struct reader *r);
/* Its parts: who asks for what; which APIs; which build options. */
void resolve_workload(struct reader *r);
void resolve_slo(struct reader *r);
void resolve_apis(struct reader *r);
/* Amounts in the currencies of [currency NAME] into dollars, before values are read (currency.c).
 */
void convert_currencies(struct reader *r);
void check_currencies(struct reader *r);
/* Three tokens of input to one of output, in USD a token. */
double blended_usd(const struct xo_tariff *tariff);
void resolve_build(struct reader *r);
void resolve_uncertain(struct reader *r);
/* A key that --set gives is fixed: what [uncertain] says of it goes, so that the text that is
 * written says what is studied. Before values are read. */
void leave_out_fixed(struct reader *r);
/* Has a distribution no ends of its own, whatever it has been cut to? */
bool is_endless(const struct xo_dist *dist);
/* Can the scenario, which has no problem so far, be at the ends of what is not known (ends.c)? */
void try_ends(struct reader *r);
/* Without [uncertain]: entries of it, of the value "catalog", for the prices that are guesses. */
void resolve_implied(struct reader *r);
/* Is a value of [uncertain] the word for the catalog's own spread? And that spread, of this key. */
bool is_spread(const char *value);
XO_MUST_USE bool spread_read(const struct reader *r, int key, struct xo_dist *dist,
                             struct xo_error *why);
/* Only dollars: volume, terms, tariffs, staff. Cheap, and repeatable after a key has changed. */
void resolve_money(struct reader *r);
/* The key of [gpu] that build.rent = catalog takes: by build.rent_kind; and what the GPU's entry
 * has of that kind. */
int rent_key(const struct reader *r);
struct xo_quotes rent_quotes(const struct reader *r, const struct xo_gpu_entry *gpu);
/* [horizon]: when its months are, and the volumes of its file, which is read once; the numbers that
 * may vary, with the money; and what does not go together. */
void resolve_horizon(struct reader *r);
void resolve_drifts(struct reader *r);
void check_horizon(struct reader *r);
/* Do the parts go together? Problems and warnings. */
void check(struct reader *r);
/* Weights of the hours and days of a profile that has a name: any but PROFILE_CUSTOM. */
void profile_preset(enum profile profile, double hours[24], double days[7]);
/* The trace that the scenario names, if any; its unit as found; its own rate where there is no
 * volume (trace.c). */
void resolve_trace(struct reader *r);
void volume_of_trace(struct reader *r);
/* What there is to say of a trace that was read. */
void check_trace(struct reader *r);
bool trace_copy(const struct xo_trace *from, struct xo_trace *to);
/* An entry that says what was worked out. */
void derive(struct reader *r, int group, int key, const char *value, const char *where);

#endif
