/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of one kernel, from its VMCOREINFO and, where that says nothing, from the
 * tables of class-rules.c, as far as they do not contradict what it says.
 */
#include <byteswap.h>

#include "class.h"
#include "class-rules.h"
#include "err.h"
#include "kinfo.h"
#include "num.h"
#include "vmcore.h"

enum {
	TAIL = 1, PAGE_STRUCT_MIN = 32, PAGE_STRUCT_MAX = 512,
	DEFAULT_ORDERS = 11, ORDERS_MAX = 20,
};

/* a field of so many bytes must lie inside struct page */
static bool offset_of(const struct class *cl, const char *name, size_t bytes, size_t *offset)
{
	uint64_t v;

	if (!kinfo_offset(&cl->vm->info, name, &v) || v > cl->len - bytes)
		return false;
	*offset = (size_t)v;
	return true;
}

/* a bit's number may be an invented kernel's: 0 where there is no such bit */
static uint64_t bit(int64_t number)
{
	return number < 0 || number > 63 ? 0 : UINT64_C(1) << number;
}

static uint64_t flag(const struct class *cl, const char *name)
{
	int64_t number;

	return kinfo_number(&cl->vm->info, name, &number) ? bit(number) : 0;
}

/* flags are the lower half of page.flags; above are numbers of the node, zone and section */
static void find_flags(struct class *cl, struct class_found *found, bool has_private)
{
	const struct kinfo *ki = &cl->vm->info;
	const struct class_flag_rule *rule = class_flag_rule(ki->version);
	int64_t number, buddy;

	cl->hwpoison = flag(cl, "PG_hwpoison");
	found->lru = (uint32_t)flag(cl, "PG_lru");
	found->private = (uint32_t)flag(cl, "PG_private");
	found->swapcache = (uint32_t)flag(cl, "PG_swapcache");
	found->swapbacked = (uint32_t)flag(cl, "PG_swapbacked");
	found->slab = (uint32_t)flag(cl, "PG_slab");
	if (kinfo_number(ki, "PG_head_mask", &number))
		found->head = (uint32_t)number;
	if (!rule || !kinfo_number(ki, "PG_swapcache", &number))
		return;
	if (!found->head && rule->head)
		found->head = (uint32_t)bit(number + rule->head);
	if (!found->slab)
		found->slab = (uint32_t)bit(rule->slab);
	/* a vendor's kernel that exports the later value is of the later kind */
	if (rule->buddy && has_private && !kinfo_number(ki, "PAGE_BUDDY_MAPCOUNT_VALUE", &buddy))
		found->buddy = (uint32_t)bit(number + rule->buddy);
}

/* a type that fits the word of a page without one, -1, would be every page's */
static void add_type(struct class_found *found, enum page_kind kind, uint32_t mask,
		     uint32_t value)
{
	if (found->ntypes == FACT_TYPE || value == mask)
		return;
	found->type[found->ntypes] = (struct class_type){ .mask = mask, .value = value };
	found->kind[found->ntypes++] = kind;
}

/*
 * The bits of a type word that are the type's and not the owner's, from a value of it:
 * to 6.10 all, in 6.11 the upper half, since 6.12 the top byte.
 */
