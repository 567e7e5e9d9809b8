/* progress.c - a bar with the time left, on a terminal alone, gone when the work is done.
 *
 * Nothing for the first half second, so that quick work does not flicker; at most ten redraws a
 * second, so that a slow line is not flooded.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"
#include "xo/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const double first_after_s = 0.5, redraw_after_s = 0.1;
enum { BAR_WIDTH = 24, MIN_COLUMNS = 40, MAX_COLUMNS = 200 };

static int terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col < MAX_COLUMNS ? size.ws_col : MAX_COLUMNS;
}

void cli_progress_begin(struct cli_progress *progress, const struct cli_request *request)
{
    const char *term = getenv("TERM");
    *progress = (struct cli_progress){ .columns = terminal_columns(), .began_s = xo_now_s() };
    progress->wanted = !request->quiet && isatty(STDERR_FILENO) && term != NULL &&
                       strcmp(term, "dumb") != 0 && progress->columns >= MIN_COLUMNS;
}

static void time_left(char *out, size_t size, double seconds)
{
    if (seconds < 90)
        snprintf(out, size, "%.0f s", ceil(seconds));
    else
        snprintf(out, size, "%.0f min", ceil(seconds / 60));
}

static void draw(const struct cli_progress *progress, double frac, double elapsed_s,
                 const char *what)
{
    char bar[BAR_WIDTH + 1], left[32] = "", line[MAX_COLUMNS];
    const int filled = (int)(frac * BAR_WIDTH);
    memset(bar, '#', (size_t)filled);
    memset(bar + filled, '.', (size_t)(BAR_WIDTH - filled));
    bar[BAR_WIDTH] = '\0';
    if (frac > 0.01)
        time_left(left, sizeof left, elapsed_s * (1 - frac) / frac);
    snprintf(line, (size_t)progress->columns, "[%s] %3.0f %%%s%s%s%s", bar, 100 * frac,
             left[0] != '\0' ? ", " : "", left, left[0] != '\0' ? " left, " : "  ", what);
    fprintf(stderr, "\r\033[K%s", line);
    fflush(stderr);
}

static void update(void *self, double frac, const char *what)
{
    struct cli_progress *progress = self;
    const double now = xo_now_s(), elapsed_s = now - progress->began_s;
    if (!progress->wanted || elapsed_s < first_after_s ||
        (progress->drawn && now - progress->drawn_s < redraw_after_s))
        return;
    draw(progress, frac > 0 ? fmin(frac, 1) : 0, elapsed_s, what != NULL ? what : "");
    progress->drawn = true;
    progress->drawn_s = now;
}

void cli_progress_end(struct cli_progress *progress)
{
    if (!progress->drawn)
        return;
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
    progress->drawn = false;
}

struct xo_study_options cli_study_options(const struct cli_request *request,
                                          const struct xo_scenario *scenario,
                                          struct cli_progress *progress)
{
    const int usual = scenario != NULL ? scenario->n_threads : 0;
    const int n_threads = request->n_threads > 0 ? request->n_threads : usual;
    return (struct xo_study_options){
        .n_threads = n_threads, .progress = update, .progress_self = progress, .stop = &cli_stop
    };
}

void cli_note(const void *request, const char *text)
{
    cli_tell(request, CLI_NOTE, "%s", text);
}

void cli_warn(const void *request, const char *text)
{
    cli_tell(request, CLI_WARNING, "%s", text);
}
