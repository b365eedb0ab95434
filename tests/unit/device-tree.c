/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/device-tree.c */
#include "../../kexec-load/device-tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "unit.h"

#ifdef HAVE_fdt
#include <libfdt.h>

static const struct device_tree wish = {
	.cmdline = "console=ttyAMA0 nr_cpus=1",
	.initrd = { .start = 0x142600000, .end = 0x142912345 },
	.elfcorehdr = { .start = 0x142a00000, .end = 0x142a00400 },
	.usable = { { .start = 0x140000000, .end = 0x150000000 },
		    { .start = 0x60000000, .end = 0x68000000 } },
};

/* a tree as QEMU hands it over, to a kernel that kexec has started; cells 0: none named */
static size_t build(uint8_t *tree, size_t room, unsigned cells, bool chosen)
{
	assert_int_equal(fdt_create(tree, (int)room), 0);
	fdt_add_reservemap_entry(tree, 0x44000000, 0x312345);	/* initrd */
	fdt_add_reservemap_entry(tree, 0x49000000, 0x10000);	/* somebody else's */
	fdt_finish_reservemap(tree);
	fdt_begin_node(tree, "");
	if (cells > 0) {
		fdt_property_u32(tree, "#address-cells", cells);
		fdt_property_u32(tree, "#size-cells", cells);
	}
	fdt_property_string(tree, "compatible", "linux,dummy-virt");
	if (chosen) {
		fdt_begin_node(tree, "chosen");
		fdt_property_string(tree, "bootargs", "root=/dev/vda1 crashkernel=256M");
		fdt_property_u32(tree, "linux,initrd-start", 0x44000000);
		fdt_property_u32(tree, "linux,initrd-end", 0x44312345);
		fdt_property_u64(tree, "kaslr-seed", 0);
		fdt_property_u64(tree, "linux,uefi-system-table", 0x7f000018);
		fdt_property_u64(tree, "linux,elfcorehdr", 1);
		fdt_property_u64(tree, "linux,usable-memory-range", 2);
		fdt_property_string(tree, "stdout-path", "/pl011@9000000");
		fdt_end_node(tree);
	}
	fdt_begin_node(tree, "pl011@9000000");
	fdt_end_node(tree);
	fdt_end_node(tree);
	assert_int_equal(fdt_finish(tree), 0);
	return fdt_totalsize(tree);
}

static void assert_cells(const void *tree, const char *name, size_t n, const uint32_t *want)
{
	int len;
	const uint8_t *p = fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), name, &len);

	assert_non_null(p);
	assert_int_equal(len, n * 4);
	for (size_t i = 0; i < n; i++, p += 4)
		assert_int_equal((uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3], want[i]);
}

static bool is_reserved(const void *tree, uint64_t at, uint64_t len)
{
	uint64_t start, size;

	for (int i = 0; i < fdt_num_mem_rsv(tree); i++)
		if (fdt_get_mem_rsv(tree, i, &start, &size) == 0 && start == at && size == len)
			return true;
	return false;
}

static void changes(void **state)
{
	uint8_t old[4096], *tree, *again;
	size_t len, oldlen = build(old, sizeof old, 2, true);
	int n;

	(void)state;
	assert_int_equal(device_tree_make(&wish, old, oldlen, &tree, &len), 0);
	assert_int_equal(fdt_check_full(tree, len), 0);

	int chosen = fdt_path_offset(tree, "/chosen");
	assert_string_equal(fdt_getprop(tree, chosen, "bootargs", NULL), wish.cmdline);
	assert_string_equal(fdt_getprop(tree, chosen, "stdout-path", NULL), "/pl011@9000000");
	assert_cells(tree, "linux,initrd-start", 2, (uint32_t[]){ 1, 0x42600000 });
	assert_cells(tree, "linux,initrd-end", 2, (uint32_t[]){ 1, 0x42912345 });
	assert_cells(tree, "linux,elfcorehdr", 4, (uint32_t[]){ 1, 0x42a00000, 0, 0x400 });
	assert_cells(tree, "linux,usable-memory-range", 8,
		     (uint32_t[]){ 1, 0x40000000, 0, 0x10000000, 0, 0x60000000, 0, 0x8000000 });
	assert_cells(tree, "linux,uefi-system-table", 2, (uint32_t[]){ 0, 0x7f000018 });
	assert_cells(tree, "linux,booted-from-kexec", 0, NULL);
	assert_non_null(fdt_getprop(tree, chosen, "kaslr-seed", &n));
	assert_int_equal(n, 8);
	assert_non_null(fdt_getprop(tree, chosen, "rng-seed", &n));
	assert_int_equal(n, 128);
	assert_true(fdt_path_offset(tree, "/pl011@9000000") > 0);

	assert_int_equal(fdt_num_mem_rsv(tree), 3);
	assert_true(is_reserved(tree, 0x142600000, 0x312345));
	assert_true(is_reserved(tree, 0x142a00000, 0x400));
	assert_true(is_reserved(tree, 0x49000000, 0x10000));

	/* the same again: only a reservation of the elfcorehdr is added, seeds are fresh */
	size_t more;
	assert_int_equal(device_tree_make(&wish, tree, len, &again, &more), 0);
	assert_int_equal(more, len + 16);
	assert_memory_not_equal(fdt_getprop(tree, chosen, "rng-seed", NULL),
				fdt_getprop(again, fdt_path_offset(again, "/chosen"), "rng-seed",
					    NULL), 128);
	free(tree);
	free(again);
}

