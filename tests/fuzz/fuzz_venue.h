/* A fuzzer of all parsers of one exchange; the input ends where memory ends. */
#ifndef TESTS_FUZZ_VENUE_H
#define TESTS_FUZZ_VENUE_H

#include <stdint.h>
#include "unit/market/guard.h"
#include "unit/market/venue_parse.h"

#define INPUT_MAX (1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_VENUE(row)                                                        \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)               \
    {                                                                          \
        static struct guard g;                                                 \
                                                                               \
        if (g.map == NULL)                                                     \
            g = guard_new(INPUT_MAX);                                          \
        if (size <= INPUT_MAX)                                                 \
            venue_parse_all(&(row), guard_put(&g, data, size), size);          \
        return 0;                                                              \
    }

#endif
