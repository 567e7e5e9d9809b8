/* test_fields.c - every key of a scenario in its field: one section after another, each key with a
 * value of its own.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenario_kit.h"

/* A field is RIGHT to 12 digits; its name stands in the message. */
#define IS(field, right) kit_ck_near((double)(field), (double)(right), #field)

/* ---- [api], [gpu], [model] ---- */

static const char full_api[] =
    "[api acme/full]\nlike = none\nmodel = tiny\ninput = $3/Mtok\ncached_input = $0.30/Mtok\n"
    "cache_write = $3.75/Mtok\ncache_ttl = 5 min\ncache_refresh = no\ncache_ready = 2 s\n"
    "cache_write_extended = $6/Mtok\ncache_ttl_extended = 1 h\ncache_min = 1024\n"
    "cache_step = 128\ncache_hit_max = 87.5%\noutput = $15/Mtok\nbatch_discount = 50%\n"
    "batch_cached = full-price\nlong_threshold = 200k\nlong_input = $7/Mtok\n"
    "long_cached_input = $0.70/Mtok\nlong_output = $22/Mtok\n"
    "peak_hours = Mon-Fri 01:00-04:30, Sun 22:00-02:00\npeak_factor = 0.25\n"
    "tokens_ratio_input = 1.1\ntokens_ratio_output = 1.3\ncontext = 400k\n"
    "requests_per_minute = 50\ntokens_per_minute = 3M\n"
    "tiers = 5% above $10k, 12.5% above $50,000\n";

START_TEST(every_key_of_a_tariff_is_in_its_field)
{
    const char *sets[] = { "buy.api=acme/full", NULL };
    struct xo_scenario *s = kit_read(full_api, sets);
    const struct xo_api *a = &s->apis[0];
    const struct xo_tariff *t = &a->tariff;
    IS(t->input, 3e-6);
    IS(t->cached_input, 0.3e-6);
    IS(t->cache_write, 3.75e-6);
    IS(t->output, 15e-6);
    IS(t->cache.ttl_s, 300);
    IS(t->cache.fixed_life, true);
    IS(t->cache.ready_s, 2);
    IS(t->cache.extended_write, 6e-6);
    IS(t->cache.extended_ttl_s, 3600);
    IS(t->cache.min_tokens, 1024);
    IS(t->cache.step_tokens, 128);
    IS(t->cache.least_miss_frac, 1 - 0.875);
    IS(t->services[XO_SERVICE_BATCH].cached_at_list, true);
    IS(t->services[XO_SERVICE_BATCH].off_frac, 0.5);
    IS(t->contexts[0].above_tokens, 200000);
    IS(t->contexts[0].input, 7e-6);
    IS(t->contexts[0].cached_input, 0.7e-6);
    IS(t->contexts[0].output, 22e-6);
    IS(t->n_tiers, 2);
    IS(t->tiers[0].above_usd, 1e4);
    IS(t->tiers[0].discount_frac, 0.05);
    IS(t->tiers[1].above_usd, 5e4);
    IS(t->tiers[1].discount_frac, 0.125);
    IS(t->requests_per_minute, 50);
    IS(t->tokens_per_minute, 3e6);
    IS(t->window_factor[XO_WINDOW_PEAK], 0.25);
    IS(a->tokens_ratio_input, 1.1);
    IS(a->tokens_ratio_output, 1.3);
    IS(a->context_tokens, 400000);
    IS(a->is_same_weights, true);
    ck_assert_str_eq(a->model, "tiny");
    xo_scenario_free(s);
}
END_TEST

/* The rows of a tariff that has several of everything: prices by factor are of the usual ones. */
START_TEST(every_row_of_a_tariff_is_in_its_field)
{
    const char *sets[] = {
        "buy.api=acme/rows",        "class x.weight=1",         "class x.tool_calls=1.5",
        "class x.tier=fast",        "buy.residency=yes",        "buy.commit_period=term",
        "buy.provisioned=searched", "buy.provisioned_units=20", NULL
    };
    struct xo_scenario *s = kit_read(
        "[api acme/rows]\nlike = none\ninput = $3/Mtok\ncached_input = $0.30/Mtok\n"
        "output = $15/Mtok\nrequest = $2.5/1k requests\ntool_call = $10/1k calls\n"
        "residency = 1.1x\nlong_pricing = marginal\n"
        "long_tiers = above 32k: in $0.004/1k out 1.5x, above 128k: in 3x cached $0.5/Mtok\n"
        "batch = 0.4x, cached at list, any hour\nflex = 0.5x, any region\npriority = 1.75x\n"
        "fast = in $6/Mtok cached $0.7/Mtok out $31/Mtok\n"
        "windows = 2x Mon 01:00-04:00, 0.5x Sun 22:00-24:00 from 2026-12-01 to 2027-01-31\n"
        "provisioned_capacity = 3M tokens/min\nprovisioned_output_weight = 4\n"
        "provisioned_price = $2/hour\nprovisioned_increment = 5\nprovisioned_min = 15\nprovisioned_term = 6 months\n"
        "cache_ttl = 1 h\ncache_refresh = no\ncache_storage = $4.50/Mtok/hour\n"
        "free = $5/month\nminimum = $25/month\n"
        "changes = from 2026-11-01: write $5/Mtok, from 2027-02-01: 0.9x\n"
        "[class x]\nprompt = 100 tokens\n",
        sets);
    const struct xo_tariff *t = &s->apis[0].tariff;
    IS(t->usd_per_request, 0.0025);
    IS(t->usd_per_tool_call, 0.01);
    IS(t->residency_frac, 0.1);
    IS(t->is_marginal, true);
    IS(t->n_contexts, 2);
    IS(t->contexts[0].above_tokens, 32000);
    IS(t->contexts[0].input, 4e-6);
    IS(t->contexts[0].cached_input, 0.4e-6);
    IS(t->contexts[0].output, 22.5e-6);
    IS(t->contexts[1].above_tokens, 128000);
    IS(t->contexts[1].input, 9e-6);
    IS(t->contexts[1].cached_input, 0.5e-6);
    IS(t->contexts[1].output, 15e-6);
    const struct xo_service_rule *rules = t->services;
    IS(rules[XO_SERVICE_BATCH].off_frac, 0.6);
    ck_assert(rules[XO_SERVICE_BATCH].cached_at_list && rules[XO_SERVICE_BATCH].same_all_week);
    ck_assert(!rules[XO_SERVICE_BATCH].same_anywhere && rules[XO_SERVICE_FLEX].same_anywhere);
    IS(rules[XO_SERVICE_FLEX].off_frac, 0.5);
    IS(rules[XO_SERVICE_PRIORITY].off_frac, -0.75);
    IS(rules[XO_SERVICE_FAST].off_frac, 0);
    IS(rules[XO_SERVICE_FAST].input, 6e-6);
    IS(rules[XO_SERVICE_FAST].cached_input, 0.7e-6);
    IS(rules[XO_SERVICE_FAST].output, 31e-6);
    IS(t->n_windows, 2);
    IS(t->window_factor[1], 2);
    IS(t->window_factor[2], 0.5);
    IS(t->n_peaks, 2);
    IS(t->peaks[1].window, 2);
    IS(t->peaks[1].from_min, 7 * 1440 - 120);
    ck_assert(!xo_window_holds(&t->peaks[1], t->day)); /* of 2026-11-22 */
    ck_assert(xo_window_holds(&t->peaks[1], t->day + 9));
    ck_assert(xo_window_holds(&t->peaks[1], t->day + 70) &&
              !xo_window_holds(&t->peaks[1], t->day + 71)); /* 2027-01-31 and the day after */
    IS(s->class_service[0], XO_SERVICE_FAST);
    IS(s->class_tool_calls[0], 1.5);
    IS(s->buy.is_resident, true);
    IS(s->buy.commits_term, true);
    IS(s->n_units, 20);
    IS(s->units_searched, true);
    IS(t->provisioned.tokens_per_minute, 3e6);
    IS(t->provisioned.output_weight, 4);
    IS(t->provisioned.usd_per_hour, 2);
    IS(t->provisioned.increment, 5);
    IS(t->provisioned.least, 15);
    IS(t->provisioned.term_months, 6);
    IS(t->cache.storage_usd_per_token_s, 4.5e-6 / 3600);
    IS(t->free_usd_month, 5);
    IS(t->minimum_usd_month, 25);
    IS(t->cache_write, 5e-6); /* since 2026-11-01 */
    IS(t->n_changes, 1);
    IS(t->changes[0].factor[XO_OUTPUT], 0.9);
    xo_scenario_free(s);
}
END_TEST

