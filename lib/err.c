/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "err.h"

enum { REASON = 64 };	/* bytes kept free for strerror()'s words */

/* the only mutable thread-wide state in lib/, for the reason errno is one */
static _Thread_local struct {
	enum err code;
	char text[ERR_TEXT];
} last;

static enum err code_of(int errnum)
{
	switch (errnum) {
	case ENOMEM:
		return ERR_MEMORY;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_FULL;
	case EPIPE:
		return ERR_PIPE;
	case EAGAIN:
	case EBUSY:
	case ETIMEDOUT:
	case ECONNRESET:
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
		return ERR_AGAIN;
	default:
		return ERR_SYS;
	}
}

/* names and contents of foreign files are in it: nothing that a terminal obeys */
static void plain(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int fail(enum err code, const char *fmt, ...)
{
	char text[sizeof last.text];	/* the last text may be among the arguments */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	plain(text);
	last.code = code;
	memcpy(last.text, text, sizeof text);
	return -1;
}

int fail_sys(const char *fmt, ...)
{
	int errnum = errno;
	va_list ap;

	va_start(ap, fmt);
	last.code = code_of(errnum);
	vsnprintf(last.text, sizeof last.text, fmt, ap);
	va_end(ap);

	/* of a text that is too long, the reason is the part to keep */
	size_t n = strnlen(last.text, sizeof last.text - REASON);
	snprintf(last.text + n, sizeof last.text - n, ": %s", strerror(errnum));
	plain(last.text);
	return -1;
}

int fail_in(const char *context)
{
	size_t n = strnlen(context, sizeof last.text / 2);

	/* the last byte stays the terminator it has been since the start */
	memmove(last.text + n + 2, last.text, sizeof last.text - n - 3);
	memcpy(last.text, context, n);
	memcpy(last.text + n, ": ", 2);
	plain(last.text);
	return -1;
}

enum err err_code(void)
{
	return last.code;
}

const char *err_text(void)
{
	return last.text;
}
