/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/log.c dumpmsg/caller.c dumpmsg/ring.c dumpmsg/ring-open.c dumpmsg/ring-layout.c dumpmsg/window.c dumpmsg/records.c dumpmsg/records-find.c dumpmsg/records-layout.c dumpmsg/text.c dumpmsg/chunk.c */
/*
 * The logs of all kernels in memory of any kind: reading one comes to an end, says no more
 * records than there is memory for, and says the same again.
 *
 * Input: a byte of choices (which log, a huge one, big endian, a hole), one for the
 * hole's place, and memory; zeros behind it. Each kernel's variables are at its start, and
 * a ring's structures where the seeds have them.
 */
#include <stdlib.h>
#include <string.h>

#include "../../dumpmsg/log.h"
#include "err.h"
#include "kinfo.h"
#include "space.h"
#include "vmcore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { FORMAT = 7, HUGE_LOG = 8, BIG_ENDIAN_LOG = 16, HOLE = 32 };
enum { LOG_BUF_LEN = 8 };
enum { MEMORY = 32768, HOLE_BYTES = 64 };
#define BASE UINT64_C(0xc0000000)

#define BUFFER "SYMBOL(log_buf)=c0000000\nSYMBOL(log_buf_len)=c0000008\n"
#define ENDS "SYMBOL(log_first_idx)=c0000010\nSYMBOL(log_next_idx)=c0000018\n"
#define RECORD(name) "OFFSET(" name ".ts_nsec)=0\nOFFSET(" name ".len)=8\n" \
	"OFFSET(" name ".text_len)=10\nOFFSET(" name ".dict_len)=12\n"
#define RING(word, size, text_ring) \
	"SYMBOL(prb)=c0000010\nSYMBOL(clear_seq)=c0000020\nSIZE(atomic_long_t)=" #word "\n" \
	"OFFSET(atomic_long_t.counter)=0\nSIZE(prb_desc)=" #size "\n" \
	"OFFSET(prb_desc.state_var)=0\nOFFSET(prb_desc.text_blk_lpos)=" #word "\n" \
	"OFFSET(prb_data_blk_lpos.begin)=0\nOFFSET(prb_data_blk_lpos.next)=" #word "\n" \
	"SIZE(printk_info)=88\nOFFSET(printk_info.seq)=0\nOFFSET(printk_info.ts_nsec)=8\n" \
	"OFFSET(printk_info.text_len)=16\nOFFSET(printk_info.caller_id)=20\n" \
	"OFFSET(printk_ringbuffer.desc_ring)=0\n" \
	"OFFSET(printk_ringbuffer.text_data_ring)=" #text_ring "\n" \
	"OFFSET(printk_info.dev_info)=24\nOFFSET(dev_printk_info.subsystem)=0\n" \
	"LENGTH(printk_info_subsystem)=16\nOFFSET(dev_printk_info.device)=16\n" \
	"LENGTH(printk_info_device)=48\nOFFSET(latched_seq.val)=8\n"
#define RING_PARTS(word, two, three, four) \
	"OFFSET(prb_desc_ring.count_bits)=0\nOFFSET(prb_desc_ring.descs)=" #word "\n" \
	"OFFSET(prb_desc_ring.infos)=" #two "\nOFFSET(prb_desc_ring.head_id)=" #three "\n" \
	"OFFSET(prb_desc_ring.tail_id)=" #four "\n" \
	"OFFSET(prb_data_ring.size_bits)=0\nOFFSET(prb_data_ring.data)=" #word "\n"

static const char *const infos[] = {
	"OSRELEASE=2.6.24\nSIZE(list_head)=16\n" BUFFER
		"SYMBOL(log_end)=c0000010\nSYMBOL(logged_chars)=c0000018\n",
	"OSRELEASE=3.4.0\nSIZE(list_head)=16\n" BUFFER "SYMBOL(log_end)=c0000010\n",
	"OSRELEASE=3.5.0\nSIZE(list_head)=16\n" BUFFER ENDS,
	"OSRELEASE=3.10.0\nSIZE(list_head)=8\n" BUFFER ENDS "SIZE(log)=16\n" RECORD("log"),
	"OSRELEASE=5.4.0\nSIZE(list_head)=16\n" BUFFER ENDS "SYMBOL(clear_idx)=c0000020\n"
		"SIZE(printk_log)=20\nOFFSET(printk_log.caller_id)=16\n" RECORD("printk_log"),
	RING(8, 24, 40) RING_PARTS(8, 16, 24, 32),
	RING(4, 12, 20) RING_PARTS(4, 8, 12, 16),
	RING(8, 24, 40) RING_PARTS(8, 16, 24, 32),
};

static uint8_t memory[MEMORY];
static uint64_t hole, hole_end;

static int read_memory(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	(void)vm;
	if (len > MEMORY || phys > MEMORY - len)
		return fail(ERR_CORRUPT, "no such memory");
	if (hole < phys + len && phys < hole_end)
		return fail(ERR_CORRUPT, "not in the dump");
	memcpy(buf, memory + phys, len);
	return 0;
}

static const struct vmcore_ops ops = { .name = "fuzz", .read = read_memory };

static void require(bool fact)
{
	if (!fact)
		abort();
}

/* a number made of all that a record says; 0: the log ended */
static uint64_t take(struct log *log)
{
	uint64_t sum = 1;
	struct record r;

	if (log_next(log, &r) != 1)
		return 0;
	require(r.loss <= LOSS_DAMAGED);
	if (r.loss)
		return 2 + r.loss + 8 * r.lost;
	require(r.level < 8 && r.len <= MEMORY);
	require(memchr(r.subsystem, 0, sizeof r.subsystem) && memchr(r.device, 0, sizeof r.device));
	for (size_t i = 0; i < r.len; i++)
		sum = sum * 31 + (uint8_t)r.text[i];
	return (sum * 31 + r.seq * 7 + r.ts_nsec + r.level + r.facility) | 1;
}

static void read_log(struct space *sp)
{
	uint64_t first = 0, second = 0, n = 0, sum;
	struct log log;

	if (log_open(&log, sp) == 0) {
		while ((sum = take(&log))) {
			first = first * 17 + sum;
			require(++n <= MEMORY + 1);
		}
		require(log_rewind(&log) == 0);
		while ((sum = take(&log)))
			second = second * 17 + sum;
		require(first == second);
		require(log_find_caller(&log) == 0);
	}
	log_close(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct vmcore vm = { .ops = &ops, .page_size = 4096 };
	struct space sp = { .vm = &vm, .nlinear = 1 };
	const char *info;

	if (len < 2)
		return 0;
	info = infos[data[0] & FORMAT];
	vm.swap = (data[0] & BIG_ENDIAN_LOG) != 0;
	hole = hole_end = 0;
	if (data[0] & HOLE) {
		hole = data[1] * (uint64_t)HOLE_BYTES;
		hole_end = hole + HOLE_BYTES;
	}
	len = len - 2 < MEMORY ? len - 2 : MEMORY;
	memset(memory, 0, sizeof memory);
	memcpy(memory, data + 2, len);
	/* a log of 2 GiB that is not there takes a while, and teaches nothing */
	if (!(data[0] & HUGE_LOG))
		memset(memory + LOG_BUF_LEN + (vm.swap ? 0 : 2), 0, 2);
	sp.linear[0].virt = BASE;
	sp.linear[0].len = MEMORY;
	if (kinfo_open(&vm.info, info, strlen(info)) == 0)
		read_log(&sp);
	kinfo_close(&vm.info);
	return 0;
}
