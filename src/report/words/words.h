/* words.h - figures and names in words, short enough for a cell or a clause.
 *
 * Text that came from a scenario passes xo_plain first: valid UTF-8, no control characters, cut to
 * a number of columns.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_WORDS_WORDS_H
#define XO_REPORT_WORDS_WORDS_H

#include "base/buffer.h"
#include "xo/report.h"
#include <stddef.h>

/* Room for the short texts of one sentence: slots are used in turn. */
struct xo_words {
    char slot[40][XO_TITLE_SIZE];
    int next;
};
char *xo_words_slot(struct xo_words *w);
/* Any short text; what it says may be other words of `w`. */
const char *xo_say(struct xo_words *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *xo_say_count(struct xo_words *w, double value); /* 14.2 B, glued */
const char *xo_say_tokens(struct xo_words *w, const struct xo_curve *c, double requests);
const char *xo_say_usd(struct xo_words *w, double usd);       /* $13,000 */
const char *xo_say_dollars(struct xo_words *w, double usd);   /* $13,125, for tables and bills */
const char *xo_say_time(struct xo_words *w, double seconds);  /* 45.3 ms, for tables */
const char *xo_say_exact(struct xo_words *w, int64_t count);  /* 25,377 */
const char *xo_say_factor(struct xo_words *w, double factor); /* 3.7 */
/* One that flips an answer: rounded away from 1, so that what is said flips it too. */
const char *xo_say_flip(struct xo_words *w, double factor);
const char *xo_say_share(struct xo_words *w, double share); /* under 1 %, 43 % */
/* What draws say, with its standard error where another set of draws would print another digit:
 * "43 % +- 1 %", "$1,200 +- $200"; of a volume as many of three digits as the error supports, and
 * the error with it where that is not even two. */
const char *xo_say_drawn_share(struct xo_words *w, double share, double se);
const char *xo_say_drawn_usd(struct xo_words *w, double usd, double se);
const char *xo_say_drawn_tokens(struct xo_words *w, const struct xo_curve *c, double requests,
                                double se);
const char *xo_say_usd_band(struct xo_words *w, const struct xo_band *band); /* P10 to P90 */
const char *xo_say_duration(struct xo_words *w, double seconds);             /* 45 ms */
const char *xo_say_usd_range(struct xo_words *w, double lo, double hi);      /* $7,600 to $15,000 */
/* From one known volume to another, such as the ends of the simulated range. */
const char *xo_say_token_range(struct xo_words *w, const struct xo_curve *c, double lo, double hi);
/* What draws or noise say about where `base` lies, P10 to P90: two digits, or three where two would
 * leave `base` outside or no range at all. */
const char *xo_say_token_band(struct xo_words *w, const struct xo_curve *c, double base,
                              const struct xo_band *band);
const char *xo_say_times(struct xo_words *w, int n); /* once, twice, 15 times */
/* "43 %", and "<1 %" or ">99 %" for what is neither nothing nor all; of a cell of a table. */
const char *xo_say_percent(struct xo_words *w, double share);
/* "5 %", "0.05 %": a share that was typed, to all its digits. */
const char *xo_say_typed_share(struct xo_words *w, double share);
const char *xo_say_target(struct xo_words *w,
                          const struct xo_slo_target *target); /* TTFT p95 <= 2 s */

/* typically within 21 % (in range: GPU, model and engine were measured) */
const char *xo_say_step_error(struct xo_words *w, const struct xo_build_option *option);
/* 80 % of deployments lie this close. */
double xo_step_typical_frac(const struct xo_build_option *option);

/* A number in the base of `unit`, as people write it: "$3.95/hour", "45 %". */
const char *xo_show_quantity(char *out, size_t size, const char *unit, double value);
/* The base unit of a key's values in tables for programs: "usd/token"; "": a number. */
const char *xo_unit_of_key(int key);
const char *xo_metric_name(enum xo_metric metric); /* "TTFT" */
const char *xo_flip_name(enum xo_flip_key key);    /* "api_price" */
const char *xo_reach_name(enum xo_reach reach);
const char *xo_origin_name(enum xo_origin origin);
const char *xo_group_name(enum xo_bill_group group); /* "people" */
/* A tariff's name with its provider, as plain text. */
const char *xo_say_api(struct xo_words *w, const char *tariff_name);
const char *xo_api_at(const struct xo_curve *c, int point); /* name of the tariff drawn there */
/* What the scenario calls what a way is drawn with there; "": nothing is. */
const char *xo_way_at(const struct xo_curve *c, enum xo_way way, int point);
/* The tariff of a host of the same weights; "" where there is none. */
const char *xo_same_name(const struct xo_scenario *s, int host);
/* Does buy.same_model_api = none say that no host is to be compared? */
bool xo_same_is_left_out(const struct xo_scenario *s);
/* Does buying from `api` buy the weights of [build], of every class? */
bool xo_buys_same_weights(const struct xo_scenario *s, int api);
/* What is bought where buy.api is `api`: "openai/gpt-6.2-sol", or "openai/gpt-6.2-sol +
 * openai/gpt-5-nano" where classes have APIs of their own; in `short_form` the number of them,
 * "2 APIs". */
const char *xo_say_buy(struct xo_words *w, const struct xo_scenario *s, const char *api,
                       bool short_form);
/* The same without a place that says which API is cheapest: of a list, "the cheapest of 3 APIs". */
const char *xo_say_baseline(struct xo_words *w, const struct xo_scenario *s);
const char *xo_say_host(struct xo_words *w, const struct xo_scenario *s);  /* likewise */
const char *xo_key_text(struct xo_words *w, const struct xo_entry *entry); /* "build.rent" */
const char *xo_uncertain_text(struct xo_words *w, const struct xo_uncertain *u);

#endif
