/* Which requests one fetch takes. */
#include "plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "liqmap/interval.h"

/* Room on the newest page for candles that open between request and
 * response. */
#define ROWS_SPARE 2

/* Where a range is cut to what the exchange gives, the cut moves in steps of so
 * many candles, so that two processes mostly begin alike. */
#define DEPTH_STEP 90

#define SYMBOL_PAGES_MAX 20

/* --- pages ---------------------------------------------------------------- */

static int most_rows(const struct liq_candle_endpoint *e, int64_t interval_ms,
                     bool fallback)
{
    int rows = 0;
    size_t i;

    for (i = 0; i < LIQ_PAGE_SIZES; i++)
        if (e->size[i].rows > rows)
            rows = e->size[i].rows;
    if (fallback && e->fallback_rows != 0)
        rows = e->fallback_rows;
    if (e->span_ms != 0 && e->span_ms / interval_ms < rows)
        rows = (int)(e->span_ms / interval_ms);
    return rows;
}

/* The cheapest page of at least so many rows. */
static void set_size(struct liq_page *page, const struct liq_candle_endpoint *e,
                     int64_t rows)
{
    size_t i = 0;

    while (i + 1 < LIQ_PAGE_SIZES && e->size[i].rows < rows &&
           e->size[i + 1].rows > 0)
        i++;
    page->rows = e->size[i].rows;
    page->weight = e->size[i].weight;
}

/* The first open time that candles[0] knows. */
static int64_t reach_ms(const struct liq_interval *interval, int64_t now_ms)
{
    if (interval->reach == 0)
        return 0;
    return liq_interval_floor(now_ms, interval->ms) -
           (interval->reach - 1) * interval->ms;
}

size_t liq_plan_pages(const struct liq_exchange_row *row,
                      const struct liq_interval *interval, int64_t from_ms,
                      int64_t last_ms, int64_t now_ms, bool open, bool fallback,
                      struct liq_page *page)
{
    int64_t step = interval->ms, rows, reach = reach_ms(interval, now_ms);
    size_t n = 0;

    if (open)
        last_ms += ROWS_SPARE * step;
    for (; from_ms <= last_ms; from_ms += rows * step) {
        int old = row->candles[1].path != NULL && from_ms < reach;
        int most = most_rows(&row->candles[old], step, fallback);

        if (n == LIQ_PAGES_MAX)
            return 0;
        rows = (last_ms - from_ms) / step + 1;
        if (rows > most)
            rows = most;
        if (old && rows > (reach - from_ms) / step)
            rows = (reach - from_ms) / step;
        page[n].start_ms = from_ms;
        page[n].end_ms = from_ms + rows * step - 1;
        page[n].endpoint = old;
        set_size(&page[n++], &row->candles[old], rows);
    }
    if (open && n > 0 && row->open_end)
        page[n - 1].end_ms = 0;
    return n;
}

/* How many pages, the oldest, are beyond what their endpoint takes. */
static size_t too_old(const struct liq_exchange_row *row,
                      const struct liq_page *page, size_t n)
{
    size_t most = (size_t)row->candles[1].most_pages, old = 0;

    while (old < n && page[old].endpoint == 1)
        old++;
    return most == 0 || old <= most ? 0 : old - most;
}

/* --- requests ------------------------------------------------------------- */

static void drop_requests(struct liq_plan *p)
{
    size_t i;

    liq_observe_requests(p);
    for (i = 0; i < p->n; i++) {
        if (p->request[i].document != NULL)
            liq_item_release(&p->request[i].document->item);
        else
            liq_json_free(p->request[i].root);
    }
    free(p->request);
    p->request = NULL;
    p->n = p->n_page = 0;
}

static enum liq_err make_room(struct liq_plan *p, size_t n,
                              struct liq_reason *why)
{
    drop_requests(p);
    p->request = calloc(n, sizeof *p->request);
    return p->request != NULL ? LIQ_OK : liq_fail(why, LIQ_ENOMEM, "no memory");
}

