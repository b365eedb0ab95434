/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/log.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/chunk.c */
#include <string.h>

#include "../../dumpmsg/ring.h"
#include "kinfo.h"
#include "unit.h"

static const char info[] =
	"SIZE(atomic_long_t)=8\nOFFSET(atomic_long_t.counter)=0\n"
	"SIZE(prb_desc)=24\nOFFSET(prb_desc.state_var)=0\n"
	"OFFSET(prb_desc.text_blk_lpos)=8\n"
	"OFFSET(prb_data_blk_lpos.begin)=0\nOFFSET(prb_data_blk_lpos.next)=8\n"
	"SIZE(printk_info)=32\nOFFSET(printk_info.seq)=0\n"
	"OFFSET(printk_info.ts_nsec)=8\nOFFSET(printk_info.text_len)=16\n"
	"OFFSET(printk_info.caller_id)=20\n"
	"OFFSET(printk_ringbuffer.desc_ring)=0\n"
	"OFFSET(printk_ringbuffer.text_data_ring)=40\n"
	"OFFSET(prb_desc_ring.count_bits)=0\nOFFSET(prb_desc_ring.descs)=8\n"
	"OFFSET(prb_desc_ring.infos)=16\nOFFSET(prb_desc_ring.head_id)=24\n"
	"OFFSET(prb_desc_ring.tail_id)=32\n"
	"OFFSET(prb_data_ring.size_bits)=0\nOFFSET(prb_data_ring.data)=8\n";

static int layout(const char *change_from, const char *change_to)
{
	struct ring_layout l;
	struct kinfo ki;
	char *at;
	int rc;

	assert_int_equal(kinfo_open(&ki, info, sizeof info - 1), 0);
	at = strstr(ki.text, change_from);
	assert_non_null(at);
	assert_int_equal(strlen(change_from), strlen(change_to));
	memcpy(at, change_to, strlen(change_to));
	rc = ring_layout_read(&l, &ki);
	kinfo_close(&ki);
	return rc;
}

static void layouts(void **state)
{
	(void)state;
	assert_int_equal(layout("printk_info", "printk_info"), 0);
	assert_int_equal(layout("(printk_info.ts_nsec)", "(printk_info.TS_nsec)"), -1);
	assert_failed(ERR_UNKNOWN, "VMCOREINFO lacks OFFSET(printk_info.ts_nsec)");
	assert_int_equal(layout("(atomic_long_t)=8", "(atomic_long_t)=7"), -1);
	assert_failed(ERR_CORRUPT, "atomic_long_t");
	assert_int_equal(layout("(printk_info)=32", "(printk_info)=23"), -1);
	assert_failed(ERR_CORRUPT, "printk_info");
	assert_int_equal(layout("text_len)=16", "text_len)=29"), -1);
	assert_int_equal(layout("caller_id)=20", "caller_id)=30"), -1);
	assert_int_equal(layout("(prb_desc)=24", "(prb_desc)=23"), -1);
	assert_failed(ERR_CORRUPT, "prb_desc");
	assert_int_equal(layout("SIZE(printk_info)=32\nOFFSET(printk_info.seq)=0\n",
				"SIZE(printk_info)=99999999999\nOFFSET(printk_inf"), -1);
	assert_failed(ERR_CORRUPT, "SIZE(printk_info)=99999999999");
}

static void blocks(void **state)
{
	static const struct {
		unsigned bits, word;
		uint64_t begin, next;
		enum ring_block what;
		uint64_t at, len;
	} rows[] = {
		{ 9, 8, 0, 24, RING_BLOCK_TEXT, 0, 24 },
		{ 9, 8, 496, 512, RING_BLOCK_TEXT, 496, 16 }, /* to the very end */
		{ 9, 8, 0, 512, RING_BLOCK_TEXT, 0, 512 },
		{ 9, 8, 496, 528, RING_BLOCK_TEXT, 0, 16 },	/* wrapped */
		{ 9, 8, 8, 1024, RING_BLOCK_TEXT, 0, 512 },
		{ 9, 8, 496, 1040, RING_BLOCK_BAD, 0, 0 },	/* two laps */
		{ 9, 8, 24, 24, RING_BLOCK_BAD, 0, 0 },
		{ 9, 8, 32, 24, RING_BLOCK_BAD, 0, 0 },
		{ 9, 8, 512, 24, RING_BLOCK_BAD, 0, 0 },
		{ 9, 8, 4, 24, RING_BLOCK_BAD, 0, 0 },
		{ 9, 8, 0, 20, RING_BLOCK_BAD, 0, 0 },
		{ 9, 4, 4, 20, RING_BLOCK_TEXT, 4, 16 },
		/* positions start one lap below 0, and go through it */
		{ 9, 8, 0 - 512ULL, 0 - 488ULL, RING_BLOCK_TEXT, 0, 24 },
		{ 9, 8, 0 - 16ULL, 0, RING_BLOCK_TEXT, 496, 16 },
		{ 9, 8, 0 - 16ULL, 32, RING_BLOCK_TEXT, 0, 32 },
		{ 9, 4, 0xfffffff0, 0, RING_BLOCK_TEXT, 496, 16 },
		{ 9, 4, 0xfffffff0, 32, RING_BLOCK_TEXT, 0, 32 },
		{ 31, 4, 0x80000000, 0, RING_BLOCK_TEXT, 0, 0x80000000 },
		{ 9, 8, 3, 3, RING_BLOCK_EMPTY, 0, 0 },
		{ 9, 8, 1, 1, RING_BLOCK_LOST, 0, 0 },
		{ 9, 8, 1, 3, RING_BLOCK_BAD, 0, 0 },
		{ 9, 8, 5, 5, RING_BLOCK_BAD, 0, 0 },
		{ 9, 8, 3, 24, RING_BLOCK_BAD, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t at = 0, len = 0;
		enum ring_block what = ring_block(rows[i].bits, rows[i].word,
						  rows[i].begin, rows[i].next, &at, &len);

		assert_int_equal(what, rows[i].what);
		if (what == RING_BLOCK_TEXT) {
			assert_int_equal(at, rows[i].at);
			assert_int_equal(len, rows[i].len);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts),
		cmocka_unit_test(blocks),
	};

	return RUN(tests);
}
