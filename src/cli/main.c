/* main.c - crossover's front door: argv in, exit status out.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <gsl/gsl_errno.h>
#include <signal.h>
#include <unistd.h>

/* A closed stdin, stdout or stderr would lend its number to the next file that is opened, and what
 * is printed would land in that file. Hold each with a descriptor on which every use fails. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            _exit(CLI_FAILED);
}

static int refuse(const struct cli_request *request, const struct xo_error *err)
{
    cli_tell(request, CLI_ERROR, "%s", err->text);
    if (err->kind != XO_ERR_INPUT)
        return CLI_FAILED;
    const char *verb = request->verb != NULL ? request->verb->name : NULL;
    fprintf(stderr, "Try: crossover %s%s--help\n", verb != NULL ? verb : "",
            verb != NULL ? " " : "");
    return CLI_BAD;
}

static int dispatch(const struct cli_request *request)
{
    if (request->show_version)
        cli_print_version(stdout);
    else if (request->show_help)
        cli_print_help(stdout, request->verb);
    else if (request->verb == NULL)
        cli_print_overview(stdout);
    else
        return request->verb->run(request);
    return CLI_OK;
}

/* Whether all that was printed has arrived. */
static int finish_stdout(const struct cli_request *request, int status)
{
    errno = 0;
    const bool lost = fflush(stdout) != 0 || ferror(stdout) != 0;
    const int why = errno;
    if (!lost || (status != CLI_OK && status != CLI_CONDITION))
        return status;

    cli_tell(request, CLI_ERROR, "cannot write to standard output: %s", xo_file_why(why));
    return CLI_FAILED;
}

int main(int argc, char *argv[])
{
    struct cli_request request = { 0 };
    struct xo_error err = { 0 };
    hold_standard_streams();
    gsl_set_error_handler_off();
    signal(SIGXFSZ, SIG_IGN); /* beyond `ulimit -f` writing fails as on a full disk */
    signal(SIGPIPE, SIG_DFL); /* a reader who leaves early ends us without a word */
    int status;
    if (!cli_parse(&request, argc, argv, &err))
        status = refuse(&request, &err);
    else
        status = finish_stdout(&request, dispatch(&request));
    cli_request_fini(&request);
    return status;
}