/* At $1.25 a euro and $0.14 a yuan. A title may have a sign in it. */
START_TEST(money_of_another_country_is_billed_at_its_stated_rate)
{
    const char *sets[] = { "buy.fixed=2k EUR/month",
                           "buy.one_off=\xe2\x82\xac"
                           "60,000",
                           "buy.committed=eur 10.50 per month",
                           "build.rent=2 EUR/hour",
                           "scenario.name=EUR 5",
                           "api acme/chat.input=\xc2\xa5 2/Mtok",
                           "api acme/chat.output=8 CNY/Mtok",
                           "api acme/chat.tiers=5% above EUR 10, 10% above 20k EUR",
                           NULL };
    struct xo_scenario *s = kit_read("[currency EUR]\nrate = $1.25\nas_of = 2026-11-20\n"
                                     "[currency CNY]\nrate = $0.14\nas_of = 2026-11-20\n",
                                     sets);
    IS(s->buy.fixed_usd_month, 2500);
    IS(s->buy.one_off_usd, 75000);
    IS(s->buy.committed_usd_month, 13.125);
    IS(s->options[0].terms.rent_usd_per_gpu_hour, 2.5);
    IS(s->apis[0].tariff.input, 0.28e-6);
    IS(s->apis[0].tariff.output, 1.12e-6);
    IS(s->apis[0].tariff.tiers[0].above_usd, 12.5);
    IS(s->apis[0].tariff.tiers[1].above_usd, 25000);
    ck_assert_str_eq(s->name, "EUR 5");
    xo_scenario_free(s);
}
END_TEST

/* What takes no money is left as it is: a host whose name ends in EUR, a length between commas. */
START_TEST(a_currency_changes_amounts_of_money_alone)
{
    const char *sets[] = { "workload.output=lognormal(mean=400, cv=0.5, max=5000) tokens",
                           "buy.fixed=5 MAX/month", NULL };
    struct xo_scenario *s = kit_read("[currency MAX]\nrate = $2\nas_of = 2026-11-20\n", sets);
    IS(s->workload.classes[0].output.hi, 5000);
    IS(s->buy.fixed_usd_month, 10);
    xo_scenario_free(s);
}
END_TEST

/* Long prices that are left out are the plain ones; a cache without rules lives on and is hit. */
START_TEST(what_a_tariff_leaves_out_is_its_plain_price_or_nothing)
{
    struct xo_scenario *s = kit_read("", NULL);
    const struct xo_api *a = &s->apis[0];
    const struct xo_tariff *t = &a->tariff;
    ck_assert(isnan(t->cached_input) && isnan(t->cache_write) &&
              isnan(t->contexts[0].cached_input));
    IS(t->contexts[0].input, 5e-6);
    IS(t->contexts[0].output, 20e-6);
    IS(t->cache.ttl_s, 0);
    IS(t->cache.fixed_life, false);
    IS(t->cache.least_miss_frac, 0);
    IS(t->services[XO_SERVICE_BATCH].cached_at_list, false);
    IS(t->n_peaks, 0);
    IS(t->n_tiers, 0);
    IS(a->caching_unknown, false);
    IS(a->is_same_weights, false);
    IS(a->context_tokens, 0);
    xo_scenario_free(s);
    const char *sets[] = { "api acme/chat.caching=unknown", NULL };
    s = kit_read("", sets);
    IS(s->apis[0].caching_unknown, true);
    xo_scenario_free(s);
}
END_TEST

/* Minutes of the week from Monday 00:00; a window that ends before it begins ends on the next day,
 * and those that touch are one. */
static const struct {
    const char *hours;
    int n;
    int from[8], to[8];
} windows[] = {
    { "Tue 01:00-04:30", 1, { 1440 + 60 }, { 1440 + 270 } },
    { "Mon-Wed 22:00-24:00", 3, { 1320, 2760, 4200 }, { 1440, 2880, 4320 } },
    { "Mon 22:00-02:00", 1, { 1320 }, { 1560 } },
    { "Sun 22:00-02:00", 2, { 0, 6 * 1440 + 1320 }, { 120, 7 * 1440 } },
    { "Sat-Mon 06:00-07:00", 3, { 360, 7560, 9000 }, { 420, 7620, 9060 } },
    { "Mon 01:00-02:00, Mon 02:00-03:00", 1, { 60 }, { 180 } },
    { "Mon 01:00-03:00, Mon 02:00-02:30", 1, { 60 }, { 180 } },
    { "Mon 05:00-05:00", 1, { 300 }, { 1740 } },
    { "00:00-24:00", 1, { 0 }, { 10080 } },
    { "23:00-24:00",
      7,
      { 1380, 2820, 4260, 5700, 7140, 8580, 10020 },
      { 1440, 2880, 4320, 5760, 7200, 8640, 10080 } },
};

START_TEST(hours_of_the_week_are_minutes_from_monday)
{
    char set[200];
    const char *sets[] = { set, "api acme/chat.peak_factor=2", NULL };
    snprintf(set, sizeof set, "api acme/chat.peak_hours=%s", windows[_i].hours);
    struct xo_scenario *s = kit_read("", sets);
    const struct xo_tariff *t = &s->apis[0].tariff;
    ck_assert_int_eq(t->n_peaks, windows[_i].n);
    for (int i = 0; i < t->n_peaks; i++) {
        ck_assert_int_eq(t->peaks[i].from_min, windows[_i].from[i]);
        ck_assert_int_eq(t->peaks[i].to_min, windows[_i].to[i]);
    }
    xo_scenario_free(s);
}
END_TEST

static const struct {
    const char *zone;
    int minutes;
} zones[] = { { "UTC", 0 },        { "UTC+2", 120 },  { "utc-5:30", -330 }, { "+05:45", 345 },
              { "UTC-0:30", -30 }, { "UTC+14", 840 }, { "-3", -180 },       { "UTC+10", 600 } };

START_TEST(a_time_zone_is_minutes_ahead_of_utc)
{
    char set[64];
    const char *sets[] = { set, NULL };
    snprintf(set, sizeof set, "scenario.timezone=%s", zones[_i].zone);
    struct xo_scenario *s = kit_read("", sets);
    ck_assert_int_eq(s->timezone_min, zones[_i].minutes);
    xo_scenario_free(s);
}
END_TEST

static const char full_gpu[] =
    "[gpu full]\nlike = none\ngeneration = ada\nmemory = 90 GB\nbandwidth = 2 TB/s\n"
    "bf16 = 400 TFLOPS\nfp8 = 800 TFLOPS\nfp4 = 1600 TFLOPS\nlink = 300 GB/s\n"
    "link_kind = xgmi\npower_busy = 650 W\npower_idle = 85 W\n"
    "rent = $2.50/hour\nrent_low = $1.50/hour\nrent_high = $6/hour\nrent_as_of = 2026-10-01\n"
    "rent_reserved = $2.25/hour\nrent_reserved_low = $1.25/hour\nrent_reserved_high = $5/hour\n"
    "rent_reserved_3y = $1.75/hour\nrent_reserved_3y_low = $1.1/hour\n"
    "rent_reserved_3y_high = $3/hour\n"
    "rent_spot = $1.30/hour\nrent_spot_low = $0.70/hour\nrent_spot_high = $2/hour\n"
    "server_price = $160k\nserver_gpus = 8\nserver_price_low = $120k\n"
    "server_price_high = $240k\nas_of = 2026-09-01\n";

