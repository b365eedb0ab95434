/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/log.c dumpmsg/caller.c dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/chunk.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/judge.c dumpmsg/salvage.c dumpmsg/salvage-look.c dumpmsg/salvage-find.c dumpmsg/salvage-solve.c dumpmsg/salvage-ring.c dumpmsg/salvage-records.c dumpmsg/salvage-text.c */
/*
 * Looking for a log in memory of any kind: it comes to an end, what is found is read, says
 * no more records than there is memory for, and the same again.
 *
 * Input: a byte of choices (words of 4 bytes, big endian, a hole, a layout in VMCOREINFO
 * that is not the usual one), one for the hole's place, and memory.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "../../dumpmsg/judge.h"
#include "../../dumpmsg/log.h"
#include "bitmap.h"
#include "err.h"
#include "kinfo.h"
#include "space.h"
#include "vmcore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { NARROW = 1, BIG_ENDIAN_MACHINE = 2, HOLE = 4, LAYOUT = 8 };
enum { PAGE = 4096 };

static const char info[] =
	"OSRELEASE=6.12.0\nPAGESIZE=4096\nSIZE(atomic_long_t)=8\nOFFSET(atomic_long_t.counter)=0\n"
	"SIZE(prb_desc)=32\nOFFSET(prb_desc.state_var)=8\nOFFSET(prb_desc.text_blk_lpos)=16\n"
	"OFFSET(prb_data_blk_lpos.begin)=0\nOFFSET(prb_data_blk_lpos.next)=8\n"
	"SIZE(printk_info)=80\nOFFSET(printk_info.seq)=8\nOFFSET(printk_info.ts_nsec)=0\n"
	"OFFSET(printk_info.text_len)=24\nOFFSET(printk_info.caller_id)=16\n"
	"OFFSET(printk_ringbuffer.desc_ring)=0\nOFFSET(printk_ringbuffer.text_data_ring)=40\n"
	"OFFSET(prb_desc_ring.count_bits)=0\nOFFSET(prb_desc_ring.descs)=8\n"
	"OFFSET(prb_desc_ring.infos)=16\nOFFSET(prb_desc_ring.head_id)=24\n"
	"OFFSET(prb_desc_ring.tail_id)=32\nOFFSET(prb_data_ring.size_bits)=0\n"
	"OFFSET(prb_data_ring.data)=8\nSIZE(printk_log)=32\nOFFSET(printk_log.ts_nsec)=8\n"
	"OFFSET(printk_log.len)=4\nOFFSET(printk_log.text_len)=6\nOFFSET(printk_log.dict_len)=16\n";

static const uint8_t *memory;
static size_t memory_len;
static uint64_t hole;		/* this page is not in the dump */

static int memory_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	uint64_t end = vm->npfns << vm->page_shift, at = hole * PAGE;

	if (len > end || phys > end - len || (phys < at + PAGE && at < phys + len))
		return fail(ERR_CORRUPT, "no such memory");
	memset(buf, 0, len);
	if (phys < memory_len)
		memcpy(buf, memory + phys, len < memory_len - phys ? len : memory_len - phys);
	return 0;
}

static int memory_held(struct vmcore *vm, struct bitmap *bm, uint64_t first)
{
	bitmap_set_window(bm, first, 0, vm->npfns);
	bitmap_clear_window(bm, first, hole, hole + 1);
	return 0;
}

static const struct vmcore_ops memory_ops = {
	.name = "memory", .read = memory_read, .ram = memory_held, .held = memory_held
};

/* how many, and what they say; every byte of text is there */
static uint64_t read_all(struct log *log, uint64_t *sum)
{
	uint64_t n = 0;
	struct record r;
	int rc;

	*sum = 0;
	while ((rc = log_next(log, &r)) == 1) {
		*sum += r.ts_nsec + r.seq + (uint64_t)r.loss + r.lost;
		for (size_t i = 0; i < r.len; i++)
			*sum = *sum * 31 + (unsigned char)r.text[i];
		if (++n > memory_len + 16)
			abort();
	}
	if (rc < 0)
		abort();
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct vmcore vm = { .ops = &memory_ops, .page_size = PAGE, .page_shift = 12,
			     .machine = EM_X86_64 };
	struct space sp = { .vm = &vm };
	uint64_t n, sum, again;
	struct judgement j;
	struct log log;

	if (len < 2)
		return -1;
	memory = data + 2;
	memory_len = len - 2;
	vm.npfns = memory_len / PAGE + 1;
	hole = data[0] & HOLE ? data[1] : vm.npfns;
	vm.machine = data[0] & NARROW ? EM_386 : EM_X86_64;
	vm.swap = data[0] & BIG_ENDIAN_MACHINE;
	if (data[0] & LAYOUT && kinfo_open(&vm.info, info, sizeof info - 1))
		abort();
	if (log_salvage(&log, &sp)) {
		if (err_code() != ERR_CORRUPT)
			abort();
	} else {
		n = read_all(&log, &sum);
		if (n == 0 || log_rewind(&log) || read_all(&log, &again) != n || again != sum ||
		    log_rewind(&log) || judge(&log, &j))
			abort();
	}
	log_close(&log);
	kinfo_close(&vm.info);
	return 0;
}
