/* What an HTTP answer says about itself, apart from who fetched it. */
#include "liqmap/http.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The value after "name:" at the start of a line, or NULL. */
static const char *find_value(const struct liq_http_response *r,
                              const char *name)
{
    size_t n = strlen(name);
    const char *line = r->headers.data;

    while (line != NULL && *line != '\0') {
        if (strncmp(line, name, n) == 0 && line[n] == ':')
            return line + n + 1;
        line = strchr(line, '\n');
        if (line != NULL)
            line++;
    }
    return NULL;
}

void liq_http_header(const struct liq_http_response *r, const char *name,
                     char *out, size_t size)
{
    const char *value = find_value(r, name);
    size_t n;

    if (size == 0)
        return;
    out[0] = '\0';
    if (value == NULL)
        return;
    value += strspn(value, " \t");
    n = strcspn(value, "\r\n");
    while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
        n--;
    if (n >= size)
        return;
    memcpy(out, value, n);
    out[n] = '\0';
}

/* 1 .. 12, 0 when it is no month. */
static int month_number(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int i;

    for (i = 0; i < 12; i++)
        if (strncmp(names + 3 * i, name, 3) == 0)
            return i + 1;
    return 0;
}

int64_t liq_http_date_ms(const struct liq_http_response *r)
{
    char value[64], month[4], iso[32];
    int day, year, hour, minute, second, end = 0;
    int64_t ms;

    liq_http_header(r, "date", value, sizeof value);
    /* The one form that servers must send: "Sun, 06 Nov 1994 08:49:37 GMT". */
    if (sscanf(value, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day,
               month, &year, &hour, &minute, &second, &end) != 6 ||
        end == 0 || value[end] != '\0')
        return 0;
    if (month_number(month) == 0)
        return 0;
    snprintf(iso, sizeof iso, "%04d-%02d-%02d %02d:%02d:%02d", year,
             month_number(month), day, hour, minute, second);
    ms = liq_time_parse(iso);
    return ms > 0 ? ms : 0;
}

void liq_http_response_free(struct liq_http_response *r)
{
    if (r == NULL)
        return;
    liq_buf_free(&r->body);
    liq_buf_free(&r->headers);
}
