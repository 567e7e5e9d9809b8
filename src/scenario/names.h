/* names.h - GPUs, models and APIs by name: their catalogs, and every way to spell one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_SCENARIO_NAMES_H
#define XO_SCENARIO_NAMES_H

#include "problems.h"

/* ---- catalogs ---- */
extern const unsigned char xo_text_gpus[], xo_text_models[], xo_text_apis[], xo_text_template[];
/* Read one catalog's text into a store; used for the built-in ones. */
void catalog_read(struct reader *r, const char *text);
/* Make the section of `name` (a GPU, model or API, said by entry e) complete in r's store, from its
 * own keys, the catalog, or the entry it is like; the group's index, or -1 with a problem at e. */
int inline_entry(struct reader *r, const struct xo_entry *e, enum section section,
                 const char *name);
/* ---- known names (known.c, api_names.c) ---- */
struct alias { /* a name or alias of the built-in catalogs, and whose it is */
    enum section section;
    char name[XO_COST_NAME_SIZE];
    int group, index; /* index into the array of its kind */
};
const struct alias *
catalog_aliases(size_t *n); /* those of one entry stand together, its name first */
/* As it is written, else spelled another way; a model without the words for its type. NULL. */
const struct alias *find_alias(enum section section, const char *name);
/* Is `name` a number of GPUs, "8x H100" or "h100-sxm x 8"? And of which. */
bool counted_gpu(const char *name, char alone[XO_VALUE_SIZE]);
/* The model behind a checkpoint's name, which ends in words for its type; false: it does not. */
bool model_base_name(enum section section, const char *name, char base[XO_VALUE_SIZE]);
/* What a dated snapshot or a cloud's id of an API's model ("openai/gpt-4o-2024-08-06",
 * "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0") is priced as: 0, 1, or 2 where the month of
 * its date has an entry of its own beside the plain one, which stands first. */
int find_snapshot(const char *name, const struct alias *priced[2]);
/* "its price at azure is not in the catalog: ..." into out; false: nobody else sells this model. */
bool sold_elsewhere(const char *name, char *out, size_t size);
/* The nearest of the catalog's names, aliases and the store's own sections of this kind; of the
 * same family, where there is one. NULL. */
const char *nearest_name(const struct xo_store *store, enum section section, const char *name);
/* "; did you mean ..." or "; these begin so: ..." into out, or "". */
const char *suggest(char *out, size_t size, const struct xo_store *store, enum section section,
                    const char *name);
/* An API's name in one spelling: "google/gemini 2 5 flash"; how much of its end and of a cloud's
 * prefixes is cut off. */
enum api_cut { API_WHOLE, API_UNDATED, API_UNTUNED, API_N_CUTS };
enum { API_NAME_SIZE = 256 };
void api_spell(const char *name, enum api_cut cut, char out[API_NAME_SIZE]);
/* The month of the snapshot, "2024 08"; false: it has no date. */
bool api_month(const char *name, char month[8]);
/* Do two spellings name one GPU, or one model, where neither is the other's exactly (names.c)? */
bool names_agree(enum section section, const char *a, const char *b);

#endif
