#include "liqmap/streams.h"

#include <libwebsockets.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/buf.h"
#include "liqmap/feed.h"
#include "liqmap/log.h"
#include "liqmap/names.h"

#define TICK_US (1 * LWS_US_PER_SEC)
/* The library's own limit is shorter; it does not report every failure. */
#define CONNECT_US (45 * LWS_US_PER_SEC)
/* The longest message that is read. */
#define MESSAGE_MAX ((size_t)1024 * 1024)
#define SUBSCRIBE_MAX ((size_t)20 * 1024)
/* A cover is written this often. */
#define COVER_MS 10000
/* A connection without a message for so long beyond two pings has ended. */
#define SILENCE_MS 10000
#define DESCRIPTORS 16
#define URL_SIZE 256

/* Pauses before the n-th try to connect again; jitter keeps many hosts from
 * coming at the same moment. */
static const uint32_t pauses_ms[] = {1000, 2000, 5000, 10000, 30000, 60000};
static const lws_retry_bo_t back_off = {
    .retry_ms_table = pauses_ms,
    .retry_ms_table_count = LWS_ARRAY_SIZE(pauses_ms),
    .conceal_count = LWS_RETRY_CONCEAL_ALWAYS,
    .jitter_percent = 20,
};

/*
 * One exchange's connection; the thread's but for the counters.
 *
 * timer     ticks while connected, the next try while not; while connecting,
 *           when that is given up
 * state, wsi  wsi is NULL unless it is connected
 * send      text that waits to be written, "" for none
 * from_ms   UTC: subscribed since; 0: not
 * heard_ms, pinged_ms, covered_ms  monotonic: when something came last, was
 *           pinged last, a cover was written last
 * heard_at_ms  UTC
 */
struct link {
    enum { IDLE, CONNECTING, CONNECTED } state;
    struct liq_streams *streams;
    const struct liq_feed *feed;
    char url[URL_SIZE];
    lws_sorted_usec_list_t timer;
    struct lws *wsi;
    uint16_t tries;
    struct liq_buf text;
    bool subscribe, ping;
    int64_t from_ms, heard_at_ms;
    int64_t heard_ms, pinged_ms, covered_ms;
    atomic_bool connected;
    atomic_uint_least64_t connects, messages, liquidations, bad;
};

struct liq_streams {
    struct liq_streams_options options;
    struct lws_context *context;
    struct link link[LIQ_STREAMS];
    pthread_t thread;
    atomic_bool stopping;
};

static int64_t mono(const struct link *l)
{
    const struct liq_clock *c = l->streams->options.clock;

    return c->mono_ms(c);
}

static int64_t wall(const struct link *l)
{
    const struct liq_clock *c = l->streams->options.clock;

    return c->wall_ms(c);
}

/* --- what goes to the recorder -------------------------------------------- */

static void take(void *arg, const char *symbol, const struct liq_liquidation *x)
{
    struct link *l = arg;
    struct liq_row r = {
        .kind = LIQ_ROW_LIQUIDATION, .time_ms = x->time_ms, .liquidation = *x};

    if (!liq_names_have(l->streams->options.symbols, symbol))
        return;
    atomic_fetch_add(&l->liquidations, 1);
    snprintf(r.exchange, sizeof r.exchange, "%s", l->feed->exchange);
    snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
    (void)liq_recorder_put(l->streams->options.recorder, &r);
}

/* Until then the feed reported all that it reports. */
static void cover(struct link *l)
{
    const char *symbols = l->streams->options.symbols, *symbol;
    size_t n;

    l->covered_ms = mono(l);
    if (l->from_ms <= 0 || l->heard_at_ms <= l->from_ms)
        return;
    while ((symbol = liq_names_next(&symbols, &n)) != NULL) {
        struct liq_row r = {.kind = LIQ_ROW_COVER,
                            .time_ms = l->from_ms,
                            .until_ms = l->heard_at_ms};

        snprintf(r.exchange, sizeof r.exchange, "%s", l->feed->exchange);
        snprintf(r.symbol, sizeof r.symbol, "%.*s", (int)n, symbol);
        (void)liq_recorder_put(l->streams->options.recorder, &r);
    }
}

static void hear(struct link *l)
{
    l->heard_ms = mono(l);
    l->heard_at_ms = wall(l);
}

/* --- messages ------------------------------------------------------------- */

/* False: the connection is of no use. */
static bool read_message(struct link *l)
{
    struct liq_reason why = {0};
    const char *text = l->text.data ? l->text.data : "";
    enum liq_err err = liq_feed_read(l->feed, text, l->text.len, take, l, &why);

    liq_buf_clear(&l->text);
    hear(l);
    if (err == LIQ_OK) {
        atomic_fetch_add(&l->messages, 1);
        l->tries = 0;
        return true;
    }
    atomic_fetch_add(&l->bad, 1);
    liq_log(LIQ_LOG_WARN, "stream exchange=%s why=\"%s\"", l->feed->exchange,
            why.text);
    return false;
}

