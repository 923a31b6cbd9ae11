#include "render.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "liqmap/buf.h"

bool cli_write_image(const char *path, const char *bytes, size_t n)
{
    struct liq_buf copy;
    bool ok;

    if (strcmp(path, "-") == 0)
        return fwrite(bytes, 1, n, stdout) == n && fflush(stdout) == 0;
    liq_buf_init(&copy, SIZE_MAX);
    ok = liq_buf_add(&copy, bytes, n) == LIQ_OK &&
         liq_buf_write_file(&copy, path) == LIQ_OK;
    liq_buf_free(&copy);
    return ok;
}
