/* The levels that `liqmap watch` gets over HTTP.  What is read of them becomes
 * events, and these are JSON within their bound. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "liqmap/json.h"
#include "notify/event.h"
#include "unit/exchange/guard.h"

#define INPUT_MAX ((size_t)64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void promise(int kept)
{
    if (!kept)
        abort();
}

static void encode(const struct liq_reading *r, const struct liq_band *band)
{
    struct liq_happened h = {LIQ_NOTIFY_TOUCHED, *band, 0.5};
    struct liq_buf b;
    struct cJSON *root;

    liq_buf_init(&b, LIQ_EVENT_MAX_BYTES);
    liq_event_encode(&b, &h, r, "0123456789abcdef", 1760134320000);
    promise(b.err == LIQ_OK);
    root = liq_json_parse(b.data, b.len);
    promise(liq_json_is_object(root));
    liq_json_free(root);
    liq_buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct guard g;
    struct liq_reading r;
    struct liq_reason why = {0};

    if (g.map == NULL)
        g = guard_new(INPUT_MAX);
    if (n > INPUT_MAX)
        return 0;
    if (liq_reading_parse(guard_put(&g, data, n), n, "BTCUSDT", &r, &why) !=
        LIQ_OK) {
        promise(why.text[0] != '\0');
        return 0;
    }
    promise(strcmp(r.symbol, "BTCUSDT") == 0 && r.n <= LIQ_READING_BANDS);
    promise(isfinite(r.price) && r.price > 0.0);
    for (size_t i = 0; i < r.n; i++) {
        promise(r.band[i].from > 0.0 && r.band[i].to >= r.band[i].from);
        encode(&r, &r.band[i]);
    }
    return 0;
}
