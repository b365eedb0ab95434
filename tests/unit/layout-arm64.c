/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/layout-arm64.c kexec-load/layout-x86_64.c kexec-load/memory-map.c kexec-load/layout.c kexec-load/boot-params.c kexec-load/efi.c kexec-load/device-tree.c kexec-load/text-arm64.c kexec-load/elfcorehdr.c kexec-load/running.c kexec-load/kcore.c kexec-load/purgatory.c kexec-load/purgatory-serial.c kexec-load/purgatory-image.S kexec-load/cmdline.c kexec-load/rules.c kexec-load/rules-builtin.c */
#include "../../kexec-load/layout.h"

#include <elf.h>
#include <unistd.h>

#include "../../kexec-load/load.h"
#include "../../kexec-load/machine.h"
#include "../../kexec-load/running.h"
#include "err.h"
#include "kernel-file.h"
#include "tree.h"

#ifdef HAVE_fdt
#include <libfdt.h>

#define MIB ((uint64_t)1 << 20)
#define REGION UINT64_C(0x140000000)
#define LINEAR UINT64_C(0xffff000000000000)
#define VOFFSET UINT64_C(0xffff7fffc0000000)

/* /proc/kcore: VMCOREINFO, and the direct mapping of all memory */
static void put_kcore(const char *root)
{
	static const char text[] = "OSRELEASE=6.1.0\nPAGESIZE=4096\n"
				   "NUMBER(kimage_voffset)=0xffff7fffc0000000\n";
	uint8_t file[1024] = { 0 }, *note = file + 64 + 2 * 56;

	memcpy(file, "\x7f" "ELF\2\1\1", 7);
	put(file, 16, ET_CORE, 2);
	put(file, 18, EM_AARCH64, 2);
	put(file, 20, 1, 4);
	put(file, 32, 64, 8);
	put(file, 52, 64, 2);
	put(file, 54, 56, 2);
	put(file, 56, 2, 2);
	put(file, 64, PT_NOTE, 4);
	put(file, 64 + 8, (uint64_t)(note - file), 8);
	put(file, 64 + 32, 12 + 12 + (sizeof text + 3) / 4 * 4, 8);
	put_load(file, 1, 4096, 0x80000000, 0x80000000, 0x40000000, LINEAR + 0x40000000);
	put_load(file, 1, 4096, 0x100000000, 0x100000000, 0x40000000, LINEAR);
	put(note, 0, 11, 4);
	put(note, 4, sizeof text - 1, 4);
	memcpy(note + 12, "VMCOREINFO", 11);
	memcpy(note + 24, text, sizeof text - 1);
	tree_put_bytes(root, "/proc/kcore", file, sizeof file);
}

static void put_device_tree(const char *root)
{
	uint8_t tree[1024];

	assert_int_equal(fdt_create(tree, sizeof tree), 0);
	fdt_finish_reservemap(tree);
	fdt_begin_node(tree, "");
	fdt_property_u32(tree, "#address-cells", 2);
	fdt_property_u32(tree, "#size-cells", 2);
	fdt_end_node(tree);
	assert_int_equal(fdt_finish(tree), 0);
	tree_put_bytes(root, "/sys/firmware/fdt", tree, fdt_totalsize(tree));
}

/* 4 GiB from 1 GiB on; low and high reservation, as on a machine in QEMU */
static char *put_machine(const char *high)
{
	char *root = tree_make(), iomem[512];

	snprintf(iomem, sizeof iomem, "40000000-13fffffff : System RAM\n"
		 "  40200000-4209ffff : Kernel code\n  422f0000-427bffff : Kernel data\n"
		 "  f4000000-fbffffff : Crash kernel\n"
		 "140000000-%s : System RAM\n  140000000-%s : Crash kernel\n", high, high);
	tree_put(root, "/proc/iomem", iomem);
	tree_put(root, "/sys/kernel/vmcoreinfo", "0x000000004236a000 1024\n");
	tree_put(root, "/sys/devices/system/cpu/cpu0/crash_notes", "6fe35000\n");
	tree_put(root, "/sys/devices/system/cpu/cpu0/crash_notes_size", "424\n");
	put_kcore(root);
	put_device_tree(root);
	return root;
}

