/* The same question to several exchanges at once. */
#ifndef LIQMAP_API_FAN_H
#define LIQMAP_API_FAN_H

#include <stddef.h>

#define LIQ_FAN_MAX 16

/*
 * Call work for each of the n <= LIQ_FAN_MAX errands, `size` bytes apart, each
 * in a thread of its own, and return when all have returned.  Where no thread
 * can be had the call is made here.
 */
void liq_fan_out(void (*work)(void *errand), void *errands, size_t size,
                 size_t n);

#endif
