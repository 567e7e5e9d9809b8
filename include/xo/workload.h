/* xo/workload.h - who asks for what, when: requests one by one.
 *
 * Arrivals of an open loop are Lambda^-1(S_i): S_i is a renewal process of mean gap 1 in unit time
 * and Lambda(t) the rate integrated over clock time, so that burstiness and the daily shape
 * multiply exactly and no arrival is thinned away. The stream begins in the middle of a gap (the
 * equilibrium renewal process), so that every window meets the full rate. Volume multiplies the
 * rate and never compresses clock time: profiles, spikes, bursts and think times stay in seconds.
 * Request i has the same lengths and the same unit arrival time at every volume. This room has
 * never heard of a GPU.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_WORKLOAD_H
#define XO_WORKLOAD_H

#include "xo/error.h"
#include "xo/random.h"
#include <stddef.h>
#include <stdint.h>

enum { XO_HOURS_PER_WEEK = 168, XO_MAX_CLASSES = 16, XO_MAX_SPIKES = 16, XO_NAME_SIZE = 64 };

enum xo_arrival_kind {
    XO_ARRIVALS_DETERMINISTIC,
    XO_ARRIVALS_POISSON,
    XO_ARRIVALS_GAMMA,   /* gaps gamma with coefficient of variation cv */
    XO_ARRIVALS_WEIBULL, /* gaps Weibull with cv */
};

/* Markov-modulated on/off bursts: the rate is high for share_frac of the time, `factor` (above 1,
 * may be infinite) times as high as otherwise, in exponential stays of mean_s; the stays between
 * last mean_s (1 - share_frac)/share_frac in the mean. The modulation m(t) has mean 1, begins in
 * its stationary state at the start of the stream and is a part of the rate, the same path at every
 * volume. factor 1, or 0 in a zeroed struct: none. Stays of less than XO_MIN_STAY_S are refused. */
#define XO_MIN_STAY_S 0.1
struct xo_bursts {
    double factor, share_frac, mean_s;
};
/* Whether requests meet in the bursts of a stream of this mean rate. Below one request in a hundred
 * bursts they do not, and streams leave the modulation out: it would add at most 2 % to the
 * variance of their counts, and a request would take thousands of bursts to find. */
bool xo_bursts_are_felt(const struct xo_bursts *bursts, double requests_per_s);

/* A named spike: from start_s into the week the rate is multiplied by `factor` (0 or more) for
 * length_s and then decays exponentially towards 1 with time constant decay_s (0: at once). Happens
 * every week; spikes that overlap multiply. A decay ends after 20 time constants (2e-9 is left). */
struct xo_spike {
    char name[XO_NAME_SIZE];
    double start_s, length_s, factor, decay_s;
};

struct xo_arrivals {
    enum xo_arrival_kind kind;
    double cv; /* of the gaps; 1 for Poisson, 0 for deterministic */
    struct xo_bursts bursts;
};

/* The rate at scale `scale` times the planned volume. More users: the superposition of many
 * independent streams, cv^2 -> 1 + (cv^2 - 1)/scale above 1 and 1 + (cv^2 - 1)*scale below, where
 * it is a random thinning (both exact in the first two moments). Kind becomes gamma where cv leaves
 * 0 or 1. */
struct xo_arrivals xo_arrivals_more_users(const struct xo_arrivals *arrivals, double scale);

/* Hour-of-week weights, piecewise constant, hour 0 = Monday 00:00; they count relative to their
 * mean. The rate is scaled so that its mean over the week, spikes included, is the volume asked
 * for: a spike takes from the other hours. Decays are walked in steps of decay_s/64, each at the
 * exact mean of the exponential over it, so that Lambda is exact at every step's ends. */
struct xo_profile {
    double hour_weight[XO_HOURS_PER_WEEK];
    struct xo_spike spikes[XO_MAX_SPIKES];
    int n_spikes;
};

/* One kind of request. Lengths are rounded to whole tokens from 1 to 2^30; prompt counts everything
 * the model reads, the shared prefix included, so prompt >= prefix + 1 is enforced by lengthening.
 */
struct xo_class {
    char name[XO_NAME_SIZE];
    double weight; /* share of requests, relative to the sum of all */
    struct xo_dist prompt, output;
    int32_t shared_prefix_tokens; /* the same start of every prompt of this class: resident in the
                                     cache */
    int32_t max_context_tokens; /* prompt + output is cut to this: the prompt to leave one token of
                                   output, then the output to what is left; 0: no limit */
    int tariff;                 /* index for the study: which API tariff bills it; 0 by default */
};

