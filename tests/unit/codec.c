/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "codec.h"
#include "unit.h"

enum { MAX_PAGE = 65536, GUARD = 64, GUARD_BYTE = 0xa5 };

static const size_t page_sizes[] = { 4096, 16384, 65536 };
enum { NSIZES = sizeof page_sizes / sizeof page_sizes[0] };

/* pages as kernels have them, by kind: some of each */
enum kind { ZEROS, TEXT, POINTERS, COUNTERS, HALF, NOISE, NKINDS };

static void fill_page(uint8_t *page, size_t len, enum kind kind, uint64_t *seed)
{
	static const char words[] = "struct page *const char int list_head next prev lock ";
	uint64_t r;

	memset(page, 0, len);
	for (size_t i = 0; i < len; i += 8) {
		r = unit_random(seed);
		switch (kind) {
		case TEXT:
			memcpy(page + i, words + r % (sizeof words - 8), 8);
			break;
		case POINTERS:
			r = UINT64_C(0xffff888000000000) | (r & 0x3fffffc0);
			memcpy(page + i, &r, r & 64 ? 8 : 0);
			break;
		case COUNTERS:
			page[i] = (uint8_t)(i / 64 + r % 3);
			break;
		case HALF:
			memcpy(page + i, &r, i < len / 2 ? 8 : 0);
			break;
		case NOISE:
			memcpy(page + i, &r, 8);
			break;
		default:
			break;
		}
	}
}

/* exactly as big as said, so that a sanitizer sees a byte too far; plus a guard */
struct buffer {
	uint8_t *p;
	size_t len;
};

static struct buffer buffer_of(size_t len)
{
	struct buffer b = { .p = malloc(len + GUARD), .len = len };

	assert_non_null(b.p);
	memset(b.p, GUARD_BYTE, len + GUARD);
	return b;
}

static void check_guard(const struct buffer *b)
{
	for (size_t i = 0; i < GUARD; i++)
		assert_int_equal(b->p[b->len + i], GUARD_BYTE);
}

/* compress, look at the size, read back with the codec and, if zlib's, with zlib */
static void round_trip(const struct codec *c, void *comp, const uint8_t *page, size_t len,
		       enum kind kind)
{
	struct buffer out = buffer_of(len), back = buffer_of(len);
	void *reader = c->open_reader(len);
	size_t n = c->compress(comp, out.p, len - 1, page, len);

	check_guard(&out);
	assert_true(n < len);
	if (kind == NOISE)
		assert_int_equal(n, 0);
	else
		assert_int_not_equal(n, 0);
	if (kind == ZEROS)
		assert_true(n < len / 10);
	if (n > 0) {
		assert_int_equal(c->decompress(reader, back.p, len, out.p, n), 0);
		assert_memory_equal(back.p, page, len);
		/* not less than it is, and not more */
		assert_int_equal(c->decompress(reader, back.p, len - 1, out.p, n), -1);
		assert_int_equal(c->decompress(reader, back.p, len, out.p, n - 1), -1);
		check_guard(&back);
	}
	if (n > 0 && c->flag == CODEC_ZLIB) {
		uLongf size = len;

		memset(back.p, 0, len);
		assert_int_equal(uncompress(back.p, &size, out.p, n), Z_OK);
		assert_int_equal(size, len);
		assert_memory_equal(back.p, page, len);
		assert_int_equal(out.p[0] & 0x0f, Z_DEFLATED);
	}
	c->close_reader(reader);
	free(out.p);
	free(back.p);
}

static void round_trips(const struct codec *c, int level, size_t size, int rounds)
{
	uint8_t *page = malloc(size);
	void *comp = c->open(level, size);
	uint64_t seed = 3;

	assert_non_null(comp);
	for (int i = 0; i < rounds * NKINDS; i++) {
		fill_page(page, size, (enum kind)(i % NKINDS), &seed);
		round_trip(c, comp, page, size, (enum kind)(i % NKINDS));
	}
	c->close(comp);
	free(page);
}

static void all_round_trips(void **state)
{
	const struct codec *c;

	(void)state;
	for (unsigned i = 0; (c = codec_nth(i)); i++)
		for (int s = 0; c->flag && s < NSIZES; s++)
			for (int level = c->level_min; level <= c->level_max; level++)
				round_trips(c, level, page_sizes[s],
					    level == c->level_default ? 40 : 2);
}

