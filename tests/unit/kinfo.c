/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "kinfo.h"
#include "unit.h"

/* what a value is left at when there is nothing to find */
#define UNTOUCHED UINT64_C(0x5a5a5a5a5a5a5a5a)

static struct kinfo info_of(const char *text)
{
	struct kinfo ki;

	assert_int_equal(kinfo_open(&ki, text, strlen(text)), 0);
	return ki;
}

/* one line, and what each function makes of it */
static bool number_of(const char *value, int64_t *number)
{
	char text[128];
	bool found;

	snprintf(text, sizeof text, "NUMBER(n)=%s\n", value);
	struct kinfo ki = info_of(text);

	*number = (int64_t)UNTOUCHED;
	found = kinfo_number(&ki, "n", number);
	kinfo_close(&ki);
	if (!found)
		assert_true(*number == (int64_t)UNTOUCHED);
	return found;
}

static void numbers(void **state)
{
	static const struct { const char *text; int64_t value; } good[] = {
		{ "0", 0 }, { "7", 7 }, { "-128", -128 }, { "-129", -129 }, { "007", 7 },
		{ "4026531840", 4026531840 }, { "-268435457", -268435457 },
		{ "9223372036854775807", INT64_MAX }, { "-9223372036854775808", INT64_MIN },
		{ "0x0", 0 }, { "0x2f", 0x2f }, { "0xABCdef", 0xabcdef }, { "-0", 0 },
		{ "0xffff800000000000", -0x800000000000 }, { "0xffffffffffffffff", -1 },
	};
	static const char *const bad[] = {
		"", "-", "--1", "+1", " 1", "1 ", "1x", "x", "0x", "-0x1", "0xg", "0x1 ", "1.5",
		"ff", "9223372036854775808", "-9223372036854775809", "18446744073709551616",
		"0x10000000000000000", "99999999999999999999999999", "1\r",
	};
	int64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		if (!number_of(good[i].text, &n))
			fail_msg("NUMBER(n)=%s is not taken", good[i].text);
		assert_true(n == good[i].value);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (number_of(bad[i], &n))
			fail_msg("NUMBER(n)=%s is taken for %lld", bad[i], (long long)n);
}

/* symbols and offsets of the kernel have no 0x; others have their own functions */
static void hexadecimal(void **state)
{
	struct kinfo ki = info_of("SYMBOL(a)=ffffffff81e00000\n"
				  "SYMBOL(upper)=FFFFFFFF81E00000\n"
				  "SYMBOL(zero)=0\n"
				  "SYMBOL(prefixed)=0xffffffff81e00000\n"
				  "SYMBOL(long)=1ffffffff81e00000\n"
				  "SYMBOL(empty)=\n"
				  "SYMBOL(minus)=-1\n"
				  "KERNELOFFSET=1a000000\n"
				  "NUMBER(kimage_voffset)=0xffff800008000000\n");
	static const char *const bad[] = {
		"zero", "prefixed", "long", "empty", "minus", "missing", "", "(a)", "a)",
	};
	uint64_t v;
	int64_t n;

	(void)state;
	assert_true(kinfo_symbol(&ki, "a", &v));
	assert_true(v == 0xffffffff81e00000);
	assert_true(kinfo_symbol(&ki, "upper", &v));
	assert_true(v == 0xffffffff81e00000);
	v = UNTOUCHED;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (kinfo_symbol(&ki, bad[i], &v))
			fail_msg("SYMBOL(%s) is %llx", bad[i], (unsigned long long)v);
	assert_true(v == UNTOUCHED);
	assert_true(kinfo_hex(&ki, "KERNELOFFSET", &v));
	assert_true(v == 0x1a000000);
	assert_true(kinfo_number(&ki, "kimage_voffset", &n));
	assert_true(n == (int64_t)0xffff800008000000);
	kinfo_close(&ki);
}

static void each_kind_by_itself(void **state)
{
	struct kinfo ki = info_of("SIZE(x)=1\nOFFSET(x)=2\nLENGTH(x)=3\nNUMBER(x)=4\nSYMBOL(x)=5\n"
				  "SIZE(y)=0x40\nOFFSET(y)=-8\nLENGTH(y)=18446744073709551616\n");
	uint64_t v;
	int64_t n;

	(void)state;
	assert_true(kinfo_size(&ki, "x", &v) && v == 1);
	assert_true(kinfo_offset(&ki, "x", &v) && v == 2);
	assert_true(kinfo_length(&ki, "x", &v) && v == 3);
	assert_true(kinfo_number(&ki, "x", &n) && n == 4);
	assert_true(kinfo_symbol(&ki, "x", &v) && v == 5);
	v = UNTOUCHED;
	assert_false(kinfo_size(&ki, "y", &v));
	assert_false(kinfo_offset(&ki, "y", &v));
	assert_false(kinfo_length(&ki, "y", &v));
	assert_true(v == UNTOUCHED);
	kinfo_close(&ki);
}

