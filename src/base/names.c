#include "liqmap/names.h"

#include <string.h>

const char *liq_names_next(const char **list, size_t *len)
{
    const char *name = *list;

    if (*name == '\0')
        return NULL;
    *len = strcspn(name, ",");
    *list = name + *len + (name[*len] == ',');
    return name;
}

int liq_names_place(const char *list, const char *name, size_t len)
{
    const char *one;
    size_t n;

    for (int at = 0; (one = liq_names_next(&list, &n)) != NULL; at++) {
        if (n == len && memcmp(one, name, n) == 0)
            return at;
    }
    return -1;
}

bool liq_names_have(const char *list, const char *name)
{
    return liq_names_place(list, name, strlen(name)) >= 0;
}
