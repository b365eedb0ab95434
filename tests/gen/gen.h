/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen.h - what a description says, and what is made of it
 *
 * Nothing here comes from lib/: a generator that shares code with what it tests
 * would repeat its mistakes. Addresses and lengths are bytes, pfns are numbers of
 * 4 KiB pages, ranges are [from, to). Every mistake ends the program.
 */
#ifndef GEN_H
#define GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { PAGE = 4096, PAGE_SHIFT = 12, SECTION_BITS = 27, MAX_ORDER = 20 };

enum { INFO_ROOM = 2 * PAGE };	/* bytes of VMCOREINFO */
#define VERSION(a, b, c) ((unsigned)(a) << 16 | (unsigned)(b) << 8 | (unsigned)(c))
#define NEVER VERSION(999, 0, 0)
#define KERNEL_MAP 0xffffffff80000000	/* the kernel's text and data, before KASLR */
#define KERNEL_START 0x1000000		/* where it begins in physical memory, the same */

struct range {
	uint64_t from, to;
};

/* what a page is to somebody who leaves pages out */
enum kind {
	KEPT, SLAB, TABLE, ZSMALLOC, FREE, USER, HUGETLB, CACHE, PRIVATE, HWPOISON, OFFLINE,
	UNACCEPTED, NKINDS
};

extern const char *const kind_name[NKINDS];

/* how a compound page's first tail tells its order, and that it is hugetlb */
enum compound_rule {
	IN_LRU,		/* lru.prev is the order, lru.next the destructor's address */
	IN_WORDS,	/* u32 destructor number and order after compound_head */
	IN_BYTES,	/* the same as bytes */
	IN_FLAGS,	/* the order is the low byte of the first tail's flags */
};

struct layout {		/* of struct page: offsets */
	uint8_t size, count, mapcount, private, mapping, lru;
};

/* kernels from this version on, until the next row */
struct kernel {
	unsigned version;
	const struct layout *page;
	enum compound_rule compound;
	/* bit numbers in page.flags, -1 where there is none; hugetlb's is in the first tail */
	int8_t lru, slab, private, swapcache, head, tail, buddy, swapbacked, hwpoison, hugetlb;
	/* values of page._mapcount (page_type), 0 where there is none */
	int32_t t_buddy, t_offline, t_table, t_hugetlb, t_slab, t_zsmalloc, t_unaccepted;
	uint32_t owner_bits;	/* bits of the type word that the page's owner may use */
};

const struct kernel *kernel_find(unsigned version);

/* what the bytes of a page are */
enum content { ZERO, TEXT, RANDOM };

/* "page", "poison", "set" and "expect" lines, in the order of the description */
struct page_line {
	enum { PAGE_LINE, POISON_LINE, SET_LINE, EXPECT_LINE } what;
	struct range pfns;
	const struct page_kind *is;	/* PAGE_LINE */
	unsigned order;
	uint64_t bits;			/* more flags to set */
	enum content content;
	char field[16];			/* SET_LINE */
	uint64_t value;
	enum kind kind;			/* EXPECT_LINE */
	struct page_line *next;
};

struct fill_line {
	struct range phys;
	enum content content;
	struct fill_line *next;
};

/* "section" lines: what is written over a section's section_mem_map */
struct section_line {
	uint64_t number, value;
	struct section_line *next;
};

/* one log message; "text" may hold any byte */
struct msg {
	enum { MSG_TEXT, MSG_EMPTY, MSG_LOST, MSG_TORN, MSG_COMMITTED,
	       MSG_REUSABLE } what;
	bool has_flags;		/* flags were given */
	uint64_t usec;
	unsigned level;		/* facility * 8 + level */
	uint32_t caller;
	char *text;
	size_t len;
	bool to_end;		/* stretched so that its block ends where the ring ends */
	bool foreign, stale;	/* the descriptor, the text's block has another's number */
	unsigned flags;		/* of the record: LOG_NEWLINE, LOG_CONT and the like */
	char *subsystem, *device;	/* NULL: no device's */
	bool bare;		/* characters: no <N>, no time, no newline */
	bool zeroed;		/* records: its header is zeros */
	unsigned bad_len, bad_text_len;	/* records: the header says so; 0: the truth */
	struct msg *next;
};

