/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 (RFC 3629): no longer form than needed, no surrogates, nothing above U+10FFFF. */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

/* how many bytes the character at s has, of the len (at least 1) there are; 0: it is none */
size_t utf8_len(const void *s, size_t len);

#endif
