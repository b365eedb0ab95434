/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that all kernels share, worked out for all that a struct page can say. */
#include "class-rules.h"

_Static_assert(PAGE_KINDS - 1 <= VERDICT_KIND, "a kind must fit into a verdict");

bool class_has_type(const struct class_found *found, enum page_kind kind)
{
	for (unsigned i = 0; i < found->ntypes; i++)
		if (found->kind[i] == kind)
			return true;
	return false;
}

/* which slot's bits a word of this type may have */
static bool may_be(const struct class_type *type, uint32_t bits, uint32_t window)
{
	return ((type->value ^ bits) & type->mask & window) == 0;
}

static bool same_outside(const struct class_type *a, const struct class_type *b, uint32_t window)
{
	return ((a->mask ^ b->mask) & ~window) == 0 && ((a->value ^ b->value) & ~window) == 0;
}

/* by seven bits of the word at most one type is possible; false: these bits do not tell */
static bool place_types(struct class *cl, const struct class_found *found, unsigned shift)
{
	uint32_t window = (uint32_t)(CLASS_TYPE_SLOTS - 1) << shift;

	cl->type_shift = shift;
	for (uint32_t slot = 0; slot < CLASS_TYPE_SLOTS; slot++) {
		struct class_type *first = &cl->type[slot];

		*first = (struct class_type){ .mask = 0, .value = 1 };	/* no word is like this */
		for (unsigned i = 0; i < found->ntypes; i++) {
			if (!may_be(&found->type[i], slot << shift, window))
				continue;
			if (first->number && !same_outside(first, &found->type[i], window))
				return false;
			if (first->number)
				continue;
			*first = found->type[i];
			first->number = i + 1;
		}
	}
	return true;
}

static void make_types(struct class *cl, struct class_found *found)
{
	for (;; found->ntypes--)
		for (unsigned shift = 0; shift <= 32 - 7; shift++)
			if (place_types(cl, found, shift))
				return;
}

static void make_flags(struct class *cl, const struct class_found *found)
{
	const struct { uint32_t flag; unsigned fact; } flags[] = {
		{ found->head, FACT_HEAD }, { found->lru, FACT_LRU },
		{ found->swapcache, FACT_SWAPCACHE }, { found->swapbacked, FACT_SWAPBACKED },
		{ found->private, FACT_PRIVATE }, { found->slab, FACT_SLAB },
		{ found->buddy, FACT_BUDDY },
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		for (unsigned byte = 0; byte < CLASS_FLAG_BYTES; byte++)
			for (unsigned value = 0; value < 256; value++)
				if (flags[i].flag >> 8 * byte & value)
					cl->flag_facts[byte][value] |= (uint16_t)flags[i].fact;
}

/* on an LRU list, or in the swap cache, whose bit means something else on other pages */
static bool is_cache(const struct class_found *found, unsigned facts)
{
	return facts & FACT_LRU ||
	       (facts & FACT_SWAPCACHE && (facts & FACT_SWAPBACKED || !found->swapbacked));
}

/* the rules: what a page is of which these are the facts */
static unsigned judge(const struct class *cl, const struct class_found *found, unsigned facts)
{
	unsigned type = facts & FACT_TYPE, more = facts & FACT_HEAD ? VERDICT_COMPOUND : 0;
	enum page_kind kind = type && type <= found->ntypes ? found->kind[type - 1] : PAGE_NEEDED;

	/* of a compound the head tells all; what a tail says means something else */
	if (facts & FACT_TAIL)
		return PAGE_NEEDED;
	/* slabs of kernels that mark them by a flag use the type word otherwise */
	if (facts & FACT_SLAB)
		return PAGE_SLAB | more;
	if (kind == PAGE_FREE || facts & FACT_BUDDY)
		return PAGE_FREE | VERDICT_ORDER;
	if (kind == PAGE_UNACCEPTED)
		return PAGE_UNACCEPTED | VERDICT_MAX_ORDER;
	if (kind == PAGE_SLAB || kind == PAGE_TABLE || kind == PAGE_ZSMALLOC)
		return kind | more;
	if (kind == PAGE_HUGETLB && facts & FACT_HEAD)
		return PAGE_HUGETLB | VERDICT_COMPOUND;
	/* in use after all: an underflow of _mapcount may look like a type */
	if (kind == PAGE_OFFLINE && !(facts & FACT_ANON) && !is_cache(found, facts))
		return PAGE_OFFLINE;
	if (facts & FACT_ANON)
		return (cl->no_user ? PAGE_NEEDED : PAGE_USER) | more;
	if (!is_cache(found, facts))
		return PAGE_NEEDED | more;
	/* a kernel that does not say which is private has private ones all the same */
	return (facts & FACT_PRIVATE || !found->private ? PAGE_CACHE_PRIVATE : PAGE_CACHE) | more;
}

void class_make_tables(struct class *cl, struct class_found *found)
{
	make_types(cl, found);
	make_flags(cl, found);
	cl->no_free = !class_has_type(found, PAGE_FREE) && !found->buddy;
	/* a slab page's mapping may be odd: without a way to know slab, nothing is anonymous */
	cl->no_user = !class_has_type(found, PAGE_SLAB) && !found->slab;
	cl->no_cache = !found->lru;
	for (unsigned facts = 0; facts < CLASS_FACTS; facts++)
		cl->verdict[facts] = (uint8_t)judge(cl, found, facts);
}
