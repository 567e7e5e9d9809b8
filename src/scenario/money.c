/* money.c - volume, terms and staff: the part of a scenario that a draw of prices changes.
 *
 * Cheap and repeatable: it reads numbers of the store and writes fields, so that a what-if goes the
 * same way as a reading.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolve.h"
#include "values.h"
#include "xo/table.h"
#include "xo/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static void resolve_volume(struct reader *r)
{
    struct xo_scenario *s = r->s;
    const struct xo_entry *e = store_get(r->store, S_WORKLOAD, K_WORKLOAD_VOLUME);
    bool is_tokens;
    double per_month;
    s->requests_per_month = NAN;
    if (s->workload.n_clients > 0 || e == NULL ||
        !volume_read(e->value, r->store->hours_per_month, &per_month, &is_tokens, NULL))
        return;
    s->requests_per_month = is_tokens ? per_month / r->store->tokens_per_request : per_month;
}

static void read_staff(const struct xo_store *store, int group, int key, int scale_key,
                       double salary, struct xo_staff *staff)
{
    const char *text = store_text(store, group, key);
    *staff = (struct xo_staff){ .n_steps = 1, .steps = { { -1, 0 } } };
    if (text == NULL || !staff_read(text, staff, NULL))
        *staff = (struct xo_staff){ .n_steps = 1, .steps = { { -1, 0 } } };
    staff->usd_per_fte_year = salary;
    staff->scale = store_value(store, group, scale_key);
}

static double number(const struct reader *r, int group, int key)
{
    return store_value(r->store, group, key);
}

static enum xo_price_service service_of(int tier)
{
    static const enum xo_price_service services[] = { XO_SERVICE_STANDARD, XO_SERVICE_FLEX,
                                                      XO_SERVICE_PRIORITY, XO_SERVICE_FAST };
    XO_TABLE_OF(services, N_BUY_TIERS);
    return services[tier];
}

/* How each class is bought: as batch work, at which level of service, with how many tool calls. A
 * section of one class may say otherwise than the scenario; without sections there is one class. */
static void resolve_service(struct reader *r)
{
    const double batch = number(r, S_BUY, K_BUY_BATCH);
    const double tools = store_number_or(r->store, S_WORKLOAD, K_WORKLOAD_TOOL_CALLS, 0);
    const int tier = store_integer(r->store, S_BUY, K_BUY_TIER);
    int c = 0;
    for (int i = 0; i < r->s->workload.n_classes; i++) {
        r->s->class_batch_frac[i] = batch;
        r->s->class_service[i] = service_of(tier);
        r->s->class_tool_calls[i] = tools;
    }
    for (int g = 0; g < (int)r->store->n_groups && c < r->s->workload.n_classes; g++) {
        if (r->store->groups[g].section != S_CLASS)
            continue;
        r->s->class_batch_frac[c] = store_number_or(r->store, g, K_CLASS_BATCH, batch);
        r->s->class_service[c] = service_of((int)store_number_or(r->store, g, K_CLASS_TIER, tier));
        r->s->class_tool_calls[c++] = store_number_or(r->store, g, K_CLASS_TOOL_CALLS, tools);
    }
}

static void resolve_buy(struct reader *r, double salary)
{
    struct xo_buy_terms *t = &r->s->buy;
    *t = (struct xo_buy_terms){
        .price_scale = number(r, S_BUY, K_BUY_PRICE_SCALE),
        .discount_frac = number(r, S_BUY, K_BUY_DISCOUNT),
        .committed_usd_month = number(r, S_BUY, K_BUY_COMMITTED),
        .commits_term = store_integer(r->store, S_BUY, K_BUY_COMMIT_PERIOD) == PERIOD_TERM,
        .retries_frac = r->s->retries_frac,
        .is_resident = store_integer(r->store, S_BUY, K_BUY_RESIDENCY) == YES,
        .fixed_usd_month = number(r, S_BUY, K_BUY_FIXED),
        .one_off_usd = number(r, S_BUY, K_BUY_ONE_OFF),
        .commitment_months = r->s->commitment_months,
        .capital_rate_per_year = number(r, S_BUILD, K_BUILD_COST_OF_CAPITAL),
        .contingency_frac = number(r, S_BUY, K_BUY_CONTINGENCY),
    };
    r->s->cache_choice = (enum xo_cache_choice)store_integer(r->store, S_BUY, K_BUY_CACHE);
    r->s->n_units = store_number_or(r->store, S_BUY, K_BUY_PROVISIONED_UNITS, 0);
    r->s->units_searched = store_integer(r->store, S_BUY, K_BUY_PROVISIONED) == UNITS_SEARCHED;
    r->s->api_ratio_input = number(r, S_BUY, K_BUY_API_TOKENS_RATIO_INPUT);
    r->s->api_ratio_output = number(r, S_BUY, K_BUY_API_TOKENS_RATIO_OUTPUT);
    r->s->escalated_frac = number(r, S_BUILD, K_BUILD_ESCALATED);
    read_staff(r->store, S_BUY, K_BUY_STAFF, K_BUY_STAFF_SCALE,
               store_number_or(r->store, S_BUY, K_BUY_SALARY, salary), &t->staff);
    resolve_service(r);
}

