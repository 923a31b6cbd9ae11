/* What the notifications have done, in /metrics and in the health route. */
#include "internal.h"

void liq_api_set_notices(struct liq_api *a,
                         void (*count)(void *arg, struct liq_notices *out),
                         void *arg)
{
    a->notices = count;
    a->notices_arg = arg;
}

static struct liq_notices count(struct liq_api *a)
{
    struct liq_notices n = {.on = false};

    if (a->notices)
        a->notices(a->notices_arg, &n);
    return n;
}

/* --- metrics -------------------------------------------------------------- */

enum { DELIVERED, FAILED, DROPPED, QUEUED, FIGURES };

static const struct {
    const char *name, *type, *help;
} figures[FIGURES] = {
    {"notifications_delivered_total", "counter", "Events that arrived."},
    {"notifications_failed_total", "counter",
     "Attempts to deliver an event that failed."},
    {"notifications_dropped_total", "counter",
     "Events that were given up: too old, or too many."},
    {"notifications_queued", "gauge", "Events that are to be delivered."},
};

static double figure_of(const struct liq_notices *n, size_t way, size_t figure)
{
    const double all[FIGURES] = {
        (double)n->way[way].delivered, (double)n->way[way].failed,
        (double)n->way[way].dropped, (double)n->way[way].queued};

    return all[figure];
}

static void head(struct liq_buf *b, const char *name, const char *type,
                 const char *help)
{
    (void)liq_buf_format(b, "# HELP liqmap_%s %s\n# TYPE liqmap_%s %s\n", name,
                         help, name, type);
}

void liq_encode_notice_metrics(struct liq_api *a, struct liq_buf *body)
{
    struct liq_notices n = count(a);

    head(body, "notifications_events_total", "counter",
         "What price did to levels that are watched.");
    for (size_t k = 0; n.on && k < LIQ_NOTICE_KINDS; k++)
        (void)liq_buf_format(
            body, "liqmap_notifications_events_total{event=\"%s\"} %llu\n",
            n.kind[k].name, (unsigned long long)n.kind[k].events);
    for (size_t f = 0; f < FIGURES; f++) {
        head(body, figures[f].name, figures[f].type, figures[f].help);
        for (size_t i = 0; n.on && i < LIQ_NOTICE_WAYS; i++) {
            if (n.way[i].on)
                (void)liq_buf_format(body, "liqmap_%s{to=\"%s\"} %.15g\n",
                                     figures[f].name, n.way[i].name,
                                     figure_of(&n, i, f));
        }
    }
}

/* --- health --------------------------------------------------------------- */

void liq_encode_notices(struct liq_jsonw *w, struct liq_api *a)
{
    struct liq_notices n = count(a);

    liq_jsonw_key(w, "notifications");
    if (!n.on) {
        liq_jsonw_null(w);
        return;
    }
    liq_jsonw_open_object(w);
    for (size_t i = 0; i < LIQ_NOTICE_WAYS; i++) {
        if (!n.way[i].on)
            continue;
        liq_jsonw_key(w, n.way[i].name);
        liq_jsonw_open_object(w);
        liq_jsonw_key_int(w, "delivered", (int64_t)n.way[i].delivered);
        liq_jsonw_key_int(w, "failed", (int64_t)n.way[i].failed);
        liq_jsonw_key_int(w, "dropped", (int64_t)n.way[i].dropped);
        liq_jsonw_key_int(w, "queued", (int64_t)n.way[i].queued);
        liq_jsonw_key_string(w, "last_error",
                             n.way[i].error[0] ? n.way[i].error : NULL);
        liq_jsonw_close_object(w);
    }
    liq_jsonw_key_string(w, "last_error", n.error[0] ? n.error : NULL);
    liq_jsonw_close_object(w);
}
