/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpfilter/vmlinux.c dumpfilter/vmlinux-text.c dumpfilter/vmlinux-rows.c dumpfilter/image.c dumpfilter/debug-types.c */
/* VMCOREINFO out of small kernels of our own, which the compilers here make. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "../../dumpfilter/vmlinux.h"

/* what a kernel's file is made of, as far as anybody asks; NEW is one of 6.12's kind */
static const char source[] =
	"typedef struct { long counter; } atomic64_t;\n"
	"typedef atomic64_t atomic_long_t;\n"
	"typedef struct { unsigned long bits[16]; } nodemask_t;\n"
	"struct list_head { struct list_head *next, *prev; };\n"
	"struct page { unsigned long flags;\n"
	"  union { struct { struct list_head lru; void *mapping; unsigned long index, private; };\n"
	"    struct { unsigned long compound_head; unsigned char compound_dtor, compound_order; }; };\n"
	"  union { int _mapcount; unsigned page_type; }; int _refcount; } __attribute__((aligned(64)));\n"
	"struct free_area { struct list_head free_list[6]; unsigned long nr_free; };\n"
	"struct zone { long pad[9]; struct free_area free_area[11]; };\n"
	"struct mem_section { unsigned long section_mem_map; void *usage; };\n"
	"struct uts_namespace { char name[6][65]; };\n"
	"struct vm_struct { void *next, *addr; };\n"
	"struct pglist_data;\n"
	"enum pageflags { PG_lru = 4, PG_private = 13, PG_head = 16,\n"
	"#ifdef NEW\n"
	"  PG_swapcache = 10 };\n"
	"enum pagetype { PGTY_buddy = 0xf0, PGTY_offline = 0xf1, PGTY_slab = 0xf5, PGTY_hugetlb = 0xf4 };\n"
	"enum pagetype type;\n"
	"#define RELEASE \"6.12.3-unit\"\n"
	"#else\n"
	"  PG_slab = 9, PG_swapcache = 10 };\n"
	"enum compound_dtor_id { NULL_COMPOUND_DTOR, COMPOUND_PAGE_DTOR, HUGETLB_PAGE_DTOR };\n"
	"enum compound_dtor_id dtor;\n"
	"#define RELEASE \"6.1.9-unit\"\n"
	"#endif\n"
	"enum node_states { N_POSSIBLE, N_ONLINE, NR_NODE_STATES };\n"
	"struct page page; struct zone zone; enum pageflags flag; enum node_states state;\n"
	"atomic_long_t count; struct vm_struct area;\n"
	"nodemask_t node_states[NR_NODE_STATES]; struct mem_section **mem_section;\n"
	"extern struct pglist_data *node_data[]; struct pglist_data *node_data[64];\n"
	"struct mem_section section; struct uts_namespace init_uts_ns = {\n"
	"  { \"Linux\", \"(none)\", RELEASE, \"#1\", \"x86_64\" } };\n"
	"unsigned long init_top_pgt[512] = { 1 }; static int log_buf = 7;\n"
	"int kernel_randomize_memory(void) { return log_buf; }\n"
	"void _stext(void) { }\n";

static char dir[] = "/tmp/vmlinux.XXXXXX";
static char kernel[64], broken[64];

static int make_dir(void **state)
{
	FILE *f;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(kernel, sizeof kernel, "%s/vmlinux", dir);
	snprintf(broken, sizeof broken, "%s/broken", dir);
	f = fopen(broken, "w");
	fclose(f);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(kernel);
	unlink(broken);
	return rmdir(dir);
}

static void build(const char *how)
{
	char command[512];
	FILE *f;

	snprintf(command, sizeof command, "%s -x c - -o %s -nostdlib -static -mcmodel=kernel "
		 "-fno-pie -Wl,-no-pie,-e,_stext,--build-id=0x0123456789abcdef,"
		 "-Ttext=0xffffffff81000000 2>&1", how, kernel);
	f = popen(command, "w");
	assert_non_null(f);
	fputs(source, f);
	assert_int_equal(pclose(f), 0);
}

static void has(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *p = text; (p = strstr(p, line)); p += n)
		if ((p == text || p[-1] == '\n') && p[n] == '\n')
			return;
	fail_msg("no line %s in:\n%s", line, text);
}

static void has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("%s is in:\n%s", part, text);
}

static const char *const common[] = {
	"BUILD-ID=0123456789abcdef", "PAGESIZE=4096", "SIZE(page)=64", "OFFSET(page.flags)=0",
	"OFFSET(page.lru)=8", "OFFSET(page.mapping)=24", "OFFSET(page.private)=40",
	"OFFSET(page._mapcount)=48", "OFFSET(page._refcount)=52", "OFFSET(page.compound_head)=8",
	"SIZE(zone)=1216", "OFFSET(zone.free_area)=72", "LENGTH(zone.free_area)=11",
	"SIZE(free_area)=104", "LENGTH(free_area.free_list)=6", "OFFSET(list_head.prev)=8",
	"SIZE(nodemask_t)=128", "SIZE(atomic_long_t)=8", "OFFSET(atomic_long_t.counter)=0",
	"SIZE(mem_section)=16", "LENGTH(mem_section)=2048", "NUMBER(SECTION_SIZE_BITS)=27",
	"NUMBER(MAX_PHYSMEM_BITS)=46", "LENGTH(node_data)=64", "NUMBER(PG_lru)=4",
	"NUMBER(PG_private)=13", "NUMBER(PG_head_mask)=65536", "OFFSET(uts_namespace.name)=0",
	"NUMBER(KERNEL_IMAGE_SIZE)=1073741824",
};
static const char *const old[] = {
	"OSRELEASE=6.1.9-unit", "NUMBER(PG_slab)=9", "NUMBER(HUGETLB_PAGE_DTOR)=2",
	"OFFSET(page.compound_dtor)=16", "OFFSET(page.compound_order)=17",
	"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129", "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257",
};
static const char *const new[] = {
	"OSRELEASE=6.12.3-unit", "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456",
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240",
	"NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376",
	"NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592",
};

