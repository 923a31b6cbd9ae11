/* Any body, read by the tables of every exchange; it ends at an unreadable
 * page. */
#include <stdint.h>
#include <stdlib.h>
#include "unit/exchange/bodies.h"
#include "unit/exchange/guard.h"

#define INPUT_MAX (1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct guard g;
    const struct liq_exchange_info *info;
    struct cJSON *root;
    char *text;
    size_t i;

    if (g.map == NULL)
        g = guard_new(INPUT_MAX);
    text = calloc(1, size + 1);
    if (size > INPUT_MAX || text == NULL) {
        free(text);
        return 0;
    }
    memcpy(text, data, size);
    root = liq_json_parse(guard_put(&g, data, size), size);
    for (i = 0; (info = liq_exchange_at(i)) != NULL; i++)
        read_parsed(liq_exchange_row(info->name), root, text);
    liq_json_free(root);
    free(text);
    return 0;
}
