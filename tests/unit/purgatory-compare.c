/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/purgatory/compare.c */
/* What the purgatory says, with a port that writes it down. */
#include <stdio.h>
#include <string.h>

#include "../../kexec-load/purgatory/compare.h"
#include "../../kexec-load/purgatory/hardware.h"
#include "../../kexec-load/purgatory/port.h"
#include "../../lib/sha256.h"
#include "../../kexec-load/told.h"
#include "unit.h"

static unsigned blocks_left;	/* until the time is up */

static void counted(uint32_t state[8], const uint8_t *bytes, uint64_t n)
{
	assert_int_equal((uintptr_t)bytes % 16, 0);
	assert_int_equal((uintptr_t)state % 16, 0);
	for (; n > 0 && blocks_left > 0; n--, blocks_left--, bytes += 64)
		sha256_portable(state, bytes, 1);
}

sha256_blocks *fastest_sha256(void)
{
	return counted;
}

bool time_is_up(void)
{
	return blocks_left == 0;
}

static char said[4096];
static size_t len, room;
static unsigned tried, drained;

bool port_put(const struct told *told, char c)
{
	(void)told;
	tried++;
	if (len >= room)
		return false;
	said[len++] = c;
	said[len] = '\0';
	return true;
}

void port_drain(const struct told *told)
{
	(void)told;
	drained++;
}

static _Alignas(16) uint8_t kernel[1008], initrd[4096], params[64];

static void tell_region(struct told *told, const char *name, const uint8_t *bytes, size_t n)
{
	struct told_region *r = &told->region[told->regions++];

	r->addr = (uintptr_t)bytes;
	r->len = n;
	strcpy(r->name, name);
	sha256(bytes, n, r->digest);
}

static void tell_sum(struct told *told)
{
	const uint8_t *from = (const uint8_t *)&told->kernel;

	sha256(from, (uint64_t)((const uint8_t *)(told + 1) - from), told->sum);
}

/* three regions as they were loaded */
static struct told loaded(void)
{
	struct told told = { .magic = TOLD_MAGIC };

	memset(kernel, 1, sizeof kernel);
	memset(initrd, 2, sizeof initrd);
	memset(params, 3, sizeof params);
	tell_region(&told, "kernel", kernel, sizeof kernel);
	tell_region(&told, "initrd", initrd, sizeof initrd);
	tell_region(&told, "boot parameters", params, sizeof params);
	tell_sum(&told);
	return told;
}

static const char *compared(const struct told *told, size_t takes)
{
	blocks_left = 1000;
	len = tried = drained = 0;
	said[0] = '\0';
	room = takes;
	compare(told);
	return said;
}

static void nothing_changed(void **state)
{
	struct told told = loaded();

	(void)state;
	assert_string_equal(compared(&told, 4000), "");
	assert_int_equal(tried, 0);
	assert_int_equal(drained, 0);
	told.talk = 1;
	tell_sum(&told);
	assert_string_equal(compared(&told, 4000),
			    "\r\nkexec-load: purgatory: nothing has changed\r\n");
	assert_int_equal(drained, 1);
	/* what was not to be compared is not */
	told.regions = 0;
	tell_sum(&told);
	initrd[5] ^= 1;
	assert_non_null(strstr(compared(&told, 4000), "nothing has been compared"));
}

static void one_changed(void **state)
{
	struct told told = loaded();
	char expected[200];

	(void)state;
	/* any bit of any byte */
	for (size_t i = 0; i < sizeof initrd; i += i < 70 ? 1 : 401) {
		initrd[i] ^= (uint8_t)(1 << i % 8);
		snprintf(expected, sizeof expected, "\r\nkexec-load: purgatory: initrd at 0x%llx"
			 " has changed since it was loaded"
			 "\r\nkexec-load: purgatory: starting the capture kernel all the same\r\n",
			 (unsigned long long)(uintptr_t)initrd);
		assert_string_equal(compared(&told, 4000), expected);
		assert_int_equal(drained, 1);
		initrd[i] ^= (uint8_t)(1 << i % 8);
	}
	assert_string_equal(compared(&told, 4000), "");
}

static void all_changed(void **state)
{
	struct told told = loaded();
	const char *text;

	(void)state;
	kernel[1007] = 0;
	initrd[0] = 0;
	params[63] = 0;
	text = compared(&told, 4000);
	for (unsigned i = 0; i < 3; i++) {
		text = strstr(text, told.region[i].name);
		assert_non_null(text);
	}
}

/* a port that stops is left alone after one more try */
static void port_dies(void **state)
{
	struct told told = loaded();
	size_t whole;

	(void)state;
	kernel[0] = params[0] = 0;
	compared(&told, 4000);
	whole = len;
	for (size_t takes = 0; takes < whole; takes++) {
		compared(&told, takes);
		assert_int_equal(len, takes);
		assert_int_equal(tried, takes + 1);
		assert_int_equal(drained, 0);
	}
}

/* the kernel is compared, the initrd only in part: it does not count as changed */
static void too_slow(void **state)
{
	struct told told = loaded();
	const char *text;

	(void)state;
	kernel[0] = params[0] = 0;
	len = tried = drained = 0;
	room = 4000;
	blocks_left = sizeof told / 64 + 1 + sizeof kernel / 64 + 1 + 10;
	compare(&told);
	text = strstr(said, "kernel at 0x");
	assert_non_null(text);
	assert_non_null(strstr(text, "has changed"));
	text = strstr(text, "initrd at 0x");
	assert_non_null(text);
	text = strstr(text, "and what follows is not compared: that takes too long here");
	assert_non_null(text);
	assert_null(strstr(text, "changed"));
	assert_non_null(strstr(text, "starting the capture kernel all the same\r\n"));
	assert_int_equal(drained, 1);
	/* not even the block: nothing in it is believed */
	len = tried = drained = 0;
	blocks_left = 3;
	compare(&told);
	assert_int_equal(tried, 0);
}

/* where the block itself has changed, nothing it says is believed */
static void block_changed(void **state)
{
	struct told told = loaded();
	uint8_t *bytes = (uint8_t *)&told;

	(void)state;
	initrd[0] = 0;
	for (size_t i = offsetof(struct told, sum); i < sizeof told; i++) {
		bytes[i] ^= 0x80;
		assert_string_equal(compared(&told, 4000), "");
		assert_int_equal(tried, 0);
		bytes[i] ^= 0x80;
	}
	assert_non_null(strstr(compared(&told, 4000), "initrd"));
	told.regions = TOLD_REGIONS + 1;
	tell_sum(&told);
	assert_string_equal(compared(&told, 4000), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changed),
		cmocka_unit_test(one_changed),
		cmocka_unit_test(all_changed),
		cmocka_unit_test(port_dies),
		cmocka_unit_test(too_slow),
		cmocka_unit_test(block_changed),
	};

	return RUN(tests);
}
