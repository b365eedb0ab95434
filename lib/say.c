/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "say.h"

const char *say_name = "crashpipe";
static int level = 1;

void say_start(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

	if (argv0)
		say_name = slash ? slash + 1 : argv0;
}

void say_more(void)
{
	level++;
}

void say_less(void)
{
	level = 0;
}

bool say_is_quiet(void)
{
	return level == 0;
}

bool say_is_verbose(void)
{
	return level > 1;
}

static void vsay(int at, const char *fmt, va_list ap)
{
	if (level < at)
		return;
	fprintf(stderr, "%s: ", say_name);
	vfprintf(stderr, fmt, ap);
	putc('\n', stderr);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(1, fmt, ap);
	va_end(ap);
}

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(0, fmt, ap);
	va_end(ap);
}

void info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(2, fmt, ap);
	va_end(ap);
}

void debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(3, fmt, ap);
	va_end(ap);
}

int say_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	fail_sys("standard output");
	return say_failure();
}

int say_failure(void)
{
	if (err_code() != ERR_PIPE)
		fprintf(stderr, "%s: %s\n", say_name, err_text());
	switch (err_code()) {
	case ERR_USAGE:
		return 2;
	case ERR_FULL:
	case ERR_STOPPED:
		return 3;
	case ERR_AGAIN:
		return 4;
	case ERR_CORRUPT:
	case ERR_UNKNOWN:
		return 5;
	default:
		return 1;
	}
}
