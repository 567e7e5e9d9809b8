/* build.c - GPUs by the month: rented, owned, or already there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ledger.h"
#include "xo/clock.h"
#include "xo/table.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>

/* The lines of GPUs: by what they are there for, and those that fill the last server. */
enum { FILLING = XO_N_GPU_STATES, N_PARTS };

/* A fleet as it is paid for. */
struct fleet {
    struct xo_gpu_use parts[N_PARTS];
    int64_t n_gpus, n_servers;
};

static double month_s(const struct xo_build_terms *t)
{
    return t->hours_per_month * XO_HOUR_S;
}

static struct xo_gpu_use sum(const struct xo_gpu_use *a, const struct xo_gpu_use *b)
{
    return (struct xo_gpu_use){ a->n_replicas + b->n_replicas, a->n_gpus + b->n_gpus,
                                a->gpu_s + b->gpu_s, a->energy_j + b->energy_j };
}

static struct fleet count_gpus(const struct xo_build_terms *t, const struct xo_usage *u)
{
    assert(t->server_gpus >= 1);
    struct fleet f = { .n_gpus = 0 };
    for (int state = 0; state < XO_N_GPU_STATES; state++) {
        for (int contract = 0; contract < XO_N_CONTRACTS; contract++)
            f.parts[state] = sum(&f.parts[state], &u->gpus[state][contract]);
        f.n_gpus += f.parts[state].n_gpus;
    }
    f.n_servers = (f.n_gpus + t->server_gpus - 1) / t->server_gpus;
    const int64_t filling = f.n_servers * t->server_gpus - f.n_gpus;
    const double filling_s = (double)filling * month_s(t);
    f.parts[FILLING] = (struct xo_gpu_use){ 0, filling, filling_s, filling_s * t->gpu_idle_w };
    f.n_gpus += filling;
    return f;
}

int64_t xo_build_gpus(const struct xo_build_terms *terms, const struct xo_usage *usage)
{
    return count_gpus(terms, usage).n_gpus;
}

double xo_monthly_payment(double rate_per_year, double months, double residual_frac)
{
    assert(months > 0);
    const double log_growth = log1p(rate_per_year) / 12; /* of 1 + i */
    const double i = expm1(log_growth);
    if (i == 0)
        return (1 - residual_frac) / months;
    const double log_discount = -months * log_growth; /* of (1 + i)^-n */
    const double crf = i / -expm1(log_discount);
    return (1 - residual_frac * exp(log_discount)) * crf;
}

static double gpu_usd_month(const struct xo_build_terms *t)
{
    const double hours = t->rent_scale * t->hours_per_month;
    if (t->tenure == XO_RENT)
        return t->rent_usd_per_gpu_hour * hours;
    if (t->tenure == XO_ALREADY_OWNED)
        return t->opportunity_usd_per_gpu_hour * hours;
    assert(t->tenure == XO_OWN);
    if (t->is_paid)
        return 0;
    return t->server_usd * t->rent_scale / t->server_gpus *
           xo_monthly_payment(t->capital_rate_per_year, t->life_years * 12, t->residual_frac);
}

/* "at $3.99/h, 730 h": what one GPU costs a month. */
static void describe_price(const struct xo_build_terms *t, double usd_month, char *out, size_t size)
{
    struct words w[3];
    const char *kind = t->tenure == XO_RENT ? t->rent_kind : "forgone";
    if (usd_month == 0)
        snprintf(out, size, "at $0: free");
    else if (t->tenure == XO_OWN)
        snprintf(out, size, "at %s a month (%s year%s, capital at %s a year)",
                 words_price(&w[0], usd_month), words_number(&w[1], t->life_years),
                 t->life_years == 1 ? "" : "s", words_percent(&w[2], t->capital_rate_per_year));
    else
        snprintf(out, size, "at %s/h%s%s, %s h", words_price(&w[0], usd_month / t->hours_per_month),
                 kind != NULL ? " " : "", kind != NULL ? kind : "",
                 words_number(&w[1], t->hours_per_month));
}

static void label_part(struct xo_bill_item *item, const struct xo_build_terms *t,
                       const struct fleet *f, int part, const char *price)
{
    if (part == FILLING) {
        ledger_label(item, "rounding up to whole servers of %d: %lld GPUs %s", t->server_gpus,
                     (long long)f->parts[part].n_gpus, price);
        return;
    }
    static const char *const names[] = { "serving", "spare", "headroom" };
    XO_TABLE_OF(names, XO_N_GPU_STATES);
    const long long replicas = f->parts[part].n_replicas, each = f->parts[part].n_gpus / replicas;
    ledger_label(item, "%s GPUs: %lld x %lld %s", names[part], replicas, each, price);
}

static void enter_gpus(struct ledger *l, const struct xo_build_terms *t, const struct fleet *f)
{
    const double usd_month = gpu_usd_month(t);
    char price[80];
    if (l->bill != NULL)
        describe_price(t, usd_month, price, sizeof price);
    for (int part = 0; part < N_PARTS; part++)
        if (f->parts[part].n_gpus > 0) {
            const double usd = f->parts[part].gpu_s / month_s(t) * usd_month;
            struct xo_bill_item *item = ledger_enter(l, XO_BILL_GPUS, usd);
            if (item != NULL)
                label_part(item, t, f, part, price);
        }
}

/* What GPUs or servers draw: kWh = J / 3.6e6 * PUE. */
static void enter_power(struct ledger *l, const struct xo_build_terms *t, const char *what,
                        const struct xo_gpu_use *use)
{
    static const double J_PER_KWH = 3.6e6;
    const double kwh = use->energy_j / J_PER_KWH * t->pue;
    if (kwh == 0)
        return;
    struct xo_bill_item *item = ledger_enter(l, XO_BILL_POWER, kwh * t->usd_per_kwh);
    struct words w[3];
    if (item != NULL)
        ledger_label(item, "power of %s: %lld x %s W, PUE %s, at %s/kWh", what,
                     (long long)use->n_gpus, words_number(&w[0], use->energy_j / use->gpu_s),
                     words_number(&w[1], t->pue), words_price(&w[2], t->usd_per_kwh));
}

