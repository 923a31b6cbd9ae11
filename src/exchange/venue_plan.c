/* Which questions one fetch takes. */
#include "venue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "liqmap/interval.h"

/* Room on the newest page for candles that open between question and answer. */
#define ROWS_SPARE 2

/* Where a range is cut to what the exchange gives, the cut moves in steps of so
 * many candles, so that two processes mostly begin alike. */
#define DEPTH_STEP 90

/* --- pages ------------------------------------------------------------- */

static int most_rows(const struct liq_venue_route *route, int64_t interval_ms)
{
    int rows = 0;
    size_t i;

    for (i = 0; i < LIQ_VENUE_SIZES; i++)
        if (route->size[i].rows > rows)
            rows = route->size[i].rows;
    if (route->span_ms != 0 && route->span_ms / interval_ms < rows)
        rows = (int)(route->span_ms / interval_ms);
    return rows;
}

/* The cheapest page of at least so many rows. */
static void set_size(struct liq_venue_page *page,
                     const struct liq_venue_route *route, int64_t rows)
{
    size_t i = 0;

    while (i + 1 < LIQ_VENUE_SIZES && route->size[i].rows < rows &&
           route->size[i + 1].rows > 0)
        i++;
    page->rows = route->size[i].rows;
    page->weight = route->size[i].weight;
}

/* The first open time that route[0] knows. */
static int64_t reach_ms(const struct liq_venue_interval *interval,
                        int64_t now_ms)
{
    if (interval->reach == 0)
        return 0;
    return liq_interval_floor(now_ms, interval->ms) -
           (interval->reach - 1) * interval->ms;
}

size_t liq_venue_pages(const struct liq_venue_row *row,
                       const struct liq_venue_interval *interval,
                       int64_t from_ms, int64_t last_ms, int64_t now_ms,
                       bool open, struct liq_venue_page *page)
{
    int64_t step = interval->ms, rows, reach = reach_ms(interval, now_ms);
    size_t n = 0;

    if (open)
        last_ms += ROWS_SPARE * step;
    for (; from_ms <= last_ms; from_ms += rows * step) {
        int route = row->route[1].path != NULL && from_ms < reach;
        int most = most_rows(&row->route[route], step);

        if (n == LIQ_VENUE_PAGES_MAX)
            return 0;
        rows = (last_ms - from_ms) / step + 1;
        if (rows > most)
            rows = most;
        if (route == 1 && rows > (reach - from_ms) / step)
            rows = (reach - from_ms) / step;
        page[n].start_ms = from_ms;
        page[n].end_ms = from_ms + rows * step - 1;
        page[n].route = route;
        set_size(&page[n++], &row->route[route], rows);
    }
    if (open && n > 0 && row->open_end)
        page[n - 1].end_ms = 0;
    return n;
}

/* Give up the oldest pages of a route that takes only so many; how many are
 * left. */
static size_t drop_oldest(const struct liq_venue_row *row,
                          struct liq_venue_page *page, size_t n)
{
    int most = row->route[1].most_pages;
    size_t old = 0, drop;

    while (old < n && page[old].route == 1)
        old++;
    if (most == 0 || old <= (size_t)most)
        return n;
    drop = old - (size_t)most;
    memmove(page, page + drop, (n - drop) * sizeof *page);
    return n - drop;
}

/* --- questions --------------------------------------------------------- */

void liq_venue_job_free(struct liq_venue_job *j)
{
    size_t i;

    for (i = 0; i < j->n; i++)
        liq_http_response_free(&j->call[i].response);
    free(j->call);
}

static bool write_question(const struct liq_venue_job *j, const char *path,
                           const char *post, const struct liq_venue_page *page,
                           struct liq_venue_call *c)
{
    size_t n = strlen(j->query.base_url);

    if (n >= sizeof c->url)
        return false;
    memcpy(c->url, j->query.base_url, n);
    return liq_venue_expand(path, &j->query, page, c->url + n,
                            sizeof c->url - n) &&
           (post == NULL ||
            liq_venue_expand(post, &j->query, page, c->post, sizeof c->post));
}

static bool plan_pages(const struct liq_venue_market *v,
                       struct liq_venue_job *j,
                       const struct liq_venue_page *page, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        const struct liq_venue_route *route = &v->row->route[page[i].route];
        struct liq_venue_call *c = &j->call[j->n++];

        c->pool = route->pool;
        c->weight = page[i].weight;
        if (!write_question(j, route->path, route->post, &page[i], c))
            return false;
    }
    j->n_page = n;
    return true;
}

static bool plan_parts(const struct liq_venue_market *v,
                       struct liq_venue_job *j)
{
    unsigned when = j->query.to_ms == 0 ? LIQ_VENUE_LIVE : LIQ_VENUE_PAST;
    const struct liq_venue_part *part;

