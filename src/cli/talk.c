/* talk.c - what is said on stderr, and how an error becomes an exit status.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"
#include "xo/table.h"

#include "xo/text.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool wants_color(const struct cli_request *request)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (request->color != CLI_COLOR_AUTO)
        return request->color == CLI_COLOR_ALWAYS;
    return (no_color == NULL || no_color[0] == '\0') && isatty(STDERR_FILENO) && term != NULL &&
           strcmp(term, "dumb") != 0;
}

/* Control characters become '?' and invisible ones are shown by their number: a line quotes what
 * stands in a file, and a terminal obeys escape sequences. */
static void disarm(char *out, size_t size, const char *text)
{
    char shown[XO_SHOWN_SIZE];
    size_t n = 0;
    while (*text != '\0') {
        const bool blank = *text == ' ';
        text += xo_text_show(text, shown);
        if (!blank && strcmp(shown, " ") == 0)
            shown[0] = '?';
        if (n + strlen(shown) >= size)
            break;
        strcpy(out + n, shown);
        n += strlen(shown);
    }
    out[n] = '\0';
}

void cli_tell(const struct cli_request *request, enum cli_tone tone, const char *format, ...)
{
    static const struct {
        const char *color, *prefix;
    } tones[] = { { "\033[1;31m", "crossover: " },
                  { "\033[1;33m", "crossover: warning: " },
                  { "", "" }, /* plain */
                  { "", "" } /* a note */ };
    XO_TABLE_OF(tones, CLI_N_TONES);
    if (request->mute || (tone == CLI_NOTE && request->quiet))
        return;
    char text[2048], plain[2 * sizeof text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    disarm(plain, sizeof plain, text);
    const bool color = tones[tone].color[0] != '\0' && wants_color(request);
    fprintf(stderr, "%s%s%s%s\n", color ? tones[tone].color : "", tones[tone].prefix,
            color ? "\033[0m" : "", plain);
}

int cli_status_of(const struct xo_error *err)
{
    return err->kind == XO_OK            ? CLI_OK
           : err->kind == XO_ERR_STOPPED ? CLI_INTERRUPTED
           : err->kind == XO_ERR_INPUT   ? CLI_BAD
                                         : CLI_FAILED;
}

int cli_failed(const struct cli_request *request, const struct xo_error *err)
{
    cli_tell(request, CLI_ERROR, "%s",
             err->kind == XO_ERR_STOPPED
                 ? "interrupted before the study was finished; nothing was written"
                 : err->text);
    return cli_status_of(err);
}

void cli_tell_lines(const struct cli_request *request, enum cli_tone tone, const char *text)
{
    while (text != NULL && *text != '\0') {
        const int length = (int)strcspn(text, "\n");
        if (length > 0)
            cli_tell(request, tone, "%.*s", length, text);
        text += length;
        text += *text == '\n';
    }
}
