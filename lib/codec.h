/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page compression: what the kdump-compressed format allows and this build
 * knows. Every page is a stream of its own (zlib stream, LZO1X block, raw
 * snappy block, zstd frame), so each can be read alone.
 */
#ifndef CODEC_H
#define CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* how a page descriptor names its codec, and the file header the codecs used */
enum {
	CODEC_ZLIB = 0x01,
	CODEC_LZO = 0x02,
	CODEC_SNAPPY = 0x04,
	CODEC_ZSTD = 0x20,
	CODEC_FLAGS = CODEC_ZLIB | CODEC_LZO | CODEC_SNAPPY | CODEC_ZSTD,
};

struct codec {
	const char *name;	/* as given to --compress */
	uint32_t flag;		/* as stored in a page descriptor; 0: not compressed */
	int level_min, level_max, level_default;	/* all 0 when there is no choice */
	bool slow_on_noise;	/* that a page does not shrink, noise_is() finds out sooner */

	/* a compressor for one thread and pages of up to maxlen bytes; NULL after fail() */
	void *(*open)(int level, size_t maxlen);
	/* the compressed size, or 0 if it would not fit in cap bytes, or be no gain */
	size_t (*compress)(void *compressor, void *dst, size_t cap, const void *src, size_t len);
	void (*close)(void *compressor);

	/* what one thread needs to read pages of up to maxlen bytes; NULL after fail() */
	void *(*open_reader)(size_t maxlen);
	/* 0, or -1 (without fail()) if src does not hold exactly len bytes */
	int (*decompress)(void *reader, void *dst, size_t len, const void *src, size_t srclen);
	void (*close_reader)(void *reader);
};

/* a reader for each codec of this build, for one thread: a file may mix them */
enum { CODECS_MAX = 8 };
struct codec_readers {
	void *reader[CODECS_MAX];
};

/* by its name; NULL after fail() names what this build knows */
const struct codec *codec_by_name(const char *name);
/* by a descriptor's flags; NULL after fail() says which codec the build lacks */
const struct codec *codec_by_flag(uint32_t flags);
/* the n-th codec of this build, NULL after the last */
const struct codec *codec_nth(unsigned n);
/* takes all the memory that reading pages of up to maxlen bytes will need */
int codec_open_readers(struct codec_readers *rs, size_t maxlen);
/*
 * Decompress a page of len bytes with the codec that a descriptor's flags name. -1
 * after fail(): ERR_UNKNOWN, this build lacks the codec; ERR_CORRUPT, damaged.
 */
int codec_read(struct codec_readers *rs, uint32_t flags, void *dst, size_t len,
	       const void *src, size_t srclen);
/* what was never opened, all zeros, can be closed too */
void codec_close_readers(struct codec_readers *rs);
/* one line for --version: the codecs and who makes zlib streams */
const char *codec_features(void);

#endif
