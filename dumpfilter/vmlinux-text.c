/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines are those that the kernel writes itself (kernel/vmcore_info.c, before 6.9
 * kernel/crash_core.c, before 4.13 kernel/kexec_core.c; kernel/printk/printk.c;
 * arch/.../kernel/), as far as the file can tell. What only a running kernel knows, and
 * where it is to be found in memory, is the business of lib/place.c.
 *
 * Some numbers are macros, which debug information does not have; they go by version:
 * _mapcount of a free page is -2 in 2.6.38, -128 until 4.17, then a bit of page_type is
 * clear (include/linux/page-flags.h): since 6.11 there is an enum for that.
 */
#include <elf.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "debug-types.h"
#include "err.h"
#include "image.h"
#include "kinfo.h"
#include "num.h"
#include "vmlinux-rows.h"
#include "vmlinux-text.h"

enum { RELEASE_AT = 130, RELEASE_LEN = 65 };	/* in struct new_utsname, bytes */

struct text {
	struct image im;
	struct debug_query queries[VMLINUX_ROWS];	/* one for each row */
	unsigned version;
	uint64_t page_size;
	char *buf;
	size_t len;
};

static void line(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void line(struct text *t, const char *fmt, ...)
{
	size_t room = VMLINUX_TEXT_MAX - t->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, room, fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n + 1 < room) {
		t->len += (size_t)n;
		t->buf[t->len++] = '\n';
	}
}

static bool symbol_at(struct text *t, const char *name, uint64_t *addr)
{
	uint64_t size;

	return image_symbol(&t->im, name, addr, &size);
}

static void symbol(struct text *t, const char *key, const char *name)
{
	uint64_t addr;

	if (symbol_at(t, name, &addr))
		line(t, "SYMBOL(%s)=%" PRIx64, key, addr);
}

/* of a row's query */
static bool answer(const struct text *t, const char *type, const char *member, int64_t *value)
{
	for (size_t i = 0; i < VMLINUX_ROWS; i++) {
		const struct debug_query *q = &t->queries[i];

		if (q->known && strcmp(q->type, type) == 0 &&
		    strcmp(q->member ? q->member : "", member ? member : "") == 0) {
			*value = q->value;
			return true;
		}
	}
	return false;
}

static void build_id(struct text *t)
{
	uint8_t id[BUILD_ID_MAX];
	size_t n = image_build_id(&t->im, id);
	char hex[2 * BUILD_ID_MAX + 1] = "";

	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
	if (n > 0)
		line(t, "BUILD-ID=%s", hex);
}

/* node_online_map is a macro: an element of node_states */
static void online_map(struct text *t)
{
	uint64_t addr;
	int64_t size, which;

	if (symbol_at(t, "node_online_map", &addr))
		line(t, "SYMBOL(node_online_map)=%" PRIx64, addr);
	else if (symbol_at(t, "node_states", &addr) && answer(t, "nodemask_t", NULL, &size) &&
		 answer(t, "node_states", "N_ONLINE", &which))
		line(t, "SYMBOL(node_online_map)=%" PRIx64, addr + (uint64_t)(size * which));
}

static void page_tables(struct text *t)
{
	static const char *const names[] = {
		"swapper_pg_dir", "init_top_pgt", "init_level4_pgt",
	};
	uint64_t addr;

	for (size_t i = 0; i < 3; i++)
		if (symbol_at(t, names[i], &addr)) {
			line(t, "SYMBOL(swapper_pg_dir)=%" PRIx64, addr);
			break;
		}
	symbol(t, "init_top_pgt", "init_top_pgt");
	symbol(t, "init_level4_pgt", "init_level4_pgt");
}

/* bits: SECTION_SIZE_BITS, MAX_PHYSMEM_BITS; arch/.../include/asm/sparsemem.h */
static bool section_bits(const struct text *t, unsigned *section, unsigned *physical)
{
	switch (t->im.machine) {
	case EM_X86_64:
		*section = 27;
		*physical = t->version < KINFO_VERSION(2, 6, 31) ? 44 : 46;
		return true;
	case EM_AARCH64:
		*section = t->version < KINFO_VERSION(5, 12, 0) ? 30 :
			   t->page_size == 65536 ? 29 : 27;
		*physical = 48;
		return true;
	}
	return false;
}

