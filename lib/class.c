/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules, by kernel version:
 *
 * buddy	2.6.27 to 2.6.37 a page flag; 2.6.38 _mapcount -2; since 2.6.39 -128,
 *		since 4.18 a bit of page_type, exported as PAGE_BUDDY_MAPCOUNT_VALUE
 *		since 3.9 together with the offsets of _mapcount and private, without
 *		which nothing can be said.
 * slab		a page flag, exported since 3.9; since 6.10 a page type.
 * page types	up to 6.10 compared as a whole; 6.11: the low 16 bits are the owner's;
 *		since 6.12 the top byte is the type and the rest the owner's
 *		(include/linux/page-flags.h).
 * compound	order and destructor are in the first tail; where, see class_order.
 */
#include "class.h"
#include "err.h"
#include "kinfo.h"
#include "num.h"
#include "vmcore.h"

enum { MAPPING_ANON = 1, TAIL = 1, MAX_COMPOUND_ORDER = 20, DEFAULT_MAX_ORDER = 11 };

/* a field of so many bytes must lie inside struct page */
static bool offset_of(const struct class *cl, const char *name, size_t bytes, size_t *offset)
{
	uint64_t v;

	if (!kinfo_offset(&cl->vm->info, name, &v) || v > cl->len - bytes)
		return false;
	*offset = (size_t)v;
	return true;
}

static uint64_t flag(const struct class *cl, const char *name)
{
	int64_t bit;

	if (!kinfo_number(&cl->vm->info, name, &bit) || bit < 0 || bit > 63)
		return 0;
	return UINT64_C(1) << bit;
}

static void type_of(struct class *cl, const char *name, struct class_type *type)
{
	int64_t number;

	if (!cl->has_mapcount || !kinfo_number(&cl->vm->info, name, &number))
		return;

	uint32_t value = (uint32_t)number;

	type->known = true;
	type->mask = UINT32_MAX;
	if ((value & 0xffffff) == 0)
		type->mask = 0xff000000;	/* 6.12: the top byte */
	else if ((value & 0xffffff) == 0xffffff && num_is_power_of_2(~value))
		type->mask = 0xffff0000;	/* 6.11: one of the top bits is clear */
	type->value = value & type->mask;
}

/* 64-bit kernels from 2.6.27 to 3.8 had these bits and exported few of them */
static void old_flags(struct class *cl)
{
	unsigned version = cl->vm->info.version;

	if (version < KINFO_VERSION(2, 6, 27) || version >= KINFO_VERSION(3, 17, 0))
		return;
	if (!cl->head)
		cl->head = UINT64_C(1) << 14;
	if (!cl->slab && version < KINFO_VERSION(3, 9, 0))
		cl->slab = UINT64_C(1) << 7;
	/* a vendor's kernel that exports the later value is of the later kind */
	if (version < KINFO_VERSION(2, 6, 38) && !cl->buddy.known)
		cl->buddy_flag = UINT64_C(1) << 19;
}

static void find_flags(struct class *cl)
{
	int64_t mask;

	cl->is_lru = flag(cl, "PG_lru");
	cl->is_private = flag(cl, "PG_private");
	cl->swapcache = flag(cl, "PG_swapcache");
	cl->swapbacked = flag(cl, "PG_swapbacked");
	cl->hwpoison = flag(cl, "PG_hwpoison");
	cl->slab = flag(cl, "PG_slab");
	if (kinfo_number(&cl->vm->info, "PG_head_mask", &mask))
		cl->head = (uint64_t)mask;
	old_flags(cl);
}

/* where order and destructor of a compound are; the names changed four times */
static void find_order(struct class *cl)
{
	const struct kinfo *ki = &cl->vm->info;
	uint64_t v, dtor;
	int64_t id;

	cl->order_bytes = 1;
	if (kinfo_number(ki, "HUGETLB_PAGE_DTOR", &id) && id > 0)
		cl->hugetlb_dtor = (uint64_t)id;
	if (cl->hugetlb_type.known || flag(cl, "PG_hugetlb")) {
		cl->order_from = ORDER_FLAGS;
		cl->hugetlb_tail_flag = cl->hugetlb_type.known ? 0 : flag(cl, "PG_hugetlb");
	} else if (kinfo_offset(ki, "folio._folio_order", &v) && v >= cl->len &&
		   v < 2 * cl->len) {
		cl->order_from = ORDER_FOLIO;
		cl->order_offset = (size_t)(v - cl->len);
		cl->has_dtor = kinfo_offset(ki, "folio._folio_dtor", &dtor) &&
			       dtor >= cl->len && dtor < 2 * cl->len;
		if (cl->has_dtor)
			cl->dtor_offset = (size_t)(dtor - cl->len);
	} else if (offset_of(cl, "page.compound_order", 2, &cl->order_offset)) {
		cl->order_from = ORDER_PAGE;
		/* shorts until 4.15, bytes since */
		if (ki->version < KINFO_VERSION(4, 16, 0))
			cl->order_bytes = 2;
		cl->has_dtor = offset_of(cl, "page.compound_dtor", 2, &cl->dtor_offset);
	} else if (ki->version >= KINFO_VERSION(6, 6, 0)) {
		/* a kernel without hugetlbfs */
		cl->order_from = ORDER_FLAGS;
	} else if (cl->has_lru && ki->version && ki->version < KINFO_VERSION(4, 5, 0)) {
		cl->order_from = ORDER_LRU;
		if (!kinfo_symbol(ki, "free_huge_page", &cl->hugetlb_dtor))
			cl->hugetlb_dtor = 0;
	}
}

