/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: crashreserve/estimate.c crashreserve/tables.c */
#include <string.h>

#include "../../crashreserve/estimate.h"
#include "../../crashreserve/tables.h"
#include "unit.h"

#define MIB(n) ((uint64_t)(n) << 20)
#define KIB(n) ((uint64_t)(n) << 10)
#define GIB(n) ((uint64_t)(n) << 30)

/*
 * Debian's cloud kernels, what they were crashed with (KiB), and the smallest reservation
 * that captured, the largest that did not (MiB): found by tests/vm/crash.
 */
static const struct seen {
	const char *kernel;
	uint64_t init_size, kernel_size, packed, unpacked, modules;
	uint64_t works, fails;
} seen[] = {
	{ "5.10", 46456, 40960, 8942, 20032, 700, 88, 84 },
	{ "5.10, large", 46456, 40960, 70410, 81472, 700, 272, 264 },
	{ "6.1", 52704, 47104, 8958, 20124, 700, 96, 92 },
	{ "6.1, large", 52704, 47104, 70412, 81564, 700, 280, 272 },
	{ "6.12", 57200, 51200, 8899, 19924, 700, 100, 96 },
	{ "6.12, large", 57200, 51200, 70350, 81364, 700, 288, 280 },
	{ "7.2", 61676, 57344, 8902, 19928, 700, 108, 104 },
	{ "7.2, large", 61676, 57344, 70350, 81368, 700, 288, 280 },
};

enum { NSEEN = sizeof seen / sizeof seen[0] };

static struct estimate_in of(const struct seen *s)
{
	return (struct estimate_in){
		.arch = "x86_64",
		.page_size = 4096,
		.init_size = KIB(s->init_size),
		.kernel_size = KIB(s->kernel_size),
		.initrd_packed = KIB(s->packed),
		.initrd_unpacked = KIB(s->unpacked),
		.modules = KIB(s->modules),
		.cmdline = "console=ttyS0 irqpoll nr_cpus=1 reset_devices panic=5",
		.ram = GIB(1),
		.cpus = 1,
		.crashed_cpus = 2,
	};
}

static void what_was_seen(void **state)
{
	struct estimate est;

	(void)state;
	for (unsigned i = 0; i < NSEEN; i++) {
		struct estimate_in in = of(&seen[i]);

		for (int known = 1; known >= 0; known--) {
			if (!known)
				in.kernel_size = 0;
			assert_int_equal(estimate_compute(&est, &in), 0);
			if (est.boot_bytes < MIB(seen[i].works))
				fail_msg("%s: %llu KiB", seen[i].kernel,
					 (unsigned long long)est.boot_bytes >> 10);
			assert_true(est.recommended >= est.boot_bytes);
			assert_true(est.recommended * 2 <= MIB(seen[i].works) * 3);
			/* "fails for certain" is true, and not far from what is */
			assert_true(est.least_bytes <= MIB(seen[i].works));
			assert_true(est.least_bytes * 10 >= MIB(seen[i].fails) * 9);
			assert_true(est.load_bytes < est.boot_bytes);
		}
	}
}

/* the lines make the sums, and each says what it is */
static void sums(void **state)
{
	struct estimate_in in = of(&seen[2]);
	struct estimate est;

	(void)state;
	for (int target = ESTIMATE_LOCAL; target <= ESTIMATE_SSH; target++) {
		uint64_t load = 0, unpack = 0, capture = 0, low = 0;

		in.target = (enum estimate_target)target;
		assert_int_equal(estimate_compute(&est, &in), 0);
		assert_true(est.nlines <= ESTIMATE_LINES);
		for (unsigned i = 0; i < est.nlines; i++) {
			const struct estimate_line *l = &est.lines[i];

			assert_true(l->what[0] && l->why[0] && l->when);
			load += l->when & ESTIMATE_LOAD ? l->bytes : 0;
			unpack += l->when & ESTIMATE_UNPACK ? l->bytes : 0;
			capture += l->when & ESTIMATE_CAPTURE ? l->bytes : 0;
			low += l->when & ESTIMATE_LOW ? l->bytes : 0;
		}
		assert_int_equal(load, est.load_bytes);
		assert_int_equal(unpack, est.unpack_bytes);
		assert_int_equal(capture, est.capture_bytes);
		assert_int_equal(low, est.low_bytes);
		assert_true(est.boot_bytes >= unpack && est.boot_bytes >= capture &&
			    est.boot_bytes >= load);
		assert_true(est.recommended_low >= MIB(72));
	}
}

static uint64_t boot_of(const struct estimate_in *in)
{
	struct estimate est;

	assert_int_equal(estimate_compute(&est, in), 0);
	return est.boot_bytes;
}

