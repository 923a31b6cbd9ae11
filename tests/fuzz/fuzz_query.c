/* What a stranger writes into a URL and its headers: first byte the route, then
 * the query.  Accepted questions have one spelling, and every value is in its
 * range. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/blob.h"
#include "api/query.h"
#include "liqmap/model.h"

#define TEXT_MAX 2048
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void promise(int kept)
{
    if (!kept)
        abort();
}

static void check_ranges(const struct liq_query *q)
{
    promise(q->bars >= 1 && q->bars <= 1500);
    promise(q->rows >= LIQ_ROWS_MIN && q->rows <= LIQ_ROWS_MAX);
    promise(q->range_tenths == 0 ||
            (q->range_tenths >= 10 && q->range_tenths <= 900));
    promise(q->tiers > 0 && q->tiers <= LIQ_ALL_TIERS);
    promise(q->sides > 0 && q->sides <= LIQ_BOTH_SIDES);
    promise(q->end_ms >= 0 && q->display_ms > 0);
    promise(strlen(q->symbol) >= 2 &&
            strspn(q->symbol, CAPITALS) == strlen(q->symbol));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct liq_market binance = {.name = "binance"};
    static struct liq_market *const markets[] = {&binance};
    static const struct liq_query_scope scope = {markets, 1, "*"};
    char key[LIQ_CACHE_KEY_SIZE], again[LIQ_CACHE_KEY_SIZE];
    char text[TEXT_MAX];
    struct liq_refusal why;
    struct liq_query q;
    enum liq_route route;
    const char *mark;

    if (n < 1 || n > sizeof text)
        return 0;
    route = (enum liq_route)(data[0] % LIQ_ROUTES);
    memcpy(text, data + 1, n - 1);
    text[n - 1] = '\0';
    (void)liq_accepts_gzip(text);
    (void)liq_etag_matches(text, "0123456789abcdef-gz");
    if (!liq_query_parse(&scope, route, text, &q, &why)) {
        promise(why.status == 400 && why.code[0] && why.message[0]);
        return 0;
    }
    check_ranges(&q);
    liq_query_canonical(&q, key);
    mark = strchr(key, '?');
    promise(liq_query_parse(&scope, route, mark ? mark + 1 : "", &q, &why));
    liq_query_canonical(&q, again);
    promise(strcmp(key, again) == 0);
    return 0;
}