START_TEST(every_key_of_a_gpu_is_in_its_field)
{
    static const struct {
        const char *kind;
        bool switched;
    } links[] = {
        { "xgmi", true }, { "nvlink", true }, { "ici", true }, { "pcie", false }, { "none", false }
    };
    for (int i = 0; i < 5; i++) {
        char set[64];
        const char *sets[] = { "build.gpu=full", set, NULL };
        snprintf(set, sizeof set, "gpu full.link_kind=%s", links[i].kind);
        struct xo_scenario *s = kit_read(full_gpu, sets);
        const struct xo_gpu *g = &s->options[0].deployment.gpu;
        IS(g->link_is_switched, links[i].switched);
        IS(g->generation, XO_GEN_ADA);
        IS(g->memory_bytes, 90e9);
        IS(g->hbm_bytes_per_s, 2e12);
        IS(g->bf16_flop_per_s, 4e14);
        IS(g->fp8_flop_per_s, 8e14);
        IS(g->fp4_flop_per_s, 16e14);
        IS(g->link_bytes_per_s, 3e11);
        IS(g->power_busy_w, 650);
        IS(g->power_idle_w, 85);
        xo_scenario_free(s);
    }
}
END_TEST

static const char full_model[] =
    "[model full]\nlike = none\nparams = 7B\nactive = 3B\nlayers = 12\nhidden = 512\nheads = 16\n"
    "kv_heads = 2\nhead_dim = 64\nintermediate = 1024\nmlp_matrices = 2\nvocab = 32000\n"
    "tied_embeddings = yes\nexperts = 32\nexperts_per_token = 4\nshared_experts = 1\n"
    "expert_intermediate = 768\nexpert_matrices = 2\nexpert_hidden = 384\ndense_layers = 3\n"
    "bare_layers = 5\nkv_lora_rank = 5\nrope_dim = 6\nnope_dim = 7\n"
    "v_head_dim = 8\nq_lora_rank = 9\nwindow = 4096\nwindow_layers = 10\nattention_gate = yes\n"
    "linear_layers = 2\nlinear_key_heads = 11\nlinear_value_heads = 22\nlinear_key_dim = 13\n"
    "linear_value_dim = 14\nlinear_conv = 15\nlinear_kind = kda\nlinear_state_bits = 16\n"
    "tower_params = 0.4B\nquantized = experts\nmax_context = 65536\nweights = fp8\n";
/* The keys that do not go with a latent, and those that do not go with windows. */
#define PLAIN_MODEL(name)                                                                          \
    "[model " name "]\nlike = none\nlayers = 40\nhidden = 512\nheads = 16\nkv_heads = 2\n"         \
    "head_dim = 64\nintermediate = 1024\nvocab = 32000\nmax_context = 65536\n"
static const char windowed_model[] =
    PLAIN_MODEL("windowed") "window = 4096\nwindow_layers = 20\nwindow_head_dim = 32\n"
                            "window_kv_heads = 4\nkeys_as_values = yes\nkv_shared_layers = 19\n"
                            "kv_shared_window_layers = 18\n";
static const char compressed_model[] =
    "[model compressed]\nlike = none\nlayers = 40\nhidden = 512\nheads = 16\nkv_heads = 1\n"
    "head_dim = 64\nintermediate = 1024\nvocab = 32000\nmax_context = 65536\nq_lora_rank = 25\n"
    "rope_dim = 26\no_lora_rank = 27\no_groups = 4\ncompress_layers = 11\ncompress_by = 28\n"
    "index_top_k = 29\nindex_heads = 31\nindex_dim = 32\nindex_layers = 12\nindex_by = 33\n"
    "residual_streams = 3\nwindow = 34\n";
static const char sparse_model[] =
    PLAIN_MODEL("sparse") "index_top_k = 2k tokens\nindex_heads = 21\nindex_dim = 23\n"
                          "index_layers = 24\nindex_shared_layers = 13\n";

START_TEST(every_key_of_a_model_is_in_its_field)
{
    const char *sets[] = { "build.model=full", NULL };
    struct xo_scenario *s = kit_read(full_model, sets);
    const struct xo_model *m = &s->options[0].deployment.model;
    IS(m->params_total, 7e9);
    IS(m->params_active, 3e9);
    IS(m->layers, 12);
    IS(m->hidden, 512);
    IS(m->heads, 16);
    IS(m->kv_heads, 2);
    IS(m->head_dim, 64);
    IS(m->intermediate, 1024);
    IS(m->mlp_matrices, 2);
    IS(m->vocab, 32000);
    IS(m->tied_embeddings, true);
    IS(m->experts, 32);
    IS(m->experts_per_token, 4);
    IS(m->shared_experts, 1);
    IS(m->expert_intermediate, 768);
    IS(m->dense_layers, 3);
    IS(m->kv_lora_rank, 5);
    IS(m->rope_dim, 6);
    IS(m->nope_dim, 7);
    IS(m->v_head_dim, 8);
    IS(m->q_lora_rank, 9);
    IS(m->window_tokens, 4096);
    IS(m->window_layers, 10);
    IS(m->attention_gate, true);
    IS(m->linear_layers, 2);
    IS(m->linear_key_heads, 11);
    IS(m->linear_value_heads, 22);
    IS(m->linear_key_dim, 13);
    IS(m->linear_value_dim, 14);
    IS(m->linear_conv, 15);
    IS(m->linear_kind, XO_LINEAR_KDA);
    IS(m->linear_state_bits, 16);
    IS(m->expert_matrices, 2);
    IS(m->expert_hidden, 384);
    IS(m->bare_layers, 5);
    IS(m->tower_params, 0.4e9);
    IS(m->quantized, XO_QUANTIZED_EXPERTS);
    IS(m->max_context_tokens, 65536);
    IS(m->native_weights, XO_FP8);
    IS(s->options[0].deployment.weights, XO_FP8);
    IS(s->engine.max_context_tokens, 65536);
    xo_scenario_free(s);
    s = kit_read("", NULL);
    IS(s->options[0].deployment.model.tied_embeddings, false);
    IS(s->options[0].deployment.model.attention_gate, false);
    IS(s->options[0].deployment.model.native_weights, XO_BF16);
    xo_scenario_free(s);
}
END_TEST

START_TEST(windows_and_indexers_are_in_their_fields)
{
    const char *windowed[] = { "build.model=windowed", NULL };
    struct xo_scenario *s = kit_read(windowed_model, windowed);
    const struct xo_model *m = &s->options[0].deployment.model;
    IS(m->window_head_dim, 32);
    IS(m->window_kv_heads, 4);
    IS(m->keys_as_values, true);
    IS(m->kv_shared_layers, 19);
    IS(m->kv_shared_window_layers, 18);
    IS(m->expert_matrices, 3);
    IS(m->linear_kind, XO_LINEAR_DELTA);
    IS(m->linear_state_bits, 32);
    IS(m->quantized, XO_QUANTIZED_USUAL);
    xo_scenario_free(s);
    const char *sparse[] = { "build.model=sparse", NULL };
    s = kit_read(sparse_model, sparse);
    m = &s->options[0].deployment.model;
    IS(m->keys_as_values, false);
    IS(m->index_top_k, 2000);
    IS(m->index_heads, 21);
    IS(m->index_dim, 23);
    IS(m->index_layers, 24);
    IS(m->index_shared_layers, 13);
    IS(m->residual_streams, 0);
    xo_scenario_free(s);
    const char *compressed[] = { "build.model=compressed", NULL };
    s = kit_read(compressed_model, compressed);
    m = &s->options[0].deployment.model;
    IS(m->o_lora_rank, 27);
    IS(m->o_groups, 4);
    IS(m->compress_layers, 11);
    IS(m->compress_by, 28);
    IS(m->index_by, 33);
    IS(m->residual_streams, 3);
    xo_scenario_free(s);
}
END_TEST

/* ---- [buy] and [build] ---- */

