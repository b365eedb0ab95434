/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "summary-taint.h"

/*
 * The kernel's bits, from 0 on: kernel/panic.c of Linux 7.2 and
 * Documentation/admin-guide/tainted-kernels.rst. N since 6.0, J since 6.15; S was said of
 * processors that are not made for several in one machine before 3.15.
 */
static const struct taint table[] = {
	{ 'P', "proprietary module was loaded" },
	{ 'F', "module was force loaded" },
	{ 'S', "processor or system out of specification" },
	{ 'R', "module was force unloaded" },
	{ 'M', "machine check" },
	{ 'B', "bad page" },
	{ 'U', "userspace asked for it" },
	{ 'D', "kernel died before (oops or BUG)" },
	{ 'A', "ACPI table was overridden" },
	{ 'W', "kernel warned before" },
	{ 'C', "staging driver" },
	{ 'I', "workaround for a bug in the firmware" },
	{ 'O', "out-of-tree module" },
	{ 'E', "unsigned module" },
	{ 'L', "soft lockup before" },
	{ 'K', "live patched" },
	{ 'X', "auxiliary taint, defined by the distribution" },
	{ 'T', "structure layout randomized" },
	{ 'N', "test was run in the kernel" },
	{ 'J', "firmware control calls that change the device" },
};

const struct taint *taint_of(char letter)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].letter == letter)
			return &table[i];
	return NULL;
}

void taint_letters(uint64_t mask, char letters[TAINT_LETTERS])
{
	size_t n = 0;

	for (size_t i = 0; i < 64 && n + 1 < TAINT_LETTERS; i++)
		if (mask >> i & 1)
			letters[n++] = i < sizeof table / sizeof *table ? table[i].letter : '?';
	letters[n] = '\0';
}
