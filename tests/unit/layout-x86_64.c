/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/layout-x86_64.c kexec-load/memory-map.c kexec-load/layout-arm64.c kexec-load/layout.c kexec-load/machine.c kexec-load/boot-params.c kexec-load/efi.c kexec-load/device-tree.c kexec-load/text-arm64.c kexec-load/elfcorehdr.c kexec-load/running.c kexec-load/kcore.c kexec-load/purgatory.c kexec-load/purgatory-serial.c kexec-load/purgatory-image.S kexec-load/cmdline.c kexec-load/rules.c kexec-load/rules-builtin.c */
#include "../../kexec-load/layout.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../kexec-load/load.h"
#include "../../kexec-load/machine.h"
#include "../../kexec-load/purgatory.h"
#include "../../kexec-load/running.h"
#include "armed.h"

#define REGION     UINT64_C(0x110000000)
#define REGION_END UINT64_C(0x120000000)
#define MIB        (UINT64_C(1) << 20)

enum { CODE_AT = 0x400, CODE = 5000000, INITRD = 3000001 };

static const struct layout_wish plain;

struct setup {
	char *root;
	struct machine m;
	struct load ld;
	struct layout ly;
};

/* a file whose bytes tell their place */
static int a_file(size_t len)
{
	uint8_t *bytes = malloc(len);
	int fd = memfd_create("file", 0);

	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	if (len > 0x260)
		memset(bytes + 0x1f1, 0, 0x6f);
	assert_int_equal(write(fd, bytes, len), len);
	free(bytes);
	return fd;
}

static void begin(struct setup *s, char *root)
{
	*s = (struct setup){ .root = root };
	assert_int_equal(machine_look(&s->m, root), 0);
	s->ld = (struct load){ .kernel = "vmlinuz", .initrd = "initrd", .kernel_fd = -1,
			       .initrd_fd = a_file(INITRD), .initrd_size = INITRD,
			       .cmdline = strdup("quiet") };
	s->ld.image = (struct bootimage){
		.kind = BOOTIMAGE_BZIMAGE, .format = "bzImage", .arch = "x86_64",
		.fd = a_file(CODE_AT + CODE), .size = CODE_AT + CODE, .code_at = CODE_AT,
		.code_size = CODE, .entry = 0x200, .init_size = 50 * MIB + 1, .align = 2 * MIB,
		.lowest = 16 * MIB, .cmdline_max = 2047, .initrd_fd = -1,
	};
}

static void end(struct setup *s)
{
	layout_close(&s->ly);
	close(s->ld.image.fd);
	close(s->ld.initrd_fd);
	free(s->ld.cmdline);
	tree_remove(s->root);
}

static int make(struct setup *s, const struct layout_wish *wish)
{
	layout_close(&s->ly);
	return layout_make(&s->ly, &s->ld, &s->m, wish);
}

static const struct layout_segment *segment(const struct layout *ly, const char *what)
{
	for (unsigned i = 0; i < ly->n; i++)
		if (strcmp(ly->seg[i].what, what) == 0)
			return &ly->seg[i];
	fail_msg("no segment %s", what);
	return NULL;
}

static uint64_t get(const uint8_t *p, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = bytes; i-- > 0;)
		value = value << 8 | p[i];
	return value;
}

/* what the kernel asks of every set of segments */
static void is_sane(const struct layout *ly, uint64_t from, uint64_t to)
{
	for (unsigned i = 0; i < ly->n; i++) {
		const struct layout_segment *a = &ly->seg[i];

		assert_int_equal(a->at % 4096, 0);
		assert_int_equal(a->size % 4096, 0);
		assert_true(a->size > 0 && a->len <= a->size);
		assert_true(a->at >= from && a->at + a->size <= to);
		for (unsigned j = 0; j < i; j++)
			assert_true(a->at + a->size <= ly->seg[j].at ||
				    ly->seg[j].at + ly->seg[j].size <= a->at);
	}
	assert_true(ly->entry >= from && ly->entry < to);
}