/* a key is a whole line's beginning, up to "=": neither a part of a longer one nor inside */
static void keys_that_are_parts_of_others(void **state)
{
	struct kinfo ki = info_of("SYMBOL(mem_section_long)=11\n"
				  " SYMBOL(mem_section)=22\n"
				  "XSYMBOL(mem_section)=33\n"
				  "KERNELOFFSETS=44\n"
				  "NOTE=SYMBOL(mem_section)=55\n"
				  "SYMBOL(mem_section)\n"
				  "SYMBOL(mem)=77\n");
	uint64_t v = UNTOUCHED;

	(void)state;
	assert_false(kinfo_symbol(&ki, "mem_section", &v));
	assert_false(kinfo_hex(&ki, "KERNELOFFSET", &v));
	assert_false(kinfo_hex(&ki, "KERNELOFFSET=", &v));
	assert_true(v == UNTOUCHED);
	assert_true(kinfo_symbol(&ki, "mem", &v) && v == 0x77);
	assert_true(kinfo_symbol(&ki, "mem_section_long", &v) && v == 0x11);
	kinfo_close(&ki);
}

static void the_first_of_two_counts(void **state)
{
	struct kinfo ki = info_of("\n\nNUMBER(a)=1\n\nNUMBER(a)=2\n");
	int64_t n;

	(void)state;
	assert_true(kinfo_number(&ki, "a", &n) && n == 1);
	kinfo_close(&ki);
}

static void strings(void **state)
{
	struct kinfo ki = info_of("EMPTY=\nBUILD-ID=0123\nEQUALS=a=b\nLAST=no newline");
	const char *s;
	size_t n = 99;

	(void)state;
	s = kinfo_string(&ki, "EMPTY", &n);
	assert_non_null(s);
	assert_int_equal(n, 0);
	s = kinfo_string(&ki, "EQUALS", &n);
	assert_int_equal(n, 3);
	assert_memory_equal(s, "a=b", 3);
	s = kinfo_string(&ki, "LAST", &n);
	assert_int_equal(n, 10);
	assert_memory_equal(s, "no newline", 10);
	assert_null(kinfo_string(&ki, "BUILD", &n));
	assert_null(kinfo_string(&ki, "", &n));
	kinfo_close(&ki);
}

/* the note is cut: at any byte what is left is read, and nothing past it */
static void cut_anywhere(void **state)
{
	static const char text[] = "OSRELEASE=6.1.0\nPAGESIZE=4096\nNUMBER(a)=12\nSYMBOL(b)=ff";

	(void)state;
	for (size_t len = 0; len < sizeof text; len++) {
		struct kinfo ki;
		uint64_t v = 0;
		int64_t n = 0;

		assert_int_equal(kinfo_open(&ki, text, len), 0);
		assert_int_equal(ki.page_size, len >= 29 ? 4096 : 0);
		assert_true(kinfo_number(&ki, "a", &n) == (len >= 41));
		assert_true(n == (len < 41 ? 0 : len == 41 ? 1 : 12));
		assert_true(kinfo_symbol(&ki, "b", &v) == (len >= 54));
		assert_true(v == (len < 54 ? 0 : len == 54 ? 0xf : 0xff));
		kinfo_close(&ki);
	}
}

static void text_ends_at_nul(void **state)
{
	static const char text[] = "NUMBER(a)=1\n\0NUMBER(b)=2\n";
	struct kinfo ki;
	int64_t n;

	(void)state;
	assert_int_equal(kinfo_open(&ki, text, sizeof text - 1), 0);
	assert_int_equal(ki.len, 12);
	assert_true(kinfo_number(&ki, "a", &n) && n == 1);
	assert_false(kinfo_number(&ki, "b", &n));
	kinfo_close(&ki);
}

