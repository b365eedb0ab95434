/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel's taint flags mean. */
#ifndef SUMMARY_TAINT_H
#define SUMMARY_TAINT_H

#include <stddef.h>
#include <stdint.h>

enum { TAINT_LETTERS = 40 };	/* bytes, the end included */

struct taint {
	char letter;
	const char *words;
};

/* NULL: a letter that this version does not know */
const struct taint *taint_of(char letter);
/* of the kernel's tainted_mask; '?' for bits without a letter */
void taint_letters(uint64_t mask, char letters[TAINT_LETTERS]);

#endif
