/* with: dumpsend/digest.c dumpsend/sha.c */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../../dumpsend/digest.h"
#include "unit.h"

/* SHA-256 of "abc", FIPS 180-2 appendix B.1 */
static const uint8_t abc[] = {
	0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
	0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
};

static void in_order(void **state)
{
	struct digest d;
	uint8_t sum[DIGEST_SHA256];

	(void)state;
	assert_int_equal(digest_open(&d, true), 0);
	assert_int_equal(digest_add(&d, "a", 1, 0), 0);
	assert_int_equal(digest_add(&d, "bc", 2, 1), 0);
	assert_int_equal(d.count, 1);
	assert_int_equal(d.extents[0].crc, crc32(0, (const Bytef *)"abc", 3));
	assert_int_equal(digest_sha256(&d, sum), 1);
	assert_memory_equal(sum, abc, sizeof sum);
	assert_int_equal(digest_sha256(&d, sum), 0);
	assert_int_equal(digest_restart(&d, false), 0);
	assert_int_equal(d.end, 0);
	assert_int_equal(digest_add(&d, "abc", 3, 0), 0);
	assert_int_equal(digest_sha256(&d, sum), 0);
	digest_close(&d);
}

static void out_of_order(void **state)
{
	struct digest d;
	uint8_t sum[DIGEST_SHA256];

	(void)state;
	assert_int_equal(digest_open(&d, true), 0);
	digest_add(&d, "ccc", 3, 100);
	digest_add(&d, "a", 1, 0);
	digest_add(&d, "dd", 2, 103);	/* goes on behind the first */
	digest_sort(&d);
	assert_int_equal(d.count, 2);
	assert_int_equal(d.extents[0].at, 0);
	assert_int_equal(d.extents[1].at, 100);
	assert_int_equal(d.extents[1].len, 5);
	assert_int_equal(d.extents[1].crc, crc32(0, (const Bytef *)"cccdd", 5));
	assert_int_equal(d.end, 105);
	assert_int_equal(digest_sha256(&d, sum), 0);
	assert_int_equal(digest_add(&d, "x", 1, (uint64_t)INT64_MAX), -1);
	assert_failed(ERR_CORRUPT, "no file is that long");
	digest_close(&d);
}

/* what was written over cannot be compared; it is counted, and the new bytes count */
static void written_twice(void **state)
{
	struct digest d;

	(void)state;
	assert_int_equal(digest_open(&d, false), 0);
	digest_add(&d, "abcdef", 6, 0);
	digest_add(&d, "zz", 2, 10);
	digest_add(&d, "CD", 2, 2);
	assert_int_equal(d.stale, 6);
	digest_sort(&d);
	assert_int_equal(d.count, 2);
	assert_int_equal(d.extents[0].at, 2);
	assert_int_equal(d.extents[1].at, 10);
	digest_close(&d);
}

/* a huge file in bounded memory: neighbours are joined, and their CRCs stay right */
static void joins_neighbours(void **state)
{
	static uint8_t block[8192];
	struct digest d;
	uint64_t at = 0, seed = 1, covered = 0;

	(void)state;
	for (size_t i = 0; i < sizeof block; i++)
		block[i] = (uint8_t)unit_random(&seed);
	assert_int_equal(digest_open(&d, false), 0);
	d.grain = sizeof block;		/* so that it need not be 32 GiB */
	for (unsigned i = 0; i < 3 * DIGEST_EXTENTS; i++, at += sizeof block)
		assert_int_equal(digest_add(&d, block, sizeof block, at), 0);
	digest_sort(&d);
	assert_true(d.count <= DIGEST_EXTENTS);
	assert_int_equal(d.stale, 0);
	for (unsigned i = 0; i < d.count; i++) {
		uint32_t crc = 0;

		assert_int_equal(d.extents[i].at, covered);
		for (uint64_t n = 0; n < d.extents[i].len; n += sizeof block)
			crc = digest_crc(crc, block, sizeof block);
		assert_int_equal(d.extents[i].crc, crc);
		covered += d.extents[i].len;
	}
	assert_int_equal(covered, at);
	digest_close(&d);
}

/* pieces that never touch cannot be joined: some are given up, and counted */
static void gives_up_some(void **state)
{
	struct digest d;

	(void)state;
	assert_int_equal(digest_open(&d, false), 0);
	for (uint64_t i = 0; i < DIGEST_EXTENTS + 100; i++)
		assert_int_equal(digest_add(&d, "x", 1, i * 1000), 0);
	assert_int_equal(d.count, DIGEST_EXTENTS);
	assert_int_equal(d.stale, 100);
	digest_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(out_of_order),
		cmocka_unit_test(written_twice),
		cmocka_unit_test(joins_neighbours),
		cmocka_unit_test(gives_up_some),
	};

	return RUN(tests);
}