static void releases(void **state)
{
	static const struct { const char *release; unsigned version; } known[] = {
		{ "6.12.117+deb12", KINFO_VERSION(6, 12, 117) },
		{ "2.6.32-754.el6", KINFO_VERSION(2, 6, 32) },
		{ "3.10.0-1160.el7.x86_64", KINFO_VERSION(3, 10, 0) },
		{ "5.14.0-427.13.1.el9_4", KINFO_VERSION(5, 14, 0) },
		{ "6.6", KINFO_VERSION(6, 6, 0) }, { "6.6-rc3", KINFO_VERSION(6, 6, 0) },
		{ "7", KINFO_VERSION(7, 0, 0) }, { "6.1.", KINFO_VERSION(6, 1, 0) },
		{ "4.19.325", KINFO_VERSION(4, 19, 255) },
		{ "4.9.99999999999999999999", KINFO_VERSION(4, 9, 255) },
		{ "", 0 }, { "linux", 0 }, { "-6.1.0", 0 }, { ".6.1", 0 },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		snprintf(text, sizeof text, "OSRELEASE=%s\n", known[i].release);
		struct kinfo ki = info_of(text);

		assert_string_equal(ki.release, known[i].release);
		if (ki.version != known[i].version)
			fail_msg("%s is version %#x", known[i].release, ki.version);
		kinfo_close(&ki);
	}
	memset(text, 'r', sizeof text);
	memcpy(text, "OSRELEASE=6.1.0", 15);
	/* it is printed, perhaps on a terminal */
	struct kinfo odd = info_of("OSRELEASE=6.1\033[2J\302\233x y\n");

	assert_string_equal(odd.release, "6.1?[2J??x y");
	assert_int_equal(odd.version, KINFO_VERSION(6, 1, 0));
	kinfo_close(&odd);
	for (size_t len = 74; len <= 76; len++) {	/* 64, 65 and 66 bytes of a release */
		text[len] = '\0';
		struct kinfo ki = info_of(text);

		assert_int_equal(strlen(ki.release), len == 74 ? 64 : 0);
		assert_int_equal(ki.version, len == 74 ? KINFO_VERSION(6, 1, 0) : 0);
		text[len] = 'r';
		kinfo_close(&ki);
	}
}

static void page_sizes(void **state)
{
	static const struct { const char *line; uint32_t size; } lines[] = {
		{ "PAGESIZE=4096\n", 4096 }, { "PAGESIZE=65536\n", 65536 },
		{ "PAGESIZE=262144", 262144 }, { "PAGESIZE=524288\n", 0 },
		{ "PAGESIZE=2048\n", 0 }, { "PAGESIZE=4097\n", 0 }, { "PAGESIZE=12288\n", 0 },
		{ "PAGESIZE=0\n", 0 }, { "PAGESIZE=\n", 0 }, { "PAGESIZE=-4096\n", 0 },
		{ "PAGESIZE=0x1000\n", 0 }, { "PAGESIZE=4294971392\n", 0 },
		{ "PAGESIZE=18446744073709555712\n", 0 }, { "PAGESIZE=4096 \n", 0 }, { "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct kinfo ki = info_of(lines[i].line);

		if (ki.page_size != lines[i].size)
			fail_msg("%s: pages of %u bytes", lines[i].line, ki.page_size);
		kinfo_close(&ki);
	}
}

static void crash_times(void **state)
{
	static const struct { const char *line; int64_t seconds; } lines[] = {
		{ "CRASHTIME=1700000000\n", 1700000000 }, { "CRASHTIME=", 0 },
		{ "CRASHTIME=9223372036854775807\n", INT64_MAX },
		{ "CRASHTIME=9223372036854775808\n", 0 }, { "CRASHTIME=-1\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct kinfo ki = info_of(lines[i].line);

		assert_true(ki.crash_time == lines[i].seconds);
		kinfo_close(&ki);
	}
}

static void limits(void **state)
{
	static char large[KINFO_MAX + 1];
	char name[200];
	struct kinfo ki;
	uint64_t v = UNTOUCHED;

	(void)state;
	memset(large, 'x', sizeof large);
	assert_int_equal(kinfo_open(&ki, large, sizeof large), -1);
	assert_failed(ERR_CORRUPT, "VMCOREINFO of 1048577 bytes");
	kinfo_close(&ki);
	assert_int_equal(kinfo_open(&ki, large, KINFO_MAX), 0);
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_false(kinfo_symbol(&ki, name, &v));
	assert_false(kinfo_hex(&ki, name, &v));
	kinfo_close(&ki);
	/* a dump without the note: the struct is zeroed */
	assert_false(kinfo_symbol(&ki, "a", &v));
	assert_true(v == UNTOUCHED);
	kinfo_close(&ki);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(hexadecimal),
		cmocka_unit_test(each_kind_by_itself),
		cmocka_unit_test(keys_that_are_parts_of_others),
		cmocka_unit_test(the_first_of_two_counts),
		cmocka_unit_test(strings),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(text_ends_at_nul),
		cmocka_unit_test(releases),
		cmocka_unit_test(page_sizes),
		cmocka_unit_test(crash_times),
		cmocka_unit_test(limits),
	};

	return RUN(tests);
}