/* what needs more gets more */
static void what_counts(void **state)
{
	struct estimate_in small = of(&seen[2]), in;
	uint64_t before = boot_of(&small);

	(void)state;
	in = small;
	in.target = ESTIMATE_SSH;
	assert_true(boot_of(&in) >= before + MIB(13));
	in.target = ESTIMATE_NFS;
	assert_true(boot_of(&in) >= before + MIB(13));
	in = small;
	in.ram = GIB(256);
	assert_true(boot_of(&in) >= before + MIB(7) && boot_of(&in) <= before + MIB(9));
	in = small;
	in.cpus = 128;
	assert_true(boot_of(&in) >= before + MIB(127));
	in = small;
	in.modules = MIB(40);
	assert_true(boot_of(&in) >= before + MIB(39));
	/* no initial RAM disk at all; one of unknown contents */
	in = small;
	in.initrd_packed = in.initrd_unpacked = 0;
	assert_true(boot_of(&in) < before - MIB(19));
	in.initrd_packed = MIB(20);
	small.initrd_packed = MIB(20);
	small.initrd_unpacked = MIB(60);
	assert_int_equal(boot_of(&in), boot_of(&small));
}

/* below 4 GiB: swiotlb's 64 MiB, and on x86_64 the kernel where chance puts it there */
static void low_memory(void **state)
{
	struct estimate_in in = of(&seen[4]);
	struct estimate est;

	(void)state;
	assert_int_equal(estimate_compute(&est, &in), 0);
	assert_int_equal(est.recommended_low, MIB(128));
	in.arch = "aarch64";
	assert_int_equal(estimate_compute(&est, &in), 0);
	assert_int_equal(est.recommended_low, MIB(80));
}

/* 64 bytes a page, of sections of 512 MiB: a page is 16 times as large */
static void large_pages(void **state)
{
	struct estimate_in in = of(&seen[2]);
	uint64_t before;

	(void)state;
	in.arch = "aarch64";
	before = boot_of(&in);
	in.page_size = KIB(64);
	assert_true(boot_of(&in) < before);
	in.page_size = KIB(16);
	assert_true(boot_of(&in) < before);
}

/* the tmpfs that takes half of the memory is there unless root= is */
static void half(void **state)
{
	struct estimate_in in = of(&seen[3]);
	uint64_t limited = boot_of(&in);

	(void)state;
	in.cmdline = NULL;
	assert_int_equal(boot_of(&in), limited);
	in.cmdline = "root=/dev/sda1 ro";
	assert_true(boot_of(&in) < limited - MIB(50));
	in.cmdline = "ro root=/dev/sda1";
	assert_true(boot_of(&in) < limited - MIB(50));
	in.cmdline = "xroot=/dev/sda1 nfsroot=a";
	assert_int_equal(boot_of(&in), limited);
	in.cmdline = "root=/dev/sda1 rootfstype=tmpfs";
	assert_int_equal(boot_of(&in), limited);
	in.cmdline = "rootfstype=ramfs";
	assert_true(boot_of(&in) < limited - MIB(50));
	/* newer kernels understand it, older do not */
	in.cmdline = "initramfs_options=size=90%";
	assert_int_equal(boot_of(&in), limited);
	in.cmdline = "";
	assert_int_equal(boot_of(&in), limited);
}

static void nonsense(void **state)
{
	struct estimate_in in = of(&seen[0]);
	struct estimate est;

	(void)state;
	in.init_size = 0;
	assert_int_equal(estimate_compute(&est, &in), -1);
	assert_failed(ERR_CORRUPT, "size of the kernel is not known");
	in = of(&seen[0]);
	in.initrd_unpacked = UINT64_MAX;
	assert_int_equal(estimate_compute(&est, &in), -1);
	assert_failed(ERR_CORRUPT, "18446744073709551615 bytes cannot be");
	in = of(&seen[0]);
	in.page_size = 5000;
	assert_int_equal(estimate_compute(&est, &in), -1);
	in.page_size = KIB(128);
	assert_int_equal(estimate_compute(&est, &in), -1);
	/* the largest that is believed makes no sum overflow */
	in = of(&seen[0]);
	in.init_size = in.kernel_size = in.initrd_packed = in.initrd_unpacked = in.modules = in.ram =
		UINT64_C(1) << 56;
	in.cpus = in.crashed_cpus = UINT32_MAX;
	assert_int_equal(estimate_compute(&est, &in), 0);
	assert_true(est.boot_bytes > UINT64_C(1) << 56 && est.recommended >= est.boot_bytes);
}

static void rounding(void **state)
{
	(void)state;
	assert_int_equal(estimate_round(1), MIB(16));
	assert_int_equal(estimate_round(MIB(96)), MIB(96));
	assert_int_equal(estimate_round(MIB(96) + 1), MIB(112));
	assert_int_equal(estimate_round(MIB(256)), MIB(256));
	assert_int_equal(estimate_round(MIB(256) + 1), MIB(288));
}

