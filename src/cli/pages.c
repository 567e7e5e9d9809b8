/* pages.c - crossover_pages: writes manual pages and completions while the program is built.
 *
 *   crossover_pages OUTPUT bash|zsh|fish|keys     a page that is all table
 *   crossover_pages OUTPUT man TEMPLATE           a template whose lines @NAME@ are filled in
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pages.h"

#include "xo/file.h"
#include "xo/scenario.h"
#include <stdlib.h>
#include <string.h>

struct page {
    const char *name;
    void (*write)(FILE *out);
};
static const struct page whole_pages[] = { { "bash", pages_bash },
                                           { "zsh", pages_zsh },
                                           { "fish", pages_fish },
                                           { "keys", xo_keys_write_reference },
                                           { NULL, NULL } };
static const struct page man_parts[] = { { "@COMMANDS@\n", pages_man_commands },
                                         { "@OPTIONS@\n", pages_man_options },
                                         { "@EXAMPLES@\n", pages_man_examples },
                                         { "@KEYS@\n", pages_man_keys },
                                         { NULL, NULL } };

static const struct page *find(const struct page *pages, const char *name)
{
    while (pages->name != NULL && strcmp(pages->name, name) != 0)
        pages++;
    return pages->name != NULL ? pages : NULL;
}

static bool fill(FILE *out, const char *path, struct xo_error *err)
{
    char line[1024];
    FILE *template = fopen(path, "r");
    if (template == NULL)
        return xo_fail(err, XO_ERR_IO, "cannot read %s", path);
    while (fgets(line, sizeof line, template) != NULL) {
        const struct page *part = find(man_parts, line);
        if (part != NULL)
            part->write(out);
        else
            fputs(line, out);
    }
    fclose(template);
    return true;
}

int main(int argc, char *argv[])
{
    const struct page *page = argc == 3 ? find(whole_pages, argv[2]) : NULL;
    const bool man = argc == 4 && strcmp(argv[2], "man") == 0;
    struct xo_error err = { 0 };
    struct xo_file file;
    if (page == NULL && !man) {
        fprintf(stderr, "usage: crossover_pages OUTPUT bash|zsh|fish|keys|man [TEMPLATE]\n");
        return EXIT_FAILURE;
    }
    bool ok = xo_file_create(&file, argv[1], &err);
    if (ok && man)
        ok = fill(file.stream, argv[3], &err);
    else if (ok)
        page->write(file.stream);
    if (!ok || !xo_file_commit(&file, &err)) {
        xo_file_discard(&file);
        fprintf(stderr, "crossover_pages: %s\n", err.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