int class_open(struct class *cl, const struct vmcore *vm)
{
	const struct kinfo *ki = &vm->info;
	uint64_t len, orders;

	*cl = (struct class){ .vm = vm };
	if (!kinfo_size(ki, "page", &len) || len < 32 || len > 512)
		return fail(ERR_UNKNOWN, "struct page: VMCOREINFO has no usable SIZE(page)");
	cl->len = (size_t)len;
	if (!offset_of(cl, "page.flags", 8, &cl->flags) ||
	    !offset_of(cl, "page.mapping", 8, &cl->mapping))
		return fail(ERR_UNKNOWN, "struct page: VMCOREINFO lacks flags or mapping");
	cl->has_mapcount = offset_of(cl, "page._mapcount", 4, &cl->mapcount);
	cl->has_private = offset_of(cl, "page.private", 8, &cl->private);
	cl->has_lru = offset_of(cl, "page.lru", 16, &cl->lru);
	cl->has_compound = offset_of(cl, "page.compound_head", 8, &cl->compound) ||
			   offset_of(cl, "page.compound_info", 8, &cl->compound);
	cl->max_order = DEFAULT_MAX_ORDER;
	cl->has_max_order = kinfo_length(ki, "zone.free_area", &orders) && orders > 0 &&
			    orders <= MAX_COMPOUND_ORDER;
	if (cl->has_max_order)
		cl->max_order = (unsigned)orders;

	type_of(cl, "PAGE_BUDDY_MAPCOUNT_VALUE", &cl->buddy);
	type_of(cl, "PAGE_SLAB_MAPCOUNT_VALUE", &cl->slab_type);
	type_of(cl, "PAGE_HUGETLB_MAPCOUNT_VALUE", &cl->hugetlb_type);
	type_of(cl, "PAGE_OFFLINE_MAPCOUNT_VALUE", &cl->offline);
	type_of(cl, "PAGE_UNACCEPTED_MAPCOUNT_VALUE", &cl->unaccepted);
	find_flags(cl);
	find_order(cl);
	/* the meaning of private in a free page needs both keys */
	cl->no_free = !cl->has_private || (!cl->buddy.known && !cl->buddy_flag);
	/* a slab page's mapping may be odd: without a way to know slab, nothing is anonymous */
	cl->no_user = !cl->slab && !cl->slab_type.known;
	cl->no_cache = !cl->is_lru;
	/* transparent huge pages came with 2.6.38 */
	cl->no_compound = (!cl->head || cl->order_from == ORDER_NONE) &&
			  ki->version >= KINFO_VERSION(2, 6, 38);
	return 0;
}

static bool is_type(const struct class_type *type, uint32_t word)
{
	return type->known && (word & type->mask) == type->value;
}

/* 2^order, as long as that is what a block beginning at pfn can be */
static uint64_t block(uint64_t pfn, uint64_t order)
{
	if (order > MAX_COMPOUND_ORDER || pfn & ((UINT64_C(1) << order) - 1))
		return 1;
	return UINT64_C(1) << order;
}

static uint64_t small_number(const struct class *cl, const uint8_t *p)
{
	return cl->order_bytes == 2 ? vmcore_u16(cl->vm, p) : *p;
}

