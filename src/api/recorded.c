/* The liquidations route: what the recorder has, by display candles. */
#include "recording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "clusters.h"
#include "http.h"
#include "liqmap/feed.h"
#include "liqmap/interval.h"

#define LARGEST 100
#define GAPS 50
#define BARS_MAX 1500
#define BODY_MAX ((size_t)512 * 1024)
static const double CENTS = 100.0;

/* One that is listed by itself. */
struct single {
    struct liq_liquidation l;
    const struct liq_exchange *exchange;
};

/* One exchange's part; a gap is a time its feed did not cover. */
struct part {
    struct liq_exchange *exchange;
    size_t rows, n_gap;
    bool sampled, more_gaps;
    int64_t known_ms; /* up to there time is covered or a gap */
    struct {
        int64_t from_ms, to_ms;
    } gap[GAPS];
};

/* One call, from its start to its response. */
struct recorded {
    struct liq_recorder_ask ask; /* must be first */
    struct liq_api *api;
    struct liq_api_call *call;
    struct liq_query query;
    void (*done)(struct liq_api_call *c);
    int64_t from_ms, to_ms; /* of candles; until_ms: of what can be known */
    int64_t until_ms;
    size_t n_bar;
    double usd[2][BARS_MAX]; /* shorts, longs */
    int count[2][BARS_MAX];
    struct single largest[LARGEST];
    size_t n_largest;
    struct liq_clusters *clusters; /* owned */
    struct part part[LIQ_SOURCES_MAX];
    size_t n;
    enum liq_err err;
};

/* --- reading, on the recorder's thread ------------------------------------ */

struct take {
    struct recorded *d;
    struct part *part;
};

static void keep_largest(struct recorded *d, const struct part *p,
                         const struct liq_liquidation *l)
{
    size_t i = d->n_largest;

    if (i == LARGEST && l->usd <= d->largest[i - 1].l.usd)
        return;
    if (i < LARGEST)
        d->n_largest++;
    else
        i--;
    for (; i > 0 && d->largest[i - 1].l.usd < l->usd; i--)
        d->largest[i] = d->largest[i - 1];
    d->largest[i] = (struct single){*l, p->exchange};
}

static bool take_liquidation(void *arg, const struct liq_row *r)
{
    struct take *t = arg;
    struct recorded *d = t->d;
    const struct liq_liquidation *l = &r->liquidation;
    size_t i = (size_t)((r->time_ms - d->from_ms) / d->query.display_ms);

    t->part->rows++;
    t->part->sampled = t->part->sampled || l->sampled;
    if (i < d->n_bar) {
        d->usd[l->is_long][i] += l->usd;
        d->count[l->is_long][i]++;
        liq_clusters_add(d->clusters, i, l);
    }
    keep_largest(d, t->part, l);
    return true;
}

static void add_gap(struct part *p, int64_t to_ms)
{
    if (to_ms <= p->known_ms)
        return;
    if (p->n_gap == GAPS) {
        p->more_gaps = true;
        return;
    }
    p->gap[p->n_gap].from_ms = p->known_ms;
    p->gap[p->n_gap++].to_ms = to_ms;
}

static bool take_cover(void *arg, const struct liq_row *r)
{
    struct part *p = ((struct take *)arg)->part;

    add_gap(p, r->time_ms);
    if (r->until_ms > p->known_ms)
        p->known_ms = r->until_ms;
    return true;
}

static void read_part(struct recorded *d, struct part *p, struct liq_store *s,
                      struct liq_reason *why)
{
    const char *name = p->exchange->name, *symbol = d->query.symbol;
    struct take t = {d, p};

    p->known_ms = d->from_ms;
    d->err = liq_store_each(s, LIQ_ROW_LIQUIDATION, name, symbol, d->from_ms,
                            d->to_ms, take_liquidation, &t, why);
    if (d->err == LIQ_OK)
        d->err = liq_store_each(s, LIQ_ROW_COVER, name, symbol, d->from_ms,
                                d->until_ms, take_cover, &t, why);
    add_gap(p, d->until_ms);
}

