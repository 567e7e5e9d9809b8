/* profiles.c - the named weeks: steady, diurnal, office-hours, spiky.
 *
 * Conventions of this program, made to a stated peak: the busiest hour over the mean of the week is
 * 1, 1.6, 2.6 and 5. A day is the same shape on every day, times the day's weight.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolve.h"
#include "xo/table.h"

#include <string.h>

static const struct {
    double hours[24], days[7];
} presets[] = {
    /* steady */
    { { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 },
      { 1, 1, 1, 1, 1, 1, 1 } },
    /* diurnal: people at home, least at 4, most at 20 h, a tenth more on Saturday and Sunday */
    { { 0.62, 0.44, 0.34, 0.29, 0.27, 0.31, 0.43, 0.62, 0.80, 0.93, 1.00, 1.04,
        1.06, 1.04, 1.01, 1.01, 1.05, 1.12, 1.18, 1.24, 1.26, 1.23, 1.08, 0.83 },
      { 1, 1, 1, 1, 1, 1.1, 1.1 } },
    /* office-hours: Monday to Friday around 9 to 17 h, a quarter of it at the weekend */
    { { 0.08, 0.08, 0.08, 0.08, 0.08, 0.08, 0.15, 0.35, 0.75, 0.95, 1,    1,
        0.85, 0.9,  1,    1,    0.95, 0.75, 0.5,  0.35, 0.3,  0.25, 0.15, 0.1 },
      { 1, 1, 1, 1, 1, 0.24, 0.24 } },
    /* spiky: little by day, an evening rush, most at 20 h */
    { { 0.30, 0.20, 0.15, 0.12, 0.12, 0.15, 0.25, 0.40, 0.50, 0.50, 0.55, 0.65,
        0.90, 0.75, 0.55, 0.55, 0.65, 0.85, 1.40, 2.50, 4.12, 3.00, 1.40, 0.60 },
      { 1, 1, 1, 1, 1, 1.1, 1.1 } },
};
XO_TABLE_OF(presets, PROFILE_CUSTOM); /* the last of the enum */

void profile_preset(enum profile profile, double hours[24], double days[7])
{
    memcpy(hours, presets[profile].hours, sizeof presets[profile].hours);
    memcpy(days, presets[profile].days, sizeof presets[profile].days);
}
