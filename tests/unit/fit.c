/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/fit.c */
#include <string.h>

#include "../../kexec-load/fit.h"
#include "unit.h"

#define MIB ((uint64_t)1 << 20)

/* Debian's 6.12 cloud kernel and an initrd of 3 MB, as its own log told the placement */
static const struct fit_need real = {
	.headers = 0xe00b0, .params = 0x1021, .kernel = 0x37dc000, .align = 0x200000,
	.lowest = 0x1000000, .initrd = 3000000,
};

static struct range region(uint64_t start, uint64_t len)
{
	return (struct range){ .start = start, .end = start + len };
}

/*
 * The same kernel was seen to load at 60 MiB and to refuse (EADDRNOTAVAIL) at 59, and
 * with Debian's 7.2 at 65 and 64, 6.1 at 56 and 55, 5.10 at 50 and 49.
 */
static void real_kernels(void **state)
{
	static const struct { uint64_t headers, kernel, enough, start; } kernels[] = {
		{ 0xe00b0, 0x37dc000, 60, 0x1f000000 },
		{ 0xe00b0, 0x3c3b000, 65, 0x21000000 },
		{ 344, 0x3378000, 56, 0x26000000 },
		{ 344, 0x2d5e000, 50, 0x27000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
		struct fit_need need = real;
		uint64_t enough = kernels[i].enough * MIB;

		need.headers = kernels[i].headers;
		need.kernel = kernels[i].kernel;
		assert_true(fit_compute(&need, region(kernels[i].start, enough)).fits);
		struct fit fit = fit_compute(&need, region(kernels[i].start, enough - MIB));

		assert_false(fit.fits);
		assert_int_equal(fit.missing, MIB);
	}
}

/* what is said to be missing is what is missing, for any region */
static void missing(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct fit_need need = {
			.headers = unit_random(&seed) % (2 * MIB),
			.params = unit_random(&seed) % 8192,
			.kernel = unit_random(&seed) % (128 * MIB),
			.align = (uint64_t)4096 << unit_random(&seed) % 13,
			.lowest = MIB << unit_random(&seed) % 6,
			.initrd = unit_random(&seed) % (256 * MIB),
		};
		struct range r = region((1 + unit_random(&seed) % 64) * 16 * MIB,
					4096 * (1 + unit_random(&seed) % 65536));
		struct fit fit = fit_compute(&need, r);

		assert_int_equal(fit.fits, fit.missing == 0);
		assert_true(fit.used >= need.headers + need.kernel + need.initrd);
		if (fit.fits) {
			assert_true(fit.used <= r.end - r.start);
			continue;
		}
		r.end += fit.missing;
		assert_true(fit_compute(&need, r).fits);
		r.end -= MIB;
		assert_false(fit_compute(&need, r).fits);
	}
}

/* sizes of Debian's 7.2 cloud kernel for arm64; the region begins at 2 MiB's multiple */
static void arm64(void **state)
{
	struct fit_need need = {
		.order = FIT_ARM64, .headers = 0x1000, .params = 0x2000, .kernel = 40 * MIB,
		.align = 2 * MIB, .initrd = 5 * MIB,
	};
	struct fit fit = fit_compute(&need, region(0x40000000, 48 * MIB));

	(void)state;
	/* initrd up to 45 MiB, device tree at 46, elfcorehdr just below 48 */
	assert_true(fit.fits);
	assert_int_equal(fit.used, 45 * MIB + 0x3000);
	/* at 46 MiB the tree would begin at 44, in the initrd */
	fit = fit_compute(&need, region(0x40000000, 46 * MIB));
	assert_false(fit.fits);
	assert_int_equal(fit.missing, MIB);
	need.initrd = 4 * MIB;
	assert_true(fit_compute(&need, region(0x40000000, 46 * MIB)).fits);
	/* a region that begins between two multiples of 2 MiB loses what is below the next */
	assert_false(fit_compute(&need, region(0x40010000, 46 * MIB)).fits);
	need.headers = UINT64_MAX;
	assert_false(fit_compute(&need, region(0x40000000, 46 * MIB)).fits);

	uint64_t seed = 9;
	for (int i = 0; i < 2000; i++) {
		need.headers = unit_random(&seed) % (2 * MIB);
		need.params = unit_random(&seed) % (2 * MIB);
		need.kernel = unit_random(&seed) % (128 * MIB);
		need.initrd = unit_random(&seed) % (256 * MIB);
		struct range r = region(unit_random(&seed) % 4096 * MIB,
					65536 * (1 + unit_random(&seed) % 4096));

		fit = fit_compute(&need, r);
		assert_int_equal(fit.fits, fit.missing == 0);
		if (fit.fits)
			continue;
		r.end += fit.missing;
		assert_true(fit_compute(&need, r).fits);
		r.end -= MIB;
		assert_false(fit_compute(&need, r).fits);
	}
}

