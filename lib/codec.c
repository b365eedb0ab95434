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
	" (by libdeflate)"
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

const struct codec *codec_nth(unsigned n)
{
	return n < NCODECS ? codecs[n] : NULL;
}

const char *codec_features(void)
{
	return features;
}
