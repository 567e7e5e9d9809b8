/* threads.h - the few functions of OpenMP that we call, or one thread where it is not there.
 * Private to the library.
 *
 * Without OpenMP its pragmas are nothing, and all runs on the calling thread with the same results.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_BASE_THREADS_H
#define XO_BASE_THREADS_H

#ifdef _OPENMP
#include <omp.h>
#else
static inline int omp_get_max_threads(void)
{
    return 1;
}
static inline int omp_get_num_procs(void)
{
    return 1;
}
static inline int omp_get_thread_num(void)
{
    return 0;
}
static inline int omp_in_parallel(void)
{
    return 0;
}
#endif

#endif