struct setup {
	char *root;
	struct load ld;
	struct machine m;
};

static void set_up(struct setup *s, const char *high, uint64_t text_offset)
{
	uint8_t image[ARM64_IMAGE];
	static char line[] = "console=none nr_cpus=1";

	*s = (struct setup){ .root = put_machine(high) };
	make_arm64(image);
	put(image, 8, text_offset, 8);
	s->m = (struct machine){ .root = s->root, .arch = "aarch64" };
	s->m.region = (struct range){ REGION, strtoull(high, NULL, 16) + 1, 0 };
	s->ld = (struct load){ .cmdline = line, .initrd = "initrd" };
	s->ld.kernel_fd = kernel_file(image, sizeof image);
	assert_int_equal(bootimage_open(&s->ld.image, s->ld.kernel_fd, sizeof image, NULL), 0);
	s->ld.initrd_fd = kernel_file("070701 and so on", 16);
	s->ld.initrd_size = 16;
}

static void tear_down(struct setup *s)
{
	close(s->ld.initrd_fd);
	bootimage_close(&s->ld.image);
	close(s->ld.kernel_fd);
	tree_remove(s->root);
}

static const struct layout_segment *segment(const struct layout *ly, const char *what)
{
	for (unsigned i = 0; i < ly->n; i++)
		if (strcmp(ly->seg[i].what, what) == 0)
			return &ly->seg[i];
	fail_msg("no %s", what);
	return NULL;
}

static uint64_t get(const uint8_t *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof value);
	return le64toh(value);
}

/* what the capture kernel makes /proc/vmcore from */
static void check_headers(const struct layout_segment *seg)
{
	static const struct { uint32_t type; uint64_t phys, virt, size; } want[] = {
		{ PT_NOTE, 0x6fe35000, 0, 424 },
		{ PT_NOTE, 0x4236a000, 0, 0x1024 },
		{ PT_LOAD, 0x40200000, 0x40200000 + VOFFSET, 0x25c0000 },
		{ PT_LOAD, 0x40000000, LINEAR, 0xb4000000 },
		{ PT_LOAD, 0xfc000000, LINEAR + 0xbc000000, 0x44000000 },
	};

	assert_int_equal(seg->len, 64 + 5 * 56);
	assert_int_equal(seg->bytes[18], EM_AARCH64);
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		const uint8_t *p = seg->bytes + 64 + i * 56;

		assert_int_equal(p[0], want[i].type);
		assert_int_equal(get(p + 8), want[i].phys);
		assert_int_equal(get(p + 16), want[i].virt);
		assert_int_equal(get(p + 32), want[i].size);
	}
}

static void places(void **state)
{
	struct setup s;
	struct layout ly;
	struct layout_wish wish = { .serial = "none" };

	(void)state;
	set_up(&s, "14fffffff", 0);
	assert_int_equal(layout_make(&ly, &s.ld, &s.m, &wish), 0);
	assert_int_equal(ly.n, 5);
	for (unsigned i = 0; i < ly.n; i++) {
		assert_int_equal(ly.seg[i].at % 65536, 0);
		assert_int_equal(ly.seg[i].size % 65536, 0);
	}
	assert_int_equal(segment(&ly, "kernel")->at, REGION);
	assert_int_equal(segment(&ly, "kernel")->size, ARM64_SPAN);
	assert_int_equal(segment(&ly, "initrd")->at, REGION + ARM64_SPAN);
	assert_int_equal(ly.entry, segment(&ly, "purgatory")->at);
	check_headers(segment(&ly, "elfcorehdr"));
	assert_int_equal(ly.map.n, 2);
	assert_string_equal(ly.cmdline, s.ld.cmdline);

	const void *tree = segment(&ly, "device tree")->bytes;
	int len, chosen = fdt_path_offset(tree, "/chosen");
	const uint8_t *p = fdt_getprop(tree, chosen, "linux,usable-memory-range", &len);
	assert_int_equal(len, 32);
	/* its own range first: that one caps */
	assert_int_equal(p[3], 1);
	assert_int_equal(p[4], 0x40);
	assert_int_equal(p[20], 0xf4);
	layout_close(&ly);
	tear_down(&s);
}

