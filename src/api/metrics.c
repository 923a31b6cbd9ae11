/* What is counted of the daemon's work, and /metrics, which gives it in the
 * text format of Prometheus. */
#include "internal.h"

#include <stdlib.h>
#include "liqmap/interval.h"
#include "liqmap/log.h"

#define SERIES_MAX 256

static const int statuses[LIQ_COUNTED_STATUSES] = {
    200, 204, 304, 400, 404, 405, 429, 500, 502, 503, 504, 0 /* any other */
};

static const int64_t times_ms[LIQ_COUNTED_TIMES] = {1,   5,    25,   100,
                                                    250, 1000, 5000, 25000};

static const char *route_name(size_t route)
{
    if (route == LIQ_COUNTED_METRICS)
        return "metrics";
    return route == LIQ_COUNTED_NONE ? "none" : liq_route_names[route];
}

/* --- counting ------------------------------------------------------------- */

void liq_count_response(struct liq_api *a, const struct liq_api_call *c)
{
    int64_t took_ms = liq_api_now(a) - c->began_ms;
    struct liq_counters *n = &a->counters;
    size_t status = 0, time = 0;

    while (statuses[status] && statuses[status] != c->response.status)
        status++;
    while (time < LIQ_COUNTED_TIMES && took_ms > times_ms[time])
        time++;
    atomic_fetch_add(&n->requests[c->route][status], 1);
    atomic_fetch_add(&n->times[c->route][time], 1);
    atomic_fetch_add(&n->took_ms[c->route],
                     took_ms > 0 ? (uint64_t)took_ms : 0);
}

void liq_count_model(struct liq_api *a, int64_t took_ms)
{
    atomic_fetch_add(&a->counters.model_runs, 1);
    atomic_fetch_add(&a->counters.model_ms,
                     took_ms > 0 ? (uint64_t)took_ms : 0);
}

/* --- the text ------------------------------------------------------------- */

static void head(struct liq_buf *b, const char *name, const char *type,
                 const char *help)
{
    (void)liq_buf_format(b, "# HELP liqmap_%s %s\n# TYPE liqmap_%s %s\n", name,
                         help, name, type);
}

static void single(struct liq_buf *b, const char *name, const char *type,
                   const char *help, double value)
{
    head(b, name, type, help);
    (void)liq_buf_format(b, "liqmap_%s %.15g\n", name, value);
}

static void encode_requests(struct liq_counters *n, struct liq_buf *b)
{
    head(b, "requests_total", "counter", "Requests by route and HTTP status.");
    for (size_t r = 0; r < LIQ_COUNTED_ROUTES; r++) {
        for (size_t s = 0; s < LIQ_COUNTED_STATUSES; s++) {
            uint64_t count = atomic_load(&n->requests[r][s]);

            if (count)
                (void)liq_buf_format(
                    b,
                    "liqmap_requests_total{route=\"%s\",status=\"%d\"} %llu\n",
                    route_name(r), statuses[s], (unsigned long long)count);
        }
    }
}

static void encode_times(struct liq_counters *n, size_t r, struct liq_buf *b)
{
    static const char name[] = "liqmap_request_duration_seconds";
    const char *route = route_name(r);
    uint64_t sum = 0;

    for (size_t t = 0; t <= LIQ_COUNTED_TIMES; t++) {
        sum += atomic_load(&n->times[r][t]);
        if (t < LIQ_COUNTED_TIMES)
            (void)liq_buf_format(b, "%s_bucket{route=\"%s\",le=\"%g\"} %llu\n",
                                 name, route, (double)times_ms[t] / 1e3,
                                 (unsigned long long)sum);
    }
    (void)liq_buf_format(b,
                         "%s_bucket{route=\"%s\",le=\"+Inf\"} %llu\n"
                         "%s_sum{route=\"%s\"} %.3f\n"
                         "%s_count{route=\"%s\"} %llu\n",
                         name, route, (unsigned long long)sum, name, route,
                         (double)atomic_load(&n->took_ms[r]) / 1e3, name, route,
                         (unsigned long long)sum);
}

static void encode_all_times(struct liq_counters *n, struct liq_buf *b)
{
    head(b, "request_duration_seconds", "histogram",
         "From the arrival of a request to its response.");
    for (size_t r = 0; r < LIQ_COUNTED_ROUTES; r++) {
        uint64_t any = 0;

        for (size_t t = 0; t <= LIQ_COUNTED_TIMES; t++)
            any |= atomic_load(&n->times[r][t]);
        if (any)
            encode_times(n, r, b);
    }
}

/* --- the cache ------------------------------------------------------------ */

