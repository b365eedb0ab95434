/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages that no codec makes smaller: compressed or encrypted data, keys, media. */
#ifndef NOISE_H
#define NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether a page (len bytes, a multiple of 1024) looks like random bytes. A guess from
 * samples, made sooner than a codec could find out; it depends on the page only.
 */
bool noise_is(const uint8_t *page, size_t len);

#endif
