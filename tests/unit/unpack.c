/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pack.h"
#include "stop.h"
#include "unit.h"
#include "unpack.h"

enum { BIG = (8 << 20) + 12345, SMALL = 2500, AFTER = 300 };

/* what comes out is compared with this at once */
struct expect {
	const uint8_t *bytes;
	size_t len, have;
	bool differs;
};

static int compare(void *arg, const uint8_t *bytes, size_t len)
{
	struct expect *e = arg;

	if (len > e->len - e->have || (len && memcmp(e->bytes + e->have, bytes, len) != 0))
		e->differs = true;
	else
		e->have += len;
	return 0;
}

static int refuse(void *arg, const uint8_t *bytes, size_t len)
{
	(void)arg;
	(void)bytes;
	return len ? fail(ERR_FULL, "enough") : 0;
}

/* runs of random length, and noise */
static void fill(uint8_t *to, size_t len)
{
	uint64_t state = 88172645463325252u;

	for (size_t i = 0; i < len;) {
		uint64_t r = unit_random(&state);
		size_t n = r % 40 + 1;
		bool noise = r >> 32 & 1;

		for (; n-- && i < len; i++)
			to[i] = (uint8_t)(noise ? unit_random(&state) : r >> 8);
	}
}

static int memory(const uint8_t *bytes, size_t len)
{
	int fd = memfd_create("packed", 0);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, 0), len);
	return fd;
}

/* unpacks what is at at; 0 when it was the expected bytes and no others, 1 if not, -1 */
static int unpack(int fd, size_t at, size_t end, const uint8_t *bytes, size_t len, uint64_t *used)
{
	struct expect e = { .bytes = bytes, .len = len };

	if (unpack_stream(fd, at, end, used, compare, &e))
		return -1;
	return e.differs || e.have != len;
}

static void round_trips(void **state)
{
	static const size_t sizes[] = { 1, 100, SMALL, 1 << 18, (1 << 18) + 1, BIG };
	uint8_t *in = malloc(BIG), *out = malloc(2 * BIG);

	(void)state;
	fill(in, BIG);
	for (size_t i = 0; i < PACKS; i++) {
		for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
			size_t at = 77, n = packs[i].run(in, sizes[k], out + at, 2 * BIG - at);
			uint64_t used;
			int fd;

			memset(out, 0xee, at);
			/* zeros are no block of lz4's, and no stream of anybody's */
			memset(out + at + n, 0, AFTER);
			fd = memory(out, at + n + AFTER);
			assert_string_equal(unpack_kind(out + at, n), packs[i].name);
			if (unpack(fd, at, at + n, in, sizes[k], &used))
				fail_msg("%s, %zu bytes: %s", packs[i].name, sizes[k], err_text());
			assert_int_equal(used, n);
			assert_int_equal(unpack(fd, at, at + n + AFTER, in, sizes[k], &used), 0);
			assert_int_equal(used, n);
			close(fd);
		}
	}
	free(in);
	free(out);
}

/* every length it can be cut to: never taken for whole, but where lz4 has another block */
static void truncations(void **state)
{
	uint8_t in[SMALL], out[2 * SMALL + 1000];

	(void)state;
	fill(in, sizeof in);
	for (size_t i = 0; i < PACKS; i++) {
		size_t n = packs[i].run(in, sizeof in, out, sizeof out);
		int fd = memory(out, n);

		for (size_t len = n; len--;) {
			uint64_t used;
			int result;

			/* by the end that is told, and by the file's own */
			result = unpack(fd, 0, len, in, sizeof in, &used);
			if (result == 0)
				fail_msg("%s cut to %zu of %zu is whole", packs[i].name, len, n);
			assert_true(used <= len);
			assert_int_equal(ftruncate(fd, (off_t)len), 0);
			assert_int_not_equal(unpack(fd, 0, n, in, sizeof in, &used), 0);
		}
		close(fd);
	}
}

/* one bit in each byte: seen where there is a checksum, survived everywhere */
static void flips(void **state)
{
	uint8_t in[SMALL], out[2 * SMALL + 1000];

	(void)state;
	fill(in, sizeof in);
	for (size_t i = 0; i < PACKS; i++) {
		size_t n = packs[i].run(in, sizeof in, out, sizeof out);
		size_t unseen = 0;

		for (size_t at = 0; at < n; at++) {
			uint64_t used;
			int fd;

			out[at] ^= (uint8_t)(1 << at % 8);
			fd = memory(out, n);
			unseen += unpack(fd, 0, n, in, sizeof in, &used) == 1;
			close(fd);
			out[at] ^= (uint8_t)(1 << at % 8);
		}
		if (packs[i].checks && unseen)
			fail_msg("%s: %zu of %zu flipped bits went unseen", packs[i].name,
				 unseen, n);
	}
}

