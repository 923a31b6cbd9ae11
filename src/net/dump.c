#include "dump.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "liqmap/log.h"

/* "/fapi/v1/klines" of the URL as "fapi_v1_klines". */
static void path_of_url(const char *url, char *out, size_t size)
{
    const char *p = strstr(url, "://");
    size_t n = 0;

    p = p != NULL ? strchr(p + 3, '/') : NULL;
    if (p == NULL)
        p = "/";
    for (p++; *p != '\0' && *p != '?' && n + 1 < size; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || *p == '-';

        out[n++] = plain ? *p : '_';
    }
    out[n] = '\0';
}

void dump_body(const char *dir, int64_t wall_ms, unsigned number,
               const char *url, const struct liq_http_response *r)
{
    char path[64], name[512];
    FILE *f;

    path_of_url(url, path, sizeof path);
    snprintf(name, sizeof name, "%s/%lld-%06u-%s-%d", dir, (long long)wall_ms,
             number, path, r->status);
    f = fopen(name, "wb");
    if (f == NULL) {
        liq_log(LIQ_LOG_WARN, "event=dump_failed file=%s", name);
        return;
    }
    if (r->body.len > 0 && fwrite(r->body.data, 1, r->body.len, f) == 0)
        liq_log(LIQ_LOG_WARN, "event=dump_failed file=%s", name);
    fclose(f);
}