START_TEST(every_term_of_buying_is_in_its_field)
{
    const char *sets[] = { "buy.discount=12%",       "buy.committed=$1k/month",
                           "buy.price_scale=1.25",   "buy.batch=35%",
                           "buy.fixed=$300/month",   "buy.one_off=$6k",
                           "buy.contingency=7%",     "buy.staff=0.3 FTE",
                           "buy.staff_scale=1.5",    "buy.salary=$90k/year",
                           "workload.retries=4%",    "build.cost_of_capital=9%",
                           "build.salary=$70k/year", NULL };
    struct xo_scenario *s = kit_read("", sets);
    const struct xo_buy_terms *t = &s->buy;
    IS(t->discount_frac, 0.12);
    IS(t->committed_usd_month, 1000);
    IS(t->price_scale, 1.25);
    IS(s->class_batch_frac[0], 0.35);
    IS(t->fixed_usd_month, 300);
    IS(t->one_off_usd, 6000);
    IS(t->commitment_months, 12);
    IS(t->contingency_frac, 0.07);
    IS(t->staff.steps[0].fte, 0.3);
    IS(t->staff.scale, 1.5);
    IS(t->staff.usd_per_fte_year, 90e3);
    IS(t->retries_frac, 0.04);
    IS(s->retries_frac, 0.04);
    IS(t->capital_rate_per_year, 0.09);
    IS(s->cache_choice, XO_CACHE_CHEAPEST);
    IS(s->api_ratio_input, 1);
    IS(s->api_ratio_output, 1);
    xo_scenario_free(s);
    const char *more[] = { "buy.cache=none",
                           "buy.api_tokens_ratio_input=1.2",
                           "buy.api_tokens_ratio_output=0.8",
                           "build.escalated=6%",
                           "buy.staff=0.2 FTE",
                           "build.salary=$70k/year",
                           NULL };
    s = kit_read("", more);
    IS(s->cache_choice, XO_CACHE_NONE);
    IS(s->api_ratio_input, 1.2);
    IS(s->api_ratio_output, 0.8);
    IS(s->escalated_frac, 0.06);
    IS(s->buy.staff.usd_per_fte_year, 70e3); /* as in [build] */
    IS(s->buy.staff.scale, 1);
    xo_scenario_free(s);
}
END_TEST

static const char *const owned[] = { "build.gpu=full",
                                     "build.tenure=own",
                                     "build.server_price=$150k",
                                     "build.life=3 years",
                                     "build.cost_of_capital=9%",
                                     "build.power_price=$0.12/kWh",
                                     "build.residual=15%",
                                     "build.pue=1.3",
                                     "build.server_overhead=2 kW",
                                     "build.maintenance=4%",
                                     "build.colocation=$180/kW/month",
                                     "build.server_gpus=4",
                                     NULL };

START_TEST(every_term_of_owning_is_in_its_field)
{
    struct xo_scenario *s = kit_read(full_gpu, owned);
    const struct xo_build_terms *t = &s->options[0].terms;
    IS(t->tenure, XO_OWN);
    IS(t->server_usd, 150e3);
    IS(t->server_gpus, 4);
    IS(t->life_years, 3);
    IS(t->capital_rate_per_year, 0.09);
    IS(t->usd_per_kwh, 0.12);
    IS(t->residual_frac, 0.15);
    IS(t->pue, 1.3);
    IS(t->server_overhead_w, 2000);
    IS(t->maintenance_frac_per_year, 0.04);
    IS(t->colocation_usd_per_kw_month, 180);
    IS(t->gpu_busy_w, 650);
    IS(t->gpu_idle_w, 85);
    IS(t->pays_power, true);
    IS(t->opportunity_usd_per_gpu_hour, 0);
    ck_assert_ptr_null(t->rent_kind);
    xo_scenario_free(s);
}
END_TEST

START_TEST(every_term_of_renting_is_in_its_field)
{
    const char *sets[] = { "build.rent_scale=1.25",
                           "build.software=$40/GPU/month",
                           "build.fixed=$310/month",
                           "build.storage=$21/month",
                           "build.egress=$32/month",
                           "build.one_off=$9k",
                           "build.contingency=11%",
                           "build.staff=0.4 FTE",
                           "build.staff_scale=1.5",
                           "build.salary=$80k/year",
                           "build.spare_replicas=3",
                           "build.headroom=35%",
                           NULL };
    struct xo_scenario *s = kit_read("", sets);
    const struct xo_build_terms *t = &s->options[0].terms;
    IS(t->tenure, XO_RENT);
    IS(t->rent_usd_per_gpu_hour, 2);
    IS(t->rent_scale, 1.25);
    IS(t->server_gpus, 1);
    IS(t->software_usd_per_gpu_month, 40);
    IS(t->fixed_usd_month, 310);
    IS(t->storage_usd_month, 21);
    IS(t->egress_usd_month, 32);
    IS(t->one_off_usd, 9000);
    IS(t->commitment_months, 12);
    IS(t->contingency_frac, 0.11);
    IS(t->staff.steps[0].fte, 0.4);
    IS(t->staff.scale, 1.5);
    IS(t->staff.usd_per_fte_year, 80e3);
    IS(t->hours_per_month, 720);
    IS(s->hours_per_month, 720);
    IS(t->pays_power, false);
    IS(t->pue, 1.58); /* left out */
    IS(s->spare_replicas, 3);
    IS(s->headroom_frac, 0.35);
    xo_scenario_free(s);
    s = kit_read("", NULL);
    IS(s->spare_replicas, 1);
    IS(s->headroom_frac, 0.2);
    IS(s->commitment_months, 12);
    xo_scenario_free(s);
}
END_TEST

/* The catalog's price by the kind of contract, and the date that goes with it. Of a server of 8 at
 * $160k one of 4 costs half. */
START_TEST(the_catalogs_price_is_that_of_the_tenure_and_contract)
{
    static const struct {
        const char *set, *kind;
        double usd;
    } rents[] = { { "build.rent_kind=on_demand", NULL, 2.5 },
                  { "build.rent_kind=reserved", "reserved", 2.25 },
                  { "build.rent_kind=reserved_3y", "reserved for 3 years", 1.75 },
                  { "build.rent_kind=spot", "spot", 1.3 } };
    for (int i = 0; i < 4; i++) {
        const char *sets[] = { "build.gpu=full", "build.rent=catalog", rents[i].set, NULL };
        struct xo_scenario *s = kit_read(full_gpu, sets);
        IS(s->options[0].terms.rent_usd_per_gpu_hour, rents[i].usd);
        ck_assert_str_eq(s->options[0].price_as_of, "2026-10-01");
        ck_assert_int_eq(s->options[0].terms.rent_kind == NULL, rents[i].kind == NULL);
        if (rents[i].kind != NULL)
            ck_assert_str_eq(s->options[0].terms.rent_kind, rents[i].kind);
        xo_scenario_free(s);
    }
    const char *sets[KIT_MAX_SETS + 1];
    memcpy(sets, owned, sizeof owned);
    sets[2] = "build.server_price=catalog";
    struct xo_scenario *s = kit_read(full_gpu, sets);
    IS(s->options[0].terms.server_usd, 80e3);
    ck_assert_str_eq(s->options[0].price_as_of, "2026-09-01");
    xo_scenario_free(s);
    sets[11] = NULL; /* server_gpus: as the catalog has it */
    s = kit_read(full_gpu, sets);
    IS(s->options[0].terms.server_usd, 160e3);
    IS(s->options[0].terms.server_gpus, 8);
    xo_scenario_free(s);
    s = kit_read("", NULL);
    ck_assert_str_eq(s->options[0].price_as_of, ""); /* typed */
    xo_scenario_free(s);
}
END_TEST

START_TEST(gpus_already_owned_cost_what_they_would_earn)
{
    const char *sets[] = { "build.gpu=full, card",
                           "build.tenure=owned",
                           "build.opportunity=$0.80/hour, $0.50/hour",
                           "build.power_price=$0.1/kWh",
                           "gpu card.power_busy=500 W",
                           "gpu card.power_idle=60 W",
                           "build.rent=$2/hour, $2/hour",
                           NULL };
    struct xo_scenario *s = kit_read(full_gpu, sets);
    IS(s->n_options, 2);
    IS(s->options[0].terms.opportunity_usd_per_gpu_hour, 0.8);
    IS(s->options[1].terms.opportunity_usd_per_gpu_hour, 0.5);
    IS(s->options[0].terms.server_gpus, 8);
    IS(s->options[1].terms.server_gpus, 8); /* where nothing is said of it */
    IS(s->options[1].terms.gpu_busy_w, 500);
    IS(s->options[1].terms.pays_power, true);
    IS(s->options[1].terms.server_usd, 0);
    ck_assert_str_eq(s->options[0].price_as_of, "");
    xo_scenario_free(s);
}
END_TEST

