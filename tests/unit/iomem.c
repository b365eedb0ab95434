/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iomem.h"
#include "tree.h"

static int open_text(struct iomem *im, const char *text)
{
	char *root = tree_make();

	tree_put(root, "/proc/iomem", text);
	int result = iomem_open(im, root);

	tree_remove(root);
	return result;
}

static void expect_range(const struct range *r, uint64_t start, uint64_t end)
{
	assert_int_equal(r->start, start);
	assert_int_equal(r->end, end);
	assert_int_equal(r->at, start);
}

/* as a machine of 2 GiB prints it, with a low and a high reservation */
static void a_machine(void **state)
{
	struct iomem im;

	(void)state;
	assert_int_equal(open_text(&im,
		"00000000-00000fff : Reserved\n"
		"00001000-0009fbff : System RAM\n"
		"000a0000-000bffff : PCI Bus 0000:00\n"
		"00100000-7ffdcfff : System RAM\n"
		"  26000000-26ffffff : Kernel code\n"
		"  6e000000-7dffffff : Crash kernel\n"
		"7ffdd000-7fffffff : Reserved\n"
		"fec00000-fec003ff : IOAPIC 0\n"
		"100000000-1bfffffff : System RAM\n"
		"  19f000000-1beffffff : Crash kernel\n"
		"200000000-23fffffff : CXL Window 0\n"
		"  200000000-23fffffff : dax0.0\n"
		"    200000000-23fffffff : System RAM (kmem)\n"
		"fffffffffff00000-ffffffffffffffff : top\n"), 0);
	assert_false(im.hidden);
	assert_int_equal(im.ram.n, 4);
	expect_range(&im.ram.r[0], 0x1000, 0x9fc00);
	expect_range(&im.ram.r[1], 0x100000, 0x7ffdd000);
	expect_range(&im.ram.r[2], 0x100000000, 0x1c0000000);
	expect_range(&im.ram.r[3], 0x200000000, 0x240000000);
	assert_int_equal(im.crash.n, 2);
	expect_range(&im.crash.r[0], 0x6e000000, 0x7e000000);
	expect_range(&im.crash.r[1], 0x19f000000, 0x1bf000000);
	iomem_close(&im);
	assert_int_equal(im.ram.n, 0);
	iomem_close(&im);
}

/* what a shrunk reservation gave back is System RAM inside System RAM: counted once */
static void shrunk(void **state)
{
	struct iomem im;

	(void)state;
	assert_int_equal(open_text(&im,
		"00100000-7fffffff : System RAM\n"
		"  6e000000-75ffffff : Crash kernel\n"
		"  76000000-7dffffff : System RAM\n"
		"80000000-80ffffff : System RAM banana\n"
		"81000000-81ffffff : System RAMP\n"
		"82000000-82ffffff : Crash kernel (boot alias)\n"), 0);
	assert_int_equal(im.ram.n, 1);
	expect_range(&im.ram.r[0], 0x100000, 0x81000000);
	assert_int_equal(im.crash.n, 1);
	iomem_close(&im);
}

static void hidden(void **state)
{
	struct iomem im;

	(void)state;
	assert_int_equal(open_text(&im,
		"00000000-00000000 : Reserved\n"
		"00000000-00000000 : System RAM\n"
		"  00000000-00000000 : Crash kernel\n"), 0);
	assert_true(im.hidden);
	assert_int_equal(im.ram.n, 0);
	assert_int_equal(im.crash.n, 0);
	iomem_close(&im);
	assert_int_equal(open_text(&im, ""), 0);
	assert_false(im.hidden);
	assert_int_equal(im.ram.n, 0);
	iomem_close(&im);
}

static void lines(void **state)
{
	struct iomem_reader rd;
	struct iomem_line line;
	char *root = tree_make();

	(void)state;
	tree_put(root, "/proc/iomem",
		 "00000000-0000000f : first\n"
		 "    00000001-00000002 :  : odd - name : 1-2\n"
		 "0-ffffffffffffffff : PCI mem");
	assert_int_equal(iomem_begin(&rd, root), 0);
	assert_int_equal(iomem_next(&rd, &line), 1);
	assert_int_equal(line.depth, 0);
	assert_int_equal(line.start, 0);
	assert_int_equal(line.end, 16);
	assert_string_equal(line.name, "first");
	assert_int_equal(iomem_next(&rd, &line), 1);
	assert_int_equal(line.depth, 2);
	assert_int_equal(line.start, 1);
	assert_int_equal(line.end, 3);
	assert_string_equal(line.name, " : odd - name : 1-2");
	assert_int_equal(iomem_next(&rd, &line), 1);
	assert_int_equal(line.end, UINT64_MAX);
	assert_string_equal(line.name, "PCI mem");
	assert_int_equal(iomem_next(&rd, &line), 0);
	assert_int_equal(iomem_next(&rd, &line), 0);
	iomem_end(&rd);
	iomem_end(&rd);
	tree_remove(root);
}

static void damaged(void **state)
{
	static const char *const bad[] = {
		"\n",
		"System RAM\n",
		"00000000-0000000f\n",
		"00000000-0000000f System RAM\n",
		"0000000f-00000000 : System RAM\n",
		"-0000000f : System RAM\n",
		"00000000- : System RAM\n",
		"00000000 : System-RAM\n",
		"0x0-0xf : System RAM\n",
		"\t0-f : System RAM\n",
		"0-10000000000000000 : System RAM\n",
		"0-f :System RAM\n",
	};
	struct iomem im;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char text[128];

		snprintf(text, sizeof text, "0-f : Crash kernel\n1000-1fff : System RAM\n%s", bad[i]);
		assert_int_equal(open_text(&im, text), -1);
		assert_failed(ERR_CORRUPT, "/proc/iomem: line 3: not a range");
		assert_null(im.ram.r);
		assert_null(im.crash.r);
	}
	char *root = tree_make();

	assert_int_equal(iomem_open(&im, root), -1);
	assert_failed(ERR_SYS, "/proc/iomem: No such file");
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine),
		cmocka_unit_test(shrunk),
		cmocka_unit_test(hidden),
		cmocka_unit_test(lines),
		cmocka_unit_test(damaged),
	};

	return RUN(tests);
}