static enum estimate_verdict judge(uint64_t used, uint64_t main, uint64_t low)
{
	struct estimate_in in = of(&seen[2]);
	struct estimate_judged judged;

	estimate_judge(&judged, &in, used, main, low);
	return judged.verdict;
}

static void verdicts(void **state)
{
	struct estimate_in in = of(&seen[2]);
	struct estimate_judged judged;

	(void)state;
	assert_int_equal(judge(MIB(61), MIB(256), 0), ESTIMATE_FITS);
	assert_int_equal(judge(MIB(61), MIB(96), 0), ESTIMATE_TIGHT);
	assert_int_equal(judge(MIB(61), MIB(80), 0), ESTIMATE_LOADS_ONLY);
	assert_int_equal(judge(MIB(61), MIB(64), 0), ESTIMATE_LOADS_ONLY);
	assert_int_equal(judge(MIB(61), MIB(60), 0), ESTIMATE_TOO_SMALL);
	/* not known what is used: kernel and initial RAM disk surely are */
	assert_int_equal(judge(0, MIB(64), 0), ESTIMATE_LOADS_ONLY);
	assert_int_equal(judge(0, MIB(56), 0), ESTIMATE_TOO_SMALL);
	/* low memory counts, but for swiotlb's; nothing is loaded there */
	assert_int_equal(judge(MIB(61), MIB(80), MIB(256)), ESTIMATE_FITS);
	assert_int_equal(judge(MIB(61), MIB(80), MIB(64)), ESTIMATE_LOADS_ONLY);
	assert_int_equal(judge(MIB(61), MIB(80), MIB(32)), ESTIMATE_LOADS_ONLY);
	assert_int_equal(judge(MIB(61), MIB(60), MIB(256)), ESTIMATE_TOO_SMALL);
	assert_int_equal(judge(MIB(61), 0, 0), ESTIMATE_TOO_SMALL);
	assert_int_equal(judge(MIB(61), UINT64_MAX, UINT64_MAX), ESTIMATE_FITS);

	estimate_judge(&judged, &in, MIB(61), MIB(96), 0);
	assert_int_equal(judged.usable, MIB(96));
	assert_true(judged.least <= MIB(96) && judged.wanted > MIB(96));
	in.init_size = 0;
	estimate_judge(&judged, &in, MIB(61), MIB(96), 0);
	assert_int_equal(judged.verdict, ESTIMATE_UNKNOWN);
	assert_int_equal(judged.wanted, 0);
	in = of(&seen[2]);
	in.ram = UINT64_MAX;
	estimate_judge(&judged, &in, MIB(61), MIB(96), 0);
	assert_int_equal(judged.verdict, ESTIMATE_UNKNOWN);
}

/* what was seen to fail is never said to fit, and the other way round */
static void verdicts_of_what_was_seen(void **state)
{
	struct estimate_judged judged;

	(void)state;
	for (unsigned i = 0; i < NSEEN; i++) {
		struct estimate_in in = of(&seen[i]);

		estimate_judge(&judged, &in, 0, MIB(seen[i].fails), 0);
		assert_int_not_equal(judged.verdict, ESTIMATE_FITS);
		estimate_judge(&judged, &in, 0, MIB(seen[i].works), 0);
		assert_true(judged.verdict == ESTIMATE_FITS || judged.verdict == ESTIMATE_TIGHT);
	}
}

static void the_tables(void **state)
{
	static const char *const names[] = { "rhel9", "rhel10", "fedora", "debian", "ubuntu", "suse" };
	unsigned in_all = 0, alone = 0;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		const struct table *t = NULL;

		assert_int_equal(table_check(names[i]), 0);
		assert_non_null(strstr(table_names, names[i]));
		assert_non_null(table_next(NULL, names[i], "x86_64", 4096));
		while ((t = table_next(t, names[i], "aarch64", 65536))) {
			assert_string_equal(t->name, names[i]);
			alone++;
		}
	}
	for (const struct table *t = NULL; (t = table_next(t, "all", "aarch64", 65536));)
		in_all++;
	assert_int_equal(in_all, alone);
	assert_null(table_next(NULL, "debian", "vax", 4096));
	assert_int_equal(table_check("all"), 0);
	assert_int_equal(table_check("rhel"), -1);
	assert_failed(ERR_USAGE, "debian, ubuntu");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_seen),
		cmocka_unit_test(sums),
		cmocka_unit_test(what_counts),
		cmocka_unit_test(low_memory),
		cmocka_unit_test(large_pages),
		cmocka_unit_test(half),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(rounding),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(verdicts_of_what_was_seen),
		cmocka_unit_test(the_tables),
	};

	return RUN(tests);
}
