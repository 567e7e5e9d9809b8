/* xo/clock.h - hours and days in seconds, and a clock to tell how long something took.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_CLOCK_H
#define XO_CLOCK_H

#define XO_HOUR_S 3600.0
#define XO_DAY_S  86400.0

/* Seconds of a clock that never goes back, from some moment on. */
double xo_now_s(void);

#endif