/* The unit of stamps that are numbers; AUTO: by the column's name, else inferred. */
enum xo_trace_unit {
    XO_TRACE_AUTO,
    XO_TRACE_S,
    XO_TRACE_MS,
    XO_TRACE_US,
    XO_TRACE_NS,
    XO_TRACE_DATES, /* the stamps are dates: never an option, always a finding */
    XO_N_TRACE_UNITS
};
enum xo_trace_unit_from {
    XO_TRACE_UNIT_OF_DATES,
    XO_TRACE_UNIT_GIVEN,
    XO_TRACE_UNIT_BY_NAME, /* of the column, or of the format */
    XO_TRACE_UNIT_INFERRED,
    XO_N_TRACE_UNIT_ORIGINS
};
enum { XO_TRACE_STAMP_SIZE = 40, XO_TRACE_WHY_SIZE = 400, XO_TRACE_MAX_NAMED = 3 };

/* A row as it stands in the file. */
struct xo_trace_mark {
    long line;
    char stamp[XO_TRACE_STAMP_SIZE]; /* dates in universal time */
};

/* What reading a trace found out, so that it can be said. */
struct xo_trace_notes {
    enum xo_trace_unit unit;
    enum xo_trace_unit_from unit_from;
    char unit_why[XO_TRACE_WHY_SIZE]; /* inferred: the sentence with its evidence; by name: the
                                         column; given: the column's name where it says another
                                         unit, else "" */

    int64_t n_no_prompt, n_no_output, n_no_tokens; /* rows left out (failures): without prompt
                                                      tokens, without output tokens, without both */
    size_t n_rows;                                 /* usable rows, strays among them */
    double as_is_s;                                /* the period of all of them with nothing cut */
    size_t n_strays; /* rows far from all others; left out of the trace when cut */
    struct xo_trace_mark strays[XO_TRACE_MAX_NAMED]; /* the first of them */
    double stray_away_s; /* how far the first is from the nearest row that is none */
    int n_holes;         /* gaps between recordings; 0 when nothing of them is cut */
    struct xo_trace_mark hole_from, hole_to; /* the rows around the longest */
    double hole_s, cut_s;                    /* its length; taken out of the period in all */
    bool is_scheduled;                       /* the holes come back like a schedule and were left */
    double open_period_s;                    /* the period without these */
    size_t n_twins;                          /* rows with the stamp and lengths of the row before */
    size_t n_zoned, n_unzoned;               /* dates with a time zone and without */
    long clock_back_line; /* the only row that comes before the one above it, by half an hour
                             to an hour, of dates without a zone: summer time ended; 0: none */
    bool has_hash_ids;    /* hashes of prompt blocks, which are not used */
};

/* A recorded trace, in order of time. */
struct xo_trace {
    size_t n;
    double *arrival_s;      /* [n] owned, from 0 */
    int32_t *prompt_tokens; /* [n] owned; >= 1 */
    int32_t *output_tokens; /* [n] owned; >= 1 */
    double period_s;        /* length of the recording: after it the trace starts again */
    struct xo_trace_notes notes;
};

struct xo_trace_options {
    enum xo_trace_unit unit;
    bool keep_gaps; /* strays and holes stay, unsought */
    double month_s; /* the month in which texts tell volumes; 0: 730 hours */
};

/* Read a trace from CSV or JSON lines. The first line of a CSV names the columns; they may stand in
 * any order, others are ignored, and case, blanks and underscores do not count. Sets that are
 * known:
 *
 *   arrival_s,prompt_tokens,output_tokens           the project's own: seconds from any origin
 *   TIMESTAMP,ContextTokens,GeneratedTokens         Azure: 2023-11-16 18:17:03.9799600, any number
 *                                                   of decimals, "T" for the blank and Z, +01:00,
 *                                                   +0100 or +01 behind it allowed
 *   Timestamp,...,Request tokens,Response tokens    BurstGPT: seconds
 *   {"timestamp": 3000, "input_length": 6758, "output_length": 500, ...}   a line of Mooncake (ms)
 *                                                   or of Qwen's Bailian traces (s)
 *
 * and any other with one name each for the time (arrival, timestamp, time, created_at, ...), the
 * prompt tokens (input_tokens, prompt_length, ...) and the output tokens (completion_tokens, ...):
 * docs/scenario.md lists them. The project's own format is plain: one request a line, a decimal
 * number and two whole ones,
 *
 *   arrival_s,prompt_tokens,output_tokens
 *   0.25,1020,129
 *   1.75,374,44
 *
 * LF or CRLF, final newline or none, byte-order mark or none; fields may stand in double quotes.
 * Lines of up to 16 MiB; empty ones are skipped. Whole numbers may be written as 1569.0.
 *
 * The unit of stamps that are numbers is the option's; else the column's name says it (arrival_s,
 * timestamp_ms); else it is inferred from the stamps, with the evidence in notes.unit_why. Stamps
 * that would be clear in another unit alone, and stamps that may have two units, fail.
 *
 * Rows out of order are sorted by time, equal times in the order of the file; time then counts from
 * the first. Rows without prompt or output tokens are left out and counted. Unless options say
 * keep_gaps, a few rows far from all others are left out, and holes between recordings are taken
 * out of the period: later rows come earlier by whole days where the rest lasts a day or more, else
 * the hole shrinks to the mean gap. Nights, weekends and gaps that come back like a schedule stay.
 * The period is one mean gap longer than from the first request to the last.
 *
 * Options NULL: all 0. Untrusted input: fails with XO_ERR_INPUT naming file:line at the first bad
 * row, XO_ERR_IO or _MEMORY; *trace is then as it was. */