struct text_list {
	char *text;
	struct text_list *next;
};

struct desc {
	const char *file;
	unsigned line;
	unsigned version;
	const struct kernel *kernel;
	char release[65];

	struct range ram[32];
	unsigned nram;
	uint64_t kaslr_virt, kaslr_phys;	/* slides */
	uint64_t page_offset, vmemmap, sme;
	unsigned levels;			/* of page tables */
	unsigned max_physmem_bits, orders;
	bool plain;			/* SPARSEMEM without EXTREME */
	bool flat_memmap;		/* SPARSEMEM without VMEMMAP */
	bool big;			/* 2 MiB pages under vmemmap, struct pages left blank */

	bool flatmem;			/* FLATMEM */
	struct range node[8];		/* DISCONTIGMEM: pfns */
	unsigned nnodes;
	struct section_line *sections;	/* damaged ones */
	uint64_t shared;		/* a bit in page table entries */
	struct range shared_phys;	/* of this memory */

	struct page_line *pages;
	struct fill_line *fills;

	const struct log_kind *log;
	unsigned log_bits;
	bool log_exact_end;	/* a block may end where the ring ends: Linux 6.19 */
	bool log_hole;		/* one page of its text is not in the dump: */
	uint64_t log_hole_page;
	uint64_t log_tail_ahead;	/* the tail is damaged: so many past the head */
	uint64_t log_clear;		/* messages that were written before dmesg --clear */
	bool log_caller;		/* CONFIG_PRINTK_CALLER */
	bool log_no_time;		/* characters: without printk.time */
	bool log_u16_level;		/* records: 3.5 with facility and level in one number */
	bool log_bad_first, log_bad_next;	/* records: these places cannot be */
	struct msg *msgs, *last_msg;

	struct text_list *omit, *keys;	/* keys left out; lines added */
	bool no_vmcoreinfo;
	bool info_in_memory;		/* also in the kernel's own memory */
	unsigned cpus;
	uint64_t device_dump;		/* bytes */
	uint64_t split;			/* bytes of a PT_LOAD at most, 0: no limit */
	bool xnum, unaligned, flat;
	enum { LOADS_VIRTUAL, LOADS_PHYSICAL, LOADS_ZERO } loads;
};

/* the machine's memory, and the kernel's own things in it */
struct gen {
	struct desc *d;
	uint8_t *mem;			/* from physical address 0 */
	uint64_t size;
	uint8_t *touched;		/* a byte for each page: was it written to? */
	uint8_t *kind;			/* a byte for each page */
	struct range kernel;		/* what alloc() handed out */
	uint64_t kernel_limit;
	uint64_t root;			/* top page table, physical */
	uint64_t uts, online, prb, rb, clear_seq;	/* physical */
	uint64_t log_vars;		/* what SYMBOL() names of older logs, physical */
	uint64_t node_data, mem_section, dtor_pointer;	/* physical */
	uint64_t mem_map, pgdat[8];			/* physical */
	uint64_t info_page;		/* where VMCOREINFO is in memory, physical; 0: nowhere */
	struct range hole;		/* ram that the dump does not have, physical */
	char *info;			/* VMCOREINFO */
	size_t info_len;
};

void die(const struct desc *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));
/* calloc() that does not fail */
void *take(size_t n);
/* fopen() and fclose() that do not; the path is out and suffix */
FILE *create(const char *out, const char *suffix);
void finish(FILE *f);

void desc_read(struct desc *d, const char *path);

/* desc-log.c: "log" and "msg" lines */
void log_read(struct desc *d, char *line);
void msg_read(struct desc *d, char *line);

/* words.c: the pieces of a line */
/* the next word, or NULL; "quoted text" is one word, with \n \t \r \0 \" \\ \xHH */
char *word(struct desc *d, char **line, size_t *len);
char *next_word(struct desc *d, char **line);
uint64_t number(struct desc *d, const char *text);
/* "FROM-TO", or "N" for [N, N + 1) */
struct range range(struct desc *d, char *text);
/* "zero", "text" or "random" */
bool content(const char *name, enum content *c);