/* order of the compound whose first tail is at next, and whether hugetlbfs has it */
static uint64_t compound(const struct class *cl, const uint8_t *next, uint32_t word,
			 bool *hugetlb)
{
	uint64_t tail_flags = vmcore_u64(cl->vm, next + cl->flags);

	*hugetlb = false;
	/* a head without a tail is no head */
	if (cl->has_compound && !(vmcore_u64(cl->vm, next + cl->compound) & TAIL))
		return 0;
	switch (cl->order_from) {
	case ORDER_FLAGS:
		*hugetlb = is_type(&cl->hugetlb_type, word) ||
			   (tail_flags & cl->hugetlb_tail_flag) != 0;
		return tail_flags & 0xff;
	case ORDER_FOLIO:
	case ORDER_PAGE:
		*hugetlb = cl->has_dtor && cl->hugetlb_dtor &&
			   small_number(cl, next + cl->dtor_offset) == cl->hugetlb_dtor;
		return small_number(cl, next + cl->order_offset);
	case ORDER_LRU:
		*hugetlb = cl->hugetlb_dtor &&
			   vmcore_u64(cl->vm, next + cl->lru) == cl->hugetlb_dtor;
		return vmcore_u64(cl->vm, next + cl->lru + 8);
	case ORDER_NONE:
		break;
	}
	return 0;
}

struct class_page class_of(const struct class *cl, const uint8_t *page, const uint8_t *next,
			   uint64_t pfn)
{
	const struct vmcore *vm = cl->vm;
	struct class_page r = { .kind = PAGE_NEEDED, .npages = 1 };
	uint64_t flags = vmcore_u64(vm, page + cl->flags);
	uint64_t mapping = vmcore_u64(vm, page + cl->mapping);
	uint32_t word = cl->has_mapcount ? vmcore_u32(vm, page + cl->mapcount) : UINT32_MAX;
	bool tail = cl->has_compound && vmcore_u64(vm, page + cl->compound) & TAIL;
	bool hugetlb = false;
	uint64_t npages = 1;

	if (!tail && flags & cl->head && next)
		npages = block(pfn, compound(cl, next, word, &hugetlb));
	/* the flag is on the very page, tail or not; of hugetlbfs, only the head has it */
	r.poisoned = flags & cl->hwpoison;
	if (tail)
		return r;

	bool slab = flags & cl->slab || is_type(&cl->slab_type, word);
	bool cache = flags & cl->is_lru ||
		     (flags & cl->swapcache && (!cl->swapbacked || flags & cl->swapbacked));
	bool anon_bit = mapping & MAPPING_ANON;
	bool anon = anon_bit && !slab && !cl->no_user;

	r.npages = npages;
	if (!cl->no_free && !slab && (is_type(&cl->buddy, word) || flags & cl->buddy_flag)) {
		uint64_t order = vmcore_u64(vm, page + cl->private);

		/* a block that contradicts itself is kept */
		r.npages = order < cl->max_order ? block(pfn, order) : 0;
		r.kind = r.npages == UINT64_C(1) << (order & 63) ? PAGE_FREE : PAGE_NEEDED;
		if (r.kind == PAGE_NEEDED)
			r.npages = 1;
	} else if (is_type(&cl->unaccepted, word)) {
		r.kind = PAGE_UNACCEPTED;
		r.npages = cl->has_max_order ? block(pfn, cl->max_order - 1) : 1;
	} else if (cache && !anon_bit) {
		/* a kernel that does not say which is private has private ones all the same */
		r.kind = !cl->is_private || flags & cl->is_private ? PAGE_CACHE_PRIVATE :
								     PAGE_CACHE;
	} else if (anon || hugetlb) {
		r.kind = PAGE_USER;
		r.one_piece = hugetlb;
	} else if (is_type(&cl->offline, word)) {
		r.kind = PAGE_OFFLINE;
	} else {
		r.npages = 1;
	}
	return r;
}

bool class_left_out(enum page_kind kind, unsigned level)
{
	switch (kind) {
	case PAGE_CACHE:
		return level & (DUMP_CACHE | DUMP_CACHE_PRIVATE);
	case PAGE_CACHE_PRIVATE:
		return level & DUMP_CACHE_PRIVATE;
	case PAGE_USER:
		return level & DUMP_USER;
	case PAGE_FREE:
	case PAGE_UNACCEPTED:
		return level & DUMP_FREE;
	case PAGE_HWPOISON:
	case PAGE_OFFLINE:
		return true;
	default:
		return false;
	}
}

const char *class_name(enum page_kind kind)
{
	static const char *const names[PAGE_KINDS] = {
		[PAGE_NEEDED] = "needed", [PAGE_CACHE] = "cache",
		[PAGE_CACHE_PRIVATE] = "cache-private", [PAGE_USER] = "user",
		[PAGE_FREE] = "free", [PAGE_UNACCEPTED] = "unaccepted",
		[PAGE_HWPOISON] = "hwpoison", [PAGE_OFFLINE] = "offline",
		[PAGE_ZERO] = "zero",
	};

	return names[kind];
}