/* Item `list` of a list of prices, or its only one, kept in `copy`; NULL. */
static const char *price_item(const struct reader *r, int key, int list, char copy[XO_VALUE_SIZE])
{
    const char *text = store_text(r->store, S_BUILD, key);
    const char *items[MAX_LIST];
    const int n = text == NULL ? 0 : prices_split(text, copy, items);
    return n < 1 || (n > 1 && list >= n) ? NULL : items[n == 1 ? 0 : list];
}

/* That price; "catalog" takes the GPU's own entry, times catalog_factor. NAN when there is none. */
static double price_of(const struct reader *r, int key, int list, int gpu_group, int catalog_key,
                       double catalog_factor)
{
    char copy[XO_VALUE_SIZE];
    const char *item = price_item(r, key, list, copy);
    double usd;
    if (item == NULL)
        return NAN;
    if (catalog_key >= 0 && strcasecmp(item, "catalog") == 0)
        return store_number(r->store, gpu_group, catalog_key) * catalog_factor;
    return price_read(r->store, key, item, &usd, NULL) ? usd : NAN;
}

/* The catalog's median rent for the kind of contract that is typed. */
int rent_key(const struct reader *r)
{
    static const int keys[] = { K_GPU_RENT, K_GPU_RENT_RESERVED, K_GPU_RENT_RESERVED_3Y,
                                K_GPU_RENT_SPOT };
    XO_TABLE_OF(keys, N_RENT_KINDS);
    return keys[store_integer(r->store, S_BUILD, K_BUILD_RENT_KIND)];
}

struct xo_quotes rent_quotes(const struct reader *r, const struct xo_gpu_entry *gpu)
{
    const struct xo_quotes by_kind[] = { gpu->on_demand, gpu->reserved, gpu->reserved_3y,
                                         gpu->spot };
    XO_TABLE_OF(by_kind, N_RENT_KINDS);
    return by_kind[store_integer(r->store, S_BUILD, K_BUILD_RENT_KIND)];
}

/* In words; NULL: on demand, which needs none. */
static const char *rent_kind(const struct reader *r)
{
    static const char *const kinds[] = { NULL, "reserved", "reserved for 3 years", "spot" };
    XO_TABLE_OF(kinds, N_RENT_KINDS);
    return kinds[store_integer(r->store, S_BUILD, K_BUILD_RENT_KIND)];
}

/* GPUs come in multiples of this. */
static int server_gpus(const struct reader *r, enum xo_tenure tenure, int gpu)
{
    const double whole = tenure == XO_RENT ? 1 : number(r, gpu, K_GPU_SERVER_GPUS);
    return (int)store_number_or(r->store, S_BUILD, K_BUILD_SERVER_GPUS, whole);
}

/* Of one server; the catalog's price is that of K_GPU_SERVER_GPUS, whatever the scenario says. */
static double server_price(const struct reader *r, enum xo_tenure tenure, int list, int gpu)
{
    const double priced_gpus = number(r, gpu, K_GPU_SERVER_GPUS);
    return price_of(r, K_BUILD_SERVER_PRICE, list, gpu, K_GPU_SERVER_PRICE,
                    server_gpus(r, tenure, gpu) / priced_gpus);
}

/* When the catalog read the price that this option pays for its GPUs; "" where the price is typed.
 */
static void price_date(const struct reader *r, int list, int gpu, enum xo_tenure tenure,
                       char as_of[16])
{
    static const struct {
        int price, as_of;
    } from[] = { [XO_RENT] = { K_BUILD_RENT, K_GPU_RENT_AS_OF },
                 [XO_OWN] = { K_BUILD_SERVER_PRICE, K_GPU_AS_OF } };
    char copy[XO_VALUE_SIZE];
    as_of[0] = '\0';
    if ((size_t)tenure >= sizeof from / sizeof *from)
        return;
    const char *item = price_item(r, from[tenure].price, list, copy);
    const char *date = store_text(r->store, gpu, from[tenure].as_of);
    if (item != NULL && date != NULL && strcasecmp(item, "catalog") == 0)
        xo_text_copy(as_of, 16, date);
}

