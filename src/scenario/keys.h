/* keys.h - the table of keys as the room sees it: sections, what bounds them, the words of choices.
 * The rows stand in keys.def; the rest of the program sees them through xo/scenario.h.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SCENARIO_KEYS_H
#define XO_SCENARIO_KEYS_H

#include "xo/scenario.h"

enum section {
    S_SCENARIO,
    S_WORKLOAD,
    S_SLO, /* [slo] and [slo NAME] */
    S_BUY,
    S_BUILD,
    S_UNIT,
    S_STUDY,
    S_MAP,
    S_HORIZON,
    S_ACTUAL,
    S_CALIBRATION,
    S_UNCERTAIN, /* its keys are those of other sections */
    S_N_SINGLE,
    S_CLASS = S_N_SINGLE,
    S_SPIKE,
    S_CURRENCY,
    S_GPU,
    S_MODEL,
    S_API,
    S_N
};
/* K_BUILD_RENT is the index of a key; FIRST_BUILD and AFTER_BUILD bound those of a section. */
#define BEGIN(id, name, named, plain, help) FIRST_##id, BEFORE_##id = FIRST_##id - 1,

#define KEY(id, section, name, type, unit, defaults, min, max, choices, effect, help) K_##id,

#define END(id) AFTER_##id, LAST_##id = AFTER_##id - 1,

enum {
#include "keys.def"
    N_KEYS
};
enum { MAX_SECTION_KEYS = 96, MAX_LIST = 32 };

struct section_info {
    const char *name;
    bool named, plain; /* may stand as [class NAME]; may stand as [slo] */
    int first_key, n_keys;
    const char *help;
};
extern const struct section_info sections[];                /* [S_N] */
bool is_catalogued(enum section section);                   /* GPUs, models, APIs */
int section_find(const char *name, size_t length);          /* -1: unknown */
int section_of(int key);                                    /* of the key, 0 .. xo_n_keys - 1 */
int key_in_section(enum section section, const char *name); /* index into xo_keys; -1 */
/* The kind of quantity that a key holds as one number; NULL: it holds something else. */
const char *number_unit(const struct xo_key *k);
const char *key_default(int key); /* as typed, shown or not; NULL: it has none */

/* ---- the words of choices that no other room has an enum for ---- */
enum yes_no { NO, YES, N_YES_NO };
enum state_bits { STATE_BITS_16, STATE_BITS_32, N_STATE_BITS };
enum profile {
    PROFILE_STEADY,
    PROFILE_DIURNAL,
    PROFILE_OFFICE_HOURS,
    PROFILE_SPIKY,
    PROFILE_CUSTOM,
    N_PROFILES
};
enum trace_gaps { GAPS_CUT, GAPS_KEEP, N_TRACE_GAPS };
enum rent_kind { RENT_ON_DEMAND, RENT_RESERVED, RENT_RESERVED_3Y, RENT_SPOT, N_RENT_KINDS };
enum link_kind { LINK_NVLINK, LINK_PCIE, LINK_XGMI, LINK_ICI, LINK_NONE, N_LINK_KINDS };
enum caching { CACHING_NONE, CACHING_UNKNOWN, N_CACHINGS };
enum batch_cached { BATCH_DISCOUNTED, BATCH_FULL_PRICE, N_BATCH_CACHED };
enum buy_tier { TIER_STANDARD, TIER_FLEX, TIER_PRIORITY, TIER_FAST, N_BUY_TIERS };
enum provisioned { UNITS_NONE, UNITS_SEARCHED, N_PROVISIONED };
enum commit_period { PERIOD_MONTH, PERIOD_TERM, N_COMMIT_PERIODS };
enum long_pricing { LONG_WHOLE, LONG_MARGINAL, N_LONG_PRICINGS };

#endif