static void refused_streams(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum err code;
		const char *words;
	} streams[] = {
		{ "", 0, ERR_UNKNOWN, "no known compression at 0" },
		{ "hello", 5, ERR_UNKNOWN, "no known compression" },
		{ "BZh91AY", 7, ERR_UNKNOWN, "packed by bzip2, which this build cannot" },
		{ "\x1f\x8b\x08", 3, ERR_CORRUPT, "gzip data damaged before 0x3: cut short" },
		{ "\x1f\x8b\x08\xff zzz", 8, ERR_CORRUPT, "gzip data damaged" },
#ifdef HAVE_libzstd
		/* a window of 256 MiB */
		{ "\x28\xb5\x2f\xfd\0\x90\1\0\0", 9, ERR_CORRUPT, "too much memory" },
#endif
#ifdef HAVE_lzma
		/* and of 4 GiB */
		{ "\x5d\0\0\0\xc0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0", 18, ERR_CORRUPT,
			"above 128 MiB" },
#endif
#ifdef HAVE_lz4
		{ "\x02\x21\x4c\x18\xff\xff\xff\x7f", 8, ERR_CORRUPT, "larger than 8 MiB" },
		{ "\x02\x21\x4c\x18\4\0\0\0\xff\xff\xff\xff", 12, ERR_CORRUPT, "cannot be unpacked" },
		{ "\x02\x21\x4c\x18\4\0\0\0\xff", 9, ERR_CORRUPT, "lz4: cut short" },
#endif
#ifdef HAVE_lzo2
		{ "\x89LZO\0\r\n\x1a\n\x10", 10, ERR_CORRUPT, "lzo: cut short" },
#endif
	};

	(void)state;
	for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
		int fd = memory((const uint8_t *)streams[i].bytes, streams[i].len);
		uint64_t used;

		assert_int_equal(unpack(fd, 0, streams[i].len, NULL, 0, &used), -1);
		assert_failed(streams[i].code, streams[i].words);
		close(fd);
	}
	uint64_t used;

	assert_int_equal(unpack(-1, 0, 10, NULL, 0, &used), -1);
	assert_failed(ERR_SYS, "reading at 0");
	assert_int_equal(unpack(-1, UINT64_MAX, UINT64_MAX, NULL, 0, &used), -1);
	assert_failed(ERR_CORRUPT, "packed data at");
}

#ifdef HAVE_lzma
/* what plain "xz" writes, and the kernel refuses */
static void other_check(void **state)
{
	uint8_t in[SMALL], out[2 * SMALL];
	uint64_t used;

	(void)state;
	fill(in, sizeof in);
	for (int check = LZMA_CHECK_NONE; check <= LZMA_CHECK_SHA256; check++) {
		if (!lzma_check_is_supported((lzma_check)check))
			continue;
		size_t n = pack_xz_check(in, sizeof in, out, sizeof out, (lzma_check)check);
		int fd = memory(out, n), result = unpack(fd, 0, n, in, sizeof in, &used);

		assert_int_equal(result, check <= LZMA_CHECK_CRC32 ? 0 : -1);
		if (result)
			assert_failed(ERR_CORRUPT, "--check=crc32");
		close(fd);
	}
}
#endif

static void stops(void **state)
{
	uint8_t in[SMALL], out[2 * SMALL + 1000];
	uint64_t used;

	(void)state;
	fill(in, sizeof in);
	stop_catch();
	for (int signalled = 0; signalled < 2; signalled++) {
		for (size_t i = 0; i < PACKS; i++) {
			size_t n = packs[i].run(in, sizeof in, out, sizeof out);
			int fd = memory(out, n);

			assert_int_equal(unpack_stream(fd, 0, n, &used, refuse, NULL), -1);
			assert_failed(signalled ? ERR_STOPPED : ERR_FULL,
				      signalled ? "SIGTERM" : "enough");
			close(fd);
		}
		raise(SIGTERM);
	}
}

static void features(void **state)
{
	(void)state;
	for (size_t i = 0; i < PACKS; i++)
		assert_non_null(strstr(unpack_features(), packs[i].name));
	assert_null(strstr(unpack_features(), "bzip2"));
	assert_null(unpack_kind((const uint8_t *)"\x1f\x8b", 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),
		cmocka_unit_test(truncations),
		cmocka_unit_test(flips),
		cmocka_unit_test(refused_streams),
#ifdef HAVE_lzma
		cmocka_unit_test(other_check),
#endif
		cmocka_unit_test(features),
		/* the signal stays remembered */
		cmocka_unit_test(stops),
	};

	return RUN(tests);
}