/*
 * How long mem_section is: of an array the symbol's size tells, and whether it is one of
 * pointers (SPARSEMEM_EXTREME) or of structures. A pointer's array, since 4.15, is
 * allocated, and as long as the machine may have memory.
 */
static void sections(struct text *t)
{
	unsigned section, physical;
	uint64_t addr, size, length, sections;
	int64_t entry;

	if (!image_symbol(&t->im, "mem_section", &addr, &size) ||
	    !answer(t, "mem_section", NULL, &entry) || entry <= 0 ||
	    (uint64_t)entry > t->page_size || !section_bits(t, &section, &physical))
		return;
	line(t, "SYMBOL(mem_section)=%" PRIx64, addr);
	sections = UINT64_C(1) << (physical - section);
	length = num_div_up(sections, t->page_size / (uint64_t)entry);
	if (size > 8 && size != 8 * length)
		length = size == (uint64_t)entry * sections ? sections : size / 8;
	line(t, "LENGTH(mem_section)=%" PRIu64, length);
	line(t, "NUMBER(SECTION_SIZE_BITS)=%u", section);
	line(t, "NUMBER(MAX_PHYSMEM_BITS)=%u", physical);
}

static void nodes(struct text *t)
{
	uint64_t addr, size;

	if (!image_symbol(&t->im, "node_data", &addr, &size))
		return;
	line(t, "SYMBOL(node_data)=%" PRIx64, addr);
	if (size >= 8)
		line(t, "LENGTH(node_data)=%" PRIu64, size / 8);
}

/* one type of page: an enumerator since 6.12, another one in 6.11, before that a bit */
static void page_type(struct text *t, const char *key, const char *newest, const char *newer,
		      unsigned since, int32_t value)
{
	int64_t n;

	if (answer(t, "pagetype", newest, &n))
		line(t, "NUMBER(%s)=%d", key, (int32_t)((uint32_t)n << 24));
	else if (answer(t, "pagetype", newer, &n))
		line(t, "NUMBER(%s)=%d", key, (int32_t)~(uint32_t)n);
	else if (t->version >= since && t->version < KINFO_VERSION(6, 11, 0))
		line(t, "NUMBER(%s)=%d", key, value);
}

static void page_types(struct text *t)
{
	int64_t bit;
	bool types = t->version >= KINFO_VERSION(4, 18, 0);

	if (answer(t, "pageflags", "PG_head", &bit) || answer(t, "pageflags", "PG_compound", &bit))
		line(t, "NUMBER(PG_head_mask)=%" PRIu64, UINT64_C(1) << (bit & 63));
	page_type(t, "PAGE_BUDDY_MAPCOUNT_VALUE", "PGTY_buddy", "PG_buddy",
		  KINFO_VERSION(2, 6, 38),
		  types ? -129 : t->version < KINFO_VERSION(2, 6, 39) ? -2 : -128);
	page_type(t, "PAGE_OFFLINE_MAPCOUNT_VALUE", "PGTY_offline", "PG_offline",
		  KINFO_VERSION(5, 1, 0), -257);
	page_type(t, "PAGE_UNACCEPTED_MAPCOUNT_VALUE", "PGTY_unaccepted", "PG_unaccepted",
		  UINT_MAX, 0);
	/* these two were flags before, and in some stable kernels still are */
	if (!answer(t, "pageflags", "PG_hugetlb", &bit))
		page_type(t, "PAGE_HUGETLB_MAPCOUNT_VALUE", "PGTY_hugetlb", "PG_hugetlb",
			  KINFO_VERSION(6, 6, 0), -2049);
	if (!answer(t, "pageflags", "PG_slab", &bit))
		page_type(t, "PAGE_SLAB_MAPCOUNT_VALUE", "PGTY_slab", "PG_slab",
			  KINFO_VERSION(6, 10, 0), -4097);
}