static void typical(void **state)
{
	struct setup s;
	char line[64];

	(void)state;
	begin(&s, armed_machine());
	assert_int_equal(make(&s, &plain), 0);
	is_sane(&s.ly, REGION, REGION_END);
	assert_int_equal(s.ly.n, 5);
	assert_null(s.ly.doubt);
	const struct layout_segment *kernel = segment(&s.ly, "kernel");
	const struct layout_segment *initrd = segment(&s.ly, "initrd");
	const struct layout_segment *params = segment(&s.ly, "boot parameters");
	const struct layout_segment *headers = segment(&s.ly, "elfcorehdr");

	assert_int_equal(kernel->at % (2 * MIB), 0);
	assert_int_equal(kernel->len, CODE);
	assert_int_equal(kernel->size, 50 * MIB + 4096);
	assert_int_equal(kernel->bytes[0], (uint8_t)(CODE_AT * 7 + CODE_AT / 251));
	assert_int_equal(initrd->len, INITRD);
	assert_int_equal(initrd->bytes[INITRD - 1],
			 (uint8_t)((INITRD - 1) * 7 + (INITRD - 1) / 251));
	assert_false(headers->changes);
	assert_int_equal(s.ly.entry, segment(&s.ly, "purgatory")->at);
	snprintf(line, sizeof line, "elfcorehdr=0x%llx quiet", (unsigned long long)headers->at);
	assert_string_equal(s.ly.cmdline, line);
	/* the parameters tell where the initrd and the command line are */
	assert_int_equal(get(params->bytes + 0x218, 4) | get(params->bytes + 0xc0, 4) << 32,
			 initrd->at);
	assert_int_equal(get(params->bytes + 0x21c, 4), INITRD);
	uint64_t cmdline = get(params->bytes + 0x228, 4) | get(params->bytes + 0xc8, 4) << 32;

	assert_string_equal((char *)params->bytes + (cmdline - params->at), line);
	uint64_t used = 0;

	for (unsigned i = 0; i < s.ly.n; i++)
		used += s.ly.seg[i].size;
	assert_int_equal(s.ly.used, used);
	end(&s);
}

/* what the capture kernel may use, and what it must know of */
static void memory_map(void **state)
{
	struct setup s;
	uint64_t last = 0, ram = 0;

	(void)state;
	begin(&s, armed_machine());
	tree_put(s.root, "/sys/kernel/kexec_crash_cma_ranges", "20000000-207fffff\n");
	assert_int_equal(make(&s, &plain), 0);
	const struct layout_segment *headers = segment(&s.ly, "elfcorehdr");
	const struct range expected[] = {
		{ 0x1000, 0x9fc00, MEMORY_RAM }, { 0x20000000, 0x20800000, MEMORY_RAM },
		{ 0x60000000, 0x68000000, MEMORY_RAM },
		{ headers->at + headers->size, REGION_END, MEMORY_RAM },
	};

	for (size_t i = 0; i < s.ly.map.n; i++) {
		const struct range *r = &s.ly.map.r[i];

		assert_true(r->start >= last && r->end > r->start);
		last = r->end;
		if (r->at != MEMORY_RAM)
			continue;
		assert_true(ram < 4);
		assert_int_equal(r->start, expected[ram].start);
		assert_int_equal(r->end, expected[ram].end);
		ram++;
	}
	assert_int_equal(ram, 4);
	assert_int_equal(s.ly.map.n, 4 + 8);
	end(&s);
}

static void hotplug(void **state)
{
	static const struct layout_wish wish = { .hotplug = true };
	struct setup s;
	char path[96];

	(void)state;
	begin(&s, armed_machine());
	assert_int_equal(make(&s, &wish), 0);
	assert_true(segment(&s.ly, "elfcorehdr")->changes);
	assert_int_equal(segment(&s.ly, "elfcorehdr")->size, (917616 + 64 + 4095) / 4096 * 4096);
	is_sane(&s.ly, REGION, REGION_END);
	/* a kernel that cannot update it */
	snprintf(path, sizeof path, "%s/sys/kernel/crash_elfcorehdr_size", s.root);
	assert_int_equal(remove(path), 0);
	assert_int_equal(make(&s, &wish), 0);
	assert_false(segment(&s.ly, "elfcorehdr")->changes);
	assert_int_equal(segment(&s.ly, "elfcorehdr")->size, 4096);
	end(&s);
}

