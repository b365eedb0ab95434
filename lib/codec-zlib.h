/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who makes and who reads zlib streams. zlib itself knows all levels; something
 * faster may stand in for some of them, and read them.
 */
#ifndef CODEC_ZLIB_H
#define CODEC_ZLIB_H

#include <stddef.h>

struct deflater {
	const char *name;
	int level_min, level_max;	/* the levels it is used for */

	/* as in struct codec */
	size_t maxlen;		/* of a page; 0: any */
	void *(*open)(int level, size_t maxlen);
	size_t (*compress)(void *state, void *dst, size_t cap, const void *src, size_t len);
	void (*close)(void *state);
};

struct inflater {
	void *(*open)(void);
	int (*decompress)(void *state, void *dst, size_t len, const void *src, size_t srclen);
	void (*close)(void *state);	/* NULL too */
};

extern const struct deflater deflater_libdeflate;
extern const struct inflater inflater_libdeflate;

#endif
