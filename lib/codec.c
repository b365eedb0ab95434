/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "codec.h"
#include "err.h"

extern const struct codec codec_none, codec_zlib, codec_lzo, codec_snappy, codec_zstd;

static const struct codec *const codecs[] = {
	&codec_none,
#ifdef HAVE_zlib
	&codec_zlib,
#endif
#ifdef HAVE_lzo2
	&codec_lzo,
#endif
#ifdef HAVE_snappy
	&codec_snappy,
#endif
#ifdef HAVE_libzstd
	&codec_zstd,
#endif
};
enum { NCODECS = sizeof codecs / sizeof codecs[0] };

static const char features[] = "codecs: none"
#ifdef HAVE_zlib
	", zlib"
#ifdef HAVE_libdeflate
	" (above level 1 by libdeflate)"
#endif
#endif
#ifdef HAVE_lzo2
	", lzo"
#endif
#ifdef HAVE_snappy
	", snappy"
#endif
#ifdef HAVE_libzstd
	", zstd"
#endif
	;

/* every codec of the format, in this build or not */
static const struct { uint32_t flag; const char *name; } known[] = {
	{ CODEC_ZLIB, "zlib" },
	{ CODEC_LZO, "lzo" },
	{ CODEC_SNAPPY, "snappy" },
	{ CODEC_ZSTD, "zstd" },
};
enum { NKNOWN = sizeof known / sizeof known[0] };

const struct codec *codec_by_name(const char *name)
{
	for (int i = 0; i < NCODECS; i++)
		if (strcmp(codecs[i]->name, name) == 0)
			return codecs[i];
	fail(ERR_USAGE, "no codec called %s in this build; %s", name, features);
	return NULL;
}

const struct codec *codec_by_flag(uint32_t flags)
{
	uint32_t flag = flags & CODEC_FLAGS;

	for (int i = 0; i < NCODECS; i++)
		if (codecs[i]->flag == flag)
			return codecs[i];
	for (int i = 0; i < NKNOWN; i++)
		if (known[i].flag == flag) {
			fail(ERR_UNKNOWN, "pages compressed with %s, which this build lacks",
			     known[i].name);
			return NULL;
		}
	fail(ERR_CORRUPT, "no codec has the flags %#" PRIx32, flag);
	return NULL;
}

int codec_open_readers(struct codec_readers *rs, size_t maxlen)
{
	_Static_assert((int)NCODECS <= (int)CODECS_MAX, "a place for each codec's reader");

	*rs = (struct codec_readers){ 0 };
	for (int i = 0; i < NCODECS; i++) {
		rs->reader[i] = codecs[i]->open_reader(maxlen);
		if (!rs->reader[i]) {
			codec_close_readers(rs);
			return -1;
		}
	}
	return 0;
}

int codec_read(struct codec_readers *rs, uint32_t flags, void *dst, size_t len,
	       const void *src, size_t srclen)
{
	uint32_t flag = flags & CODEC_FLAGS;
	int i = 0;

	while (i < NCODECS && codecs[i]->flag != flag)
		i++;
	if (i == NCODECS) {
		codec_by_flag(flags);	/* says why there is none */
		return -1;
	}
	if (codecs[i]->decompress(rs->reader[i], dst, len, src, srclen) == 0)
		return 0;
	return fail(ERR_CORRUPT, "the %s data is damaged", codecs[i]->name);
}

void codec_close_readers(struct codec_readers *rs)
{
	for (int i = 0; i < NCODECS; i++)
		codecs[i]->close_reader(rs->reader[i]);
	*rs = (struct codec_readers){ 0 };
}

const struct codec *codec_nth(unsigned n)
{
	return n < NCODECS ? codecs[n] : NULL;
}

const char *codec_features(void)
{
	return features;
}
