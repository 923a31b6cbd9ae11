/* The recorder and its streams as the settings say. */
#include "liqmap/streams.h"

#include <string.h>
#include "liqmap/feed.h"

/* Of the exchanges that are served, those that have a stream; false: none. */
static bool want_streams(struct liq_exchange *const *exchange,
                         struct liq_streams_options *o)
{
    const struct liq_feed *f;
    bool some = false;

    for (size_t i = 0; i < LIQ_STREAMS && (f = liq_feed_at(i)) != NULL; i++) {
        for (size_t k = 0; exchange[k]; k++) {
            if (strcmp(exchange[k]->name, f->exchange) == 0)
                o->feed[i].wanted = some = true;
        }
    }
    return some;
}

static enum liq_err begin_streams(const struct liq_config *c,
                                  struct liq_exchange *const *exchange,
                                  struct liq_streams_options *o,
                                  struct liq_streams **out,
                                  struct liq_reason *why)
{
    const char *const url[LIQ_STREAMS] = {c->binance_stream, c->bybit_stream,
                                          c->okx_stream};

    for (size_t i = 0; i < LIQ_STREAMS; i++)
        o->feed[i].url = url[i][0] ? url[i] : NULL;
    if (!want_streams(exchange, o))
        return LIQ_OK;
    *out = liq_streams_new(o);
    return *out ? LIQ_OK : liq_fail(why, LIQ_ENOMEM, "no memory or no thread");
}

enum liq_err
liq_recorder_begin(const struct liq_config *c, const struct liq_clock *clock,
                   struct liq_work *work, struct liq_exchange *const *exchange,
                   struct liq_recorder **recorder, struct liq_streams **streams,
                   struct liq_reason *why)
{
    struct liq_recorder_options o = {.file = c->recorder_file,
                                     .days = c->recorder_days,
                                     .clock = clock,
                                     .work = work};
    struct liq_streams_options s = {.clock = clock,
                                    .symbols = c->recorder_symbols};

    if (c->recorder_file[0] == '\0')
        return LIQ_OK;
    *recorder = s.recorder = liq_recorder_new(&o);
    if (!*recorder)
        return liq_fail(why, LIQ_ENOMEM, "no memory or no thread");
    return begin_streams(c, exchange, &s, streams, why);
}