static bool write_request(const struct liq_plan *p, const char *base_url,
                          const char *path, const char *post,
                          const struct liq_page *page, struct liq_request *r)
{
    size_t n = strlen(base_url);

    if (n >= sizeof r->url)
        return false;
    memcpy(r->url, base_url, n);
    r->send = true;
    return liq_template_fill(path, &p->query, page, r->url + n,
                             sizeof r->url - n) &&
           (post == NULL ||
            liq_template_fill(post, &p->query, page, r->post, sizeof r->post));
}

static bool plan_pages(struct liq_plan *p, const struct liq_page *page,
                       size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        const struct liq_candle_endpoint *e =
            &p->x->row->candles[page[i].endpoint];
        struct liq_request *r = &p->request[p->n++];

        r->pool = e->pool;
        r->weight = page[i].weight;
        r->rows =
            (int)((page[i].end_ms - page[i].start_ms) / p->query.interval->ms) +
            1;
        r->fallback_rows = e->fallback_rows;
        r->page.step_ms = p->query.interval->ms;
        r->page.start_ms = page[i].start_ms;
        r->page.end_ms = page[i].end_ms;
        if (!write_request(p, p->x->base_url, e->path, e->post, &page[i], r))
            return false;
    }
    p->n_page = n;
    return true;
}

static bool add_endpoint(struct liq_plan *p, const struct liq_endpoint *e)
{
    struct liq_request *r = &p->request[p->n++];

    r->endpoint = e;
    r->pool = e->pool;
    r->weight = e->weight;
    return write_request(
        p, e->flags & LIQ_OTHER_HOST ? p->x->other_url : p->x->base_url,
        e->path, e->post, NULL, r);
}

static bool plan_endpoints(struct liq_plan *p)
{
    unsigned when = p->query.to_ms == 0 ? LIQ_LIVE : LIQ_PAST;
    const struct liq_endpoint *e;

    for (e = p->x->row->endpoint; e->path != NULL; e++) {
        if (!(e->when & when))
            continue;
        /* What is requested at all times is no history. */
        if (p->history_gone && !(e->when & LIQ_LIVE))
            continue;
        if (!add_endpoint(p, e))
            return false;
    }
    return true;
}

/* --- the range ------------------------------------------------------------ */

/* The newest open time wanted: the forming candle, or the last one that has
 * closed by to_ms. */
static int64_t last_open_ms(const struct liq_fetch *f, int64_t now_ms)
{
    if (f->to_ms == 0)
        return liq_interval_floor(now_ms, f->interval_ms);
    return liq_interval_floor(f->to_ms < now_ms ? f->to_ms : now_ms,
                              f->interval_ms) -
           f->interval_ms;
}