START_TEST(every_key_of_the_engine_is_in_its_field)
{
    const char *sets[] = { "build.engine=sglang",
                           "build.kv=fp8",
                           "build.weights=int8",
                           "build.tensor_parallel=2",
                           "build.pipeline_parallel=4",
                           "build.attention_dp=1",
                           "build.router=round_robin",
                           "build.max_batch=77",
                           "build.chunk=1024 tokens",
                           "build.memory_fraction=85%",
                           "build.kv_admission=reserve",
                           "build.schedule_ahead=no",
                           NULL };
    struct xo_scenario *s = kit_read("", sets);
    const struct xo_deployment *d = &s->options[0].deployment;
    IS(d->engine, XO_ENGINE_SGLANG);
    IS(d->kv, XO_FP8);
    IS(d->weights, XO_INT8);
    IS(d->tensor_parallel, 2);
    IS(d->pipeline_parallel, 4);
    IS(d->attention_dp, 1);
    IS(d->expert_parallel, 1);
    IS(d->max_batch, 77);
    IS(d->chunk_tokens, 1024);
    IS(d->memory_frac, 0.85);
    IS(s->engine.max_batch, 77);
    IS(s->engine.chunk_tokens, 1024);
    IS(s->engine.admission, 2);
    IS(s->engine.schedule_ahead, false);
    IS(s->router, XO_ROUTE_ROUND_ROBIN);
    IS(s->fixed_replicas, 0);
    ck_assert_str_eq(s->options[0].label, "8 x card, int8");
    xo_scenario_free(s);
    const char *more[] = { "build.replicas=5", "build.frontend=12 ms", "build.step_scale=1.1",
                           NULL };
    s = kit_read("", more);
    IS(s->fixed_replicas, 5);
    IS(s->engine.frontend_s, 0.012);
    IS(s->engine.schedule_ahead, true);
    IS(s->engine.admission, 0);
    IS(s->engine.max_batch, 0); /* each option has its own */
    IS(s->engine.chunk_tokens, 0);
    IS(s->options[0].deployment.max_batch, 1024); /* vLLM on 80e9 bytes, 74.5 GiB */
    IS(s->options[0].deployment.chunk_tokens, 8192);
    IS(xo_scenario_number(s, xo_key_find("build.max_batch")), 1024);
    IS(s->options[0].deployment.memory_frac, 0.9);
    IS(s->options[0].deployment.efficiency.step_scale, 1.1);
    xo_scenario_free(s);
}
END_TEST

/* TensorRT-LLM keeps the cache of 8- and 4-bit floating-point checkpoints in 8 bits; others, and
 * vLLM and SGLang always, in 16: those of the weights, and fp16 where the GPU has no bf16. */
