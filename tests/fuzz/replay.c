/*
 * Gives the fuzzer of this program's name the inputs of its corpus, without the
 * fuzzer: replay_decimal reads tests/fuzz/corpus/decimal/.  Each input ends at
 * an unreadable page.  Run where the Makefile is.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "guard.h"
#include "liqmap/buf.h"

#define INPUT_MAX_BYTES ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool replay(const char *path)
{
    struct liq_buf input;
    struct guard g;

    liq_buf_init(&input, INPUT_MAX_BYTES);
    if (liq_buf_read_file(&input, path)) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        liq_buf_free(&input);
        return false;
    }
    (void)fprintf(stderr, "%s\n", path); /* the last one named is it */
    g = guard_new(input.data, input.len);
    (void)LLVMFuzzerTestOneInput((const uint8_t *)g.bytes, input.len);
    guard_free(&g);
    liq_buf_free(&input);
    return true;
}

int main(int argc, char **argv)
{
    const char *name = argc > 0 ? strstr(argv[0], "replay_") : NULL;
    char folder[256], path[600];
    int passed = 0, failed = 0;
    struct dirent *entry;
    DIR *d;

    (void)snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s",
                   name ? name + strlen("replay_") : "");
    d = opendir(folder);
    while (d && (entry = readdir(d))) {
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (replay(path))
            passed++;
        else
            failed++;
    }
    if (d)
        (void)closedir(d);
    printf("[  PASSED  ] %d test(s).\n", passed);
    if (failed)
        printf("[  FAILED  ] %d test(s).\n", failed);
    return failed > 0;
}
