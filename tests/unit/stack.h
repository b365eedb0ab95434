/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine's code, tables and stacks in a few pages, made by the test that includes this. */
#ifndef STACK_H
#define STACK_H

#include <elf.h>
#include <string.h>

#include "../../dumpmsg/regs.h"
#include "../../dumpmsg/unwind-parts.h"
#include "peek.h"
#include "space.h"
#include "symbols.h"
#include "unit.h"
#include "vmcore.h"

enum {
	PAGES = 1 << 18, STACK_SIZE = 1 << 14,
	/* where things are in memory */
	TEXT_AT = 0, IP_AT = 0x10000, ENTRY_AT = 0x14000, MODULE_AT = 0x18000, TASK_AT = 0x20000,
	IRQ_AT = 0x28000,
};
#define TEXT	UINT64_C(0xffffffff81000000)
#define IPS	(TEXT + IP_AT)
#define ENTRIES	(TEXT + ENTRY_AT)
#define MODULE	(UINT64_C(0xffffffffc0000000))
#define TASK	UINT64_C(0xffffc90000010000)
#define IRQ	UINT64_C(0xffffc90000000000)

static uint8_t image[PAGES];
static struct vmcore vm;
static struct space space;
static struct module module;
static struct symbols symbols;
static struct unwinder u;
static struct trace trace;

static int image_read(struct vmcore *of, void *buf, size_t len, uint64_t phys)
{
	(void)of;
	if (phys >= PAGES || len > PAGES - phys)
		return fail(ERR_CORRUPT, "no memory at %#llx", (unsigned long long)phys);
	memcpy(buf, image + phys, len);
	return 0;
}

static const struct vmcore_ops image_ops = { .name = "image", .read = image_read };

/* a machine with a module, and with no tables yet */
static inline void begin(uint16_t machine)
{
	memset(image, 0, sizeof image);
	vm = (struct vmcore){ .ops = &image_ops, .machine = machine, .page_size = 4096,
			      .page_shift = 12, .npfns = PAGES >> 12 };
	space = (struct space){ .vm = &vm };
	space_add_linear(&space, TEXT, TASK_AT, TEXT_AT);
	space_add_linear(&space, MODULE, 0x4000, MODULE_AT);
	space_add_linear(&space, TASK, STACK_SIZE, TASK_AT);
	space_add_linear(&space, IRQ, STACK_SIZE, IRQ_AT);
	module = (struct module){ .name = "m", .part = { { MODULE, 0x4000, 0x4000 } } };
	symbols = (struct symbols){
		.sp = &space, .modules = { .sp = &space, .module = &module, .n = 1 },
	};
	peek_open(&symbols.modules.peek_symbols, &space);
	peek_open(&symbols.modules.peek_names, &space);
	u = (struct unwinder){
		.sp = &space, .s = &symbols, .text = { { TEXT, TEXT + 0x8000 } },
		.image = { .ip = IPS, .entries = ENTRIES },
	};
	memset(&trace, 0xee, sizeof trace);
}

static inline void put(uint64_t virt, const void *bytes, size_t len)
{
	uint64_t phys, room;

	if (space_translate(&space, virt, &phys, &room))
		fail_msg("%#llx: %s", (unsigned long long)virt, err_text());
	assert_true(len <= room);
	memcpy(image + phys, bytes, len);
}

static inline void put64(uint64_t virt, uint64_t v)
{
	put(virt, &v, sizeof v);
}

/* the trace is these addresses; ends so */
static inline void expect(enum trace_end end, const uint64_t *pc, size_t n)
{
	for (size_t i = 0; i < n && i < trace.n; i++)
		if (trace.frame[i].pc != pc[i])
			fail_msg("frame %zu is %#llx, not %#llx (%s)", i,
				 (unsigned long long)trace.frame[i].pc,
				 (unsigned long long)pc[i], trace.why);
	if (trace.n != n || trace.end != end)
		fail_msg("%zu frames, not %zu, end %d: %s", trace.n, n, (int)trace.end, trace.why);
	assert_int_equal(trace.why[0] != '\0', end == TRACE_BROKEN);
}

#define EXPECT(end, ...) do { \
	const uint64_t pc_[] = { __VA_ARGS__ }; \
	expect(end, pc_, sizeof pc_ / sizeof *pc_); \
} while (0)

#define BROKEN(words) do { \
	assert_int_equal(trace.end, TRACE_BROKEN); \
	if (!strstr(trace.why, words)) \
		fail_msg("\"%s\" does not say \"%s\"", trace.why, words); \
} while (0)

#endif
