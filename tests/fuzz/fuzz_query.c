/* What a stranger writes into a URL and its headers: first byte the route, then
 * the query.  In accepted queries every value is in its range, and the key has
 * all of them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/body.h"
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
    if (q->route == LIQ_ROUTE_PICTURE)
        promise(q->look.width >= LIQ_WIDTH_MIN &&
                q->look.width <= LIQ_WIDTH_MAX &&
                q->look.height >= LIQ_HEIGHT_MIN &&
                q->look.height <= LIQ_HEIGHT_MAX && q->look.dark >= 0 &&
                q->look.dark < q->look.bright && q->look.bright <= 1000);
    promise(strlen(q->symbol) >= 2 &&
            strspn(q->symbol, CAPITALS) == strlen(q->symbol));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct liq_exchange binance = {.name = "binance"};
    static struct liq_exchange *const exchanges[] = {&binance};
    static const struct liq_query_scope scope = {exchanges, 1, "*"};
    struct liq_key key, again;
    char text[TEXT_MAX];
    struct liq_refusal why;
    struct liq_query q;
    enum liq_route route;

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
    key = liq_query_key(&q);
    promise(liq_query_of_key(&scope, &key, &q));
    again = liq_query_key(&q);
    promise(memcmp(&key, &again, sizeof key) == 0);
    return 0;
}