/* addresses as the linker's own map of the same file has them */
static void check_symbol(const char *text, const char *name, const char *key)
{
	char command[160], line[96], addr[32] = "";
	FILE *f;

	snprintf(command, sizeof command, "nm %s | sed -n 's/ . %s$//p'", kernel, name);
	f = popen(command, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%31s", addr), 1);
	pclose(f);
	snprintf(line, sizeof line, "SYMBOL(%s)=%s", key, addr);
	has(text, line);
}

static void facts(void **state)
{
	static const char *const compilers[] = {
		"gcc -gdwarf-2", "gcc -gdwarf-4", "gcc -gdwarf-5", "gcc -gdwarf-5 -gz",
		"clang -gdwarf-4 -fno-eliminate-unused-debug-types",
		"clang -gdwarf-5 -fno-eliminate-unused-debug-types",
	};
	char how[128], *text;
	size_t len;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof compilers / sizeof *compilers; i++) {
		bool newer = i & 1;

		snprintf(how, sizeof how, "%s%s", compilers[i / 2], newer ? " -DNEW" : "");
		build(how);
		if (vmlinux_info(kernel, &text, &len))
			fail_msg("%s: %s", how, err_text());
		assert_int_equal(strlen(text), len);
		for (size_t n = 0; n < sizeof common / sizeof *common; n++)
			has(text, common[n]);
		for (size_t n = 0; n < (newer ? sizeof new / sizeof *new :
					sizeof old / sizeof *old); n++)
			has(text, newer ? new[n] : old[n]);
		/* neither of this version nor in this kernel */
		has_not(text, newer ? "PG_slab" : "PAGE_SLAB");
		has_not(text, newer ? "HUGETLB_PAGE_DTOR" : "PAGE_HUGETLB");
		has_not(text, "vm_struct");
		has_not(text, "log_buf");
		has_not(text, "KERNELOFFSET");
		has_not(text, "hwpoison");
		check_symbol(text, "init_uts_ns", "init_uts_ns");
		check_symbol(text, "init_top_pgt", "swapper_pg_dir");
		check_symbol(text, "mem_section", "mem_section");
		free(text);
	}
}

static void refused(void **state)
{
	static const struct { const char *how; enum err code; const char *words; } cases[] = {
		{ "gcc -g0", ERR_UNKNOWN, "no debug information" },
		{ "gcc -g -s", ERR_UNKNOWN, "no symbols" },
		{ "gcc -g -Dinit_uts_ns=other", ERR_UNKNOWN, "no release" },
	};
	char *text;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		build(cases[i].how);
		assert_int_equal(vmlinux_info(kernel, &text, &len), -1);
		assert_failed(cases[i].code, cases[i].words);
		assert_failed(cases[i].code, kernel);
	}
	assert_int_equal(vmlinux_info("/dev/null", &text, &len), -1);
	assert_failed(ERR_UNKNOWN, "not a 64-bit ELF file");
	assert_int_equal(vmlinux_info("/nowhere/vmlinux", &text, &len), -1);
	assert_failed(ERR_SYS, "/nowhere/vmlinux");
}

/* the first n bytes of the kernel, with a few bits turned */
static void damage(const char *from, size_t size, size_t n, uint64_t *random)
{
	char *copy = malloc(size);
	int fd = open(broken, O_WRONLY | O_TRUNC);

	assert_non_null(copy);
	memcpy(copy, from, size);
	for (int i = 0; i < 8 && n == size; i++) {
		uint64_t r = unit_random(random);

		copy[(r >> 8) % size] ^= (char)(1 << (r & 7));
	}
	assert_int_equal(write(fd, copy, n), (ssize_t)n);
	close(fd);
	free(copy);
}

/* whatever the file: an answer or a reason, from this very process */
static void damaged(void **state)
{
	enum { CASES = 300, CUTS = 40 };
	uint64_t random = 20261121;
	char *image, *text;
	struct stat st;
	size_t len;
	unsigned answers = 0;
	int fd;

	(void)state;
	build("gcc -gdwarf-5 -DNEW");
	fd = open(kernel, O_RDONLY);
	assert_int_equal(fstat(fd, &st), 0);
	image = malloc((size_t)st.st_size);
	assert_non_null(image);
	assert_int_equal(read(fd, image, (size_t)st.st_size), st.st_size);
	close(fd);
	for (size_t i = 0; i < CASES + CUTS; i++) {
		damage(image, (size_t)st.st_size, i < CASES ? (size_t)st.st_size :
		       (size_t)st.st_size * (i - CASES) / CUTS, &random);
		if (vmlinux_info(broken, &text, &len) == 0) {
			answers++;
			free(text);
		} else if (!strstr(err_text(), broken)) {
			fail_msg("it does not say of which file: %s", err_text());
		}
	}
	assert_in_range(answers, 1, CASES - 1);
	free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts),
		cmocka_unit_test(refused),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
