/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dead machine of a few pages, in memory; its memory is mapped at IMAGE_DIRECT. */
#ifndef IMAGE_H
#define IMAGE_H

#include <string.h>

#include "arch.h"
#include "memmap.h"
#include "space.h"
#include "unit.h"
#include "vmcore.h"

enum { IMAGE = 64 * 4096 };
#define IMAGE_DIRECT UINT64_C(0xffff888000000000)
#define IMAGE_LOST   UINT64_C(0xffffc90000000000)	/* not mapped */

static uint8_t image[IMAGE];	/* physical memory from 0 on */

struct machine {
	struct vmcore vm;
	struct space sp;
	struct memmap mm;
};

static int image_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	(void)vm;
	if (phys >= IMAGE || len > IMAGE - phys)
		return fail(ERR_CORRUPT, "no memory at %#llx", (unsigned long long)phys);
	memcpy(buf, image + phys, len);
	return 0;
}

static unsigned image_section_bits(const struct space *sp)
{
	(void)sp;
	return 27;
}

static const struct vmcore_ops image_ops = { .name = "image", .read = image_read };
static const struct arch image_arch = {
	.section_size_bits = image_section_bits, .physmem_bits = { 46, 44, 52, 40 },
};

static inline void put64(uint64_t at, uint64_t v)
{
	memcpy(image + at, &v, sizeof v);
}

static int image_clear(void **state)
{
	(void)state;
	memset(image, 0, sizeof image);
	return 0;
}

/* what memmap_open() says; kinfo_close(&m->vm.info) afterwards */
static inline int image_open(struct machine *m, const char *keys, uint16_t machine,
			     uint64_t npfns)
{
	*m = (struct machine){
		.vm = { .ops = &image_ops, .machine = machine, .page_size = 4096,
			.page_shift = 12, .npfns = npfns },
		.sp = { .vm = &m->vm, .arch = &image_arch, .nlinear = 1,
			.linear = { { IMAGE_DIRECT, npfns << 12, 0 } } },
	};
	assert_int_equal(kinfo_open(&m->vm.info, keys, strlen(keys)), 0);
	return memmap_open(&m->mm, &m->sp);
}

#define IMAGE_TEST(name) cmocka_unit_test_setup(name, image_clear)

#endif
