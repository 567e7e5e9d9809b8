/* api_names.c - names of APIs as providers, clouds and gateways write them.
 *
 * "anthropic/claude-sonnet-4-5" and "Anthropic/Claude Sonnet 4.5" are spelled alike: the provider,
 * a slash, and the letters and digits of the model as words. A snapshot adds a date, a cloud its
 * region, the maker and a version: "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0". Those
 * can be cut off, since the same model by the same provider is meant; whether its price is the same
 * is for the catalog to say.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "names.h"
#include "xo/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Other names of one provider's own API. */
static const struct {
    const char *written, *name;
} providers[] = {
    { "gemini", "google" },
    { "together_ai", "together" },
    { "togetherai", "together" },
    { "together.ai", "together" },
    { "fireworks_ai", "fireworks" },
    { "fireworks.ai", "fireworks" },
    { "x-ai", "xai" },
    { "x.ai", "xai" },
    { "aws", "bedrock" },
    { "amazon-bedrock", "bedrock" },
};

static const char *const regions[] = { "us.", "eu.", "apac.", "global.", "jp.", "au.", "us-gov." };
static const char *const makers[] = { "anthropic.", "meta.", "amazon.", "mistral.", "openai.",
                                      "deepseek.",  "qwen.", "cohere.", "ai21." };

static const char *skip_one_of(const char *text, const char *const prefixes[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strncasecmp(text, prefixes[i], strlen(prefixes[i])) == 0)
            return text + strlen(prefixes[i]);
    return text;
}

/* Parts of "provider/.../model"; the provider is "" where there is none. */
static const char *split_provider(const char *name, char provider[XO_COST_NAME_SIZE])
{
    const char *first = strchr(name, '/'), *last = strrchr(name, '/');
    provider[0] = '\0';
    if (first == NULL)
        return name;
    snprintf(provider, XO_COST_NAME_SIZE, "%.*s", (int)(first - name), name);
    for (char *p = provider; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
        if (strcmp(providers[i].written, provider) == 0)
            xo_text_copy(provider, XO_COST_NAME_SIZE, providers[i].name);
    return last + 1;
}

/* Letters and digits in small letters, a blank wherever they change or something else stands. */
static void put_words(const char *text, size_t length, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < length && n + 2 < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c < 0x80 && !isalnum(c)) {
            if (n > 0 && out[n - 1] != ' ')
                out[n++] = ' ';
            continue;
        }
        if (n > 0 && out[n - 1] != ' ' &&
            (isdigit(c) != 0) != (isdigit((unsigned char)out[n - 1]) != 0))
            out[n++] = ' ';
        out[n++] = (char)tolower(c);
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

/* ---- what a snapshot and a cloud add ---- */

static bool are_digits(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    return true;
}

/* "2024-08-06" (dashes at 4 and 7) or "20240806"; `month` takes "2024 08". */
static bool read_date(const char *text, bool dashed, char month[8])
{
    const char *mm = text + (dashed ? 5 : 4), *dd = mm + (dashed ? 3 : 2);
    if (!are_digits(text, 4) || !are_digits(mm, 2) || !are_digits(dd, 2) ||
        (dashed && (text[4] != '-' || text[7] != '-')))
        return false;
    const int m = 10 * (mm[0] - '0') + mm[1] - '0', d = 10 * (dd[0] - '0') + dd[1] - '0';
    if (text[0] != '2' || text[1] != '0' || m < 1 || m > 12 || d < 1 || d > 31)
        return false;
    snprintf(month, 8, "%.4s %.2s", text, mm);
    return true;
}

/* Bytes of the date with its separator at the end of text[length]: "-2024-08-06", "@20250929"; 0.
 */
static size_t date_length(const char *text, size_t length, char month[8])
{
    static const size_t sizes[] = { 11, 9 }; /* with dashes, without */
    for (int i = 0; i < 2; i++) {
        const size_t n = sizes[i];
        if (length > n && strchr("-@", text[length - n]) != NULL &&
            read_date(text + length - n + 1, i == 0, month))
            return n;
    }
    return 0;
}

/* Bytes of a version at the end: "-v1:0", "-1:0", ":0", "-001", "-latest"; 0. */
static size_t version_length(const char *text, size_t length)
{
    static const char *const ends[] = { "-latest", "@latest", "@default", "-001", "-002" };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const size_t n = strlen(ends[i]);
        if (length > n && strncasecmp(text + length - n, ends[i], n) == 0)
            return n;
    }
    if (length < 6 || text[length - 2] != ':' || !are_digits(text + length - 1, 1))
        return 0;
    const char *tail = text + length - 5;
    if (!are_digits(tail + 2, 1))
        return 2;
    return tail[0] == '-' && tolower((unsigned char)tail[1]) == 'v' ? 5 : tail[1] == '-' ? 4 : 2;
}

/* The model without version and date; its length, and the date's month, "" where it has none. */
static size_t undated_length(const char *model, char month[8])
{
    size_t length = strlen(model);
    month[0] = '\0';
    length -= version_length(model, length);
    return length - date_length(model, length, month);
}

static size_t untuned_length(const char *model, size_t length)
{
    static const char end[] = "-instruct";
    const size_t n = strlen(end);
    return length > n && strncasecmp(model + length - n, end, n) == 0 ? length - n : length;
}

void api_spell(const char *name, enum api_cut cut, char out[API_NAME_SIZE])
{
    char provider[XO_COST_NAME_SIZE], month[8];
    const char *model = split_provider(name, provider);
    if (cut > API_WHOLE && strcmp(provider, "bedrock") == 0) {
        model = skip_one_of(model, regions, sizeof regions / sizeof *regions);
        model = skip_one_of(model, makers, sizeof makers / sizeof *makers);
    }
    size_t length = cut > API_WHOLE ? undated_length(model, month) : strlen(model);
    if (cut == API_UNTUNED)
        length = untuned_length(model, length);
    const int n = snprintf(out, API_NAME_SIZE, "%s/", provider);
    put_words(model, length, out + n, API_NAME_SIZE - (size_t)n);
}

bool api_month(const char *name, char month[8])
{
    char provider[XO_COST_NAME_SIZE];
    (void)undated_length(split_provider(name, provider), month);
    return month[0] != '\0';
}
