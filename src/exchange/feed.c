#include "liqmap/feed.h"

#include <math.h>
#include <string.h>
#include "liqmap/json.h"
#include "plan.h"
#include "table.h"

/*
 * Where a message has its liquidations.
 *
 * list       array of them, or of groups; NULL: the message, or what is at
 *            object, is one
 * group      within an element of list: array of them; then symbol is the
 *            element's
 * quantity, price  and what stands in where the first is missing or 0
 * long_side  what side is when a long was closed
 * size       base units of a contract, by base; NULL: sizes are base units
 */
struct shape {
    struct liq_feed feed;
    const char *topic, *topic_is; /* of a message with liquidations */
    const char *object, *list, *group, *symbol, *time, *side, *long_side;
    const char *quantity[2], *price[2];
    const struct liq_alias *size;
    const char *before, *each, *after; /* a subscription; each: NULL or once
                                          for each symbol, %: its name */
};

/* Contract sizes by OKX's instruments list; a symbol that is not here is not
 * recorded. */
static const struct liq_alias okx_sizes[] = {{"BTC", NULL, 0.01},
                                             {"ETH", NULL, 0.1},
                                             {"SOL", NULL, 1.0},
                                             {NULL, NULL, 0.0}};

/*
 * Binance: side is that of the order, SELL closes a long; the newest order of a
 * symbol in each second.  Only the path /market is sent such messages.
 * Bybit: side is that of the position; all of them, every 500 ms; the price is
 * that of bankruptcy.
 * OKX: side is that of the order; one order of a contract in each second, all
 * swaps in one subscription.
 */