    for (part = v->row->part; part->path != NULL; part++) {
        struct liq_venue_call *c = &j->call[j->n];

        if (!(part->when & when))
            continue;
        /* What is asked at all times is no history. */
        if (j->history_gone && !(part->when & LIQ_VENUE_LIVE))
            continue;
        j->n++;
        c->part = part;
        c->pool = part->pool;
        c->weight = part->weight;
        j->query.base_url =
            part->flags & LIQ_VENUE_ELSEWHERE ? v->elsewhere : v->base_url;
        if (!write_question(j, part->path, part->post, NULL, c))
            return false;
    }
    j->query.base_url = v->base_url;
    return true;
}

/* --- the range ---------------------------------------------------------- */

/* The newest open time wanted: the forming candle, or the last one that has
 * closed by to_ms. */
static int64_t last_open_ms(const struct liq_market_ask *ask, int64_t now_ms)
{
    if (ask->to_ms == 0)
        return liq_interval_floor(now_ms, ask->interval_ms);
    return liq_interval_floor(ask->to_ms < now_ms ? ask->to_ms : now_ms,
                              ask->interval_ms) -
           ask->interval_ms;
}

static int64_t first_open_ms(const struct liq_venue_interval *interval,
                             int64_t from_ms, int64_t now_ms)
{
    int64_t step = interval->ms, first;

    if (interval->depth == 0)
        return from_ms;
    first = liq_interval_floor(now_ms, step) - (interval->depth - 1) * step;
    if (first <= from_ms)
        return from_ms;
    return liq_interval_floor(first + (DEPTH_STEP - 1) * step,
                              DEPTH_STEP * step);
}

/* Sets from_ms and last_ms. */
static enum liq_err plan_range(const struct liq_market_ask *ask,
                               struct liq_venue_job *j, struct liq_reason *why)
{
    int64_t now_ms = j->query.now_ms;

    j->last_ms = last_open_ms(ask, now_ms);
    if (j->last_ms < ask->from_ms && ask->to_ms != 0)
        return liq_fail(why, LIQ_ENOTFOUND, "no candle had closed by then");
    if (j->last_ms < ask->from_ms)
        j->last_ms = ask->from_ms;
    j->from_ms = first_open_ms(j->query.interval, ask->from_ms, now_ms);
    if (j->last_ms < j->from_ms)
        return liq_fail(why, LIQ_ENOTFOUND,
                        "the exchange has no candles that old");
    return LIQ_OK;
}

static enum liq_err plan_query(struct liq_venue_market *v,
                               const struct liq_market_ask *ask, int64_t now_ms,
                               struct liq_venue_query *q,
                               struct liq_reason *why)
{
    q->base_url = v->base_url;
    q->interval = liq_venue_interval(v->row, ask->interval_ms);
    q->now_ms = now_ms;
    q->to_ms = ask->to_ms;
    q->multiplier = v->row->fallback == NULL ? 1.0 : NAN;
    if (!v->row->spell(ask->symbol, q->symbol))
        return liq_fail(why, LIQ_ENOTFOUND, "%s is not against USDT",
                        ask->symbol);
    return LIQ_OK;
}

enum liq_err liq_venue_job_plan(struct liq_venue_market *v,
                                const struct liq_market_ask *ask,
                                int64_t now_ms, struct liq_venue_job *j,
                                struct liq_reason *why)
{
    struct liq_venue_page page[LIQ_VENUE_PAGES_MAX];
    int64_t history_ms = v->row->history_ms;
    enum liq_err err;
    size_t n;

    memset(j, 0, sizeof *j);
    j->background = ask->background;
    err = plan_query(v, ask, now_ms, &j->query, why);
    if (err == LIQ_OK)
        err = plan_range(ask, j, why);
    if (err != LIQ_OK)
        return err;
    n = liq_venue_pages(v->row, j->query.interval, j->from_ms, j->last_ms,
                        now_ms, ask->to_ms == 0, page);
    if (n == 0)
        return liq_fail(why, LIQ_EINVAL, "the range has too many candles");
    n = drop_oldest(v->row, page, n);
    j->from_ms = page[0].start_ms;
    j->history_gone =
        ask->to_ms != 0 && history_ms != 0 && ask->to_ms < now_ms - history_ms;
    j->call = calloc(n + LIQ_VENUE_PARTS_MAX, sizeof *j->call);
    if (j->call == NULL)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    if (!plan_pages(v, j, page, n) || !plan_parts(v, j))
        return liq_fail(why, LIQ_EINVAL, "the base URL is too long");
    return LIQ_OK;
}
