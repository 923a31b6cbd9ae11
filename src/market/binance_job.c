/* One fetch from Binance: which questions it takes, asking them all at once,
 * and what the answers say together. */
#include "binance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common.h"
#include "liqmap/interval.h"

#define PAGE_MAX_BYTES (1024 * 1024)

/* Questions besides candles. */
#define PARTS_MAX 5

/* How far back the exchange keeps open interest and ratios, and how old a row
 * may be to stand for a moment. */
#define HISTORY_MS (30 * LIQ_DAY_MS)
#define HISTORY_AGE_MS LIQ_HOUR_MS

/* --- questions ---------------------------------------------------------- */

void liq_binance_job_free(struct liq_binance_job *j)
{
    size_t i;

    for (i = 0; i < j->n; i++)
        liq_http_response_free(&j->call[i].response);
    free(j->call);
}

static struct liq_binance_call *job_add(struct liq_binance_job *j,
                                        enum liq_binance_part part, int weight)
{
    struct liq_binance_call *c = &j->call[j->n++];

    c->part = part;
    c->weight = weight;
    j->weight += weight;
    return c;
}

static bool plan_pages(struct liq_binance *b, const struct liq_market_ask *ask,
                       struct liq_binance_job *j,
                       const struct liq_binance_page *page, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        struct liq_binance_call *c =
            job_add(j, PART_KLINES, liq_binance_kline_weight(page[i].limit));

        if (!liq_binance_url_klines(c->url, b->base_url, ask->symbol,
                                    ask->interval_ms, &page[i]))
            return false;
    }
    j->n_page = n;
    return true;
}

static bool plan_part(struct liq_binance *b, const struct liq_market_ask *ask,
                      struct liq_binance_job *j, enum liq_binance_part part,
                      const char *path)
{
    /* /futures/data has a limit of its own and costs no weight. */
    bool data = part == PART_RATIO || part == PART_OPEN_INTEREST_HIST;
    struct liq_binance_call *c = job_add(j, part, data ? 0 : 1);

    if (data)
        return liq_binance_url_data(c->url, b->base_url, path, ask->symbol,
                                    j->history_ms);
    return liq_binance_url_plain(c->url, b->base_url, path,
                                 part == PART_TIME ? NULL : ask->symbol);
}

static bool plan_parts(struct liq_binance *b, const struct liq_market_ask *ask,
                       struct liq_binance_job *j)
{
    bool ok = plan_part(b, ask, j, PART_TIME, "/fapi/v1/time");

    if (j->history_ms == 0) {
        ok =
            ok && plan_part(b, ask, j, PART_TICKER, "/fapi/v1/ticker/24hr") &&
            plan_part(b, ask, j, PART_OPEN_INTEREST, "/fapi/v1/openInterest") &&
            plan_part(b, ask, j, PART_PREMIUM, "/fapi/v1/premiumIndex");
    } else if (!j->history_gone) {
        ok = ok && plan_part(b, ask, j, PART_OPEN_INTEREST_HIST,
                             "/futures/data/openInterestHist");
    }
    if (!j->history_gone)
        ok = ok && plan_part(b, ask, j, PART_RATIO,
                             "/futures/data/globalLongShortAccountRatio");
    return ok;
}

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

enum liq_err liq_binance_job_plan(struct liq_binance *b,
                                  const struct liq_market_ask *ask,
                                  int64_t now_ms, struct liq_binance_job *j,
                                  struct liq_reason *why)
{
    struct liq_binance_page page[LIQ_BINANCE_PAGES_MAX];
    int64_t last_ms = last_open_ms(ask, now_ms);
    size_t n;

    memset(j, 0, sizeof *j);
    j->last_ms = last_ms;
    if (last_ms < ask->from_ms && ask->to_ms != 0)
        return liq_fail(why, LIQ_ENOTFOUND, "no candle had closed by then");
    if (last_ms < ask->from_ms)
        last_ms = ask->from_ms;
    n = liq_binance_pages(ask->from_ms, last_ms, ask->interval_ms,
                          ask->to_ms == 0, page);
    if (n == 0)
        return liq_fail(why, LIQ_EINVAL, "the range has too many candles");
    j->history_ms = ask->to_ms;
    j->history_gone = ask->to_ms != 0 && ask->to_ms < now_ms - HISTORY_MS;
    j->call = calloc(n + PARTS_MAX, sizeof *j->call);
    if (j->call == NULL)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    if (!plan_pages(b, ask, j, page, n) || !plan_parts(b, ask, j))
        return liq_fail(why, LIQ_EINVAL, "the base URL is too long");
    return LIQ_OK;
}