XO_MUST_USE bool xo_trace_read(struct xo_trace *trace, const char *path,
                               const struct xo_trace_options *options, struct xo_error *err);
/* "seconds", "milliseconds", ...; "dates"; "" for AUTO. */
const char *xo_trace_unit_name(enum xo_trace_unit unit);
void xo_trace_fini(struct xo_trace *trace);

struct xo_workload {
    struct xo_arrivals arrivals;
    struct xo_profile profile;
    struct xo_class classes[XO_MAX_CLASSES];
    int n_classes;
    const struct xo_trace
        *trace;          /* borrowed; NULL: arrivals and lengths as above. Else it replaces
                            arrivals, profile and lengths; classes[0] gives prefix and limits
                            and is the class of every request. In a closed loop or a stationary
                            stream a request takes the lengths of a row at random */
    int n_clients;       /* > 0: closed loop of so many clients; rate and profile are unused */
    double client_gap_s; /* closed loop: from a client's last token to its next request */
};

struct xo_request {
    int64_t id; /* 0, 1, 2, ... in order of creation: the entity of its draws. Closed loop: turn *
                   n_clients + client, whatever the order; its draws belong to (client, turn) and
                   are the same for any number of clients */
    double arrival_s;
    int32_t prompt_tokens; /* all of them, prefix included; >= 1 */
    int32_t output_tokens; /* >= 1 */
    int32_t prefix_tokens; /* of prompt_tokens: shared prefix, already in the cache */
    int32_t class_index;
};

/* Mean rate of hour h relative to the week's mean, spikes included, so that the 168 factors have
 * mean 1; all of them at once; and the first hour where it is largest. The profile is one that
 * xo_source_new accepts. */
double xo_profile_hour_factor(const struct xo_profile *profile, int hour_of_week);
void xo_profile_hour_factors(const struct xo_profile *profile, double factors[XO_HOURS_PER_WEEK]);
int xo_profile_busiest_hour(const struct xo_profile *profile);
/* Whether the rate is constant within the hour: no spike begins, ends or decays in it. */
bool xo_profile_hour_is_steady(const struct xo_profile *profile, int hour_of_week);

/* A stream of requests. One per replication; not shared between threads. */
struct xo_source;
struct xo_source_options {
    double requests_per_s; /* mean over the week; for a trace: mean over its period; unused in a
                              closed loop */
    double start_s;        /* clock time at which the stream begins: 0 is a Monday 00:00 and the
                              first row of a trace; any number of weeks later is fine */
    uint64_t seed;
    uint32_t replication;
    bool stationary; /* rate = requests_per_s at all times: profile and spikes off, bursts kept. A
                        trace then gives lengths alone, and `arrivals` the gaps */
    int64_t spread;  /* a closed loop of one client: the first `spread` requests of each class, a
                        power of two, taken in turn, have lengths spread evenly over its laws,
                        whatever the seed (Hammersley's points: shares are right to 1/spread); 0:
                        lengths are drawn */
};
/* `workload` is borrowed until xo_source_free. Fails with XO_ERR_INPUT when it cannot be simulated.
 *
 * A trace at x times its own rate: below 1 each row is kept with probability x, by a uniform of the
 * row (and of how often the trace has been through), so that a smaller volume replays a subset of a
 * larger one. Above 1, copies 0, 1, ... are laid over one another and the last is thinned. Copy 0
 * is the recording. Copy k of a recording of D whole days is turned circularly by k mod D days, and
 * from copy D on also by a part of one hour; of a recording shorter than a day, where copies turned
 * by whole periods would coincide request by request, by a part of its length. The parts are
 * multiples of the golden section from a uniform of the replication: what varies between
 * replications above 1x. At exactly 1x all replications are the recording. */