static bool receive(struct link *l, struct lws *wsi, const void *in, size_t n)
{
    if (liq_buf_add(&l->text, in, n) != LIQ_OK) {
        atomic_fetch_add(&l->bad, 1);
        liq_log(LIQ_LOG_WARN, "stream exchange=%s why=\"message too long\"",
                l->feed->exchange);
        return false;
    }
    if (lws_remaining_packet_payload(wsi) > 0 || !lws_is_final_fragment(wsi))
        return true;
    return read_message(l);
}

static bool write_text(struct lws *wsi, const char *text, size_t n)
{
    unsigned char *b = malloc(LWS_PRE + n);
    bool good = false;

    if (b) {
        memcpy(b + LWS_PRE, text, n);
        good = lws_write(wsi, b + LWS_PRE, n, LWS_WRITE_TEXT) == (int)n;
    }
    free(b);
    return good;
}

static bool write_subscription(struct link *l, struct lws *wsi)
{
    struct liq_buf text;
    bool good;

    liq_buf_init(&text, SUBSCRIBE_MAX);
    good = liq_feed_subscribe(l->feed, l->streams->options.symbols, &text) ==
               LIQ_OK &&
           write_text(wsi, text.data, text.len);
    liq_buf_free(&text);
    hear(l);
    l->from_ms = l->heard_at_ms;
    return good;
}

static bool write_ping(struct link *l, struct lws *wsi)
{
    unsigned char empty[LWS_PRE + 1];

    if (l->feed->ping)
        return write_text(wsi, l->feed->ping, strlen(l->feed->ping));
    return lws_write(wsi, empty + LWS_PRE, 0, LWS_WRITE_PING) >= 0;
}

/* One thing at a time: the library calls again for the next. */
static bool write_next(struct link *l, struct lws *wsi)
{
    bool good = true;

    if (l->subscribe) {
        l->subscribe = false;
        good = write_subscription(l, wsi);
    } else if (l->ping) {
        l->ping = false;
        good = write_ping(l, wsi);
    }
    if (l->subscribe || l->ping)
        (void)lws_callback_on_writable(wsi);
    return good;
}

/* --- connections ---------------------------------------------------------- */

static void on_timer(lws_sorted_usec_list_t *timer);

static void schedule(struct link *l, lws_usec_t after_us)
{
    lws_sul_schedule(l->streams->context, 0, &l->timer, on_timer, after_us);
}

static void try_later(struct link *l)
{
    uint32_t after_ms =
        lws_retry_get_delay_ms(l->streams->context, &back_off, &l->tries, NULL);

    schedule(l, (lws_usec_t)after_ms * 1000);
}

static void connect_now(struct link *l)
{
    struct lws_client_connect_info info = {0};
    const char *scheme, *host, *path;
    char url[URL_SIZE], full[URL_SIZE + 1];
    int port;

    memcpy(url, l->url, sizeof url);
    l->state = CONNECTING;
    schedule(l, CONNECT_US);
    if (lws_parse_uri(url, &scheme, &host, &port, &path) != 0)
        return;
    snprintf(full, sizeof full, "/%s", path);
    info.context = l->streams->context;
    info.address = info.host = info.origin = host;
    info.port = port;
    info.path = full;
    info.ssl_connection = strcmp(scheme, "wss") == 0 ? LCCSCF_USE_SSL : 0;
    info.local_protocol_name = "feed";
    info.ietf_version_or_minus_one = -1;
    info.userdata = l;
    /* Some failures call on_event, and some do not: then the timer ends it. */
    (void)lws_client_connect_via_info(&info);
}

static void tick(struct link *l)
{
    int64_t now_ms = mono(l);

    if (now_ms - l->heard_ms > 2 * l->feed->ping_ms + SILENCE_MS) {
        liq_log(LIQ_LOG_WARN, "stream exchange=%s why=\"silent\"",
                l->feed->exchange);
        lws_set_timeout(l->wsi, PENDING_TIMEOUT_USER_REASON_BASE,
                        LWS_TO_KILL_ASYNC);
        return;
    }
    if (now_ms - l->pinged_ms >= l->feed->ping_ms) {
        l->pinged_ms = now_ms;
        l->ping = true;
        (void)lws_callback_on_writable(l->wsi);
    }
    if (now_ms - l->covered_ms >= COVER_MS)
        cover(l);
    schedule(l, TICK_US);
}