/* What the answers say besides what was asked. */
static void learn(struct liq_binance *b, const struct liq_binance_job *j,
                  const size_t *pick, size_t n, int64_t asked_ms)
{
    bool time_failed = false;
    size_t i;

    for (i = 0; i < n; i++)
        if (j->call[pick[i]].part == PART_TIME)
            time_failed = !liq_binance_learn_time(b, &j->call[pick[i]].response,
                                                  asked_ms);
    for (i = 0; time_failed && i < n; i++)
        liq_binance_learn_date(b, &j->call[pick[i]].response, asked_ms);
    for (i = 0; i < n; i++)
        liq_binance_learn_weight(b, &j->call[pick[i]].response);
}

/* Perform those of the job's calls that pick holds, in parallel. */
static enum liq_err perform(struct liq_binance *b, struct liq_binance_job *j,
                            const size_t *pick, size_t n, int64_t deadline_ms)
{
    struct liq_http_request *request = calloc(n, sizeof *request);
    struct liq_http_response *response = calloc(n, sizeof *response);
    int64_t asked_ms = b->clock->mono_ms(b->clock);
    size_t i;

    if (request == NULL || response == NULL) {
        free(request);
        free(response);
        return LIQ_ENOMEM;
    }
    for (i = 0; i < n; i++) {
        request[i].url = j->call[pick[i]].url;
        request[i].max_bytes = j->call[pick[i]].part == PART_KLINES
                                   ? PAGE_MAX_BYTES
                                   : LIQ_BINANCE_SMALL_BYTES;
    }
    b->http->perform(b->http, request, n, deadline_ms, response);
    for (i = 0; i < n; i++) {
        liq_http_response_free(&j->call[pick[i]].response);
        j->call[pick[i]].response = response[i];
    }
    learn(b, j, pick, n, asked_ms);
    /* Judged only now: a ban's end is told by the clock just learnt. */
    for (i = 0; i < n; i++)
        liq_binance_judge(b, &j->call[pick[i]].response,
                          &j->call[pick[i]].verdict);
    free(request);
    free(response);
    return LIQ_OK;
}

/* One more try for candle pages lost to the network, if nothing else is wrong
 * with any page. */
static enum liq_err retry_pages(struct liq_binance *b,
                                struct liq_binance_job *j, size_t *pick,
                                int64_t deadline_ms)
{
    struct liq_reason ignored;
    int weight = 0;
    size_t i, n = 0;

    for (i = 0; i < j->n_page; i++) {
        enum liq_err code = j->call[i].verdict.code;

        if (code != LIQ_OK && code != LIQ_ENET)
            return LIQ_OK;
        if (code == LIQ_OK)
            continue;
        pick[n++] = i;
        weight += j->call[i].weight;
    }
    if (n == 0 || liq_binance_gate_enter(&b->gate, weight, &ignored) != LIQ_OK)
        return LIQ_OK;
    return perform(b, j, pick, n, deadline_ms);
}

enum liq_err liq_binance_job_ask(struct liq_binance *b,
                                 struct liq_binance_job *j, int64_t deadline_ms,
                                 struct liq_reason *why)
{
    enum liq_err err = liq_binance_gate_enter(&b->gate, j->weight, why);
    size_t *pick, i;

    if (err != LIQ_OK)
        return err;
    pick = calloc(j->n, sizeof *pick);
    if (pick == NULL)
        return liq_fail(why, LIQ_ENOMEM, "no memory");
    for (i = 0; i < j->n; i++)
        pick[i] = i;
    err = perform(b, j, pick, j->n, deadline_ms);
    if (err == LIQ_OK)
        err = retry_pages(b, j, pick, deadline_ms);
    free(pick);
    return err == LIQ_OK ? LIQ_OK : liq_fail(why, err, "no memory");
}

/* --- answers ------------------------------------------------------------ */

static enum liq_err read_page(const struct liq_binance_call *c,
                              int64_t interval_ms, struct liq_kline_list *list,
                              struct liq_reason *why)
{
    struct liq_klines page = {NULL, 0};
    enum liq_err err;
    size_t i;

    err = liq_binance_parse_klines(c->response.body.data, c->response.body.len,
                                   &page, why);
    for (i = 0; err == LIQ_OK && i < page.n; i++) {
        if (page.at[i].open_ms % interval_ms != 0)
            err = liq_fail(why, LIQ_EFORMAT,
                           "candles: row %zu does not open on its interval", i);
        else if (liq_kline_list_add(list, &page.at[i]) != LIQ_OK)
            err = liq_fail(why, LIQ_ENOMEM, "no memory");
    }
    free(page.at);
    return err;
}