static const struct {
    const char *name;
    enum liq_kind kind;
} kinds[] = {
    {"response", LIQ_KIND_RESPONSE}, {"delta", LIQ_KIND_DELTA},
    {"series", LIQ_KIND_SERIES},     {"map", LIQ_KIND_MAP},
    {"depth", LIQ_KIND_DEPTH},       {"plain", LIQ_KIND_PLAIN},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static const struct {
    const char *name, *type, *help;
    size_t offset;
    bool wide; /* uint64_t, not size_t */
} cache_figures[] = {
#define SIZE(f) offsetof(struct liq_cache_counts, f), false
#define COUNT(f) offsetof(struct liq_cache_counts, f), true
    {"cache_entries", "gauge", "Entries of the cache.", SIZE(keys)},
    {"cache_bytes", "gauge", "Bytes of the cache.", SIZE(bytes)},
    {"cache_parked", "gauge", "Requests that wait for an entry.", SIZE(parked)},
    {"cache_hits_total", "counter", "Answered from the cache.", COUNT(hits)},
    {"cache_waits_total", "counter", "Waited for an entry.", COUNT(waits)},
    {"cache_fills_total", "counter", "Entries made or refreshed.",
     COUNT(fills)},
    {"cache_failures_total", "counter", "Entries that could not be made.",
     COUNT(failures)},
    {"cache_stale_total", "counter", "Answered with an old entry.",
     COUNT(stale)},
    {"cache_evicted_total", "counter", "Entries removed for their bytes.",
     COUNT(evicted)},
#undef SIZE
#undef COUNT
};

static double figure_of(const struct liq_cache_counts *n, size_t i)
{
    const char *at = (const char *)n + cache_figures[i].offset;

    return cache_figures[i].wide ? (double)*(const uint64_t *)(const void *)at
                                 : (double)*(const size_t *)(const void *)at;
}

static void encode_cache(struct liq_api *a, struct liq_buf *b)
{
    struct liq_cache_counts n[KINDS];

    for (size_t k = 0; k < KINDS; k++)
        liq_cache_count(a->options.cache, kinds[k].kind, &n[k]);
    for (size_t i = 0; i < sizeof cache_figures / sizeof *cache_figures; i++) {
        head(b, cache_figures[i].name, cache_figures[i].type,
             cache_figures[i].help);
        for (size_t k = 0; k < KINDS; k++)
            (void)liq_buf_format(b, "liqmap_%s{kind=\"%s\"} %.15g\n",
                                 cache_figures[i].name, kinds[k].name,
                                 figure_of(&n[k], i));
    }
    single(b, "cache_max_bytes", "gauge", "Bound of the cache, in bytes.",
           (double)liq_api_config(a)->max_bytes);
}

/* --- exchanges and series ------------------------------------------------- */

static const struct {
    const char *name, *type, *help;
} exchange_figures[] = {
    {"exchange_good_total", "counter", "Usable responses of an exchange."},
    {"exchange_failed_total", "counter",
     "Requests to an exchange without a usable response."},
    {"exchange_seconds_total", "counter",
     "Sum of the times of all requests to an exchange."},
    {"exchange_weight_used", "gauge",
     "Spent of the exchange's main limit in its current window."},
    {"exchange_weight_left", "gauge", "What our budget leaves of it."},
    {"exchange_shut_seconds", "gauge",
     "No request is sent for so long, by the exchange's order."},
};

static double exchange_figure(const struct liq_exchange_counts *n, size_t i)
{
    const double all[] = {(double)n->good,
                          (double)n->failed,
                          (double)n->took_ms / 1e3,
                          (double)n->spent,
                          (double)(n->ceiling - n->spent),
                          (double)n->shut_ms / 1e3};

    return all[i];
}

static void encode_exchanges(struct liq_api *a, struct liq_buf *b)
{
    struct liq_exchange_counts n[LIQ_SOURCES_MAX] = {0};
    size_t count = a->scope.n_exchange;

    for (size_t x = 0; x < count; x++) {
        if (a->scope.exchange[x]->count)
            a->scope.exchange[x]->count(a->scope.exchange[x], &n[x]);
    }
    for (size_t i = 0; i < sizeof exchange_figures / sizeof *exchange_figures;
         i++) {
        head(b, exchange_figures[i].name, exchange_figures[i].type,
             exchange_figures[i].help);
        for (size_t x = 0; x < count; x++) {
            if (a->scope.exchange[x]->count)
                (void)liq_buf_format(b, "liqmap_%s{exchange=\"%s\"} %.15g\n",
                                     exchange_figures[i].name,
                                     a->scope.exchange[x]->name,
                                     exchange_figure(&n[x], i));
        }
    }
}

static void encode_hosts(struct liq_api *a, struct liq_buf *b)
{
    struct liq_hosts_counts n;

    if (!a->options.hosts)
        return;
    a->options.count_hosts(a->options.hosts, &n);
    single(b, "redis_up", "gauge", "1: Redis responds.", n.there);
    single(b, "hosts", "gauge", "Hosts that share requests, seen last.",
           n.hosts);
    single(b, "shared_taken_total", "counter",
           "Responses that another host had fetched.", (double)n.taken);
    single(b, "shared_fetched_total", "counter",
           "Responses fetched here for all hosts.", (double)n.fetched);
    single(b, "shared_refused_total", "counter",
           "Of those: another host had a newer one, which was used.",
           (double)n.refused);
    single(b, "shared_alone_total", "counter",
           "Requests sent without asking Redis.", (double)n.alone);
    single(b, "redis_losses_total", "counter", "How often Redis was lost.",
           (double)n.losses);
}

/* Live series that were asked for lately. */
static void encode_series(struct liq_api *a, struct liq_buf *b)
{
    struct liq_cache_entry *entry = calloc(SERIES_MAX, sizeof *entry);
    int64_t now_ms = liq_api_now(a);
    size_t n = 0;

    if (entry)
        n = liq_cache_list(a->options.cache, LIQ_KIND_SERIES, entry,
                           SERIES_MAX);
    head(b, "series_age_seconds", "gauge",
         "Age of the data of a live series that is in use.");
    for (size_t i = 0; i < n; i++) {
        const struct liq_series *s =
            (const struct liq_series *)(void *)entry[i].item;

        if (s && entry[i].key.end_ms == 0 &&
            entry[i].last_asked_ms >= now_ms - liq_api_config(a)->hot_ms)
            (void)liq_buf_format(
                b,
                "liqmap_series_age_seconds{exchange=\"%s\",symbol=\"%s\","
                "interval=\"%s\"} %.3f\n",
                entry[i].key.exchange, entry[i].key.symbol,
                liq_interval_name(entry[i].key.display_ms),
                (double)(now_ms - s->fetched_ms) / 1e3);
        liq_item_release(entry[i].item);
    }
    free(entry);
}

/* --- the recorder --------------------------------------------------------- */

static void encode_recorder(struct liq_api *a, struct liq_buf *b)
{
    struct liq_recorder_counts n;

    if (!a->options.recorder)
        return;
    liq_recorder_count(a->options.recorder, &n);
    single(b, "recorder_good", "gauge",
           "1: the recorder's file can be written.", n.good);
    single(b, "recorder_rows_total", "counter",
           "Rows written, repeated ones included.", (double)n.written);
    single(b, "recorder_dropped_total", "counter",
           "Rows that were dropped, because there was no room.",
           (double)n.dropped);
    single(b, "recorder_failed_total", "counter",
           "Tries to write the recorder's file that failed.", (double)n.failed);
    single(b, "recorder_waiting", "gauge", "Rows that wait to be written.",
           (double)n.waiting);
}

static const struct {
    const char *name, *type, *help;
} stream_figures[] = {
    {"stream_connected", "gauge", "1: the stream is connected."},
    {"stream_connects_total", "counter", "Connections that were made."},
    {"stream_messages_total", "counter", "Messages that were read."},
    {"stream_liquidations_total", "counter",
     "Executed liquidations of symbols that are recorded."},
    {"stream_bad_total", "counter",
     "Messages that could not be read, and refused subscriptions."},
};

static void encode_streams(struct liq_api *a, struct liq_buf *b)
{
    struct liq_stream_counts n[LIQ_STREAMS];

    if (!a->options.streams)
        return;
    liq_streams_count(a->options.streams, n);
    for (size_t i = 0; i < sizeof stream_figures / sizeof *stream_figures;
         i++) {
        head(b, stream_figures[i].name, stream_figures[i].type,
             stream_figures[i].help);
        for (size_t k = 0; k < LIQ_STREAMS; k++) {
            const double all[] = {n[k].connected, (double)n[k].connects,
                                  (double)n[k].messages,
                                  (double)n[k].liquidations, (double)n[k].bad};

            if (n[k].name)
                (void)liq_buf_format(b, "liqmap_%s{exchange=\"%s\"} %.15g\n",
                                     stream_figures[i].name, n[k].name, all[i]);
        }
    }
}

void liq_encode_metrics(struct liq_api *a, struct liq_buf *body)
{
    struct liq_counters *n = &a->counters;

    head(body, "build_info", "gauge", "The build that runs.");
    (void)liq_buf_format(body, "liqmap_build_info{build=\"%s\"} 1\n",
                         a->options.build);
    single(body, "uptime_seconds", "gauge", "Since the start of the daemon.",
           (double)(liq_api_now(a) - a->started_ms) / 1e3);
    single(body, "requests_in_flight", "gauge",
           "Requests without a response yet.", (double)liq_api_in_flight(a));
    single(body, "log_lines_dropped_total", "counter",
           "Log lines that standard error did not take.",
           (double)liq_log_dropped());
    encode_requests(n, body);
    encode_all_times(n, body);
    single(body, "model_runs_total", "counter", "Runs of the model.",
           (double)atomic_load(&n->model_runs));
    single(body, "model_seconds_total", "counter",
           "Sum of the times of all runs of the model.",
           (double)atomic_load(&n->model_ms) / 1e3);
    encode_cache(a, body);
    encode_exchanges(a, body);
    encode_hosts(a, body);
    encode_series(a, body);
    encode_recorder(a, body);
    encode_streams(a, body);
    liq_encode_notice_metrics(a, body);
}
