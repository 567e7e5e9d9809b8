/* kept.h - simulations kept by what they are a function of. Private to the library.
 *
 * A result is kept under the digest of its scenario and option (xo_scenario_simulated), the kind of
 * question, and its numbers. Whoever asks the same again gets the same bytes. Threads may ask at
 * the same time.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SIZING_KEPT_H
#define XO_SIZING_KEPT_H

#include "xo/sizing.h"

enum kept_kind { KEPT_LIMITS, KEPT_OBSERVED, KEPT_RUNG, KEPT_CHANGE, KEPT_SEARCH };

/* Where one result is kept. All zero: nowhere. */
struct kept_place {
    struct xo_kept *kept;
    struct xo_digest key;
};
/* Of a question with these numbers[n], of the scenario and option of `digest`; kept NULL: nowhere.
 */
struct kept_place kept_at(struct xo_kept *kept, const struct xo_digest *digest, enum kept_kind kind,
                          const double numbers[], int n);
/* Copy what is kept there to out[size]; false: nothing of that size is, and *out is as it was. */
bool kept_find(const struct kept_place *place, void *out, size_t size);
/* Keep bytes[size] there; without memory for it nothing is kept, and nothing is lost. */
void kept_put(const struct kept_place *place, const void *bytes, size_t size);

#endif
