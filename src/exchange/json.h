#ifndef LIQMAP_EXCHANGE_JSON_H
#define LIQMAP_EXCHANGE_JSON_H

#include "liqmap/json.h"

#endif