/* memory.c */
void memory_open(struct gen *g);
void put(struct gen *g, uint64_t phys, const void *buf, size_t len);
void put8(struct gen *g, uint64_t phys, uint8_t value);
void put16(struct gen *g, uint64_t phys, uint16_t value);
void put32(struct gen *g, uint64_t phys, uint32_t value);
void put64(struct gen *g, uint64_t phys, uint64_t value);
/* room in the kernel's own part of memory */
uint64_t alloc(struct gen *g, uint64_t len, uint64_t align);
void fill(struct gen *g, uint64_t pfn, enum content content);
bool is_ram(const struct desc *d, uint64_t phys);
uint64_t phys_base(const struct desc *d);
uint64_t static_address(const struct desc *d, uint64_t phys);
uint64_t linear_address(const struct desc *d, uint64_t phys);
/* page tables: map [virt, virt + len) to phys with pages of 1 << shift bytes */
void map(struct gen *g, uint64_t virt, uint64_t phys, uint64_t len, unsigned shift);
void map_kernel(struct gen *g);

/* memmap.c: sections and struct pages */
void memmap_make(struct gen *g);
/* a kernel with several nodes has one array of struct pages for each */
unsigned node_count(const struct desc *d);
struct range node_pfns(const struct gen *g, unsigned node);
/* where the struct page of a pfn is in physical memory; die() if there is none */
uint64_t page_phys(struct gen *g, uint64_t pfn);
uint64_t page_virt(struct gen *g, uint64_t pfn);

/* node.c: nodes, their zones and free lists */
enum { PGDAT_LEN = 4096, PGDAT_MEM_MAP = 3032, PGDAT_NR_ZONES = 3000, PGDAT_START = 3008,
       PGDAT_SPANNED = 3016, PGDAT_ID = 3024, FREE_AREA_LEN = 104, ZONE_FREE_AREA = 192,
       FREE_LISTS = 6, NODE_DATA = 64 };
void nodes_make(struct gen *g);

/* page.c: what the description says of single pages */
const struct page_kind *page_kind_find(const char *name);
void pages_make(struct gen *g);
uint64_t block_of(const struct page_line *l, const struct desc *d);

/* log.c */
struct expect;
struct log_kind {
	const char *name;
	void (*make)(struct gen *g, struct expect *e);
	void (*info)(struct gen *g);
};
const struct log_kind *log_kind_find(const char *name);
/* the files OUT.log, OUT.rawlog, OUT.kmsg, OUT.newlog: what dumpmsg must print */
struct expect *expect_open(const struct desc *d, const char *out);
void expect_close(struct expect *e);

/* what is printed of one record */
struct line {
	bool timed;
	uint64_t usec, seq;
	unsigned level;			/* facility * 8 + level */
	bool has_caller;
	uint32_t caller;
	const char *text;
	size_t len;
	char mark;			/* in /dev/kmsg */
	const char *subsystem, *device;	/* NULL: none */
	bool cleared;			/* written before dmesg --clear */
};
/* caller: in a column of its own */
void expect_line(struct expect *e, const struct line *l, bool caller);
enum lost { LOST_MISSING, LOST_DAMAGED };
/* so many records lost, 0: some; those in a row are one line */
void expect_gap(struct expect *e, enum lost why, uint64_t n);

/* log-ring.c, log-records.c, log-chars.c */
void ring_make(struct gen *g, struct expect *e);
void ring_info(struct gen *g);
void records_make(struct gen *g, struct expect *e);
void records_info(struct gen *g);
void chars_make(struct gen *g, struct expect *e);
void chars_info(struct gen *g);
/* the flags of a record in the log */
enum { LOG_NEWLINE = 2, LOG_PREFIX = 4, LOG_CONT = 8 };

/* info.c */
void info_make(struct gen *g);
/* the same of the kernel as it was linked: what its file says, before it has run */
void info_linked(const struct gen *g, FILE *f);
/* one line, if the kernel is in [since, until) and the description does not omit it */
void key(struct gen *g, unsigned since, unsigned until, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* elf.c */
void elf_write(struct gen *g, const char *path);

#endif
