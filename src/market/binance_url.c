/* What is asked of Binance, and what each question costs. */
#include "binance.h"

#include <stdio.h>
#include "liqmap/interval.h"

/* The steps of the price list: up to 99 rows cost 1, up to 499 cost 2, up to
 * 1000 cost 5 and up to 1500 cost 10, so 499 is the cheapest per row. */
#define ROWS_SMALL 99
#define ROWS_PAGE 499
/* Room on the newest page for candles that open between question and answer. */
#define ROWS_SPARE 2

int liq_binance_kline_weight(int limit)
{
    if (limit < 100)
        return 1;
    if (limit < 500)
        return 2;
    return limit <= 1000 ? 5 : 10;
}

size_t liq_binance_pages(int64_t from_ms, int64_t last_ms, int64_t interval_ms,
                         bool open, struct liq_binance_page *page)
{
    int64_t rows = (last_ms - from_ms) / interval_ms + 1;
    size_t n = 0;

    if (open)
        rows += ROWS_SPARE;
    if (rows > (int64_t)LIQ_BINANCE_PAGES_MAX * ROWS_PAGE)
        return 0;
    while (rows > 0) {
        int64_t here = rows < ROWS_PAGE ? rows : ROWS_PAGE;

        page[n].start_ms = from_ms;
        page[n].end_ms = from_ms + here * interval_ms - 1;
        page[n].limit = here <= ROWS_SMALL ? ROWS_SMALL : ROWS_PAGE;
        from_ms += here * interval_ms;
        rows -= here;
        n++;
    }
    if (open && n > 0)
        page[n - 1].end_ms = 0;
    return n;
}

static bool fits(int written)
{
    return written > 0 && written < LIQ_BINANCE_URL_SIZE;
}

bool liq_binance_url_klines(char out[LIQ_BINANCE_URL_SIZE], const char *base,
                            const char *symbol, int64_t interval_ms,
                            const struct liq_binance_page *page)
{
    char end[40] = "";

    if (page->end_ms != 0)
        snprintf(end, sizeof end, "&endTime=%lld", (long long)page->end_ms);
    return fits(snprintf(out, LIQ_BINANCE_URL_SIZE,
                         "%s/fapi/v1/klines?symbol=%s&interval=%s"
                         "&startTime=%lld%s&limit=%d",
                         base, symbol, liq_interval_name(interval_ms),
                         (long long)page->start_ms, end, page->limit));
}

bool liq_binance_url_plain(char out[LIQ_BINANCE_URL_SIZE], const char *base,
                           const char *path, const char *symbol)
{
    return fits(snprintf(out, LIQ_BINANCE_URL_SIZE, "%s%s%s%s", base, path,
                         symbol != NULL ? "?symbol=" : "",
                         symbol != NULL ? symbol : ""));
}

bool liq_binance_url_data(char out[LIQ_BINANCE_URL_SIZE], const char *base,
                          const char *path, const char *symbol, int64_t to_ms)
{
    char end[48] = "&limit=1";

    /* With an end, a few rows: whether a row stamped exactly then is in or out
     * is the exchange's choice, and slots can be missing. */
    if (to_ms != 0)
        snprintf(end, sizeof end, "&endTime=%lld&limit=12", (long long)to_ms);
    return fits(snprintf(out, LIQ_BINANCE_URL_SIZE,
                         "%s%s?symbol=%s&period=5m%s", base, path, symbol,
                         end));
}
