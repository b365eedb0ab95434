/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An arm64 machine of a few pages of memory, made by the test that includes this. */
#ifndef SPACE_ARM64_H
#define SPACE_ARM64_H

#include <elf.h>
#include <string.h>

#include "arch.h"
#include "space.h"
#include "unit.h"
#include "vmcore.h"

enum { IMAGE = 32 << 16, VALID = 1, TABLE = 3 };
#define BIT(n)		(UINT64_C(1) << (n))
#define HIGH_64K	(UINT64_C(0xb) << 48)	/* an address of 52 bits */
#define HIGH_LPA2	(UINT64_C(3) << 50 | BIT(49))

/* physical memory: the same few pages at 0, and where 52 bits are needed to say so */
static uint8_t image[IMAGE];

static int image_read(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	uint64_t at = phys;

	(void)vm;
	if (phys >> 48 == HIGH_64K >> 48 || phys >> 48 == HIGH_LPA2 >> 48)
		at = phys & (BIT(48) - 1);
	if (at >= IMAGE || len > IMAGE - at)
		return fail(ERR_CORRUPT, "no memory at %#llx", (unsigned long long)phys);
	memcpy(buf, image + at, len);
	return 0;
}

static const struct vmcore_ops image_ops = { .name = "image", .read = image_read };

static inline struct vmcore machine(const char *keys, struct vmcore_load *loads, size_t nloads)
{
	struct vmcore vm = {
		.ops = &image_ops, .machine = EM_AARCH64, .loads = loads, .nloads = nloads,
	};

	assert_int_equal(kinfo_open(&vm.info, keys, strlen(keys)), 0);
	vm.page_size = vm.info.page_size ? vm.info.page_size : 4096;
	vm.page_shift = (unsigned)__builtin_ctz(vm.page_size);
	vm.npfns = BIT(32) >> vm.page_shift;
	return vm;
}

static inline void put64(uint64_t at, uint64_t v)
{
	memcpy(image + at, &v, sizeof v);
}

static inline void clear(void)
{
	memset(image, 0, sizeof image);
}

static inline uint64_t at(struct space *sp, uint64_t virt)
{
	uint64_t got = 0, len = 0;

	if (space_translate(sp, virt, &got, &len))
		fail_msg("%#llx: %s", (unsigned long long)virt, err_text());
	assert_true(len > 0);
	return got;
}

static inline void nowhere(struct space *sp, uint64_t virt)
{
	uint64_t got;

	if (space_translate(sp, virt, &got, NULL) == 0)
		fail_msg("%#llx is at %#llx", (unsigned long long)virt, (unsigned long long)got);
	assert_int_equal(err_code(), ERR_CORRUPT);
}

#define CLOSE() kinfo_close(&vm.info)
#define LEN(array) (sizeof(array) / sizeof *(array))

#endif