/* kernels before 5.8 want to lie 512 KiB above a multiple of 2 MiB */
static void text_offset(void **state)
{
	struct setup s;
	struct layout ly;
	struct layout_wish wish = { .serial = "none" };

	(void)state;
	set_up(&s, "14fffffff", 0x80000);
	assert_int_equal(layout_make(&ly, &s.ld, &s.m, &wish), 0);
	assert_int_equal(segment(&ly, "kernel")->at, REGION + 0x80000);
	layout_close(&ly);
	tear_down(&s);
	set_up(&s, "14fffffff", 0x1000);
	assert_int_equal(layout_make(&ly, &s.ld, &s.m, &wish), -1);
	assert_int_equal(err_code(), ERR_UNKNOWN);
	layout_close(&ly);
	tear_down(&s);
}

/* what is said to be missing is what is missing */
static void too_small(void **state)
{
	struct setup s;
	struct layout ly;
	struct layout_wish wish = { .serial = "none" };

	(void)state;
	set_up(&s, "1400effff", 0);
	s.ld.image.init_size = 9 * MIB;
	assert_int_equal(layout_make(&ly, &s.ld, &s.m, &wish), -1);
	assert_int_equal(ly.missing, 9 * MIB);
	layout_close(&ly);
	tear_down(&s);
	set_up(&s, "1409effff", 0);
	s.ld.image.init_size = 9 * MIB;
	assert_int_equal(layout_make(&ly, &s.ld, &s.m, &wish), 0);
	layout_close(&ly);
	tear_down(&s);
}

/* a device tree does not cross a multiple of 2 MiB */
static void boundary(void **state)
{
	struct setup s;
	struct layout ly;
	struct layout_wish wish = { .serial = "none" };
	static char line[100000];

	(void)state;
	set_up(&s, "14fffffff", 0);
	memset(line, 'x', sizeof line - 1);
	s.ld.cmdline = line;
	/* kernel, initrd and elfcorehdr end 64 KiB below 4 MiB: less than this tree takes */
	s.ld.image.init_size = 4 * MIB - 3 * 65536;
	assert_int_equal(layout_make(&ly, &s.ld, &s.m, &wish), 0);
	assert_int_equal(segment(&ly, "elfcorehdr")->at, REGION + 4 * MIB - 2 * 65536);
	assert_int_equal(segment(&ly, "device tree")->at, REGION + 4 * MIB);
	layout_close(&ly);
	tear_down(&s);
}

/* a tree from which something is missing is an error that names it */
static void missing_files(void **state)
{
	static const char *const paths[] = { "/proc/iomem", "/sys/firmware/fdt",
		"/sys/kernel/vmcoreinfo", "/sys/devices/system/cpu/cpu0/crash_notes" };
	struct layout_wish wish = { .serial = "none" };
	struct setup s;
	struct layout ly;
	char path[200];

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		set_up(&s, "14fffffff", 0);
		snprintf(path, sizeof path, "%s%s", s.root, paths[i]);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(layout_make(&ly, &s.ld, &s.m, &wish), -1);
		assert_int_equal(err_code(), ERR_SYS);
		layout_close(&ly);
		tear_down(&s);
	}
	/* only the addresses of the kernel's text are then unknown */
	set_up(&s, "14fffffff", 0);
	snprintf(path, sizeof path, "%s/proc/kcore", s.root);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(layout_make(&ly, &s.ld, &s.m, &wish), 0);
	assert_int_equal(segment(&ly, "elfcorehdr")->len, 64 + 4 * 56);
	layout_close(&ly);
	tear_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(text_offset),
		cmocka_unit_test(too_small),
		cmocka_unit_test(boundary),
		cmocka_unit_test(missing_files),
	};

	return RUN(tests);
}

#else

int main(void)
{
	return 0;
}

#endif