/* byte-identical output for every -j: what was compressed before does not matter */
static void no_memory_of_the_past(void **state)
{
	uint8_t *page = malloc(MAX_PAGE), *other = malloc(MAX_PAGE);
	uint8_t *a = malloc(MAX_PAGE), *b = malloc(MAX_PAGE);
	const struct codec *c;
	uint64_t seed = 4;

	(void)state;
	for (unsigned i = 0; (c = codec_nth(i)); i++) {
		void *used = c->open(c->level_default, MAX_PAGE);

		for (int round = 0; round < 60; round++) {
			size_t size = page_sizes[round % NSIZES];
			void *fresh = c->open(c->level_default, MAX_PAGE);

			fill_page(other, MAX_PAGE, (enum kind)(round % NKINDS), &seed);
			c->compress(used, a, round % 2 ? 100 : MAX_PAGE - 1, other, MAX_PAGE);
			fill_page(page, size, (enum kind)(round / 2 % NKINDS), &seed);
			size_t n = c->compress(fresh, a, size - 1, page, size);
			assert_int_equal(c->compress(used, b, size - 1, page, size), n);
			assert_memory_equal(a, b, n);
			c->close(fresh);
		}
		c->close(used);
	}
	free(page);
	free(other);
	free(a);
	free(b);
}

/* any room, from none to plenty: the result is the same, or 0 */
static void every_cap(void **state)
{
	enum { LEN = 4096, PLENTY = 2 * LEN };
	const struct codec *c;
	uint8_t page[LEN], whole[PLENTY];
	uint64_t seed = 5;

	(void)state;
	for (unsigned i = 0; (c = codec_nth(i)); i++) {
		void *comp = c->open(c->level_default, LEN);

		for (int kind = 0; kind < NKINDS; kind++) {
			fill_page(page, LEN, (enum kind)kind, &seed);
			size_t n = c->compress(comp, whole, PLENTY, page, LEN);
			assert_true((n > 0 || kind == NOISE) && n < PLENTY);
			for (size_t cap = 0; cap < LEN; cap += cap > n + 20 ? 131 : 7) {
				struct buffer out = buffer_of(cap);
				size_t m = c->compress(comp, out.p, cap, page, LEN);

				check_guard(&out);
				assert_true(m <= cap);
				if (cap + n / 50 + 16 < n)
					assert_int_equal(m, 0);
				if (n > 0 && cap > n + 16)
					assert_int_not_equal(m, 0);
				free(out.p);
			}
		}
		c->close(comp);
	}
}

/* an answer or -1, never a byte outside, whatever the bytes are */
static void try_to_read(const struct codec *c, void *reader, const uint8_t *src, size_t n, size_t len)
{
	struct buffer in = buffer_of(n), out = buffer_of(len);

	memcpy(in.p, src, n);
	int rc = c->decompress(reader, out.p, len, in.p, n);
	assert_true(rc == 0 || rc == -1);
	check_guard(&out);
	free(in.p);
	free(out.p);
}

static void hostile_bytes(void **state)
{
	enum { LEN = 4096 };
	uint8_t page[LEN], packed[LEN], bad[LEN];
	const struct codec *c;
	uint64_t seed = 6;

	(void)state;
	for (unsigned i = 0; (c = codec_nth(i)); i++) {
		void *comp = c->open(c->level_default, LEN), *reader = c->open_reader(LEN);
		uint8_t back[LEN];

		fill_page(page, LEN, TEXT, &seed);
		size_t n = c->compress(comp, packed, LEN, page, LEN);
		assert_true(n > 0);
		for (size_t cut = 0; cut <= n; cut += 3)
			try_to_read(c, reader, packed, cut, LEN);
		for (size_t len = 0; len < 2 * LEN; len += 61)
			try_to_read(c, reader, packed, n, len);
		for (size_t bit = 0; bit < n * 8; bit += bit < 512 ? 1 : 11) {
			memcpy(bad, packed, n);
			bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
			try_to_read(c, reader, bad, n, LEN);
		}
		for (int round = 0; round < 2000; round++) {
			fill_page(bad, LEN, (enum kind)(round % NKINDS), &seed);
			memcpy(bad, packed, (size_t)(round % 24));
			try_to_read(c, reader, bad, unit_random(&seed) % LEN, LEN);
		}
		/* what it was fed before does not matter */
		assert_int_equal(c->decompress(reader, back, LEN, packed, n), 0);
		assert_memory_equal(back, page, LEN);
		c->close(comp);
		c->close_reader(reader);
	}
}

