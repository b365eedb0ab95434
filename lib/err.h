/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors: like errno, but in words.
 *
 * A function that can fail returns 0 or -1 (or a pointer or NULL). Before it
 * returns failure it calls fail(), once, where the fault was found; callers
 * only add what they alone know (a file name) with fail_in(). The library never
 * prints and never exits: main() does both.
 */
#ifndef ERR_H
#define ERR_H

enum err {
	ERR_NONE,
	ERR_SYS,	/* the kernel or libc refused: see strerror in the text */
	ERR_MEMORY,	/* out of memory */
	ERR_CORRUPT,	/* the input contradicts itself or ends too soon */
	ERR_UNKNOWN,	/* a format, architecture or kernel we do not know */
	ERR_FULL,	/* no space for output */
	ERR_AGAIN,	/* temporary: the same command may succeed later */
	ERR_STOPPED,	/* ended early, by a signal or a cut stream: what came was kept */
	ERR_PIPE,	/* nobody reads our standard output any more */
	ERR_USAGE,	/* the command line is wrong */
};

enum { ERR_TEXT = 1024 };	/* bytes: the longest text, its end included */

/* record what went wrong; always returns -1, so that "return fail(...)" reads well */
int fail(enum err code, const char *fmt, ...) __attribute__((format(printf, 2, 3), cold));
/* fail() with strerror(errno) appended; picks ERR_FULL, ERR_MEMORY, ERR_AGAIN or ERR_SYS */
int fail_sys(const char *fmt, ...) __attribute__((format(printf, 1, 2), cold));
/* put "CONTEXT: " in front of the recorded text; always returns -1 */
int fail_in(const char *context) __attribute__((cold));

enum err err_code(void);
const char *err_text(void);

#endif
