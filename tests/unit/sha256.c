/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: */
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "../../lib/sha256.h"
#include "unit.h"

/* the examples of FIPS 180-2, appendix B */
static void published(void **state)
{
	static const struct { const char *text; uint8_t digest[4]; } samples[] = {
		{ "", { 0xe3, 0xb0, 0xc4, 0x42 } },
		{ "abc", { 0xba, 0x78, 0x16, 0xbf } },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  { 0x24, 0x8d, 0x6a, 0x61 } },
	};
	_Alignas(8) uint8_t bytes[64], digest[32];

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		memcpy(bytes, samples[i].text, strlen(samples[i].text));
		sha256(bytes, strlen(samples[i].text), digest);
		assert_memory_equal(digest, samples[i].digest, sizeof samples[i].digest);
	}
}

/* every place that the end can have in a block, and some more blocks */
static void same_as_libcrypto(void **state)
{
	enum { MOST = 200000 };
	uint8_t *bytes = malloc(MOST), ours[32], theirs[32];
	uint64_t seed = 180;

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < MOST; i++)
		bytes[i] = (uint8_t)unit_random(&seed);
	for (size_t len = 0; len <= MOST; len += len < 400 ? 1 : 1 + unit_random(&seed) % 9999) {
		sha256(bytes, len, ours);
		SHA256(bytes, len, theirs);
		if (memcmp(ours, theirs, sizeof ours) != 0)
			fail_msg("%zu bytes", len);
	}
	/* nothing behind the end counts */
	sha256(bytes, 77, ours);
	bytes[77] ^= 1;
	sha256(bytes, 77, theirs);
	assert_memory_equal(ours, theirs, sizeof ours);
	bytes[76] ^= 1;
	sha256(bytes, 77, theirs);
	assert_memory_not_equal(ours, theirs, sizeof ours);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(same_as_libcrypto),
	};

	return RUN(tests);
}