static void limits(void **state)
{
	struct fit_need need = real;

	(void)state;
	/* the gap above the kernel takes an initrd that has no place below */
	need.initrd = 0;
	uint64_t tight = 0x1f000000 + 0xe1000;
	struct range r = region(0x1f000000, (tight + 0x200000 - 0x1f000000) / 0x200000 *
				0x200000 + 0x37dc000 + 0x200000);
	assert_true(fit_compute(&need, r).fits);

	/* below 16 MiB there is no place for an initrd, nor for this kernel */
	assert_false(fit_compute(&real, region(MIB, 15 * MIB)).fits);
	assert_true(fit_compute(&real, region(MIB, 100 * MIB)).fits);

	/* numbers that nobody means */
	need.headers = UINT64_MAX;
	assert_false(fit_compute(&need, region(MIB, 100 * MIB)).fits);
	need.headers = UINT64_MAX - 8191;
	assert_false(fit_compute(&need, region(MIB, 100 * MIB)).fits);
	need = real;
	need.lowest = UINT64_MAX;
	assert_false(fit_compute(&need, region(MIB, 100 * MIB)).fits);
	assert_false(fit_compute(&real, (struct range){ UINT64_MAX - 4096, UINT64_MAX, 0 }).fits);
	assert_false(fit_compute(&real, (struct range){ 0, 1, 0 }).fits);
	need = real;
	need.align = (uint64_t)1 << 31;
	need.kernel = UINT32_MAX;
	need.initrd = (uint64_t)4 << 30;
	struct fit fit = fit_compute(&need, region(16 * MIB, 256 * MIB));
	assert_false(fit.fits);
	assert_true(fit.missing > 0);
}

/* the parts that are foretold lie apart from each other, in the region, where they may */
static void places(void **state)
{
	uint64_t seed = 11;
	unsigned fitting = 0;

	(void)state;
	for (int i = 0; i < 4000; i++) {
		struct fit_need need = {
			.order = i % 2 ? FIT_ARM64 : FIT_X86_64,
			.headers = 1 + unit_random(&seed) % MIB,
			.params = 1 + unit_random(&seed) % 8192,
			.kernel = 1 + unit_random(&seed) % (64 * MIB),
			.align = (uint64_t)4096 << unit_random(&seed) % 10,
			.lowest = MIB,
			.initrd = unit_random(&seed) % (64 * MIB),
		};
		struct range r = region((1 + unit_random(&seed) % 64) * 16 * MIB, 160 * MIB);
		struct fit fit = fit_compute(&need, r);

		fitting += fit.fits;
		assert_true(fit.fits ? fit.n >= 3 + (need.initrd > 0) : fit.n == 0);
		for (unsigned a = 0; a < fit.n; a++) {
			const struct fit_place *p = &fit.place[a];

			assert_true(p->at >= r.start && p->at + p->size <= r.end);
			assert_int_equal(p->at % 4096, 0);
			if (strcmp(p->what, "kernel") == 0)
				assert_int_equal(p->at % need.align, 0);
			for (unsigned b = 0; b < a; b++)
				assert_true(p->at + p->size <= fit.place[b].at ||
					    fit.place[b].at + fit.place[b].size <= p->at);
		}
	}
	assert_true(fitting > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_kernels),
		cmocka_unit_test(missing),
		cmocka_unit_test(arm64),
		cmocka_unit_test(limits),
		cmocka_unit_test(places),
	};

	return RUN(tests);
}