/* a snappy block or zstd frame may claim to hold far more than it does */
static void huge_claims(void **state)
{
	static const uint8_t claims[][20] = {
		{ 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00 },
		{ 0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
		{ 0x28, 0xb5, 0x2f, 0xfd, 0x20, 0xff, 0x01, 0x00, 0x00 },
	};
	const struct codec *c;

	(void)state;
	for (unsigned i = 0; (c = codec_nth(i)); i++)
		for (size_t k = 0; k < sizeof claims / sizeof claims[0]; k++) {
			void *reader = c->open_reader(4096);
			uint8_t page[4096];

			assert_int_equal(c->decompress(reader, page, sizeof page, claims[k],
						       sizeof claims[k]), -1);
			c->close_reader(reader);
		}
}

static void lookup(void **state)
{
	const struct codec *c;

	(void)state;
	assert_string_equal(codec_nth(0)->name, "none");
	assert_null(codec_nth(99));
	for (unsigned i = 0; (c = codec_nth(i)); i++) {
		assert_ptr_equal(codec_by_name(c->name), c);
		assert_ptr_equal(codec_by_flag(c->flag), c);
		assert_ptr_equal(codec_by_flag(c->flag | ~(uint32_t)CODEC_FLAGS), c);
		assert_non_null(strstr(codec_features(), c->name));
		assert_true(c->level_default >= c->level_min && c->level_default <= c->level_max);
	}
	assert_null(codec_by_name("brotli"));
	assert_failed(ERR_USAGE, "no codec called brotli");
	assert_null(codec_by_name(""));
	assert_null(codec_by_flag(CODEC_ZLIB | CODEC_LZO));
	assert_failed(ERR_CORRUPT, "0x3");
}

static void none_copies(void **state)
{
	const struct codec *c = codec_by_flag(0);
	char out[8];

	(void)state;
	void *comp = c->open(0, 4), *reader = c->open_reader(4);
	assert_non_null(comp);
	assert_int_equal(c->compress(comp, out, 4, "page", 4), 4);
	assert_int_equal(c->compress(comp, out, 3, "page", 4), 0);
	assert_int_equal(c->decompress(reader, out, 4, "PAGE", 4), 0);
	assert_memory_equal(out, "PAGE", 4);
	assert_int_equal(c->decompress(reader, out, 4, "PAG", 3), -1);
	assert_int_equal(c->decompress(reader, out, 4, "PAGES", 5), -1);
	c->close(comp);
	c->close_reader(reader);
}

/* one thread's readers of all codecs, as the pages of a file come */
static void mixed_codecs(void **state)
{
	enum { LEN = 4096 };
	uint8_t page[LEN], packed[LEN], back[LEN];
	struct codec_readers rs, none = { 0 };
	const struct codec *c;
	uint64_t seed = 8;

	(void)state;
	assert_int_equal(codec_open_readers(&rs, LEN), 0);
	for (int round = 0; round < 20; round++)
		for (unsigned i = 0; (c = codec_nth(i)); i++) {
			void *comp = c->open(c->level_default, LEN);
			size_t n;

			fill_page(page, LEN, (enum kind)(round % NOISE), &seed);
			n = c->compress(comp, packed, LEN, page, LEN);
			assert_int_equal(codec_read(&rs, c->flag, back, LEN, packed, n), 0);
			assert_memory_equal(back, page, LEN);
			assert_int_equal(codec_read(&rs, c->flag, back, LEN, packed, n - 1), -1);
			assert_failed(ERR_CORRUPT, "data is damaged");
			c->close(comp);
		}
	assert_int_equal(codec_read(&rs, CODEC_ZLIB | CODEC_LZO, back, LEN, packed, 9), -1);
	assert_failed(ERR_CORRUPT, "0x3");
	codec_close_readers(&rs);
	codec_close_readers(&none);
}

/* as a failed open() leaves it */
static void close_nothing(void **state)
{
	const struct codec *c;

	(void)state;
	for (unsigned i = 0; (c = codec_nth(i)); i++)
		c->close(NULL);
	for (unsigned i = 0; (c = codec_nth(i)); i++)
		c->close_reader(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_round_trips),
		cmocka_unit_test(no_memory_of_the_past),
		cmocka_unit_test(every_cap),
		cmocka_unit_test(hostile_bytes),
		cmocka_unit_test(huge_claims),
		cmocka_unit_test(lookup),
		cmocka_unit_test(none_copies),
		cmocka_unit_test(mixed_codecs),
		cmocka_unit_test(close_nothing),
	};

	return RUN(tests);
}
