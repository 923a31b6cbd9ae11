#include "liqmap/interval.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    int64_t ms;
} intervals[] = {
    {"1m", LIQ_MINUTE_MS},       {"3m", 3 * LIQ_MINUTE_MS},
    {"5m", 5 * LIQ_MINUTE_MS},   {"15m", 15 * LIQ_MINUTE_MS},
    {"30m", 30 * LIQ_MINUTE_MS}, {"1h", LIQ_HOUR_MS},
    {"2h", 2 * LIQ_HOUR_MS},     {"4h", 4 * LIQ_HOUR_MS},
    {"6h", 6 * LIQ_HOUR_MS},     {"8h", 8 * LIQ_HOUR_MS},
    {"12h", 12 * LIQ_HOUR_MS},   {"1d", LIQ_DAY_MS},
};

#define N_INTERVALS (sizeof intervals / sizeof *intervals)

int64_t liq_interval_ms(const char *name)
{
    for (size_t i = 0; i < N_INTERVALS; i++) {
        if (strcmp(intervals[i].name, name) == 0)
            return intervals[i].ms;
    }
    return 0;
}

const char *liq_interval_name(int64_t ms)
{
    for (size_t i = 0; i < N_INTERVALS; i++) {
        if (intervals[i].ms == ms)
            return intervals[i].name;
    }
    return NULL;
}

/* The epoch is midnight UTC, where every interval up to a day starts too. */
int64_t liq_interval_floor(int64_t time_ms, int64_t interval_ms)
{
    return time_ms - time_ms % interval_ms;
}
