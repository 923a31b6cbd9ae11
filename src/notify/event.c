#include "event.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "liqmap/decimal.h"
#include "liqmap/json.h"
#include "liqmap/jsonw.h"

/* --- reading -------------------------------------------------------------- */

static bool is_price(double x)
{
    return isfinite(x) && x > 0.0;
}

static bool read_band(const struct cJSON *item, enum liq_notify_side side,
                      struct liq_band *b)
{
    b->side = side;
    b->price = liq_json_number(liq_json_at(item, "price"));
    b->from = liq_json_number(liq_json_at(item, "from"));
    b->to = liq_json_number(liq_json_at(item, "to"));
    b->density = liq_json_number(liq_json_at(item, "density"));
    b->usd = liq_json_number(liq_json_at(item, "modelled_usd"));
    return is_price(b->price) && is_price(b->from) && is_price(b->to) &&
           b->from < b->to;
}

static bool read_bands(const struct cJSON *root, const char *path,
                       enum liq_notify_side side, struct liq_reading *r)
{
    const struct cJSON *list = liq_json_at(root, path);
    const struct cJSON *item;

    if (!liq_json_is_array(list))
        return false;
    for (item = liq_json_first(list); item && r->n < LIQ_READING_BANDS;
         item = liq_json_next(item)) {
        if (!read_band(item, side, &r->band[r->n++]))
            return false;
    }
    return true;
}

static bool is_yes(const struct cJSON *item)
{
    return liq_json_is(item, "true", 4);
}

static bool read_all(const struct cJSON *root, struct liq_reading *r)
{
    memset(r, 0, sizeof *r);
    liq_json_copy_printable(r->symbol, sizeof r->symbol,
                            liq_json_text(liq_json_at(root, "symbol")));
    liq_json_copy_printable(r->interval, sizeof r->interval,
                            liq_json_text(liq_json_at(root, "interval")));
    liq_json_copy_printable(r->exchange, sizeof r->exchange,
                            liq_json_text(liq_json_at(root, "exchange")));
    liq_json_copy_printable(r->source, sizeof r->source,
                            liq_json_text(liq_json_at(root, "source")));
    r->price = liq_json_number(liq_json_at(root, "price"));
    r->stale = is_yes(liq_json_at(root, "stale"));
    r->whole = !liq_json_first(liq_json_at(root, "incomplete"));
    r->candle_ms = liq_json_time(liq_json_at(root, "candle.open_time"));
    r->high = liq_json_number(liq_json_at(root, "candle.high"));
    r->low = liq_json_number(liq_json_at(root, "candle.low"));
    return is_price(r->price) && is_price(r->high) && is_price(r->low) &&
           r->candle_ms > 0 &&
           read_bands(root, "levels.long", LIQ_NOTIFY_LONG, r) &&
           read_bands(root, "levels.short", LIQ_NOTIFY_SHORT, r);
}

enum liq_err liq_reading_parse(const char *body, size_t len, const char *symbol,
                               struct liq_reading *out, struct liq_reason *why)
{
    struct cJSON *root = liq_json_parse(body, len);
    bool good = root && read_all(root, out);

    liq_json_free(root);
    if (!good)
        return liq_fail(why, LIQ_EFORMAT,
                        "the response is no list of levels with a candle");
    if (strcmp(out->symbol, symbol) != 0)
        return liq_fail(why, LIQ_EFORMAT, "the response is about %s",
                        out->symbol);
    return LIQ_OK;
}

/* --- events --------------------------------------------------------------- */

/* So many digits after the point, for distances and densities. */
static double rounded(double x, double per_unit)
{
    return round(x * per_unit) / per_unit;
}

static void put_price(struct liq_buf *b, double price)
{
    char text[LIQ_DECIMAL_SIZE];

    liq_decimal_format(price, text);
    liq_buf_text(b, text);
}

static void put_usd(struct liq_buf *b, double usd)
{
    if (!isfinite(usd))
        return;
    if (usd >= 1e9)
        liq_buf_format(b, ", %.1f B USD", usd / 1e9);
    else if (usd >= 1e6)
        liq_buf_format(b, ", %.0f M USD", usd / 1e6);
    else
        liq_buf_format(b, ", %.0f USD", usd);
}

/* One line for people: "BTCUSDT okx 1h: short level 122000 (121900 to 122100,
 * 82 M USD) approached; price 121000, 0.83 % away". */
static void put_text(struct liq_buf *b, const struct liq_happened *h,
                     const struct liq_reading *r)
{
    const struct liq_band *band = &h->band;

    liq_buf_format(b, "%s%s %s %s: %s level ",
                   strcmp(r->source, "demo") == 0 ? "DEMO " : "", r->symbol,
                   r->exchange, r->interval, liq_notify_sides[band->side]);
    put_price(b, band->price);
    liq_buf_text(b, " (");
    put_price(b, band->from);
    liq_buf_text(b, " to ");
    put_price(b, band->to);
    put_usd(b, band->usd);
    liq_buf_format(b, ") %s; price ", liq_notify_kinds[h->kind]);
    put_price(b, r->price);
    liq_buf_format(b, ", %.2f %% away", h->distance_percent);
}

static void encode_band(struct liq_jsonw *w, const struct liq_band *b)
{
    liq_jsonw_key(w, "level");
    liq_jsonw_open_object(w);
    liq_jsonw_key_number(w, "price", b->price);
    liq_jsonw_key_number(w, "from", b->from);
    liq_jsonw_key_number(w, "to", b->to);
    liq_jsonw_key_number(w, "density", rounded(b->density, 10.0));
    liq_jsonw_key_number(w, "modelled_usd", b->usd);
    liq_jsonw_close_object(w);
}

void liq_event_encode(struct liq_buf *b, const struct liq_happened *h,
                      const struct liq_reading *r, const char *id,
                      int64_t wall_ms)
{
    struct liq_buf text;
    struct liq_jsonw w;

    liq_buf_init(&text, LIQ_EVENT_MAX_BYTES);
    put_text(&text, h, r);
    liq_jsonw_init(&w, b);
    liq_jsonw_open_object(&w);
    liq_jsonw_key_string(&w, "id", id);
    liq_jsonw_key_string(&w, "event", liq_notify_kinds[h->kind]);
    liq_jsonw_key_time(&w, "time", wall_ms);
    liq_jsonw_key_string(&w, "symbol", r->symbol);
    liq_jsonw_key_string(&w, "exchange", r->exchange);
    liq_jsonw_key_string(&w, "interval", r->interval);
    liq_jsonw_key_string(&w, "source", r->source);
    liq_jsonw_key_string(&w, "side", liq_notify_sides[h->band.side]);
    liq_jsonw_key_number(&w, "price", r->price);
    liq_jsonw_key_number(&w, "distance_percent",
                         rounded(h->distance_percent, 1000.0));
    encode_band(&w, &h->band);
    liq_jsonw_key_string(&w, "text", text.data);
    liq_jsonw_close_object(&w);
    if (text.err && !b->err)
        b->err = text.err;
    liq_buf_free(&text);
}