START_TEST(a_cache_is_kept_as_its_engine_does)
{
    static const struct {
        const char *engine, *weights, *generation;
        enum xo_dtype kv;
    } rows[] = {
        { "trtllm", "fp8", "hopper", XO_FP8 },   { "trtllm", "nvfp4", "hopper", XO_FP8 },
        { "trtllm", "mxfp4", "hopper", XO_FP8 }, { "trtllm", "int4", "hopper", XO_BF16 },
        { "trtllm", "int8", "hopper", XO_BF16 }, { "trtllm", "fp16", "hopper", XO_FP16 },
        { "vllm", "fp8", "hopper", XO_BF16 },    { "sglang", "nvfp4", "hopper", XO_BF16 },
        { "vllm", "int8", "turing", XO_FP16 },   { "vllm", "int4", "volta", XO_FP16 },
        { "vllm", "bf16", "ampere", XO_BF16 },   { "vllm", "fp16", "ampere", XO_FP16 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char texts[3][64];
        const char *sets[] = { texts[0], texts[1], texts[2], NULL };
        snprintf(texts[0], sizeof texts[0], "build.engine=%s", rows[i].engine);
        snprintf(texts[1], sizeof texts[1], "build.weights=%s", rows[i].weights);
        snprintf(texts[2], sizeof texts[2], "gpu card.generation=%s", rows[i].generation);
        struct xo_scenario *s = kit_read("", sets);
        ck_assert_msg(s->options[0].deployment.kv == rows[i].kv, "%s %s %s", rows[i].engine,
                      rows[i].weights, rows[i].generation);
        xo_scenario_free(s);
    }
}
END_TEST

/* Options that keep the cache alike have its type in the resolved scenario; others have none. */
START_TEST(a_cache_that_all_options_keep_alike_is_written_out)
{
    const char *alike[] = { "build.engine=trtllm", "build.weights=fp8, nvfp4",
                            "gpu card.generation=hopper", NULL };
    const char *apart[] = { "build.engine=trtllm", "build.weights=fp8, int4", NULL };
    const char *const *const sets[] = { alike, apart };
    for (int i = 0; i < 2; i++) {
        struct xo_scenario *s = kit_read("", sets[i]);
        const char *kv = NULL;
        for (int k = 0; k < s->n_entries; k++)
            if (s->entries[k].key == xo_key_find("build.kv"))
                kv = s->entries[k].value;
        ck_assert_int_eq(s->n_options, 2);
        ck_assert_int_eq(kv != NULL, i == 0);
        ck_assert(kv == NULL || strcmp(kv, "fp8") == 0);
        xo_scenario_free(s);
    }
}
END_TEST

static const struct xo_entry *entry_of(const struct xo_scenario *s, const char *key)
{
    for (int k = 0; k < s->n_entries; k++)
        if (s->entries[k].key == xo_key_find(key))
            return &s->entries[k];
    return NULL;
}

/* vLLM on 80e9 bytes (74.5 GiB) and on a card of 48e9 (44.7): each option runs with its own limits,
 * which are written out where all have them alike. What is typed holds for all. */
START_TEST(every_option_has_its_engines_own_limits)
{
    static const char small[] = "[gpu small]\nlike = none\nmemory = 48 GB\nbandwidth = 1 TB/s\n"
                                "bf16 = 300 TFLOPS\n";
    const char *apart[] = { "build.gpu=card, small", "build.rent=$2/hour, $1/hour", NULL };
    const char *typed[] = { "build.gpu=card, small", "build.rent=$2/hour, $1/hour",
                            "build.max_batch=77", NULL };
    const char *alike[] = { "build.gpu=card, small", "build.rent=$2/hour, $1/hour",
                            "gpu card.generation=ampere", NULL };
    struct xo_scenario *s = kit_read("", NULL);
    IS(s->options[0].deployment.max_batch, 1024);
    ck_assert_str_eq(entry_of(s, "build.max_batch")->value, "1024");
    ck_assert_str_eq(entry_of(s, "build.max_batch")->where, "vLLM's own from 70 GiB on");
    ck_assert_str_eq(entry_of(s, "build.chunk")->value, "8192 tokens");
    ck_assert_str_eq(entry_of(s, "build.chunk")->where, "vLLM's own from 70 GiB on");
    xo_scenario_free(s);
    s = kit_read(small, apart);
    ck_assert_int_eq(s->n_options, 2);
    for (int i = 0; i < 2; i++) {
        const struct xo_deployment *d = &s->options[i].deployment;
        IS(d->max_batch, i == 0 ? 1024 : 256);
        IS(d->chunk_tokens, i == 0 ? 8192 : 2048);
        IS(xo_option_engine(s, d).max_batch, i == 0 ? 1024 : 256);
        IS(xo_option_engine(s, d).chunk_tokens, i == 0 ? 8192 : 2048);
    }
    ck_assert_ptr_null(entry_of(s, "build.max_batch"));
    ck_assert_ptr_null(entry_of(s, "build.chunk"));
    ck_assert(isnan(xo_scenario_number(s, xo_key_find("build.chunk"))));
    xo_scenario_free(s);
    s = kit_read(small, alike); /* an A100 and a small card: by two rows of the table */
    ck_assert_str_eq(entry_of(s, "build.max_batch")->value, "256");
    ck_assert_str_eq(entry_of(s, "build.max_batch")->where, "the engine's own");
    xo_scenario_free(s);
    s = kit_read(small, typed);
    for (int i = 0; i < 2; i++) {
        const struct xo_deployment *d = &s->options[i].deployment;
        IS(xo_option_engine(s, d).max_batch, 77);
        IS(xo_option_engine(s, d).chunk_tokens, i == 0 ? 8192 : 2048);
    }
    xo_scenario_free(s);
}
END_TEST

/* 2 * 4 layers * 8 heads * 8 wide * 2 bytes are 1024 a token of the small model. */
START_TEST(a_room_that_was_printed_is_that_of_one_deployment)
{
    static const char two[] = "[gpu small]\nlike = none\nmemory = 48 GB\nbandwidth = 1 TB/s\n"
                              "bf16 = 300 TFLOPS\n";
    const char *given[] = { "build.kv_room=12,345 tokens", "build.tensor_parallel=2", NULL };
    const char *several[] = { "build.kv_room=12,345", "build.tensor_parallel=1",
                              "build.gpu=card, small", "build.rent=$2/hour, $1/hour", NULL };
    const char *much[] = { "build.kv_room=90M", "build.tensor_parallel=1", NULL };
    const char *none[] = { "build.kv_room=0 tokens", "build.tensor_parallel=1", NULL };
    const char *alone[] = { "build.kv_room=12,345", NULL };
    char said[KIT_SAID_SIZE];
    struct xo_kv_room room;
    struct xo_scenario *s = kit_read("", given);
    ck_assert(xo_kv_room(&s->options[0].deployment, &room, NULL));
    IS(room.room_bytes, 12345 * 1024);
    xo_scenario_free(s);
    ck_assert_ptr_null(kit_ask(two, several, said));
    ck_assert_msg(strstr(said,
                         "build.kv_room: \"12,345\"; that is of one deployment, and 2 are "
                         "listed: give one gpu, one weights and one tensor_parallel\n") != NULL,
                  "%s", said);
    ck_assert_ptr_null(kit_ask("", much, said)); /* 92.2 GB on a card of 80 */
    ck_assert_msg(strstr(said, "build.kv_room: \"90M\"; 90000000 tokens of KV are 92.2 GB on each "
                               "card of 80.0 GB beside 0.0 GB of weights; ") != NULL,
                  "%s", said);
    ck_assert_ptr_null(kit_ask("", alone, said));
    ck_assert_msg(strstr(said, "build.kv_room: \"12,345\"; give build.tensor_parallel with it: of "
                               "how many GPUs it is") != NULL,
                  "%s", said);
    ck_assert_ptr_null(kit_ask("", none, said));
    ck_assert_msg(strstr(said, "out of range; it takes 16 tokens to 1 T tokens") != NULL, "%s",
                  said);
}
END_TEST

/* The small model: 4 layers of 4 * 64 * 64 and 3 * 64 * 256 parameters, an input embedding and a
 * head of 1000 * 64, 9 norms of 64, in 16 bits. Of 5000 tokens 312 blocks are whole, in which all
 * but the last token of a request lies. */
START_TEST(a_replica_holds_weights_tokens_and_a_longest_request)
{
    const double weights = 2 * (4 * (4 * 64 * 64 + 3 * 64 * 256) + 2 * 1000 * 64 + 9 * 64);
    const char *printed[] = { "build.kv_room=5000 tokens", "build.tensor_parallel=1", NULL };
    const char *typed[] = { "build.chunk=512 tokens", "build.max_batch=9", NULL };
    struct xo_scenario *s = kit_read("", printed);
    struct xo_holding h = xo_option_holds(s, 0);
    IS(h.weight_bytes_per_gpu, weights);
    IS(h.kv_room_tokens, 5000);
    IS(h.longest_tokens, 312 * 16 + 1);
    ck_assert_str_eq(h.chunk_from, "vLLM's own from 70 GiB on");
    ck_assert_str_eq(h.batch_from, "vLLM's own from 70 GiB on");
    ck_assert(isnan(xo_option_holds(s, -1).kv_room_tokens));
    xo_scenario_free(s);
    s = kit_read("", typed);
    h = xo_option_holds(s, 0);
    IS(h.longest_tokens, 100000); /* the model's context */
    ck_assert_ptr_null(h.chunk_from);
    ck_assert_ptr_null(h.batch_from);
    xo_scenario_free(s);
}
END_TEST

/* What a tenure does not pay has no value, whatever the catalog knows of it. */
START_TEST(a_number_is_known_of_what_the_tenure_pays)
{
    const char *sets[KIT_MAX_SETS + 1];
    memcpy(sets, owned, sizeof owned);
    sets[2] = "build.server_price=catalog";
    sets[12] = "build.rent=catalog";
    sets[13] = NULL;
    struct xo_scenario *s = kit_read(full_gpu, sets);
    IS(xo_scenario_number(s, xo_key_find("build.server_price")), 80e3);
    IS(xo_scenario_number(s, xo_key_find("build.server_gpus")), 4);
    ck_assert(isnan(xo_scenario_number(s, xo_key_find("build.rent"))));
    ck_assert(isnan(xo_scenario_number(s, xo_key_find("build.opportunity"))));
    xo_scenario_free(s);
}
END_TEST

/* Each constant of the step time takes the value of the key of its name, and no other. */
START_TEST(every_constant_of_the_step_is_in_its_field)
{
    for (int i = 0; i < XO_N_CONSTANTS; i++) {
        char name[80], set[120];
        const char *sets[] = { set, NULL };
        const struct xo_constant *c = &xo_constants[i];
        snprintf(name, sizeof name, "build.%s", c->name);
        const struct xo_key *k = &xo_keys[xo_key_find(name)];
        const double value = k->min + 0.375 * (k->max - k->min);
        snprintf(set, sizeof set,
                 strcmp(k->unit, "time") == 0    ? "%s=%.17g s"
                 : strcmp(k->unit, "share") == 0 ? "%s=%.17g"
                                                 : "%s=%.17gx",
                 name, value);
        struct xo_scenario *s = kit_read("", sets);
        struct xo_efficiency e = s->options[0].deployment.efficiency,
                             fitted = xo_efficiency_default(XO_ENGINE_VLLM);
        kit_ck_near(*xo_constant_at(&e, i), value, name);
        *xo_constant_at(&fitted, i) = *xo_constant_at(&e, i);
        for (int k2 = 0; k2 < XO_N_CONSTANTS; k2++)
            ck_assert_msg(*xo_constant_at(&e, k2) == *xo_constant_at(&fitted, k2), "%s moves %s",
                          name, xo_constants[k2].name);
        xo_scenario_free(s);
    }
}
END_TEST

/* ---- the rest ---- */

START_TEST(every_target_is_in_its_place)
{
    static const char slo[] =
        "[class easy]\nweight = 1\n[slo easy]\n"
        "ttft_p50 = 1 s\nttft_p75 = 2 s\nttft_p90 = 3 s\nttft_p95 = 4 s\nttft_p99 = 5 s\n"
        "tpot_p50 = 11 ms\ntpot_p75 = 12 ms\ntpot_p90 = 13 ms\ntpot_p95 = 14 ms\n"
        "tpot_p99 = 15 ms\ne2e_p50 = 21 s\ne2e_p75 = 22 s\ne2e_p90 = 23 s\ne2e_p95 = 24 s\n"
        "e2e_p99 = 25 s\ntimeout = 90 s\n";
    const double quantiles[5] = { 0.5, 0.75, 0.9, 0.95, 0.99 };
    const enum xo_metric metrics[3] = { XO_METRIC_TTFT, XO_METRIC_TPOT, XO_METRIC_E2E };
    struct xo_scenario *s = kit_read(slo, NULL);
    const struct xo_slo *own = &s->slo[0];
    ck_assert_int_eq(own->n_targets, 15);
    for (int i = 0; i < 15; i++) {
        const double limit = i % 5 + 1 + 10 * (i / 5);
        ck_assert_int_eq(own->targets[i].metric, metrics[i / 5]);
        IS(own->targets[i].quantile, quantiles[i % 5]);
        IS(own->targets[i].limit_s, i / 5 == 1 ? limit / 1000 : limit);
    }
    IS(own->timeout_s, 90);
    IS(s->slo_window, XO_SLO_BUSIEST_HOUR);
    xo_scenario_free(s);
    const char *sets[] = { "slo.window=month", "slo.timeout=45 s", NULL };
    s = kit_read("", sets);
    IS(s->slo_window, XO_SLO_MONTH);
    IS(s->slo[0].timeout_s, 45);
    IS(s->slo[0].n_targets, 1);
    IS(s->slo[0].targets[0].limit_s, 2);
    xo_scenario_free(s);
}
END_TEST

START_TEST(every_key_of_the_study_is_in_its_field)
{
    const char *sets[] = { "study.min_volume=0.05x",
                           "study.max_volume=40x",
                           "study.replications=9",
                           "study.draws=3000",
                           "study.samples=777",
                           "study.sampling=latin",
                           "study.indices=given-data",
                           "study.precision=2%",
                           "study.capacity_precision=4%",
                           "study.threads=3",
                           "scenario.seed=4711",
                           "scenario.materiality=8%",
                           NULL };
    struct xo_scenario *s = kit_read("[map]\nx = workload.volume\ny = build.rent=$1..$4/hour\n"
                                     "columns = 21\nrows = 13\n",
                                     sets);
    IS(s->min_volume_factor, 0.05);
    IS(s->max_volume_factor, 40);
    IS(s->n_replications, 9);
    IS(s->n_draws, 3000);
    IS(s->n_samples, 777);
    IS(s->sampling, 1);
    IS(s->indices, 2);
    IS(s->sweep_precision_frac, 0.02);
    IS(s->capacity_precision_frac, 0.04);
    IS(s->n_threads, 3);
    IS(s->seed, 4711);
    IS(s->materiality_frac, 0.08);
    ck_assert_str_eq(s->map_axis[0], "workload.volume");
    ck_assert_str_eq(s->map_axis[1], "build.rent=$1..$4/hour");
    IS(s->map_cells[0], 21);
    IS(s->map_cells[1], 13);
    xo_scenario_free(s);
    const char *few[] = { "study.replications=3", NULL }; /* no study makes fewer than 4 */
    s = kit_read("", few);
    IS(s->n_replications, 4);
    IS(s->min_volume_factor, 0.01);
    IS(s->max_volume_factor, 100);
    IS(s->capacity_precision_frac, 0.03);
    IS(s->materiality_frac, 0.05);
    IS(s->n_samples, 10000);
    IS(s->n_draws, 2000);
    IS(s->sweep_precision_frac, 0);
    IS(s->n_threads, 0);
    IS(s->seed, 1);
    xo_scenario_free(s);
}
END_TEST

START_TEST(a_unit_is_in_its_fields_and_several_are_as_english_has_them)
{
    static const char *const plurals[][2] = {
        { "ticket", "tickets" }, { "active user", "active users" },
        { "query", "queries" },  { "day", "days" },
        { "box", "boxes" },      { "batch", "batches" },
        { "dish", "dishes" },    { "class", "classes" },
        { "graph", "graphs" },   { "Vorgang", "Vorgangs" },
    };
    struct xo_scenario *s = kit_read("[unit]\nname = Vorgang\nplural = Vorg\xc3\xa4nge\n"
                                     "calls = ? 3.2 requests\nprice = $1.25\n",
                                     NULL);
    ck_assert_str_eq(s->unit.name, "Vorgang");
    ck_assert_str_eq(s->unit.plural, "Vorg\xc3\xa4nge");
    IS(s->unit.calls, 3.2);
    IS(s->unit.price_usd, 1.25);
    IS(s->n_guesses, 1);
    ck_assert(xo_scenario_vary(s, xo_key_find("unit.calls"), 5.5, NULL));
    ck_assert(xo_scenario_vary(s, xo_key_find("unit.price"), 2.25, NULL));
    IS(s->unit.calls, 5.5);
    IS(s->unit.price_usd, 2.25);
    ck_assert_str_eq(s->unit.name, "Vorgang");
    xo_scenario_free(s);
    s = kit_read("", NULL);
    ck_assert_str_eq(s->unit.name, "");
    ck_assert_str_eq(s->unit.plural, "");
    ck_assert(isnan(s->unit.calls) && isnan(s->unit.price_usd));
    xo_scenario_free(s);
    for (size_t i = 0; i < sizeof plurals / sizeof *plurals; i++) {
        char name[64];
        snprintf(name, sizeof name, "unit.name=%s", plurals[i][0]);
        const char *sets[] = { name, "unit.calls=1", NULL };
        s = kit_read("", sets);
        ck_assert_str_eq(s->unit.plural, plurals[i][1]);
        ck_assert(isnan(s->unit.price_usd));
        xo_scenario_free(s);
    }
}
END_TEST

START_TEST(every_figure_of_an_invoice_and_a_calibration_is_in_its_field)
{
    static const char text[] =
        "[actual]\nmonth = 2026-10\nrequests = 600k\nprompt_tokens = 900M\n"
        "cached_tokens = 200M\ncache_write_tokens = 30M\ncache_write_extended_tokens = 0\n"
        "output_tokens = 180M\ninvoice = $4,321\n"
        "[calibration]\ndeployment = somebody's\nrows = 14\nerror = 6%\ndate = 2026-10-11\n";
    struct xo_scenario *s = kit_read(text, NULL);
    ck_assert_str_eq(s->actual.month, "2026-10");
    IS(s->actual.requests, 6e5);
    IS(s->actual.prompt_tokens, 9e8);
    IS(s->actual.cached_tokens, 2e8);
    IS(s->actual.cache_write_tokens, 3e7);
    IS(s->actual.cache_write_extended_tokens, 0);
    IS(s->actual.output_tokens, 1.8e8);
    IS(s->actual.invoice_usd, 4321);
    ck_assert_str_eq(s->calibration.deployment, "somebody's");
    IS(s->calibration.rows, 14);
    IS(s->calibration.error_frac, 0.06);
    ck_assert_str_eq(s->calibration.date, "2026-10-11");
    xo_scenario_free(s);
    s = kit_read("", NULL);
    ck_assert(isnan(s->actual.requests) && isnan(s->actual.invoice_usd));
    ck_assert(isnan(s->calibration.error_frac));
    IS(s->calibration.rows, 0);
    xo_scenario_free(s);
}
END_TEST

START_TEST(every_key_of_the_traffic_is_in_its_field)
{
    const char *sets[] = { "workload.arrivals=weibull( cv = 2 )",
                           "workload.burst_factor=6x",
                           "workload.burst_share=8%",
                           "workload.burst_length=3 min",
                           "workload.growth=busier",
                           "workload.max_context=9000",
                           "workload.shared_prefix=250 tokens",
                           "workload.output_scale=2",
                           NULL };
    struct xo_scenario *s = kit_read(
        "[spike show]\nstart = Wed 20:15\nlength = 45 min\nfactor = 3x\ndecay = 20 min\n", sets);
    const struct xo_workload *w = &s->workload;
    IS(w->arrivals.kind, XO_ARRIVALS_WEIBULL);
    IS(w->arrivals.cv, 2);
    IS(w->arrivals.bursts.factor, 6);
    IS(w->arrivals.bursts.share_frac, 0.08);
    IS(w->arrivals.bursts.mean_s, 180);
    IS(s->growth, XO_BUSIER);
    IS(w->classes[0].weight, 1);
    IS(w->classes[0].max_context_tokens, 9000);
    IS(w->classes[0].shared_prefix_tokens, 250);
    IS(w->classes[0].prompt.mean, 1500);
    IS(w->classes[0].output.mean, 600);
    IS(w->profile.n_spikes, 1);
    ck_assert_str_eq(w->profile.spikes[0].name, "show");
    IS(w->profile.spikes[0].start_s, 2 * 86400 + 20 * 3600 + 15 * 60);
    IS(w->profile.spikes[0].length_s, 45 * 60);
    IS(w->profile.spikes[0].factor, 3);
    IS(w->profile.spikes[0].decay_s, 20 * 60);
    IS(w->n_clients, 0);
    xo_scenario_free(s);
    const struct {
        const char *set;
        enum xo_arrival_kind kind;
        double cv;
    } kinds[] = { { "workload.arrivals=poisson", XO_ARRIVALS_POISSON, 1 },
                  { "workload.arrivals=Deterministic", XO_ARRIVALS_DETERMINISTIC, 0 },
                  { "workload.arrivals=gamma(cv=1.25)", XO_ARRIVALS_GAMMA, 1.25 },
                  { NULL, XO_ARRIVALS_POISSON, 1 } };
    for (int i = 0; i < 4; i++) {
        const char *one[] = { kinds[i].set, NULL };
        s = kit_read("", one);
        IS(s->workload.arrivals.kind, kinds[i].kind);
        IS(s->workload.arrivals.cv, kinds[i].cv);
        IS(s->workload.arrivals.bursts.factor, 1);
        IS(s->growth, XO_MORE_USERS);
        xo_scenario_free(s);
    }
}
END_TEST

/* Weights 2, 3 and 5 are shares of 20, 30 and 50 %; what a class leaves out is that of [workload]
 * and [buy]. */
START_TEST(every_key_of_a_class_is_in_its_field)
{
    static const char text[] =
        "[class a]\nweight = 2\nprompt = 100 tokens\noutput = 50 tokens\nshared_prefix = 40\n"
        "max_context = 900\nbatch = 60%\napi = acme/full\n"
        "[class b]\nweight = 3\noutput = 70 tokens\n[class c]\nweight = 5\n";
    const char *sets[] = { "buy.batch=10%", "workload.shared_prefix=30", NULL };
    char api[sizeof text + sizeof full_api];
    snprintf(api, sizeof api, "%s%s", text, full_api);
    struct xo_scenario *s = kit_read(api, sets);
    const struct xo_class *c = s->workload.classes;
    const double prompts[] = { 100, 1500, 1500 }, outputs[] = { 50, 70, 300 };
    const double weights[] = { 0.2, 0.3, 0.5 }, batches[] = { 0.6, 0.1, 0.1 };
    const int prefixes[] = { 40, 30, 30 }, contexts[] = { 900, 0, 0 };
    ck_assert_int_eq(s->workload.n_classes, 3);
    for (int i = 0; i < 3; i++) {
        IS(c[i].weight, weights[i]);
        IS(c[i].prompt.mean, prompts[i]);
        IS(c[i].output.mean, outputs[i]);
        IS(c[i].shared_prefix_tokens, prefixes[i]);
        IS(c[i].max_context_tokens, contexts[i]);
        IS(s->class_batch_frac[i], batches[i]);
        ck_assert_str_eq(s->class_apis[i].tariff.name, i == 0 ? "acme/full" : "");
        ck_assert_str_eq(xo_class_api(s, i, 0)->tariff.name, i == 0 ? "acme/full" : "acme/chat");
    }
    ck_assert_str_eq(xo_class_api(s, 1, -1)->tariff.name, ""); /* without an API of [buy] */
    ck_assert_str_eq(xo_class_api(s, 1, 1)->tariff.name, "");
    ck_assert(s->class_apis[0].is_same_weights && xo_has_class_apis(s));
    xo_scenario_free(s);
}
END_TEST

/* Hours 1 to 24 on Monday, nothing else: their sum is 300, and the mean of the week's 168 is 1. */
START_TEST(a_week_of_ones_own_has_mean_one)
{
    const char *sets[] = {
        "workload.profile=custom", "workload.days=1 0 0 0 0 0 0",
        "workload.hours=1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, "
        "18, 19, 20, 21, 22, 23, 24",
        NULL
    };
    struct xo_scenario *s = kit_read("", sets);
    for (int h = 0; h < 168; h++)
        IS(s->workload.profile.hour_weight[h], h < 24 ? (h + 1) * 168 / 300.0 : 0);
    xo_scenario_free(s);
}
END_TEST

/* Left out, the title is the file's name up to a point, and stands in the resolved text where a
 * line of a scenario can hold it. */
START_TEST(a_scenario_without_a_title_has_that_of_its_file)
{
    static const struct {
        const char *file, *title;
        bool is_entered;
    } rows[] = {
        { "chat.ini", "chat", true },
        { "two words.ini", "two words", true },
        { "a.b.ini", "a", true },
        { "ends in a blank .ini", "ends in a blank ", false },
        { " begins.ini", " begins", false },
        { "two  blanks.ini", "two  blanks", false },
        { "a;b.ini", "a;b", false },
        { "a#b.ini", "a#b", false },
        { "?guess.ini", "?guess", false },
        { "'quoted.ini", "'quoted", false },
        { ".ini", "Scenario", true },
    };
    char folder[] = "/tmp/xo-title-XXXXXX", path[128];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct xo_scenario *s = NULL;
        struct xo_problems problems;
        kit_write("");
        snprintf(path, sizeof path, "%s/%s", folder, rows[i].file);
        ck_assert_int_eq(rename(kit_path, path), 0);
        ck_assert_msg(xo_scenario_read(&s, path, NULL, &problems), "%s", path);
        ck_assert_str_eq(s->name, rows[i].title);
        bool is_entered = false;
        for (int k = 0; k < s->n_entries; k++)
            is_entered |= s->entries[k].key == xo_key_find("scenario.name");
        ck_assert_msg(is_entered == rows[i].is_entered, "\"%s\"", rows[i].file);
        xo_problems_fini(&problems);
        xo_scenario_free(s);
        unlink(path);
    }
    rmdir(folder);
}
END_TEST

