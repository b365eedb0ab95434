/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: crashreserve/klog.c */
#include <string.h>

#include "../../crashreserve/klog.h"
#include "tree.h"

static struct klog take(const char *line)
{
	struct klog log = { .state = KLOG_NONE };

	klog_take(&log, line);
	return log;
}

/* every line that kernels 5.10 to 7.2 have for it */
static void kinds(void **state)
{
	static const struct {
		enum klog_kind kind;
		const char *text;
	} cases[] = {
		{ KLOG_RESERVED, "crashkernel reserved: 0x000000006f000000 - 0x000000007f000000 (256 MB)" },
		{ KLOG_RESERVED, "crashkernel low memory reserved: 0x60000000 - 0x68000000 (128 MB)" },
		{ KLOG_RESERVED, "crashkernel CMA reserved: 256 MB in 1 ranges" },
		{ KLOG_RESERVED, "Reserving 256MB of memory at 2784MB for crashkernel (System RAM: 6143MB)" },
		{ KLOG_RESERVED, "Reserving 256MB of low memory at 2784MB for crashkernel (low RAM limit: 4096MB)" },
		{ KLOG_REFUSED, "cannot allocate crashkernel (size:0x1e000000)" },
		{ KLOG_REFUSED, "cannot allocate crashkernel low memory (size:0x10000000)." },
		{ KLOG_REFUSED, "Cannot reserve 256MB crashkernel low memory, please try smaller size." },
		{ KLOG_REFUSED, "crashkernel reservation failed - memory is in use." },
		{ KLOG_REFUSED, "crashkernel reservation failed - No suitable area found." },
		{ KLOG_REFUSED, "crashkernel: memory value expected" },
		{ KLOG_REFUSED, "crashkernel: '-' expected" },
		{ KLOG_REFUSED, "crashkernel: end <= start" },
		{ KLOG_REFUSED, "crashkernel: invalid size" },
		{ KLOG_REFUSED, "crashkernel: unrecognized char: ," },
		{ KLOG_REFUSED, "crashkernel size resulted in zero bytes" },
		{ KLOG_REFUSED, "crashkernel CMA reservation not supported" },
		{ KLOG_REFUSED, "Ignoring crashkernel for a Xen PV domain" },
		{ KLOG_OTHER, "something about crashkernel" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct klog log = take(cases[i].text);

		assert_int_equal(log.n, 1);
		assert_int_equal(log.lines[0].kind, cases[i].kind);
		assert_string_equal(log.lines[0].text, cases[i].text);
	}
}

static void prefixes(void **state)
{
	static const char *const prefix[] = { "", "[    0.000000] ", "<6>", "<4>[    1.5] ",
		"[    0.000000][    T0] ", "<0>[12345.678901][ C12] " };
	char line[100];

	(void)state;
	for (size_t i = 0; i < sizeof prefix / sizeof prefix[0]; i++) {
		snprintf(line, sizeof line, "%scrashkernel: invalid size\n", prefix[i]);
		struct klog log = take(line);

		assert_int_equal(log.n, 1);
		assert_string_equal(log.lines[0].text, "crashkernel: invalid size");
	}
}

static void not_meant(void **state)
{
	static const char *const lines[] = { "", "<", "<6", "<6>", "<x>crashkernel: y", "[", "[ 0.0",
		"<12>crashkernel: a program's", "Command line: crashkernel=1M",
		"Kernel command line: ro crashkernel=1M crashkernel", "crashkernel=1M",
		"usb 1-1: new", "<99999999999999999999>crashkernel: x" };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_int_equal(take(lines[i]).n, 0);
}

static void limits(void **state)
{
	struct klog log = { .state = KLOG_NONE };
	char line[2000] = "crashkernel: \001\033\377";

	(void)state;
	memset(line + 16, 'x', sizeof line - 17);
	for (int i = 0; i < 100; i++)
		klog_take(&log, line);
	assert_int_equal(log.n, KLOG_LINES);
	assert_int_equal(strlen(log.lines[0].text), KLOG_TEXT - 1);
	assert_memory_equal(log.lines[0].text, "crashkernel: ???xxx", 19);
}

static void saved(void **state)
{
	char *root = tree_make();
	struct klog log;

	(void)state;
	klog_read(&log, root);
	assert_int_equal(log.state, KLOG_NONE);
	assert_string_equal(log.source, "/var/log/dmesg");
	assert_null(klog_last(&log, KLOG_REFUSED));

	tree_put(root, "/var/log/dmesg", "[    0.000000] Linux version 6.12\n"
		 "[    0.000000] crashkernel: invalid size\n[    0.1] crashkernel: end <= start\n"
		 "[    0.2] crashkernel reserved: 0x1 - 0x2 (1 MB)");
	klog_read(&log, root);
	assert_int_equal(log.state, KLOG_READ);
	assert_int_equal(log.n, 3);
	assert_string_equal(klog_last(&log, KLOG_REFUSED), "crashkernel: end <= start");
	assert_string_equal(klog_last(&log, KLOG_RESERVED), "crashkernel reserved: 0x1 - 0x2 (1 MB)");

	/* arm64 begins so; a log that begins with anything else was cut */
	tree_put(root, "/var/log/dmesg", "[    0.000000] Booting Linux on physical CPU 0x0\n");
	klog_read(&log, root);
	assert_int_equal(log.state, KLOG_READ);
	tree_put(root, "/var/log/dmesg", "[ 1000.000000] usb\ncrashkernel: invalid size\n");
	klog_read(&log, root);
	assert_int_equal(log.state, KLOG_CUT);
	assert_int_equal(log.n, 1);
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(not_meant),
		cmocka_unit_test(limits),
		cmocka_unit_test(saved),
	};

	return RUN(tests);
}