/* the reservation, its size in MiB, in the place of the one there was */
static void reserve(struct setup *s, uint64_t mib)
{
	char iomem[256];

	snprintf(iomem, sizeof iomem, "00001000-0009fbff : System RAM\n100000000-1ffffffff :"
		 " System RAM\n  %llx-%llx : Crash kernel\n", (unsigned long long)REGION,
		 (unsigned long long)(REGION + mib * MIB - 1));
	tree_put(s->root, "/proc/iomem", iomem);
	assert_int_equal(machine_look(&s->m, s->root), 0);
}

/* what is said to be missing is exactly what is missing, whatever the size */
static void too_small(void **state)
{
	struct setup s;
	uint64_t needed = 0;

	(void)state;
	begin(&s, armed_machine());
	for (uint64_t mib = 1; mib < 80; mib++) {
		reserve(&s, mib);
		if (make(&s, &plain) == 0) {
			assert_int_equal(mib, needed);
			is_sane(&s.ly, REGION, REGION + mib * MIB);
			/* something is left for the kernel's own pages */
			assert_true(s.ly.used + 16 * 4096 < mib * MIB);
			break;
		}
		assert_failed(ERR_SYS, "too small");
		assert_true(s.ly.missing > 0);
		if (!needed)
			needed = mib + s.ly.missing / MIB;
		assert_int_equal(mib + s.ly.missing / MIB, needed);
	}
	assert_true(needed > 50 && needed < 70);
	end(&s);
}

static void refused(struct setup *s, enum err code, const char *words)
{
	assert_int_equal(make(s, &plain), -1);
	assert_failed(code, words);
}

static void refusals(void **state)
{
	struct setup s;
	char *line;

	(void)state;
	begin(&s, armed_machine());
	free(s.ld.cmdline);
	s.ld.cmdline = strdup("quiet elfcorehdr=0x1000");
	refused(&s, ERR_USAGE, "elfcorehdr=");
	free(s.ld.cmdline);
	line = s.ld.cmdline = malloc(2048);
	memset(line, 'x', 2047);
	line[2047] = '\0';
	refused(&s, ERR_USAGE, "takes 2047");
	/* "elfcorehdr=0x110000000 " */
	line[2047 - 23] = '\0';
	assert_int_equal(make(&s, &plain), 0);
	line[2047 - 23] = 'x';
	line[2047 - 22] = '\0';
	refused(&s, ERR_USAGE, "takes 2047");
	line[0] = '\0';
	s.ld.image.kind = BOOTIMAGE_ARM64;
	refused(&s, ERR_UNKNOWN, "cannot be started");
	s.ld.image.kind = BOOTIMAGE_BZIMAGE;
	s.ld.image.init_size = UINT64_MAX - 100;
	refused(&s, ERR_CORRUPT, "cannot be meant");
	s.ld.image.init_size = 50 * MIB;
	s.m.memory = 100 * MIB;
	refused(&s, ERR_SYS, "half of the memory");
	s.m.memory = 0;
	tree_put(s.root, "/proc/sys/kernel/osrelease", "5.4.0-generic\n");
	refused(&s, ERR_UNKNOWN, "before 5.5");
	tree_put(s.root, "/proc/sys/kernel/osrelease", "5.10.0-generic\n");
	assert_int_equal(make(&s, &plain), 0);
	strcpy(s.m.arch, "riscv64");
	refused(&s, ERR_UNKNOWN, "riscv64");
	end(&s);
}

/* addresses hidden, nothing reserved, no initrd, no kcore */
static void machines(void **state)
{
	struct setup s;
	char path[96];

	(void)state;
	begin(&s, armed_machine());
	s.ld.initrd_size = 0;
	assert_int_equal(make(&s, &plain), 0);
	assert_int_equal(s.ly.n, 4);
	snprintf(path, sizeof path, "%s/proc/kcore", s.root);
	assert_int_equal(remove(path), 0);
	assert_int_equal(make(&s, &plain), 0);
	assert_non_null(s.ly.doubt);
	assert_non_null(strstr(s.ly.doubt, "kcore"));
	tree_put(s.root, "/proc/iomem", "00001000-7fffffff : System RAM\n");
	refused(&s, ERR_SYS, "no memory is reserved");
	tree_put(s.root, "/proc/iomem", "00000000-00000000 : System RAM\n");
	refused(&s, ERR_SYS, "CAP_SYS_ADMIN");
	end(&s);
}

