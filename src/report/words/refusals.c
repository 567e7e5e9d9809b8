/* refusals.c - requests that a side does not take, or that the scenario itself reshapes; and why no
 * fleet of an option meets the SLO: one wording for every page.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/out/lines.h"
#include "report/page/page.h"
#include "sentences.h"
#include "xo/text.h"
#include <math.h>

static const double NOTICED = 1e-6; /* a share of requests below which nothing is said */

/* "0.13 %", "26 %": of requests, exactly known, so small ones are told apart. */
static const char *say_frac(struct xo_words *w, double frac)
{
    char number[32];
    return xo_say(w, "%s%c%%", xo_text_exact(number, xo_round_significant(100 * frac, 3)), XO_GLUE);
}

/* "longer than 8,192 tokens, prompt and output, which is what its model takes" */
static void put_too_long(struct xo_buf *buf, const struct xo_unserved *u, const char *who)
{
    struct xo_words words = { 0 };
    const int32_t most = u->longest_tokens[u->worst_class];
    if (most > 0)
        xo_put(buf, "longer, prompt and output, than the %s tokens that %s",
               xo_say_exact(&words, most), who);
    else
        xo_put(buf, "longer than all that %s", who);
}

/* A kv_room that was typed is that of the one deployment there is. */
static const char *who_takes(const struct xo_scenario *s, const struct xo_unserved *u)
{
    return u->by_context                                 ? "its model takes"
           : s->options[0].deployment.kv_room_tokens > 0 ? "build.kv_room has room for"
                                                         : "the KV cache of one replica holds";
}

void xo_put_infeasible(struct xo_buf *buf, const struct xo_scenario *s, int option,
                       const struct xo_infeasible *why, const struct xo_unserved *u)
{
    const struct xo_slo *slo = &s->slo[why->class_index];
    const struct xo_slo_target *target = &slo->targets[why->target];
    struct xo_words words = { 0 };
    char label[XO_TITLE_SIZE], name[XO_NAME_SIZE];
    const bool one_class = s->workload.n_classes == 1;
    xo_plain(label, sizeof label, s->options[option].label, 60);
    if (why->cause == XO_CAUSE_FAILED) {
        xo_put(buf, "%s could not be simulated: %s. ", label, why->reason);
        return;
    }
    xo_plain(name, sizeof name, s->workload.classes[why->class_index].name, XO_NAME_SIZE);
    if (why->cause == XO_CAUSE_REFUSED) {
        xo_put(buf, "%s refuses %s of the requests%s%s, which are ", label,
               say_frac(&words, u->class_frac[why->class_index]), one_class ? "" : " of ",
               one_class ? "" : name);
        put_too_long(buf, u, who_takes(s, u));
        xo_put(buf, "; %s lets %s miss, so more replicas do not help. ",
               xo_say_target(&words, target), say_frac(&words, 1 - target->quantile));
    } else {
        xo_put(buf, "No fleet of %s ", label);
        if (why->cause == XO_CAUSE_TIMEOUT)
            xo_put(buf, "answers before slo.timeout (%s)", xo_say_duration(&words, slo->timeout_s));
        else
            xo_put(buf, "meets %s", xo_say_target(&words, target));
        xo_put(buf, "%s%s: a lone request already takes %s, so more replicas do not help. ",
               one_class ? "" : " for ", one_class ? "" : name,
               xo_say_duration(&words, why->lone_s));
    }
    xo_put_remedies(buf, s, option, why, u);
}

void xo_put_edge(struct xo_buf *buf, const struct xo_scenario *s, const struct xo_edge *e)
{
    struct xo_words words = { 0 };
    char name[XO_NAME_SIZE];
    if (!e->holds)
        return;
    const struct xo_slo_target *target = &s->slo[e->class_index].targets[e->target];
    const bool one_class = s->workload.n_classes == 1;
    xo_plain(name, sizeof name, s->workload.classes[e->class_index].name, XO_NAME_SIZE);
    xo_put(buf,
           "How many GPUs it takes hangs on %s%s%s: %s of the requests miss it alone in an empty "
           "replica, and %s may. A limit of %s would settle it: half of those that may miss would "
           "then be left to load. ",
           xo_say_target(&words, target), one_class ? "" : " for ", one_class ? "" : name,
           say_frac(&words, e->missed_frac), say_frac(&words, 1 - target->quantile),
           xo_say_duration(&words, xo_round_up(e->settled_s)));
}

