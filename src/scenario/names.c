/* names.c - one thing, spelled as people, drivers and benchmarks spell it: when do two names agree?
 *
 * A GPU's name is the set of its words: "NVIDIA A100-SXM4-80GB", "A100 80GB SXM" and
 * "a100_80gb_sxm" agree, since makers, brands, editions and the generation of a socket say nothing
 * more. A model's is what follows the organisation, whatever stands between its letters and digits:
 * "Llama-3.1-8B-Instruct" and "meta-llama/Llama 3.1 8B Instruct".
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 128, MAX_WORDS = 16 };

static const char *const noise[] = { "nvidia",      "amd",      "intel",     "google",
                                     "geforce",     "tesla",    "instinct",  "gpu",
                                     "generation",  "graphics", "blackwell", "server",
                                     "workstation", "edition" };

static bool is_noise(const char *word)
{
    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
        if (strcmp(word, noise[i]) == 0)
            return true;
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The words of `name`, cut apart in `copy`, which holds it in small letters. */
static int split_words(const char *name, char copy[LONGEST], char *words[MAX_WORDS])
{
    size_t n = 0;
    for (; name[n] != '\0' && name[n] != '(' && n + 1 < LONGEST; n++) /* "(one of two)": a remark */
        copy[n] = (char)tolower((unsigned char)name[n]);
    copy[n] = '\0';
    int n_words = 0;
    for (char *rest = copy, *word; (word = strsep(&rest, " \t-_/")) != NULL;) {
        if (strncmp(word, "sxm", 3) == 0)
            word[3] = '\0';
        if (*word != '\0' && !is_noise(word) && n_words < MAX_WORDS)
            words[n_words++] = word;
    }
    return n_words;
}

static void join(char out[LONGEST], char *words[], int n)
{
    out[0] = '\0';
    for (int i = 0; i < n; i++)
        strcat(out, words[i]); /* no longer than the name they were cut from */
}

/* "H100 SXM" and "RTX4090" need not part their words alike, so the words count in their own order,
 * run together, as well as sorted. */
static bool gpu_names_agree(const char *a, const char *b)
{
    char copy_a[LONGEST], copy_b[LONGEST], joined_a[LONGEST], joined_b[LONGEST];
    char *words_a[MAX_WORDS], *words_b[MAX_WORDS];
    const int n_a = split_words(a, copy_a, words_a), n_b = split_words(b, copy_b, words_b);
    for (int sorted = 0; sorted < 2; sorted++) {
        join(joined_a, words_a, n_a);
        join(joined_b, words_b, n_b);
        if (n_a > 0 && strcmp(joined_a, joined_b) == 0)
            return true;
        qsort(words_a, (size_t)n_a, sizeof *words_a, by_text);
        qsort(words_b, (size_t)n_b, sizeof *words_b, by_text);
    }
    return false;
}

static const char *next_letter(const char *p)
{
    return p + strspn(p, " \t-_");
}

/* Blanks and dashes count between two digits alone: "3.1-8B" is not "3.18B". */
static bool model_names_agree(const char *a, const char *b)
{
    const char *slash_a = strrchr(a, '/'), *slash_b = strrchr(b, '/');
    a = next_letter(slash_a != NULL ? slash_a + 1 : a);
    b = next_letter(slash_b != NULL ? slash_b + 1 : b);
    if (*a == '\0')
        return false;
    while (tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
        if (*a == '\0')
            return true;
        const char *to_a = next_letter(a + 1), *to_b = next_letter(b + 1);
        const bool digits = isdigit((unsigned char)*a) && isdigit((unsigned char)*to_a);
        if (digits && (to_a > a + 1) != (to_b > b + 1))
            return false;
        a = to_a;
        b = to_b;
    }
    return false;
}

static bool api_names_agree(const char *a, const char *b)
{
    char spelled_a[API_NAME_SIZE], spelled_b[API_NAME_SIZE];
    api_spell(a, API_WHOLE, spelled_a);
    api_spell(b, API_WHOLE, spelled_b);
    return strcmp(spelled_a, spelled_b) == 0;
}

bool names_agree(enum section section, const char *a, const char *b)
{
    return section == S_GPU     ? gpu_names_agree(a, b)
           : section == S_MODEL ? model_names_agree(a, b)
           : section == S_API   ? api_names_agree(a, b)
                                : false;
}