/* EFI's root pointer is taken where the boot parameters have none */
static void rsdp(void **state)
{
	uint8_t running[4096] = { 0 };
	struct setup s;

	(void)state;
	begin(&s, armed_machine());
	tree_put(s.root, "/sys/firmware/efi/systab", "ACPI20=0x3f77d014\nACPI=0x3f77d000\n");
	tree_put_bytes(s.root, "/sys/kernel/boot_params/data", running, sizeof running);
	assert_int_equal(make(&s, &plain), 0);
	assert_int_equal(get(segment(&s.ly, "boot parameters")->bytes + 0x70, 8), 0x3f77d014);
	running[0x71] = 0x10;
	tree_put_bytes(s.root, "/sys/kernel/boot_params/data", running, sizeof running);
	assert_int_equal(make(&s, &plain), 0);
	assert_int_equal(get(segment(&s.ly, "boot parameters")->bytes + 0x70, 8), 0x1000);
	end(&s);
}

/* the check that comes last finds what a layout must never have */
static void last_check(void **state)
{
	struct setup s;

	(void)state;
	begin(&s, armed_machine());
	assert_int_equal(make(&s, &plain), 0);
	assert_int_equal(layout_check(&s.ly, &s.m), 0);
	struct layout_segment *seg = &s.ly.seg[1], was = *seg;

	seg->at += 1;
	assert_int_equal(layout_check(&s.ly, &s.m), -1);
	assert_failed(ERR_UNKNOWN, "whole pages");
	seg->at = REGION_END - 4096;
	assert_int_equal(layout_check(&s.ly, &s.m), -1);
	assert_failed(ERR_UNKNOWN, "outside");
	seg->at = UINT64_MAX - 4095;
	assert_int_equal(layout_check(&s.ly, &s.m), -1);
	assert_failed(ERR_UNKNOWN, "outside");
	seg->at = s.ly.seg[2].at;
	assert_int_equal(layout_check(&s.ly, &s.m), -1);
	assert_failed(ERR_UNKNOWN, "overlaps");
	*seg = was;
	memcpy(seg->bytes, "\x7f" "ELF", 4);
	assert_int_equal(layout_check(&s.ly, &s.m), -1);
	assert_failed(ERR_UNKNOWN, "elfcorehdr");
	seg->bytes[0] = 0;
	s.ly.entry = REGION - 1;
	assert_int_equal(layout_check(&s.ly, &s.m), -1);
	assert_failed(ERR_UNKNOWN, "entry point");
	end(&s);
}

static void too_many_segments(void **state)
{
	struct layout ly = { 0 };

	(void)state;
	for (unsigned i = 0; i < LAYOUT_SEGMENTS; i++)
		assert_non_null(layout_add(&ly, "x", calloc(1, 10), 10, 10, i * 4096));
	assert_null(layout_add(&ly, "x", calloc(1, 10), 10, 10, 0));
	assert_failed(ERR_UNKNOWN, "16 segments");
	layout_close(&ly);
	assert_null(layout_add(&ly, "x", calloc(1, 10), 10, 9, 0));
	assert_failed(ERR_CORRUPT, "10 bytes");
	layout_close(&ly);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typical), cmocka_unit_test(memory_map),
		cmocka_unit_test(hotplug), cmocka_unit_test(too_small),
		cmocka_unit_test(refusals), cmocka_unit_test(machines),
		cmocka_unit_test(rsdp), cmocka_unit_test(last_check),
		cmocka_unit_test(too_many_segments),
	};

	/* the purgatory is built for one machine only */
	if (purgatory_size("x86_64") == 0)
		return 77;
	return RUN(tests);
}
