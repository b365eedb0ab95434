/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command lines: the words between zero bytes; no word is lost or invented */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "opt.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

enum { WORDS = 32 };

static const struct opt opts[] = {
	{ 'd', "dump-level", "LEVEL", "a level" },
	{ 'z', NULL, "[LEVEL]", "an argument that may be there" },
	{ 'c', NULL, NULL, "a letter" },
	{ 256, "compress", "NAME", "a long name" },
	{ 0 },
};

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	char *text = malloc(len + 1), *argv[WORDS + 1] = { NULL };
	struct cmdline cl = { .synopsis = "", .about = "", .opts = opts, .argv = argv };
	int words = 0, key, steps = 0;

	if (!text)
		abort();
	memcpy(text, data, len);
	text[len] = '\0';
	for (size_t at = 0; at <= len && words < WORDS; at += strlen(text + at) + 1)
		argv[words++] = text + at;
	while ((key = opt_next(&cl)) > 0) {
		if (key != 'd' && key != 'z' && key != 'c' && key != 256)
			abort();
		if (cl.arg && (cl.arg < text || cl.arg > text + len))
			abort();
		if ((key == 'd' || key == 256) && !cl.arg)
			abort();
		if (++steps > (int)len + WORDS)
			abort();
	}
	if (key < 0 && err_code() != ERR_USAGE)
		abort();
	if (key == 0 && opt_count(&cl) > words)
		abort();
	free(text);
	return 0;
}
