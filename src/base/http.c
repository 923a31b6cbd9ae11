/* Reading an HTTP response, whoever fetched it. */
#include "liqmap/http.h"

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

void liq_http_response_free(struct liq_http_response *r)
{
    if (r == NULL)
        return;
    liq_buf_free(&r->body);
    liq_buf_free(&r->headers);
}