static const struct shape shapes[] = {
    {.feed = {"binance", "wss://fstream.binance.com/market/ws", NULL, 60000,
              true},
     .topic = "e",
     .topic_is = "forceOrder",
     .object = "o",
     .symbol = "s",
     .time = "T",
     .side = "S",
     .long_side = "SELL",
     .quantity = {"z", "q"},
     .price = {"ap", "p"},
     .before = "{\"method\":\"SUBSCRIBE\",\"id\":1,\"params\":[",
     .each = "\"%@forceOrder\"",
     .after = "]}"},
    {.feed = {"bybit", "wss://stream.bybit.com/v5/public/linear",
              "{\"op\":\"ping\"}", 20000, false},
     .topic = "topic",
     .topic_is = "allLiquidation",
     .list = "data",
     .symbol = "s",
     .time = "T",
     .side = "S",
     .long_side = "Buy",
     .quantity = {"v", NULL},
     .price = {"p", NULL},
     .before = "{\"op\":\"subscribe\",\"args\":[",
     .each = "\"allLiquidation.%\"",
     .after = "]}"},
    {.feed = {"okx", "wss://ws.okx.com:8443/ws/v5/public", "ping", 20000, true},
     .topic = "arg.channel",
     .topic_is = "liquidation-orders",
     .list = "data",
     .group = "details",
     .symbol = "instId",
     .time = "ts",
     .side = "side",
     .long_side = "sell",
     .quantity = {"sz", NULL},
     .price = {"bkPx", NULL},
     .size = okx_sizes,
     .before = "{\"op\":\"subscribe\",\"args\":[{\"channel\":"
               "\"liquidation-orders\",\"instType\":\"SWAP\"}]}"},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

const struct liq_feed *liq_feed_at(size_t i)
{
    return i < SHAPES ? &shapes[i].feed : NULL;
}

/* The feed is a shape's first member. */
static const struct shape *shape_of(const struct liq_feed *f)
{
    return (const struct shape *)(const void *)f;
}

/* --- subscribing ---------------------------------------------------------- */

/* Binance wants small letters in the names of its streams. */
static void add_name(const struct shape *s, const char *name,
                     struct liq_buf *out)
{
    bool small = strcmp(s->feed.exchange, "binance") == 0;

    for (const char *p = s->each; *p; p++) {
        if (*p != '%') {
            (void)liq_buf_char(out, *p);
            continue;
        }
        for (const char *c = name; *c; c++)
            (void)liq_buf_char(
                out, (char)(small && *c >= 'A' && *c <= 'Z' ? *c + 32 : *c));
    }
}

enum liq_err liq_feed_subscribe(const struct liq_feed *f, const char *symbols,
                                struct liq_buf *out)
{
    const struct shape *s = shape_of(f);
    const struct liq_exchange_row *row = liq_exchange_row(f->exchange);
    struct liq_query q;
    bool some = false;

    (void)liq_buf_text(out, s->before);
    while (s->each && row && *symbols) {
        size_t n = strcspn(symbols, ",");
        char name[LIQ_SYMBOL_SIZE] = "";

        if (n < sizeof name)
            memcpy(name, symbols, n);
        memset(&q, 0, sizeof q);
        if (n < sizeof name && liq_name_there(row, name, &q)) {
            if (some)
                (void)liq_buf_char(out, ',');
            add_name(s, q.symbol, out);
            some = true;
        }
        symbols += n + (symbols[n] == ',');
    }
    (void)liq_buf_text(out, s->after ? s->after : "");
    return out->err;
}

/* --- reading -------------------------------------------------------------- */

/* One message while it is read. */
struct reading {
    const struct shape *shape;
    const struct liq_exchange_row *row;
    liq_feed_fn *each;
    void *arg;
};

/* The first that is there and above 0; NaN when none is. */
static double first_number(const struct cJSON *item, const char *const path[2])
{
    for (int i = 0; i < 2 && path[i]; i++) {
        double x = liq_json_number(liq_json_at(item, path[i]));

        if (x > 0.0)
            return x;
    }
    return NAN;
}

/* Base units that a size of 1 is; NaN when it is not known. */
static double size_of(const struct shape *s, const char *base)
{
    const struct liq_alias *a = s->size;

    if (!a)
        return 1.0;
    while (a->base && strcmp(a->base, base) != 0)
        a++;
    return a->base ? a->scale : NAN;
}

static void read_one(const struct reading *r, const char *there,
                     const struct cJSON *item)
{
    const struct shape *s = r->shape;
    struct liq_liquidation l = {.sampled = s->feed.sampled};
    struct liq_symbol symbol;
    const char *side = liq_json_text(liq_json_at(item, s->side));
    double scale = 1.0, size;

    if (!liq_name_here(r->row, there, &symbol, &scale) ||
        !liq_liquidation_side(side, s->long_side, &l.is_long))
        return;
    size = size_of(s, symbol.base);
    l.time_ms = liq_json_time(liq_json_at(item, s->time));
    l.price = first_number(item, s->price) * scale;
    l.quantity = first_number(item, s->quantity) * size / scale;
    l.usd = l.price * l.quantity;
    if (l.time_ms > 0 && isfinite(l.usd) && l.usd > 0.0)
        r->each(r->arg, symbol.name, &l);
}

static void read_list(const struct reading *r, const struct cJSON *list)
{
    const struct shape *s = r->shape;
    const struct cJSON *item, *part;

    for (item = liq_json_first(list); item; item = liq_json_next(item)) {
        const char *there = liq_json_text(liq_json_at(item, s->symbol));

        if (!s->group) {
            read_one(r, there, item);
            continue;
        }
        for (part = liq_json_first(liq_json_at(item, s->group)); part;
             part = liq_json_next(part))
            read_one(r, there, part);
    }
}

/* A combined stream wraps the message in "data". */
static void read_message(const struct reading *r, const struct cJSON *root)
{
    const struct shape *s = r->shape;
    const struct cJSON *wrapped = liq_json_at(root, "data");
    const struct cJSON *from =
        s->object && liq_json_is_object(wrapped) ? wrapped : root;
    const char *topic = liq_json_text(liq_json_at(from, s->topic));
    const struct cJSON *one;

    if (strncmp(topic, s->topic_is, strlen(s->topic_is)) != 0)
        return;
    if (s->list) {
        read_list(r, liq_json_at(from, s->list));
        return;
    }
    one = liq_json_at(from, s->object);
    read_one(r, liq_json_text(liq_json_at(one, s->symbol)), one);
}

/* Binance: {"error":{..}} or {"code":..,"msg":..}; Bybit: success false; OKX:
 * event error. */
static bool is_refusal(const struct cJSON *root)
{
    return liq_json_is(liq_json_at(root, "success"), "false", 5) ||
           liq_json_is(liq_json_at(root, "event"), "error", 5) ||
           liq_json_is_object(liq_json_at(root, "error"));
}

enum liq_err liq_feed_read(const struct liq_feed *f, const char *text, size_t n,
                           liq_feed_fn *each, void *arg, struct liq_reason *why)
{
    struct reading r = {shape_of(f), liq_exchange_row(f->exchange), each, arg};
    struct cJSON *root;
    enum liq_err err = LIQ_OK;
    char shown[80];

    if (n == 4 && memcmp(text, "pong", n) == 0)
        return LIQ_OK;
    root = liq_json_parse(text, n);
    if (!r.row || !liq_json_is_object(root)) {
        err = liq_fail(why, LIQ_EFORMAT, "%s: a message that is no JSON object",
                       f->exchange);
    } else if (is_refusal(root)) {
        char start[sizeof shown];
        size_t len = n < sizeof start ? n : sizeof start - 1;

        memcpy(start, text, len);
        start[len] = '\0';
        liq_json_copy_printable(shown, sizeof shown, start);
        err = liq_fail(why, LIQ_EINVAL, "%s refuses the subscription: %s",
                       f->exchange, shown);
    } else {
        read_message(&r, root);
    }
    liq_json_free(root);
    return err;
}