XO_MUST_USE struct xo_source *xo_source_new(const struct xo_workload *workload,
                                            const struct xo_source_options *options,
                                            struct xo_error *err);
void xo_source_free(struct xo_source *source);

/* Open loop: the next request; arrival times never decrease. An open loop never ends. 40 to 90 ns.
 */
void xo_source_next(struct xo_source *source, struct xo_request *request);
/* Closed loop: client `client` (0..n_clients-1) sends at `now_s`; the caller lets all clients send
 * at the start and each again client_gap_s after its last token. */
void xo_source_client(struct xo_source *source, int client, double now_s,
                      struct xo_request *request);
/* How many requests arrive in [from_s, to_s) of the stream that these options begin: what a probe
 * of an SLO may miss is a share of this. Draws arrival times and classes only. Open loop. */
XO_MUST_USE bool xo_source_count(const struct xo_workload *workload,
                                 const struct xo_source_options *options, double from_s,
                                 double to_s, int64_t *n_per_class, struct xo_error *err);

/* What whoever serves requests makes of their lengths. */
enum { XO_MAX_THRESHOLDS = 3 };
struct xo_length_limits {
    int32_t most_tokens; /* prompt and output together, of one request; 0: no limit */
    int n_thresholds;
    int32_t above_tokens[XO_MAX_THRESHOLDS]; /* of prompts; rising; the rest is 0 */
    bool is_marginal; /* a part holds the prompt tokens between its threshold and the next, and the
                         outputs of prompts that end there; else requests whose prompt ends there */
};
/* Expectations over the length distributions (after rounding, clipping, prefix and context cut),
 * right to 1e-5 (exact below 1,024 tokens and for discrete, empirical and traces; 1 ms), for bills:
 * per request of class c. Requests over the most tokens are refused: they count among all requests
 * and carry no tokens. The prefix is the beginning of a prompt. For a trace, the means over its
 * rows. */
struct xo_token_part {
    double requests_frac;          /* of all requests: those that are served, and end here */
    double prompt, cached, output; /* tokens per request, of all requests */
};
struct xo_token_means {
    double refused_frac;                           /* share of requests that are refused */
    double prompt, cached, output;                 /* tokens served per request, of all requests */
    struct xo_token_part above[XO_MAX_THRESHOLDS]; /* of those, what lies over each threshold */

    double cut_frac;          /* share cut to the class's max_context_tokens */
    double lengthened_frac;   /* share whose prompt was no longer than the shared prefix */
    double lengthened_tokens; /* what they were lengthened by, per request of all requests */
};
XO_MUST_USE bool xo_class_token_means(const struct xo_workload *workload, int class_index,
                                      struct xo_length_limits limits, struct xo_token_means *means,
                                      struct xo_error *err);
/* Are these limits so far above all requests of a class that its means are those without any, to
 * the bit? No where that is not plain, and of a trace. O(1). */
bool xo_class_is_within(const struct xo_workload *workload, int class_index,
                        struct xo_length_limits limits);

/* ---- the shared prefix in a cache whose entries expire ---- */

/* Gaps of a trace, in mean gaps: the share of them longer than 1e-4 * 10^(k/64). */
enum { XO_GAP_LEVELS_PER_TEN = 64, XO_GAP_LEVELS = 10 * XO_GAP_LEVELS_PER_TEN + 1 };
struct xo_gap_table {
    double longer_frac[XO_GAP_LEVELS];
};
void xo_gap_table_fill(struct xo_gap_table *table, const struct xo_trace *trace);

/* How the calls that share one prefix follow each other: those of `arrivals`, of which a share
 * kept_frac, taken at random, carries it. */
struct xo_gap_law {
    enum xo_arrival_kind kind;
    double cv2; /* squared coefficient of variation of a gap */
    double weibull_scale, weibull_power;
    struct xo_bursts bursts;          /* factor 0: none */
    const struct xo_gap_table *table; /* borrowed; not NULL: the gaps of a trace instead */
};
XO_MUST_USE bool xo_gap_law_init(struct xo_gap_law *law, const struct xo_arrivals *arrivals,
                                 double kept_frac, struct xo_error *err);

/* How long an entry lives: ttl_s (0 or infinite: for ever) from the start of the last call that
 * read or wrote it; `fixed`: that wrote it. It can be read ready_s after the start of its writer,
 * at most ttl_s. */
struct xo_entry_life {
    double ttl_s, ready_s;
    bool fixed;
};
/* Share of the calls that find no entry of their prefix and write it, at a steady rate of calls.
 * From 0 to 1. 10 ns for Poisson arrivals, a microsecond otherwise. */
double xo_cache_write_frac(const struct xo_gap_law *law, double rate_per_s,
                           const struct xo_entry_life *life);

#endif