/* with KASLR the kernel's map is twice as large (arch/x86/include/asm/page_64_types.h) */
static void image_size(struct text *t)
{
	uint64_t addr;

	if (t->im.machine == EM_X86_64)
		line(t, "NUMBER(KERNEL_IMAGE_SIZE)=%u",
		     symbol_at(t, "kernel_randomize_memory", &addr) ||
		     symbol_at(t, "module_load_offset", &addr) ? 1u << 30 : 1u << 29);
}

/* -(1 << VA_BITS) was where the kernel's half began; since 5.4 it is in its upper half */
static void va_bits(struct text *t)
{
	bool upper = t->version >= KINFO_VERSION(5, 4, 0);
	uint64_t addr;

	if (t->im.machine == EM_AARCH64 && symbol_at(t, "_text", &addr) && addr >> 63 && ~addr)
		line(t, "NUMBER(VA_BITS)=%d", 64 - __builtin_clzll(~addr) + upper);
}

static void one_row(struct text *t, const struct vmlinux_row *r, const struct debug_query *q)
{
	static const char *const names[] = {
		[ASK_SIZE] = "SIZE", [ASK_OFFSET] = "OFFSET", [ASK_LENGTH] = "LENGTH",
		[ASK_NUMBER] = "NUMBER",
	};

	if (t->version < r->since || (r->until && t->version >= r->until))
		return;
	if (r->ask == ASK_NOTHING)
		symbol(t, r->key, r->key);
	else if (q->known && r->key)
		line(t, "%s(%s)=%" PRId64, names[r->ask], r->key, q->value);
	else if (q->known && r->ask == ASK_OFFSET)
		line(t, "OFFSET(%s.%s)=%" PRId64, r->type, r->member, q->value);
	else if (q->known && r->ask == ASK_LENGTH)
		line(t, "LENGTH(%s.%s)=%" PRId64, r->type, r->member, q->value);
}

static bool find_release(struct text *t, char release[RELEASE_LEN + 1])
{
	uint64_t addr;
	int64_t name;

	memset(release, 0, RELEASE_LEN + 1);
	return answer(t, "uts_namespace", "name", &name) &&
	       symbol_at(t, "init_uts_ns", &addr) &&
	       image_read(&t->im, release, RELEASE_LEN, addr + (uint64_t)name + RELEASE_AT) &&
	       release[0] >= '2' && release[0] <= '9' && !strpbrk(release, "\n=");
}

static int write_lines(struct text *t)
{
	char release[RELEASE_LEN + 1];
	uint64_t addr, size;

	if (!find_release(t, release))
		return fail(ERR_UNKNOWN, "no release in init_uts_ns: it is a kernel without "
			    "data or without debug information, or none");
	t->version = kinfo_version(release);
	/* one page of zeros, on every machine */
	t->page_size = 4096;
	if (t->im.machine != EM_X86_64) {
		if (!image_symbol(&t->im, "empty_zero_page", &addr, &size) ||
		    !num_is_power_of_2(size) || size < 4096 || size > 65536)
			return fail(ERR_UNKNOWN, "the size of a page cannot be told");
		t->page_size = size;
	}
	line(t, "OSRELEASE=%s", release);
	build_id(t);
	line(t, "PAGESIZE=%" PRIu64, t->page_size);
	online_map(t);
	page_tables(t);
	sections(t);
	nodes(t);
	for (size_t i = 0; i < VMLINUX_ROWS; i++)
		one_row(t, &vmlinux_rows[i], &t->queries[i]);
	page_types(t);
	image_size(t);
	va_bits(t);
	return 0;
}

int vmlinux_text(const char *path, char *text, size_t *len)
{
	struct text t = { .buf = text };

	if (image_open(&t.im, path))
		return -1;
	for (size_t i = 0; i < VMLINUX_ROWS; i++) {
		const struct vmlinux_row *r = &vmlinux_rows[i];

		t.queries[i] = (struct debug_query){ .ask = r->ask, .type = r->type,
						     .member = r->member };
	}
	if (debug_types(t.im.elf, t.queries, VMLINUX_ROWS) || write_lines(&t))
		fail_in(path);
	*len = t.len;
	image_close(&t.im);
	return t.len > 0 ? 0 : -1;
}