static void read_all(struct liq_recorder_ask *a, struct liq_store *s)
{
    struct recorded *d = (struct recorded *)(void *)a;

    d->err = s ? LIQ_OK : LIQ_EIO;
    for (size_t i = 0; d->err == LIQ_OK && i < d->n; i++)
        read_part(d, &d->part[i], s, &a->why);
}

/* --- encoding ------------------------------------------------------------- */

static void encode_sums(struct liq_jsonw *w, const char *key,
                        const struct recorded *d, bool is_long)
{
    liq_jsonw_key(w, key);
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < d->n_bar; i++)
        liq_encode_rounded(w, NULL, d->usd[is_long][i], CENTS);
    liq_jsonw_close_array(w);
}

static void encode_counts(struct liq_jsonw *w, const char *key,
                          const struct recorded *d, bool is_long)
{
    liq_jsonw_key(w, key);
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < d->n_bar; i++)
        liq_jsonw_int(w, d->count[is_long][i]);
    liq_jsonw_close_array(w);
}

static void encode_largest(struct liq_jsonw *w, const struct recorded *d)
{
    liq_jsonw_key(w, "largest");
    liq_jsonw_open_array(w);
    for (size_t i = 0; i < d->n_largest; i++) {
        const struct liq_liquidation *l = &d->largest[i].l;

        liq_jsonw_open_object(w);
        liq_jsonw_key_time(w, "time", l->time_ms);
        liq_jsonw_key_string(w, "exchange", d->largest[i].exchange->name);
        liq_jsonw_key_string(w, "side", l->is_long ? "long" : "short");
        liq_jsonw_key_number(w, "price", l->price);
        liq_jsonw_key_number(w, "quantity", l->quantity);
        liq_encode_rounded(w, "usd", l->usd, CENTS);
        liq_jsonw_close_object(w);
    }
    liq_jsonw_close_array(w);
}

/* NULL: the exchange reports none. */
static const char *feed_of(const struct liq_exchange *x, bool *sampled)
{
    const struct liq_feed *f;

    for (size_t i = 0; (f = liq_feed_at(i)) != NULL; i++) {
        if (strcmp(f->exchange, x->name) == 0) {
            *sampled = f->sampled;
            return "stream";
        }
    }
    return x->liquidations ? "requests" : NULL;
}

static void encode_feed(struct liq_jsonw *w, const struct part *p)
{
    bool sampled = p->sampled;
    const char *feed = feed_of(p->exchange, &sampled);

    liq_jsonw_open_object(w);
    liq_jsonw_key_string(w, "exchange", p->exchange->name);
    liq_jsonw_key_string(w, "feed", feed);
    liq_jsonw_key_bool(w, "sampled", sampled);
    liq_jsonw_key_int(w, "count", (int64_t)p->rows);
    liq_jsonw_key(w, "gaps");
    liq_jsonw_open_array(w);
    for (size_t i = 0; feed && i < p->n_gap; i++) {
        liq_jsonw_open_object(w);
        liq_jsonw_key_time(w, "from", p->gap[i].from_ms);
        liq_jsonw_key_time(w, "to", p->gap[i].to_ms);
        liq_jsonw_close_object(w);
    }
    liq_jsonw_close_array(w);
    liq_jsonw_key_bool(w, "more_gaps", p->more_gaps);
    liq_jsonw_close_object(w);
}