/* Headroom shares the load with the serving replicas; what stands by idles. */
static void enter_energy(struct ledger *l, const struct xo_build_terms *t, const struct fleet *f)
{
    const struct xo_gpu_use *headroom = &f->parts[XO_GPU_HEADROOM];
    const struct xo_gpu_use loaded = sum(&f->parts[XO_GPU_SERVING], headroom);
    const struct xo_gpu_use idle = sum(&f->parts[XO_GPU_SPARE], &f->parts[FILLING]);
    const double servers_s = (double)f->n_servers * month_s(t);
    const struct xo_gpu_use servers = { 0, f->n_servers, servers_s,
                                        servers_s * t->server_overhead_w };
    enter_power(l, t, headroom->n_gpus > 0 ? "serving and headroom GPUs" : "serving GPUs", &loaded);
    enter_power(l, t, "idle GPUs", &idle);
    enter_power(l, t, "the rest of the servers", &servers);
}

static void enter_site(struct ledger *l, const struct xo_build_terms *t, const struct fleet *f)
{
    struct words w[2];
    const double kw =
        ((double)f->n_gpus * t->gpu_busy_w + (double)f->n_servers * t->server_overhead_w) / 1000;
    const double colocation_usd = kw * t->colocation_usd_per_kw_month;
    if (colocation_usd != 0) {
        struct xo_bill_item *item = ledger_enter(l, XO_BILL_SITE, colocation_usd);
        if (item != NULL)
            ledger_label(item, "colocation: %s kW at %s/kW", words_number(&w[0], kw),
                         words_price(&w[1], t->colocation_usd_per_kw_month));
    }
    const double price_usd = (double)f->n_servers * t->server_usd * t->rent_scale;
    const double maintenance_usd = price_usd * t->maintenance_frac_per_year / 12;
    if (maintenance_usd != 0) {
        struct xo_bill_item *item = ledger_enter(l, XO_BILL_SITE, maintenance_usd);
        if (item != NULL)
            ledger_label(item, "maintenance: %s a year of %s",
                         words_percent(&w[0], t->maintenance_frac_per_year),
                         words_usd(&w[1], price_usd));
    }
}

static void enter_software(struct ledger *l, const struct xo_build_terms *t, const struct fleet *f)
{
    const double per_gpu_usd = (double)f->n_gpus * t->software_usd_per_gpu_month;
    if (per_gpu_usd != 0) {
        struct xo_bill_item *item = ledger_enter(l, XO_BILL_SOFTWARE, per_gpu_usd);
        struct words w;
        if (item != NULL)
            ledger_label(item, "software: %lld GPUs at %s a month", (long long)f->n_gpus,
                         words_price(&w, t->software_usd_per_gpu_month));
    }
    ledger_fixed(l, XO_BILL_SOFTWARE, t->fixed_usd_month, "fixed costs of building");
    ledger_fixed(l, XO_BILL_SITE, t->storage_usd_month, "storage");
    ledger_fixed(l, XO_BILL_SITE, t->egress_usd_month, "egress");
}

static void fill(struct ledger *l, const struct xo_build_terms *t, const struct xo_usage *u)
{
    const struct fleet f = count_gpus(t, u);
    enter_gpus(l, t, &f);
    const double gpus_usd = ledger_usd(l);
    if (t->pays_power)
        enter_energy(l, t, &f);
    if (t->tenure != XO_RENT)
        enter_site(l, t, &f);
    enter_software(l, t, &f);
    ledger_escalation(l, &t->escalation);
    const int staffed_gpus = f.n_gpus < INT_MAX ? (int)f.n_gpus : INT_MAX;
    ledger_people(l, &t->staff, xo_staff_fte(&t->staff, staffed_gpus));
    ledger_one_off(l, t->one_off_usd, t->commitment_months, t->capital_rate_per_year);
    ledger_contingency(l, t->contingency_frac, t->tenure == XO_ALREADY_OWNED ? gpus_usd : 0);
}

void xo_build_bill(const struct xo_build_terms *terms, const struct xo_usage *usage,
                   struct xo_bill *bill)
{
    bill->n_items = 0;
    struct ledger l = { .bill = bill };
    fill(&l, terms, usage);
}

double xo_build_usd(const struct xo_build_terms *terms, const struct xo_usage *usage)
{
    struct ledger l = { .bill = NULL };
    fill(&l, terms, usage);
    return ledger_usd(&l);
}

struct xo_obligation xo_build_obligation(const struct xo_build_terms *terms,
                                         const struct xo_usage *usage)
{
    const struct fleet f = count_gpus(terms, usage);
    struct xo_obligation o = { .one_off_usd = terms->one_off_usd,
                               .months = terms->commitment_months };
    if (terms->tenure == XO_RENT)
        o.rent_usd = (double)f.n_gpus * gpu_usd_month(terms) * terms->commitment_months;
    if (terms->tenure == XO_OWN) {
        o.n_servers = f.n_servers;
        o.servers_usd = (double)f.n_servers * terms->server_usd * terms->rent_scale;
        o.resale_usd = o.servers_usd * terms->residual_frac;
        o.months = fmax(terms->commitment_months, 12 * terms->life_years);
    }
    return o;
}

double xo_obligation_usd(const struct xo_obligation *o)
{
    return o->servers_usd - o->resale_usd + o->rent_usd + o->one_off_usd;
}