void xo_put_overwhelmed(struct xo_buf *buf, const struct xo_capacity *c)
{
    struct xo_words words = { 0 };
    if (!(c->overwhelmed_volume > 0))
        return;
    xo_put(buf,
           "A fleet of this kind that once falls behind stays behind: its running requests throw "
           "each other out of the KV cache, and it then serves %s less than within the SLO. The "
           "interval of its capacity reaches down to that. A smaller build.max_batch, or "
           "build.kv_admission = reserve, prevents it. ",
           xo_say_percent(&words, 1 - c->overwhelmed_volume / c->volume));
}

void xo_put_refusal(struct xo_buf *buf, const struct xo_unserved *u, const char *side,
                    const char *who)
{
    struct xo_words words = { 0 };
    if (!(u->frac > NOTICED))
        return;
    xo_put(buf, "%s refuses %s of the requests, ", side, say_frac(&words, u->frac));
    put_too_long(buf, u, who);
    xo_put(buf, ": they count as misses, and are billed only where the other side serves them. ");
}

static bool reshaped(const struct xo_scenario *s, struct xo_reshaped *r, bool *failed)
{
    struct xo_error err = { 0 };
    const bool ok = xo_requests_reshaped(s, r, &err);
    *failed |= err.kind == XO_ERR_MEMORY;
    return ok;
}

void xo_put_refusals(struct xo_buf *buf, const struct xo_scenario *s,
                     const struct xo_unserved *build, const struct xo_unserved *buy,
                     const char *api)
{
    struct xo_words words = { 0 };
    struct xo_reshaped r;
    if (build != NULL)
        xo_put_refusal(buf, build, "This build", who_takes(s, build));
    if (buy != NULL)
        xo_put_refusal(buf, buy, api, "it takes");
    if (!reshaped(s, &r, &buf->failed))
        return;
    if (r.cut_frac > NOTICED)
        xo_put(buf, "%s of the requests are cut to max_context, for both sides. ",
               say_frac(&words, r.cut_frac));
    if (xo_is_lengthened(&r))
        xo_put(buf,
               "%s of the prompts are no longer than the shared prefix and were lengthened by a "
               "token beyond it: %s more input that is not shared. ",
               say_frac(&words, r.lengthened_frac), say_frac(&words, r.lengthened_share));
}

json_t *xo_json_unserved(struct xo_json *j, const struct xo_unserved *u)
{
    const int32_t most = u->longest_tokens[u->worst_class];
    const char *by = u->by_context ? "context" : "kv_cache";
    const struct cell cells[] = {
        { "frac", NUMBER(u->frac) },
        { "longest_tokens", NUMBER(most > 0 ? most : (double)NAN) },
        { "by", WORD(u->frac > 0 ? by : NULL) },
    };
    return CELLS_JSON(j, cells);
}

json_t *xo_json_edge(struct xo_json *j, const struct xo_scenario *s, const struct xo_edge *e)
{
    if (!e->holds)
        return NULL;
    const struct xo_slo_target *target = &s->slo[e->class_index].targets[e->target];
    const struct cell cells[] = {
        { "class", TEXT(s->workload.classes[e->class_index].name) },
        { "metric", WORD(xo_metric_name(target->metric)) },
        { "quantile", NUMBER(target->quantile) },
        { "limit_s", NUMBER(target->limit_s) },
        { "missed_alone_frac", NUMBER(e->missed_frac) },
        { "would_limit_s", NUMBER(xo_round_up(e->settled_s)) },
    };
    return CELLS_JSON(j, cells);
}

json_t *xo_json_reshaped(struct xo_json *j, const struct xo_scenario *s)
{
    struct xo_reshaped r;
    if (!reshaped(s, &r, &j->failed))
        return NULL;
    const struct cell cells[] = {
        { "cut_frac", NUMBER(r.cut_frac) },
        { "lengthened_frac", NUMBER(r.lengthened_frac) },
        { "lengthened_tokens_per_request", NUMBER(r.lengthened_tokens) },
    };
    return CELLS_JSON(j, cells);
}