static void on_ended(struct link *l, const char *why)
{
    bool was = atomic_exchange(&l->connected, false);

    l->state = IDLE;
    l->wsi = NULL;
    if (atomic_load(&l->streams->stopping))
        was = was && l->from_ms > 0;
    else if (was || l->tries == 0)
        liq_log(LIQ_LOG_WARN, "stream exchange=%s ended why=\"%s\"",
                l->feed->exchange, why);
    if (was)
        cover(l);
    l->from_ms = 0;
    if (!atomic_load(&l->streams->stopping))
        try_later(l);
}

static void on_timer(lws_sorted_usec_list_t *timer)
{
    struct link *l = lws_container_of(timer, struct link, timer);

    if (atomic_load(&l->streams->stopping))
        return;
    if (l->state == CONNECTED)
        tick(l);
    else if (l->state == IDLE)
        connect_now(l);
    else
        on_ended(l, "no connection in time");
}

static void on_connected(struct link *l, struct lws *wsi)
{
    l->state = CONNECTED;
    l->wsi = wsi;
    atomic_store(&l->connected, true);
    atomic_fetch_add(&l->connects, 1);
    liq_buf_clear(&l->text);
    l->subscribe = true;
    l->ping = false;
    l->from_ms = 0;
    hear(l);
    l->pinged_ms = l->covered_ms = l->heard_ms;
    (void)lws_callback_on_writable(wsi);
    schedule(l, TICK_US);
    liq_log(LIQ_LOG_INFO, "stream exchange=%s connected", l->feed->exchange);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason,
                    void *user, void *in, size_t n)
{
    struct link *l = user;
    bool good = true;

    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        /* One that was given up, or a second one, is closed. */
        good = l->state == CONNECTING;
        if (good)
            on_connected(l, wsi);
        break;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        good = write_next(l, wsi);
        break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        good = receive(l, wsi, in, n);
        break;
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        hear(l);
        break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        if (l->state == CONNECTING)
            on_ended(l, in ? (const char *)in : "no connection");
        break;
    case LWS_CALLBACK_CLIENT_CLOSED:
        if (wsi == l->wsi)
            on_ended(l, "closed");
        break;
    default:
        break;
    }
    return good ? 0 : -1;
}

static const struct lws_protocols protocols[] = {
    {.name = "feed", .callback = on_event, .rx_buffer_size = 16384},
    {.name = NULL},
};

/* --- the thread ----------------------------------------------------------- */

static void *run(void *arg)
{
    struct liq_streams *s = arg;

    while (!atomic_load(&s->stopping) && lws_service(s->context, 0) >= 0)
        ;
    return NULL;
}

static struct lws_context *context_new(void)
{
    struct lws_context_creation_info info = {0};

    lws_set_log_level(0, NULL);
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = protocols;
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.fd_limit_per_thread = DESCRIPTORS;
    return lws_create_context(&info);
}

static void begin_link(struct liq_streams *s, size_t i)
{
    const struct liq_streams_options *o = &s->options;
    struct link *l = &s->link[i];
    const struct liq_feed *f = liq_feed_at(i);

    l->streams = s;
    liq_buf_init(&l->text, MESSAGE_MAX);
    if (!f || !o->feed[i].wanted)
        return;
    l->feed = f;
    snprintf(l->url, sizeof l->url, "%s",
             o->feed[i].url ? o->feed[i].url : f->url);
    schedule(l, 1);
}

struct liq_streams *liq_streams_new(const struct liq_streams_options *o)
{
    struct liq_streams *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->options = *o;
    s->context = context_new();
    if (!s->context) {
        free(s);
        return NULL;
    }
    for (size_t i = 0; i < LIQ_STREAMS; i++)
        begin_link(s, i);
    if (pthread_create(&s->thread, NULL, run, s) != 0) {
        lws_context_destroy(s->context);
        free(s);
        return NULL;
    }
    return s;
}

void liq_streams_free(struct liq_streams *s)
{
    if (!s)
        return;
    atomic_store(&s->stopping, true);
    lws_cancel_service(s->context);
    (void)pthread_join(s->thread, NULL);
    lws_context_destroy(s->context);
    for (size_t i = 0; i < LIQ_STREAMS; i++)
        liq_buf_free(&s->link[i].text);
    free(s);
}

void liq_streams_count(struct liq_streams *s,
                       struct liq_stream_counts out[LIQ_STREAMS])
{
    for (size_t i = 0; i < LIQ_STREAMS; i++) {
        struct link *l = &s->link[i];

        out[i] = (struct liq_stream_counts){
            .name = l->feed ? l->feed->exchange : NULL,
            .connected = atomic_load(&l->connected),
            .connects = atomic_load(&l->connects),
            .messages = atomic_load(&l->messages),
            .liquidations = atomic_load(&l->liquidations),
            .bad = atomic_load(&l->bad)};
    }
}
