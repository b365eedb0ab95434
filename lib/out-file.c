/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "err.h"
#include "out-file.h"
#include "out.h"

/* 0 is how these functions say that they failed */
static ssize_t take(void *cookie, const char *buf, size_t len)
{
	return out_write(cookie, buf, len) ? 0 : (ssize_t)len;
}

FILE *out_file(struct out *out)
{
	FILE *f = fopencookie(out, "w", (cookie_io_functions_t){ .write = take });

	if (!f)
		fail(ERR_MEMORY, "%s: out of memory", out->path);
	return f;
}
