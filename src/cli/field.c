#include "field.h"

#include <math.h>
#include <string.h>
#include "liqmap/clock.h"
#include "liqmap/decimal.h"

const cJSON *cli_at(const cJSON *doc, const char *path)
{
    while (doc && *path) {
        size_t n = strcspn(path, ".");
        char name[CLI_TEXT];

        if (n >= sizeof name)
            return NULL;
        memcpy(name, path, n);
        name[n] = '\0';
        doc = cJSON_GetObjectItemCaseSensitive(doc, name);
        path += n + (path[n] == '.');
    }
    return doc;
}

double cli_number(const cJSON *doc, const char *path)
{
    const cJSON *item = cli_at(doc, path);

    return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

const char *cli_string(const cJSON *doc, const char *path)
{
    const cJSON *item = cli_at(doc, path);

    return cJSON_IsString(item) ? item->valuestring : "";
}

const char *cli_short(double value, char *out)
{
    static const struct {
        double unit;
        const char *name;
    } scale[] = {{1e12, " T"}, {1e9, " B"}, {1e6, " M"}, {1e3, " k"}, {1, ""}};
    size_t i = 0;

    if (!isfinite(value)) {
        snprintf(out, CLI_TEXT, "-");
        return out;
    }
    while (i < 4 && fabs(value) < scale[i].unit)
        i++;
    snprintf(out, CLI_TEXT, "%.3g%s", value / scale[i].unit, scale[i].name);
    return out;
}

const char *cli_time(double ms, char *out)
{
    if (!isfinite(ms)) {
        snprintf(out, CLI_TEXT, "-");
        return out;
    }
    liq_time_format((int64_t)ms, out, CLI_TEXT);
    out[10] = ' '; /* 2025-10-10 21:15 */
    out[16] = '\0';
    return out;
}

const char *cli_plain(double value, char *out)
{
    out[0] = '\0';
    if (isfinite(value))
        liq_decimal_format(value, out);
    return out;
}

void cli_head(FILE *out, const cJSON *answer)
{
    char when[CLI_TEXT], price[CLI_TEXT];
    const cJSON *warning;

    fprintf(out, "%s %s, %.0f bars, %s (%s), %s UTC",
            cli_string(answer, "symbol"), cli_string(answer, "interval"),
            cli_number(answer, "bars"), cli_string(answer, "exchange"),
            cli_string(answer, "source"),
            cli_time(cli_number(answer, "data_time"), when));
    if (isfinite(cli_number(answer, "price")))
        fprintf(out, ", price %s",
                cli_plain(cli_number(answer, "price"), price));
    fputc('\n', out);
    if (cJSON_IsTrue(cli_at(answer, "stale")))
        fprintf(out, "STALE: %s\n", cli_string(answer, "stale_reason"));
    cJSON_ArrayForEach(warning, cli_at(answer, "warnings"))
    {
        if (cJSON_IsString(warning))
            fprintf(out, "warning: %s\n", warning->valuestring);
    }
}