static void option_terms(struct reader *r, int option, const struct xo_staff *staff)
{
    const int list = r->store->option_list[option], gpu = r->store->option_group[option];
    struct xo_build_option *o = &r->s->options[option];
    const enum xo_tenure tenure = (enum xo_tenure)store_integer(r->store, S_BUILD, K_BUILD_TENURE);
    o->terms = (struct xo_build_terms){
        .tenure = tenure,
        .rent_usd_per_gpu_hour = price_of(r, K_BUILD_RENT, list, gpu, rent_key(r), 1),
        .rent_kind = tenure == XO_RENT ? rent_kind(r) : NULL,
        .server_gpus = server_gpus(r, tenure, gpu),
        .server_usd = server_price(r, tenure, list, gpu),
        .life_years = number(r, S_BUILD, K_BUILD_LIFE),
        .residual_frac = number(r, S_BUILD, K_BUILD_RESIDUAL),
        .capital_rate_per_year = number(r, S_BUILD, K_BUILD_COST_OF_CAPITAL),
        .server_overhead_w = number(r, S_BUILD, K_BUILD_SERVER_OVERHEAD),
        .gpu_idle_w = o->deployment.gpu.power_idle_w,
        .gpu_busy_w = o->deployment.gpu.power_busy_w,
        .pue = number(r, S_BUILD, K_BUILD_PUE),
        .usd_per_kwh = number(r, S_BUILD, K_BUILD_POWER_PRICE),
        .colocation_usd_per_kw_month = number(r, S_BUILD, K_BUILD_COLOCATION),
        .maintenance_frac_per_year = number(r, S_BUILD, K_BUILD_MAINTENANCE),
        .opportunity_usd_per_gpu_hour = price_of(r, K_BUILD_OPPORTUNITY, list, gpu, -1, 1),
        .pays_power = tenure != XO_RENT,
        .rent_scale = number(r, S_BUILD, K_BUILD_RENT_SCALE),
        .software_usd_per_gpu_month = number(r, S_BUILD, K_BUILD_SOFTWARE),
        .fixed_usd_month = number(r, S_BUILD, K_BUILD_FIXED),
        .storage_usd_month = number(r, S_BUILD, K_BUILD_STORAGE),
        .egress_usd_month = number(r, S_BUILD, K_BUILD_EGRESS),
        .one_off_usd = number(r, S_BUILD, K_BUILD_ONE_OFF),
        .commitment_months = r->s->commitment_months,
        .contingency_frac = number(r, S_BUILD, K_BUILD_CONTINGENCY),
        .hours_per_month = r->store->hours_per_month,
        .staff = *staff,
    };
    price_date(r, list, gpu, tenure, o->price_as_of);
    struct xo_build_terms *t = &o->terms; /* what the tenure does not use is 0, not unknown */
    t->rent_usd_per_gpu_hour = isnan(t->rent_usd_per_gpu_hour) ? 0 : t->rent_usd_per_gpu_hour;
    t->server_usd = isnan(t->server_usd) ? 0 : t->server_usd;
    t->opportunity_usd_per_gpu_hour =
        isnan(t->opportunity_usd_per_gpu_hour) ? 0 : t->opportunity_usd_per_gpu_hour;
}

void resolve_money(struct reader *r)
{
    struct xo_scenario *s = r->s;
    struct xo_staff staff;
    const double salary = number(r, S_BUILD, K_BUILD_SALARY);
    s->hours_per_month = r->store->hours_per_month;
    s->commitment_months = number(r, S_SCENARIO, K_SCENARIO_COMMIT);
    s->retries_frac = number(r, S_WORKLOAD, K_WORKLOAD_RETRIES);
    s->spare_replicas = store_integer(r->store, S_BUILD, K_BUILD_SPARE_REPLICAS);
    s->headroom_frac = number(r, S_BUILD, K_BUILD_HEADROOM);
    s->unit.calls = store_number(r->store, S_UNIT, K_UNIT_CALLS);
    s->unit.price_usd = store_number(r->store, S_UNIT, K_UNIT_PRICE);
    resolve_volume(r);
    resolve_buy(r, salary);
    read_staff(r->store, S_BUILD, K_BUILD_STAFF, K_BUILD_STAFF_SCALE, salary, &staff);
    for (int i = 0; i < s->n_options; i++)
        option_terms(r, i, &staff);
    resolve_drifts(r);
}