static void without(void **state)
{
	struct device_tree dt = wish;
	uint8_t old[4096], *tree;
	size_t len, oldlen = build(old, sizeof old, 2, false);
	int n;

	(void)state;
	dt.initrd = dt.usable[1] = (struct range){ 0 };
	dt.cmdline = "";
	assert_int_equal(device_tree_make(&dt, old, oldlen, &tree, &len), 0);
	int chosen = fdt_path_offset(tree, "/chosen");
	assert_null(fdt_getprop(tree, chosen, "linux,initrd-start", &n));
	assert_null(fdt_getprop(tree, chosen, "linux,initrd-end", &n));
	assert_string_equal(fdt_getprop(tree, chosen, "bootargs", NULL), "");
	assert_cells(tree, "linux,usable-memory-range", 4,
		     (uint32_t[]){ 1, 0x40000000, 0, 0x10000000 });
	free(tree);
}

/* where the root node counts one cell, addresses above 4 GiB cannot be written */
static void one_cell(void **state)
{
	struct device_tree dt = {
		.cmdline = "", .elfcorehdr = { .start = 0x62000000, .end = 0x62000400 },
		.usable = { { .start = 0x60000000, .end = 0x68000000 } },
	};
	uint8_t old[4096], *tree;
	size_t len, oldlen = build(old, sizeof old, 1, true);

	(void)state;
	assert_int_equal(device_tree_make(&dt, old, oldlen, &tree, &len), 0);
	assert_cells(tree, "linux,elfcorehdr", 2, (uint32_t[]){ 0x62000000, 0x400 });
	free(tree);
	assert_int_equal(device_tree_make(&wish, old, oldlen, &tree, &len), -1);
	assert_int_equal(err_code(), ERR_CORRUPT);
	assert_null(tree);
}

/* bytes that are no tree, or not all of one: an error, and no more */
static void damaged(void **state)
{
	uint8_t old[4096], bad[4096], *tree;
	size_t len, oldlen = build(old, sizeof old, 2, true);
	uint64_t seed = 3;

	(void)state;
	for (size_t n = 0; n < oldlen; n++)
		assert_int_equal(device_tree_make(&wish, old, n, &tree, &len), -1);
	for (int i = 0; i < 20000; i++) {
		memcpy(bad, old, oldlen);
		for (int k = 0; k < 3; k++)
			bad[unit_random(&seed) % oldlen] = (uint8_t)unit_random(&seed);
		if (device_tree_make(&wish, bad, oldlen, &tree, &len))
			assert_null(tree);
		else
			assert_true(len <= DEVICE_TREE_MAX);
		free(tree);
	}
}

static void too_long(void **state)
{
	static char line[DEVICE_TREE_MAX];
	struct device_tree dt = wish;
	uint8_t old[4096], *tree;
	size_t len, oldlen = build(old, sizeof old, 2, true);

	(void)state;
	memset(line, 'x', sizeof line - 1);
	dt.cmdline = line;
	assert_int_equal(device_tree_make(&dt, old, oldlen, &tree, &len), -1);
	assert_int_equal(err_code(), ERR_UNKNOWN);
}

static void put_file(const char *path, const void *bytes, size_t len)
{
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static void reads(void **state)
{
	char root[] = "/tmp/device-tree.XXXXXX", path[64];
	uint8_t old[4096], *tree;
	size_t len, oldlen = build(old, sizeof old, 2, true);

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(device_tree_read(root, &tree, &len), -1);
	assert_int_equal(err_code(), ERR_SYS);
	snprintf(path, sizeof path, "%s/sys", root);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/sys/firmware", root);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/sys/firmware/fdt", root);
	put_file(path, old, oldlen);
	assert_int_equal(device_tree_read(root, &tree, &len), 0);
	assert_int_equal(len, oldlen);
	assert_memory_equal(tree, old, len);
	free(tree);
	put_file(path, old, oldlen - 1);
	assert_int_equal(device_tree_read(root, &tree, &len), -1);
	assert_int_equal(err_code(), ERR_CORRUPT);
	assert_null(tree);
	uint8_t *large = calloc(1, DEVICE_TREE_MAX + 1);
	put_file(path, large, DEVICE_TREE_MAX + 1);
	free(large);
	assert_int_equal(device_tree_read(root, &tree, &len), -1);
	assert_int_equal(err_code(), ERR_CORRUPT);
	unlink(path);
	for (int i = 0; i < 3; i++) {
		*strrchr(path, '/') = '\0';
		rmdir(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes),
		cmocka_unit_test(without),
		cmocka_unit_test(one_cell),
		cmocka_unit_test(damaged),
		cmocka_unit_test(too_long),
		cmocka_unit_test(reads),
	};

	return RUN(tests);
}

#else

static void refuses(void **state)
{
	struct device_tree dt = { .cmdline = "" };
	uint8_t *tree;
	size_t len;

	(void)state;
	assert_int_equal(device_tree_read(NULL, &tree, &len), -1);
	assert_int_equal(err_code(), ERR_UNKNOWN);
	assert_int_equal(device_tree_make(&dt, NULL, 0, &tree, &len), -1);
	assert_null(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(refuses) };

	return RUN(tests);
}

#endif