static int64_t first_open_ms(const struct liq_interval *interval,
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
static enum liq_err plan_range(struct liq_plan *p, struct liq_reason *why)
{
    const struct liq_fetch *f = p->fetch;
    int64_t now_ms = p->query.now_ms;

    p->last_ms = last_open_ms(f, now_ms);
    if (p->last_ms < f->from_ms && f->to_ms != 0)
        return liq_fail(why, LIQ_ENOTFOUND, "no candle had closed by then");
    if (p->last_ms < f->from_ms)
        p->last_ms = f->from_ms;
    p->from_ms = first_open_ms(p->query.interval, f->from_ms, now_ms);
    if (p->last_ms < p->from_ms)
        return liq_fail(why, LIQ_ENOTFOUND,
                        "the exchange has no candles that old");
    return LIQ_OK;
}

static enum liq_err plan_query(struct liq_plan *p, int64_t now_ms,
                               struct liq_reason *why)
{
    const struct liq_exchange_row *row = p->x->row;
    struct liq_query *q = &p->query;

    q->interval = liq_row_interval(row, p->fetch->interval_ms);
    q->now_ms = now_ms;
    q->to_ms = p->fetch->to_ms;
    q->contract_size = row->size == NULL ? 1.0 : NAN;
    if (!liq_name_there(row, p->fetch->symbol, q))
        return liq_fail(why, LIQ_ENOTFOUND, "the exchange has no %s",
                        p->fetch->symbol);
    return LIQ_OK;
}

/* --- documents ------------------------------------------------------------ */

struct liq_key liq_document_key(const struct liq_plan *p,
                                const struct liq_endpoint *e)
{
    bool named = strstr(e->path, "<symbol>") != NULL ||
                 strstr(e->path, "<base>") != NULL ||
                 (e->post != NULL && strstr(e->post, "<symbol>") != NULL);
    struct liq_key key = liq_key_of(LIQ_KIND_DOCUMENT, p->x->row->info.name,
                                    named ? p->query.symbol : "");

    key.number = (int32_t)(e - p->x->row->endpoint);
    return key;
}

/* Endpoints that were read lately need no request. */
static void recall(struct liq_plan *p)
{
    int64_t now_ms = p->x->clock->mono_ms(p->x->clock);
    size_t i;

    for (i = p->n_page; i < p->n; i++) {
        struct liq_request *r = &p->request[i];
        struct liq_key key;

        if (r->endpoint->keep_ms == 0 && r->endpoint->stale_ms == 0)
            continue;
        key = liq_document_key(p, r->endpoint);
        r->document =
            (struct liq_document *)liq_cache_peek(p->x->cache, &key, now_ms);
        if (r->document == NULL)
            continue;
        r->root = r->document->root;
        r->at_ms = r->document->at_ms;
        r->send = now_ms >= r->document->item.fresh_until_ms;
    }
}

/* --- the interface -------------------------------------------------------- */

struct liq_plan *liq_plan_new(struct liq_live_exchange *x, struct liq_fetch *f)
{
    struct liq_plan *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->x = x;
    p->fetch = f;
    p->query.quote = x->row->inverse ? "USD" : "USDT";
    return p;
}

void liq_plan_free(struct liq_plan *p)
{
    if (p == NULL)
        return;
    drop_requests(p);
    free(p->out);
    free(p->in);
    free(p->pick);
    free(p->arrival);
    free(p);
}

enum liq_err liq_plan_one(struct liq_plan *p,
                          const struct liq_endpoint *endpoint,
                          struct liq_reason *why)
{
    enum liq_err err = make_room(p, 1, why);

    if (err == LIQ_OK && !add_endpoint(p, endpoint))
        err = liq_fail(why, LIQ_EINVAL, "the base URL is too long");
    return err;
}

bool liq_plan_is_short(const struct liq_plan *p)
{
    size_t i;

    for (i = 0; i < p->n_page; i++) {
        const struct liq_request *r = &p->request[i];

        if (r->why.code == LIQ_OK && r->fallback_rows != 0 &&
            r->rows > r->fallback_rows &&
            liq_read_rows(p->x->row, r->root) == (size_t)r->fallback_rows)
            return true;
    }
    return false;
}

bool liq_plan_has_more(struct liq_plan *p)
{
    const char *path = p->x->row->symbols.cursor;
    const char *cursor =
        path != NULL ? liq_json_text(liq_json_at(p->request[0].root, path))
                     : "";
    size_t n = strlen(cursor);

    if (n == 0 || n >= sizeof p->query.cursor ||
        strcmp(cursor, p->query.cursor) == 0 ||
        ++p->list_pages >= SYMBOL_PAGES_MAX)
        return false;
    memcpy(p->query.cursor, cursor, n + 1);
    return true;
}

enum liq_err liq_plan_limits(struct liq_plan *p, struct liq_reason *why)
{
    const struct liq_endpoint *e = p->x->row->endpoint;
    enum liq_err err = plan_query(p, liq_limiter_now(p->x->limiter), why);

    while (e->path != NULL && !(e->flags & LIQ_LENT))
        e++;
    if (err == LIQ_OK && e->path == NULL)
        err = liq_fail(why, LIQ_ENOTFOUND, "the limits are not public");
    if (err == LIQ_OK)
        err = liq_plan_one(p, e, why);
    if (err == LIQ_OK)
        recall(p);
    return err;
}

/* What says the size of a contract; NULL where sizes are base units. */
static const struct liq_endpoint *sizing(const struct liq_exchange_row *row,
                                         bool contracts)
{
    const struct liq_endpoint *e = row->endpoint;

    if (!contracts)
        return NULL;
    while (e->path != NULL && !(e->flags & LIQ_SIZING))
        e++;
    return e->path != NULL ? e : NULL;
}

/* One request, and before it what says the size of a contract where no document
 * does and it counts in contracts. */
static enum liq_err plan_sized(struct liq_plan *p,
                               const struct liq_endpoint *request,
                               bool contracts, struct liq_reason *why)
{
    const struct liq_endpoint *size = sizing(p->x->row, contracts);
    enum liq_err err = make_room(p, 2, why);

    if (err != LIQ_OK)
        return err;
    if (size != NULL) {
        if (!add_endpoint(p, size))
            return liq_fail(why, LIQ_EINVAL, "the base URL is too long");
        recall(p);
        /* A size seldom changes: a document of any age is good. */
        if (p->request[0].document != NULL)
            p->request[0].send = false;
    }
    if (!add_endpoint(p, request))
        return liq_fail(why, LIQ_EINVAL, "the base URL is too long");
    return LIQ_OK;
}

enum liq_err liq_plan_depth(struct liq_plan *p, struct liq_reason *why)
{
    const struct liq_depth_table *t = &p->x->row->depth;
    enum liq_err err = plan_query(p, liq_limiter_now(p->x->limiter), why);

    if (err == LIQ_OK && t->request.path == NULL)
        err = liq_fail(why, LIQ_ENOTFOUND, "no order book of it is read");
    return err == LIQ_OK ? plan_sized(p, &t->request, t->contracts, why) : err;
}

enum liq_err liq_plan_liquidations(struct liq_plan *p, struct liq_reason *why)
{
    const struct liq_liquidation_table *t = &p->x->row->liquidations;
    int64_t now_ms = liq_limiter_now(p->x->limiter);
    enum liq_err err = plan_query(p, now_ms, why);

    /* The end of the hour that templates name. */
    p->query.to_ms = now_ms;
    if (err == LIQ_OK && t->request.path == NULL)
        err = liq_fail(why, LIQ_ENOTFOUND, "its liquidations are not read");
    return err == LIQ_OK ? plan_sized(p, &t->request, t->contracts, why) : err;
}

enum liq_err liq_plan_series(struct liq_plan *p, int64_t now_ms,
                             struct liq_reason *why)
{
    const struct liq_exchange_row *row = p->x->row;
    struct liq_page page[LIQ_PAGES_MAX];
    bool live = p->fetch->to_ms == 0;
    enum liq_err err = plan_query(p, now_ms, why);
    size_t n, first;

    if (err == LIQ_OK)
        err = plan_range(p, why);
    if (err != LIQ_OK)
        return err;
    n = liq_plan_pages(row, p->query.interval, p->from_ms, p->last_ms, now_ms,
                       live, p->x->short_pages, page);
    if (n == 0)
        return liq_fail(why, LIQ_EINVAL, "the range has too many candles");
    first = too_old(row, page, n);
    p->from_ms = page[first].start_ms;
    p->history_gone = !live && row->history_ms != 0 &&
                      p->fetch->to_ms < now_ms - row->history_ms;
    n -= first;
    err = make_room(p, n + LIQ_ENDPOINTS_MAX, why);
    if (err != LIQ_OK)
        return err;
    if (!plan_pages(p, page + first, n) || !plan_endpoints(p))
        return liq_fail(why, LIQ_EINVAL, "the base URL is too long");
    recall(p);
    return LIQ_OK;
}