static void encode(const struct recorded *d, struct liq_buf *out)
{
    bool one = d->query.choice == LIQ_CHOOSE_ONE;
    struct liq_jsonw w;

    liq_jsonw_init(&w, out);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_int(&w, "api", 1);
    liq_jsonw_key_string(&w, "symbol", d->query.symbol);
    liq_jsonw_key_string(&w, "exchange", one ? d->query.exchange->name : "all");
    liq_encode_interval(&w, "interval", d->query.display_ms);
    liq_jsonw_key_time(&w, "time", d->until_ms);
    liq_jsonw_key(&w, "open_time");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; i < d->n_bar; i++)
        liq_jsonw_int(&w, d->from_ms + (int64_t)i * d->query.display_ms);
    liq_jsonw_close_array(&w);
    encode_sums(&w, "long_usd", d, true);
    encode_sums(&w, "short_usd", d, false);
    encode_counts(&w, "long_count", d, true);
    encode_counts(&w, "short_count", d, false);
    encode_largest(&w, d);
    liq_clusters_encode(d->clusters, &w);
    liq_jsonw_key(&w, "exchanges");
    liq_jsonw_open_array(&w);
    for (size_t i = 0; i < d->n; i++)
        encode_feed(&w, &d->part[i]);
    liq_jsonw_close_array(&w);
    liq_jsonw_close_object(&w);
}

/* --- the call ------------------------------------------------------------- */

static void free_recorded(struct recorded *d)
{
    if (d != NULL)
        liq_clusters_free(d->clusters);
    free(d);
}

static void refuse(struct liq_api_call *c, int status, const char *code,
                   const char *text)
{
    struct liq_refusal refusal;

    liq_refuse(&refusal, status, code, "", "%s", text);
    liq_respond_refusal(&c->request, &refusal, &c->response);
}

static void respond(struct liq_task *t)
{
    struct recorded *d = (struct recorded *)(void *)t;
    struct liq_api_call *c = d->call;
    struct liq_buf body;

    if (d->err == LIQ_OK) {
        liq_buf_init(&body, BODY_MAX);
        encode(d, &body);
        liq_respond_once(&c->request, 200, &body, &c->response);
    } else {
        refuse(c, 503, "recorder", "the recorder's file cannot be read");
    }
    d->done(c);
    free_recorded(d);
}

static void set_range(struct recorded *d)
{
    const struct liq_clock *clock = d->api->options.clock;
    int64_t step = d->query.display_ms, now_ms = clock->wall_ms(clock);

    d->n_bar = (size_t)d->query.bars;
    d->to_ms = d->query.end_ms > 0 ? d->query.end_ms
                                   : liq_interval_floor(now_ms, step) + step;
    d->from_ms = d->to_ms - d->query.bars * step;
    if (d->from_ms < 0)
        d->from_ms = 0;
    d->until_ms = d->to_ms < now_ms ? d->to_ms : now_ms;
}

static void add_parts(struct recorded *d)
{
    const struct liq_query_scope *scope = &d->api->scope;

    for (size_t i = 0; i < scope->n_exchange && d->n < LIQ_SOURCES_MAX; i++) {
        struct liq_exchange *x = scope->exchange[i];

        if (d->query.choice != LIQ_CHOOSE_ONE || x == d->query.exchange)
            d->part[d->n++].exchange = x;
    }
}

void liq_recorded_start(struct liq_api *a, struct liq_api_call *c,
                        const struct liq_query *q,
                        void (*done)(struct liq_api_call *c))
{
    struct recorded *d;

    if (!a->options.recorder) {
        refuse(c, 404, "not_recorded",
               "nothing is recorded here: the setting recorder.file is empty");
        done(c);
        return;
    }
    d = calloc(1, sizeof *d);
    if (!d || !(d->clusters = liq_clusters_new())) {
        free(d);
        refuse(c, 503, "memory", "no memory for a response");
        done(c);
        return;
    }
    d->api = a;
    d->call = c;
    d->done = done;
    d->query = *q;
    set_range(d);
    add_parts(d);
    d->ask.read = read_all;
    d->ask.done.run = respond;
    d->ask.lane = LIQ_LANE_HEAVY;
    if (liq_recorder_ask(a->options.recorder, &d->ask))
        return;
    refuse(c, 503, "recorder", "the recorder does not respond");
    free_recorded(d);
    done(c);
}