int main(void)
{
    xo_catalog_builtin(); /* once, before the tests fork */
    Suite *suite = suite_create("fields");
    TCase *tc = tcase_create("fields");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, every_key_of_a_tariff_is_in_its_field);
    tcase_add_test(tc, money_of_another_country_is_billed_at_its_stated_rate);
    tcase_add_test(tc, a_currency_changes_amounts_of_money_alone);
    tcase_add_test(tc, every_row_of_a_tariff_is_in_its_field);
    tcase_add_test(tc, what_a_tariff_leaves_out_is_its_plain_price_or_nothing);
    tcase_add_loop_test(tc, hours_of_the_week_are_minutes_from_monday, 0,
                        sizeof windows / sizeof *windows);
    tcase_add_loop_test(tc, a_time_zone_is_minutes_ahead_of_utc, 0, sizeof zones / sizeof *zones);
    tcase_add_test(tc, every_key_of_a_gpu_is_in_its_field);
    tcase_add_test(tc, every_key_of_a_model_is_in_its_field);
    tcase_add_test(tc, windows_and_indexers_are_in_their_fields);
    tcase_add_test(tc, every_term_of_buying_is_in_its_field);
    tcase_add_test(tc, every_term_of_owning_is_in_its_field);
    tcase_add_test(tc, every_term_of_renting_is_in_its_field);
    tcase_add_test(tc, the_catalogs_price_is_that_of_the_tenure_and_contract);
    tcase_add_test(tc, gpus_already_owned_cost_what_they_would_earn);
    tcase_add_test(tc, every_key_of_the_engine_is_in_its_field);
    tcase_add_test(tc, a_cache_is_kept_as_its_engine_does);
    tcase_add_test(tc, a_cache_that_all_options_keep_alike_is_written_out);
    tcase_add_test(tc, every_option_has_its_engines_own_limits);
    tcase_add_test(tc, a_room_that_was_printed_is_that_of_one_deployment);
    tcase_add_test(tc, a_replica_holds_weights_tokens_and_a_longest_request);
    tcase_add_test(tc, a_number_is_known_of_what_the_tenure_pays);
    tcase_add_test(tc, every_constant_of_the_step_is_in_its_field);
    tcase_add_test(tc, every_target_is_in_its_place);
    tcase_add_test(tc, every_key_of_the_study_is_in_its_field);
    tcase_add_test(tc, a_unit_is_in_its_fields_and_several_are_as_english_has_them);
    tcase_add_test(tc, every_figure_of_an_invoice_and_a_calibration_is_in_its_field);
    tcase_add_test(tc, every_key_of_the_traffic_is_in_its_field);
    tcase_add_test(tc, every_key_of_a_class_is_in_its_field);
    tcase_add_test(tc, a_week_of_ones_own_has_mean_one);
    tcase_add_test(tc, a_scenario_without_a_title_has_that_of_its_file);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed > 0;
}
