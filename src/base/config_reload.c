/* Settings that are read again while the daemon runs. */
#include "liqmap/config.h"

#include <stdbool.h>
#include <string.h>

/* What SIGHUP changes without losing a request. */
void liq_config_take_over(struct liq_config *to, const struct liq_config *from)
{
    to->log_level = from->log_level;
    to->ttl_ms = from->ttl_ms;
    to->swr_ms = from->swr_ms;
    to->stale_ms = from->stale_ms;
    to->hot_ms = from->hot_ms;
    to->lead_ms = from->lead_ms;
    to->deadline_ms = from->deadline_ms;
    for (size_t i = 0; i < LIQ_CONFIG_EXCHANGES; i++)
        to->exchange[i].budget = from->exchange[i].budget;
}

/* Byte by byte, as both were read from zeroed memory in the same way. */
static bool same_watch(const struct liq_config_watch *a,
                       const struct liq_config_watch *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* The settings that differ and that only a restart changes. */
void liq_config_log_kept(const struct liq_config *now,
                         const struct liq_config *wanted)
{
#define SAME_NUMBER(key, field)                                                \
    {                                                                          \
        key, now->field == wanted->field                                       \
    }
#define SAME_NUMBERS(key, field)                                               \
    {                                                                          \
        key, memcmp(now->field, wanted->field, sizeof now->field) == 0         \
    }
#define SAME_TEXT(key, field)                                                  \
    {                                                                          \
        key, strcmp(now->field, wanted->field) == 0                            \
    }
    const struct {
        const char *key;
        bool same;
    } all[] = {
        SAME_TEXT("server.listen", listen),
        SAME_NUMBER("server.socket_mode", socket_mode),
        SAME_NUMBER("server.workers", workers),
        SAME_TEXT("server.market", market_source),
        SAME_TEXT("server.exchanges", exchanges),
        SAME_TEXT("server.symbols", symbols),
        SAME_TEXT("server.state_file", state_file),
        SAME_NUMBER("server.fixed_clock_ms", fixed_clock_ms),
        SAME_NUMBER("cache.error_ms", error_ms),
        SAME_NUMBER("cache.max_bytes", max_bytes),
        SAME_NUMBER("fetch.connect_ms", connect_ms),
        SAME_NUMBER("fetch.max_connections", max_connections),
        SAME_TEXT("fetch.dump_dir", dump_dir),
        SAME_TEXT("hosts.redis", redis),
        SAME_NUMBER("hosts.timeout_ms", redis_timeout_ms),
        SAME_TEXT("recorder.file", recorder_file),
        SAME_NUMBER("recorder.days", recorder_days),
        SAME_TEXT("recorder.symbols", recorder_symbols),
        SAME_TEXT("recorder.binance_stream", binance_stream),
        SAME_TEXT("recorder.bybit_stream", bybit_stream),
        SAME_TEXT("recorder.okx_stream", okx_stream),
        SAME_NUMBERS("model.standing_shares", standing_shares),
        SAME_NUMBERS("model.half_life_hours", half_life_hours),
        SAME_NUMBER("model.leverage_spread", leverage_spread),
        SAME_NUMBER("model.round_number_share", round_number_share),
        SAME_NUMBER("model.maintenance_margin_rate", maintenance_margin_rate),
        {"watch", same_watch(&now->watch, &wanted->watch)},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!all[i].same)
            liq_log(LIQ_LOG_WARN, "settings: %s changes at a restart only",
                    all[i].key);
    }
    for (size_t i = 0; i < LIQ_CONFIG_EXCHANGES; i++) {
        if (strcmp(now->exchange[i].base_url, wanted->exchange[i].base_url) !=
            0)
            liq_log(LIQ_LOG_WARN,
                    "settings: exchange.%s.base_url changes at a restart only",
                    liq_config_exchanges[i]);
    }
}