/* All pages or none: a missing one would be a hole in the series. */
static enum liq_err read_klines(const struct liq_binance_job *j,
                                const struct liq_market_ask *ask,
                                struct liq_klines *out, struct liq_reason *why)
{
    struct liq_kline_list list = {NULL, 0, 0};
    enum liq_err err = LIQ_OK;
    size_t i;

    for (i = 0; err == LIQ_OK && i < j->n_page; i++) {
        if (j->call[i].verdict.code != LIQ_OK) {
            *why = j->call[i].verdict;
            err = why->code;
        } else {
            err = read_page(&j->call[i], ask->interval_ms, &list, why);
        }
    }
    out->at = list.at;
    out->n = list.n;
    if (err != LIQ_OK)
        return err;
    liq_klines_normalise(out);
    liq_klines_cut(out, ask->interval_ms, ask->from_ms,
                   ask->to_ms != 0 ? j->last_ms + ask->interval_ms : 0);
    if (out->n == 0)
        return liq_fail(why, LIQ_ENOTFOUND, "no candles of %s in that range",
                        ask->symbol);
    return LIQ_OK;
}

static const char *part_name(enum liq_binance_part part)
{
    switch (part) {
    case PART_TICKER:
        return "ticker";
    case PART_OPEN_INTEREST:
    case PART_OPEN_INTEREST_HIST:
        return "open interest";
    case PART_PREMIUM:
        return "mark price and funding";
    case PART_RATIO:
        return "long/short ratio";
    default:
        return "exchange time";
    }
}

static enum liq_err read_part(const struct liq_binance_job *j,
                              const struct liq_binance_call *c,
                              struct liq_market_answer *out,
                              struct liq_reason *why)
{
    const char *body = c->response.body.data;
    size_t len = c->response.body.len;
    struct liq_statistics *s = &out->statistics;

    switch (c->part) {
    case PART_TICKER:
        return liq_binance_parse_ticker(body, len, &out->ticker, why);
    case PART_OPEN_INTEREST:
        return liq_binance_parse_open_interest(body, len, &s->open_interest,
                                               why);
    case PART_OPEN_INTEREST_HIST:
        return liq_binance_parse_open_interest_hist(
            body, len, j->history_ms, HISTORY_AGE_MS, &s->open_interest,
            &s->open_interest_usd, why);
    case PART_PREMIUM:
        return liq_binance_parse_premium(body, len, s, why);
    case PART_RATIO:
        return liq_binance_parse_ratio(body, len, j->history_ms, HISTORY_AGE_MS,
                                       &s->long_account_share, why);
    default:
        return LIQ_OK; /* learnt already */
    }
}

static void read_parts(const struct liq_binance_job *j,
                       struct liq_market_answer *out)
{
    size_t i;

    for (i = j->n_page; i < j->n; i++) {
        const struct liq_binance_call *c = &j->call[i];
        struct liq_reason why = c->verdict;

        if (c->part == PART_TIME)
            continue;
        if (why.code == LIQ_OK && read_part(j, c, out, &why) == LIQ_OK)
            continue;
        liq_market_warn(out, "%s: %.120s", part_name(c->part), why.text);
    }
    if (j->history_gone)
        liq_market_warn(out, "open interest and long/short ratio: the exchange "
                             "keeps them for 30 days only");
    if (j->history_ms != 0)
        liq_market_warn(out, "mark price and funding: not known for the past");
}

/* The exchange gives open interest in coins; the mark price is what it values
 * positions at. */
static void value_open_interest(struct liq_market_answer *out)
{
    double price = out->statistics.mark_price;

    if (isnan(price))
        price = out->ticker.last;
    if (isnan(price))
        price = out->klines.at[out->klines.n - 1].close;
    if (isnan(out->statistics.open_interest_usd))
        out->statistics.open_interest_usd =
            out->statistics.open_interest * price;
}

enum liq_err liq_binance_job_read(const struct liq_binance_job *j,
                                  const struct liq_market_ask *ask,
                                  struct liq_market_answer *out,
                                  struct liq_reason *why)
{
    enum liq_err err = read_klines(j, ask, &out->klines, why);

    if (err != LIQ_OK)
        return err;
    read_parts(j, out);
    value_open_interest(out);
    return LIQ_OK;
}