static uint32_t type_mask(uint32_t value)
{
	static const struct { uint32_t low, is, mask; } rows[] = {
		{ 0x00ffffff, 0x00000000, 0xff000000 },
		{ 0x00ffffff, 0x00ffffff, 0xffff0000 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if ((value & rows[i].low) == rows[i].is)
			return rows[i].mask;
	return UINT32_MAX;
}

/* a type that is exported; 0 and up are counts of mappings. *fits: as the row has it */
static void add_exported(const struct kinfo *ki, struct class_found *found, enum page_kind kind,
			 const char *name, uint32_t row, bool *fits)
{
	int64_t number;

	if (!kinfo_number(ki, name, &number))
		return;
	*fits = *fits && (uint32_t)number == row;
	if ((int32_t)number < 0 && number >= INT32_MIN && number <= UINT32_MAX)
		add_type(found, kind, type_mask((uint32_t)number),
			 (uint32_t)number & type_mask((uint32_t)number));
}

/* types that no kernel exports */
static void add_unexported(struct class_found *found, const struct class_type_rule *rule)
{
	const struct { enum page_kind kind; uint32_t type; } types[] = {
		{ PAGE_TABLE, rule->table }, { PAGE_ZSMALLOC, rule->zsmalloc },
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (!types[i].type)
			continue;
		if (rule->base)		/* a bit that is clear */
			add_type(found, types[i].kind, rule->mask | types[i].type, rule->base);
		else
			add_type(found, types[i].kind, rule->mask, types[i].type);
	}
}

static void find_types(struct class *cl, struct class_found *found, bool has_private)
{
	static const struct class_type_rule none = { 0 };
	const struct kinfo *ki = &cl->vm->info;
	const struct class_type_rule *rule = class_type_rule(ki->version);
	bool fits = rule != NULL;

	if (!offset_of(cl, "page._mapcount", 4, &cl->mapcount)) {
		cl->no_word = UINT32_MAX;
		return;
	}
	if (!rule)
		rule = &none;
	/* what is always kept comes first, should two be the same */
	add_exported(ki, found, PAGE_SLAB, "PAGE_SLAB_MAPCOUNT_VALUE", rule->slab, &fits);
	/* the order of a free block is in private */
	if (has_private)
		add_exported(ki, found, PAGE_FREE, "PAGE_BUDDY_MAPCOUNT_VALUE", rule->buddy, &fits);
	add_exported(ki, found, PAGE_HUGETLB, "PAGE_HUGETLB_MAPCOUNT_VALUE", rule->hugetlb, &fits);
	add_exported(ki, found, PAGE_OFFLINE, "PAGE_OFFLINE_MAPCOUNT_VALUE", rule->offline, &fits);
	add_exported(ki, found, PAGE_UNACCEPTED, "PAGE_UNACCEPTED_MAPCOUNT_VALUE",
		     rule->unaccepted, &fits);
	/* only where what is exported fits the row */
	if (fits && class_has_type(found, PAGE_FREE))
		add_unexported(found, rule);
}

/* where a number of the first tail is; an offset in struct folio counts from the head */
static bool place(const struct class *cl, const struct class_number_rule *rule,
		  uint64_t *offset)
{
	const struct kinfo *ki = &cl->vm->info;

	if (!rule->offset || !kinfo_offset(ki, rule->offset, offset))
		return false;
	if (strncmp(rule->offset, "folio.", 6) == 0) {
		if (*offset < cl->len)
			return false;
		*offset -= cl->len;
	}
	return num_add(*offset, rule->plus, offset);
}

static bool number_of(const struct class *cl, const struct class_number_rule *rule,
		      unsigned bytes, struct class_number *n)
{
	uint64_t offset;

	if (rule->bytes)
		bytes = rule->bytes;
	if (!place(cl, rule, &offset) || offset > cl->len - bytes)
		return false;
	n->offset = (size_t)offset;
	n->bytes = bytes;
	n->mask = rule->mask ? rule->mask : UINT64_MAX;
	return true;
}

/* destructor and order stand side by side: bytes, shorts or words, as far as they are apart */
static unsigned width(const struct class *cl, const struct class_compound_rule *rule)
{
	uint64_t order, destructor;

	if (place(cl, &rule->order, &order) && place(cl, &rule->destructor, &destructor) &&
	    (order - destructor == 2 || order - destructor == 4))
		return (unsigned)(order - destructor);
	return 1;
}

/* what hugetlbfs's compounds have there; false: it cannot be told */
static bool destructor(struct class *cl, const struct class_compound_rule *rule)
{
	const struct kinfo *ki = &cl->vm->info;
	int64_t id = 0;

	switch (rule->hugetlb) {
	case HUGETLB_TYPE:
		return false;
	case HUGETLB_FLAG:
		cl->hugetlb.mask = cl->hugetlb.value = flag(cl, rule->number);
		return cl->hugetlb.mask != 0;
	case HUGETLB_ID:
		if (!kinfo_number(ki, "HUGETLB_PAGE_DTOR", &id) || id <= 0)
			return false;
		cl->hugetlb.value = (uint64_t)id;
		return true;
	case HUGETLB_POINTER:
		return kinfo_symbol(ki, "free_huge_page", &cl->hugetlb.value);
	}
	return false;
}

/* where order and destructor of a compound are: the first row whose keys are exported */
static void find_order(struct class *cl)
{
	const struct kinfo *ki = &cl->vm->info;
	int64_t number;

	for (int i = 0; i < CLASS_COMPOUND_RULES; i++) {
		const struct class_compound_rule *rule = &class_compound_rules[i];
		unsigned bytes = width(cl, rule);

		if (ki->version < rule->since || (rule->until && ki->version >= rule->until) ||
		    (rule->number && !kinfo_number(ki, rule->number, &number)) ||
		    !number_of(cl, &rule->order, bytes, &cl->order))
			continue;
		if (!number_of(cl, &rule->destructor, bytes, &cl->hugetlb) ||
		    !destructor(cl, rule))
			cl->hugetlb.bytes = 0;
		return;
	}
}

static void find_limits(struct class *cl)
{
	uint64_t orders;

	cl->max_order = DEFAULT_ORDERS;
	cl->has_max_order = kinfo_length(&cl->vm->info, "zone.free_area", &orders) &&
			    orders > 0 && orders <= ORDERS_MAX;
	if (cl->has_max_order)
		cl->max_order = (unsigned)orders;
}

int class_open(struct class *cl, const struct vmcore *vm)
{
	struct class_found found = { 0 };
	bool has_private;
	uint64_t len;

	*cl = (struct class){ .vm = vm, .swap = vm->swap };
	if (!kinfo_size(&vm->info, "page", &len) || len < PAGE_STRUCT_MIN ||
	    len > PAGE_STRUCT_MAX)
		return fail(ERR_UNKNOWN, "struct page: VMCOREINFO has no usable SIZE(page)");
	cl->len = (size_t)len;
	if (!offset_of(cl, "page.flags", 8, &cl->flags) ||
	    !offset_of(cl, "page.mapping", 8, &cl->mapping))
		return fail(ERR_UNKNOWN, "struct page: VMCOREINFO has no usable offsets of flags "
			    "and mapping");
	cl->compound = cl->flags;
	if (offset_of(cl, "page.compound_head", 8, &cl->compound) ||
	    offset_of(cl, "page.compound_info", 8, &cl->compound))
		cl->tail = TAIL;
	has_private = offset_of(cl, "page.private", 8, &cl->private);
	find_flags(cl, &found, has_private);
	find_types(cl, &found, has_private);
	find_order(cl);
	find_limits(cl);
	class_make_tables(cl, &found);
	cl->raw_hwpoison = vm->swap ? bswap_64(cl->hwpoison) : cl->hwpoison;
	/* transparent huge pages came with 2.6.38 */
	cl->no_compound = (!found.head || !cl->order.bytes) &&
			  vm->info.version >= KINFO_VERSION(2, 6, 38);
	return 0;
}
