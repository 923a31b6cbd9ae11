/* Accept-Encoding and If-None-Match (RFC 9110, sections 12.5.3 and
 * 13.1.2). */
#include "body.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

/* The quality in thousandths of what follows a coding, up to the next comma:
 * "", ";q=0.5", "; Q=1.000".  A malformed quality counts as 1000. */
static int quality(const char *p, size_t n)
{
    const char *end = p + n;
    int value;

    p = memchr(p, ';', n);
    if (!p)
        return 1000;
    p = skip_blanks(p + 1);
    if (end - p < 3 || tolower((unsigned char)p[0]) != 'q' || p[1] != '=')
        return 1000;
    p += 2;
    if (*p != '0')
        return 1000;
    value = 0;
    p += p + 1 < end && p[1] == '.' ? 2 : 1;
    for (int unit = 100; unit > 0 && p < end && isdigit((unsigned char)*p);
         unit /= 10, p++)
        value += unit * (*p - '0');
    return value;
}

bool liq_accepts_gzip(const char *header)
{
    int gzip = -1, identity = -1, any = -1;

    while (header && *header) {
        const char *p = skip_blanks(header);
        size_t rest = strcspn(p, ","), name = strcspn(p, ",; \t");
        int q = quality(p, rest);

        if ((name == 4 && strncasecmp(p, "gzip", 4) == 0) ||
            (name == 6 && strncasecmp(p, "x-gzip", 6) == 0))
            gzip = q;
        else if (name == 8 && strncasecmp(p, "identity", 8) == 0)
            identity = q;
        else if (name == 1 && *p == '*')
            any = q;
        header = p + rest + (p[rest] == ',');
    }
    if (gzip < 0)
        gzip = any;
    return gzip > 0 && gzip >= identity;
}

bool liq_etag_matches(const char *header, const char *etag)
{
    size_t len = strlen(etag);

    while (header && *header) {
        const char *p = header + strspn(header, " \t,");

        if (*p == '*')
            return true;
        if (p[0] == 'W' && p[1] == '/')
            p += 2;
        if (*p != '"')
            return false;
        p++;
        header = strchr(p, '"');
        if (!header)
            return false;
        if ((size_t)(header - p) == len && memcmp(p, etag, len) == 0)
            return true;
        header++;
    }
    return false;
}

/* --- the query ------------------------------------------------------------ */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool liq_url_decode(const char *in, size_t n, char *out, size_t size)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        char c = in[i] == '+' ? ' ' : in[i];

        if (c == '%') {
            int high = i + 2 < n ? hex(in[i + 1]) : -1;
            int low = i + 2 < n ? hex(in[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0' || len + 1 >= size)
            return false;
        out[len++] = c;
    }
    out[len] = '\0';
    return true;
}
