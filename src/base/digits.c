/* digits.c - the shortest digits of a double by whole numbers alone; see digits.h.
 *
 * printf takes half a microsecond for 17 digits, and a sweep writes some twenty numbers a sample.
 * For the sizes that studies write it can be done exactly in 128 bits. A double is m * 2^e with
 * m < 2^53. The k that leaves 17 digits before the point makes of it
 *
 *   value * 10^k = m * 5^k / 2^-(e+k) = scaled / 2^shift
 *
 * whose `scaled` is below 2^53 * 5^27 < 2^116: nothing is lost. Fewer digits are this number
 * divided by 10 or 100 and rounded to even, as printf rounds. They read back as the double where
 * they lie within half the gap to its neighbours, which is 5^k in units of `scaled` (half of it
 * below a power of two). 15 digits are tried, then 16; 17 always read back.
 *
 * Left out: sizes that need more than 128 bits. Algorithms for all doubles (Ryu, Grisu, Dragonbox)
 * take tables of powers of ten, and what Debian has of them is C++.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "digits.h"

#ifndef __SIZEOF_INT128__

bool digits_shortest(char out[32], double value)
{
    (void)out;
    (void)value;
    return false;
}

#else

#include <math.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

static const double LEAST = 0x1p-36,
                    MOST = 1e15; /* 5^k has to fit; 15 digits show all of a whole */
enum { MOST_DIGITS = 17, MANTISSA_BITS = 53 };
static const int LEAST_FIXED = -4; /* of %g: smaller ones are written with an exponent */

/* value = (whole + rest / 2^shift) * 10^(exponent - 16), whole of 17 digits. */
struct scaled {
    uint64_t mantissa, gap; /* m and 5^k, as above */
    int shift, exponent;    /* exponent: of the first digit */
    uint64_t whole, rest;
};

static uint64_t power_of_five(int k)
{
    uint64_t power = 1;
    for (uint64_t base = 5; k > 0; k /= 2, base *= base)
        power *= k % 2 != 0 ? base : 1;
    return power;
}

static void scale_to(struct scaled *s, int e, int exponent)
{
    const int k = MOST_DIGITS - 1 - exponent;
    s->exponent = exponent;
    s->gap = power_of_five(k);
    s->shift = -(e + k);
    const wide all = (wide)s->mantissa * s->gap;
    s->whole = (uint64_t)(all >> s->shift);
    s->rest = (uint64_t)(all - ((wide)s->whole << s->shift));
}

/* The power of ten at or below the power of two is that of the value, or the one before it. */
static struct scaled scale(double value)
{
    static const double LOG10_2 = 0.30102999566398120;
    static const uint64_t ALL_DIGITS = UINT64_C(100000000000000000);
    struct scaled s;
    int e;
    s.mantissa = (uint64_t)ldexp(frexp(value, &e), MANTISSA_BITS);
    const int exponent = (int)floor((e - 1) * LOG10_2);
    scale_to(&s, e - MANTISSA_BITS, exponent);
    if (s.whole >= ALL_DIGITS)
        scale_to(&s, e - MANTISSA_BITS, exponent + 1);
    return s;
}

/* The value in units of 1, 10 or 100 of its last digit; whether that reads back as the value. Half
 * a gap is odd in halves and what we are off by is even: there is no tie. */
static bool round_to(const struct scaled *s, unsigned unit, uint64_t *rounded)
{
    const wide one = (wide)unit << s->shift, over = ((wide)(s->whole % unit) << s->shift) + s->rest;
    const uint64_t below = s->whole / unit;
    const bool up = 2 * over > one || (2 * over == one && below % 2 != 0);
    const bool narrow = !up && s->mantissa == UINT64_C(1) << (MANTISSA_BITS - 1);
    *rounded = below + up;
    return 2 * (up ? one - over : over) <= (narrow ? s->gap / 2 : s->gap);
}

/* The decimal digits of n, without a NUL; how many. */
static int put_digits(char out[20], uint64_t n)
{
    char back[20];
    int count = 0;
    do
        back[count++] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    for (int i = 0; i < count; i++)
        out[i] = back[count - 1 - i];
    return count;
}

/* As %g has them: 12.3, 0.00123, 1.23e-05. */
static void put_number(char *out, const char digits[], int n, int exponent)
{
    const bool fixed = exponent >= LEAST_FIXED;
    int point = fixed && exponent > 0 ? exponent : 0; /* behind digits[point] */
    if (fixed && exponent < 0) {
        memcpy(out, "0.000", 5);
        out += 1 - exponent;
        point = n;
    }
    for (int i = 0; i < n || (fixed && i <= exponent); i++) {
        if (i == point + 1)
            *out++ = '.';
        *out++ = i < n ? digits[i] : '0';
    }
    if (!fixed) {
        *out++ = 'e';
        *out++ = '-';
        *out++ = (char)('0' - exponent / 10);
        *out++ = (char)('0' - exponent % 10);
    }
    *out = '\0';
}

bool digits_shortest(char out[32], double value)
{
    const double size = fabs(value);
    const bool whole = size < MOST && floor(size) == size;
    char digits[20];
    int n_digits = MOST_DIGITS - 2, n;
    if (!whole && !(size >= LEAST && size < MOST))
        return false;
    if (signbit(value))
        *out++ = '-';
    if (whole) {
        out[put_digits(out, (uint64_t)size)] = '\0';
        return true;
    }
    const struct scaled s = scale(size);
    uint64_t rounded;
    for (unsigned unit = 100; !round_to(&s, unit, &rounded); unit /= 10)
        n_digits++;
    n = put_digits(digits, rounded);
    const int exponent = s.exponent + n - n_digits; /* 9.99 may have become 10.0 */
    while (n > 1 && digits[n - 1] == '0')
        n--;
    put_number(out, digits, n, exponent);
    return true;
}

#endif
