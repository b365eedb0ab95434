/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/purgatory.c kexec-load/purgatory-image.S */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <openssl/sha.h>

#include "../../kexec-load/layout.h"
#include "../../kexec-load/purgatory.h"
#include "unit.h"

static const char *here(void)
{
	static struct utsname name;

	assert_int_equal(uname(&name), 0);
	return name.machine;
}

/* is this a machine that one is built for? */
static bool built(void)
{
	return strcmp(here(), "x86_64") == 0 || strcmp(here(), "aarch64") == 0;
}

static void sizes(void **state)
{
	(void)state;
	assert_int_equal(purgatory_size("s390x"), 0);
	assert_int_equal(purgatory_size(""), 0);
	assert_int_equal(purgatory_size(strcmp(here(), "x86_64") == 0 ? "aarch64" : "x86_64"), 0);
	if (built())
		assert_in_range(purgatory_size(here()), 1024, 8192);
	else
		assert_int_equal(purgatory_size(here()), 0);
}

static struct layout invented(void)
{
	static _Alignas(8) uint8_t one[10000], two[8], three[4096];
	struct layout ly = { .n = 5 };

	memset(one, 1, sizeof one);
	memset(two, 2, sizeof two);
	memset(three, 3, sizeof three);
	ly.seg[0] = (struct layout_segment){ "elfcorehdr", three, sizeof three, 0x1000000, 8192, true };
	ly.seg[1] = (struct layout_segment){ "kernel", one, sizeof one, 0x2000000, 1 << 20, false };
	ly.seg[2] = (struct layout_segment){ "zeros", NULL, 0, 0x3000000, 4096, false };
	ly.seg[3] = (struct layout_segment){ "boot parameters", two, 8, 0x4000000, 4096, false };
	ly.seg[4] = (struct layout_segment){ "a name of more letters", three, 4095, 0x5000000, 4096, false };
	return ly;
}

static struct told told_in(const uint8_t *bytes)
{
	struct told told;

	memcpy(&told, bytes + TOLD_AT, sizeof told);
	return told;
}

static void is_region(const struct told_region *r, const struct layout_segment *seg)
{
	uint8_t digest[32];

	assert_int_equal(r->addr, seg->at);
	assert_int_equal(r->len, seg->len);
	assert_memory_equal(r->name, seg->what, strnlen(r->name, sizeof r->name));
	assert_in_range(strnlen(r->name, sizeof r->name), 1, sizeof r->name - 1);
	SHA256(seg->bytes, seg->len, digest);
	assert_memory_equal(r->digest, digest, sizeof digest);
}

static void block(void **state)
{
	const struct purgatory_job job = {
		.kernel = 0x123456789abc, .argument = 0xfedcba987654,
		.serial = { PURGATORY_8250_MMIO32, 0xfe201040, 2 }, .talk = true,
	};
	struct layout ly = invented();

	(void)state;
	if (!built())
		skip();
	uint8_t *bytes = purgatory_make(here(), &job, &ly), sum[32];

	assert_non_null(bytes);
	struct told told = told_in(bytes);

	assert_int_equal(told.magic, TOLD_MAGIC);
	assert_int_equal(told.kernel, job.kernel);
	assert_int_equal(told.argument, job.argument);
	assert_int_equal(told.port_kind, PURGATORY_8250_MMIO32);
	assert_int_equal(told.port_addr, 0xfe201040);
	assert_int_equal(told.port_shift, 2);
	assert_int_equal(told.talk, 1);
	/* neither what the kernel rewrites, nor what has no bytes */
	assert_int_equal(told.regions, 3);
	is_region(&told.region[0], &ly.seg[1]);
	is_region(&told.region[1], &ly.seg[3]);
	is_region(&told.region[2], &ly.seg[4]);
	SHA256((const uint8_t *)&told.kernel, sizeof told - offsetof(struct told, kernel), sum);
	assert_memory_equal(told.sum, sum, sizeof sum);
	free(bytes);
}

static void no_checks(void **state)
{
	const struct purgatory_job job = { .kernel = 1, .argument = 2, .no_checks = true };
	struct layout ly = invented();

	(void)state;
	if (!built())
		skip();
	uint8_t *bytes = purgatory_make(here(), &job, &ly);

	assert_non_null(bytes);
	struct told told = told_in(bytes);

	assert_int_equal(told.kernel, 1);
	assert_int_equal(told.regions, 0);
	assert_int_equal(told.talk, 0);
	free(bytes);
}

static void refusals(void **state)
{
	const struct purgatory_job job = { .kernel = 1 };
	struct layout ly = invented();

	(void)state;
	assert_null(purgatory_make("s390x", &job, &ly));
	assert_failed(ERR_UNKNOWN, "built without a purgatory for s390x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(block),
		cmocka_unit_test(no_checks),
		cmocka_unit_test(refusals),
	};

	return RUN(tests);
}
