/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who makes zlib streams. zlib itself knows all levels; a faster library may
 * stand in for some of them. Reading is zlib's in any case.
 */
#ifndef CODEC_ZLIB_H
#define CODEC_ZLIB_H

#include <stddef.h>

struct deflater {
	const char *name;
	int level_min, level_max;	/* the levels it is used for */

	/* as in struct codec */
	void *(*open)(int level, size_t maxlen);
	size_t (*compress)(void *state, void *dst, size_t cap, const void *src, size_t len);
	void (*close)(void *state);
};

extern const struct deflater deflater_libdeflate;

#endif
