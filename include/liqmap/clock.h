/* Two clocks behind one interface, so that a test or a replay can hold them. */
#ifndef LIQMAP_CLOCK_H
#define LIQMAP_CLOCK_H

#include <stdint.h>

/*
 * wall_ms   milliseconds since the Unix epoch, UTC; may jump
 * mono_ms   milliseconds since some start; never goes back.  Every deadline and
 *           every age in liqmap is on this one
 */
struct liq_clock {
    int64_t (*wall_ms)(const struct liq_clock *c);
    int64_t (*mono_ms)(const struct liq_clock *c);
    int64_t held_wall_ms; /* for a clock that a test holds still */
    int64_t held_mono_ms;
};

/* The machine's clocks. */
extern const struct liq_clock liq_clock_system;
/* A clock that says what its held_ fields say. */
struct liq_clock liq_clock_held(int64_t wall_ms, int64_t mono_ms);

/*
 * Days since the epoch to text and back, proleptic Gregorian, UTC.
 * liq_time_format writes "2025-10-10T21:15:00Z" (size >= 21).
 * liq_time_parse reads that, "2025-10-10 21:15:00", "2025-10-10 21:15",
 * "2025-10-10", or milliseconds since the epoch as digits; -1 when it is none
 * of them.
 */
void liq_time_format(int64_t ms, char *out, unsigned long size);
int64_t liq_time_parse(const char *text);

#endif
