/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking things up in the tables that kallsyms-open.c describes. */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "err.h"
#include "kallsyms-parts.h"
#include "kinfo.h"

int kallsyms_value(struct kallsyms *ks, uint32_t i, uint64_t *value)
{
	uint64_t at = ks->values + (uint64_t)i * (ks->how == ADDRESSES ? 8 : 4);
	uint32_t raw;

	if (ks->how == ADDRESSES)
		return peek_u64(&ks->peek_values, at, value) ? fail_in("kallsyms") : 0;
	if (peek_u32(&ks->peek_values, at, &raw))
		return fail_in("kallsyms");

	uint64_t offset = (uint64_t)(int64_t)(int32_t)raw;

	switch (ks->how) {
	case PERCPU:
		*value = (int32_t)raw < 0 ? ks->base - 1 - offset : offset;
		return 0;
	case PLACES:
		*value = at + offset;
		return 0;
	default:
		*value = ks->base + raw;
		return 0;
	}
}

/* the tokens of the name at *at, which then is where the next one begins */
int kallsyms_name(struct kallsyms *ks, uint64_t *at, uint64_t *tokens, unsigned *n)
{
	const uint8_t *p = peek(&ks->peek_names, *at, 1);
	unsigned len;

	if (!p)
		return -1;
	len = *p;
	++*at;
	if (ks->two_bytes && len & 0x80) {
		p = peek(&ks->peek_names, *at, 1);
		if (!p)
			return -1;
		len = (len & 0x7f) | (unsigned)*p << 7;
		++*at;
	}
	if (len == 0 || len > KALLSYMS_NAME)
		return -fail(ERR_CORRUPT, "kallsyms: a name of %u tokens at %#" PRIx64, len,
			     *at);
	*tokens = *at;
	*n = len;
	*at += len;
	return 0;
}

uint32_t kallsyms_block_size(const struct kallsyms *ks, uint32_t block)
{
	return block < ks->n / BLOCK ? BLOCK : ks->n % BLOCK;
}

uint32_t kallsyms_blocks(const struct kallsyms *ks)
{
	return (ks->n + BLOCK - 1) / BLOCK;
}

int kallsyms_block(struct kallsyms *ks, uint32_t block, uint64_t *at)
{
	uint64_t where = ks->markers + ks->marker_size * (uint64_t)block, marker;
	uint32_t marker32;

	if (ks->marker_size == 4 ? peek_u32(&ks->peek_values, where, &marker32) :
				   peek_u64(&ks->peek_values, where, &marker))
		return -1;
	if (ks->marker_size == 4)
		marker = marker32;
	if (marker >= ks->markers - ks->names)
		return fail(ERR_CORRUPT, "kallsyms: block %" PRIu32 " begins at %#" PRIx64,
			    block, marker);
	*at = ks->names + marker;
	return 0;
}

/* as it is stored: the type comes first. Cut, and ended, to fit */
static int expand(struct kallsyms *ks, uint64_t tokens, unsigned n, char *text, size_t room)
{
	const uint8_t *token = peek(&ks->peek_names, tokens, n);
	size_t used = 0;

	if (!token)
		return -1;
	for (unsigned i = 0; i < n && used < room - 1; i++) {
		const char *from = ks->table + ks->token[token[i]];
		size_t len = (size_t)(ks->token[token[i] + 1] - ks->token[token[i]] - 1);

		if (len > room - 1 - used)
			len = room - 1 - used;
		memcpy(text + used, from, len);
		used += len;
	}
	text[used] = '\0';
	return 0;
}

static int name_of(struct kallsyms *ks, uint32_t i, struct symbol *s)
{
	char text[KALLSYMS_NAME + 1];
	uint64_t tokens;
	unsigned n;

	if (i != ks->next) {
		uint32_t skip = i % BLOCK;

		ks->next = UINT32_MAX;
		if (kallsyms_block(ks, i / BLOCK, &ks->next_at))
			return -1;
		for (; skip > 0; skip--)
			if (kallsyms_name(ks, &ks->next_at, &tokens, &n))
				return -1;
	}
	ks->next = UINT32_MAX;
	if (kallsyms_name(ks, &ks->next_at, &tokens, &n) || expand(ks, tokens, n, text, sizeof text))
		return -1;
	ks->next = i + 1;
	s->type = text[0] > ' ' && text[0] <= '~' ? text[0] : '?';
	memset(s->name, 0, sizeof s->name);
	if (text[0])
		kinfo_printable(s->name, text + 1, strlen(text + 1));
	return 0;
}

uint32_t kallsyms_count(const struct kallsyms *ks)
{
	return ks->n;
}

int kallsyms_get(struct kallsyms *ks, uint32_t i, struct symbol *s)
{
	s->size = 0;
	if (i >= ks->n)
		return 0;
	return kallsyms_value(ks, i, &s->at) || name_of(ks, i, s) ? -1 : 1;
}

/* the first symbol whose address is not below (or, if above is set, is above) this one */
int kallsyms_bound(struct kallsyms *ks, uint64_t address, bool above, uint32_t *found)
{
	uint32_t low = 0, high = ks->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint64_t value;

		if (kallsyms_value(ks, middle, &value))
			return -1;
		if (value < address || (above && value == address))
			low = middle + 1;
		else
			high = middle;
	}
	*found = low;
	return 0;
}

/* what the kernel takes for its image's, kernel/kallsyms.c:is_ksym_addr() */
static bool has(const struct kallsyms *ks, uint64_t address)
{
	if (ks->end)
		return address >= ks->first && address < ks->end;
	return (address >= ks->first && address < ks->text_end) ||
	       (address >= ks->init && address < ks->init_end);
}

/* where the last symbol ends */
static uint64_t image_end(const struct kallsyms *ks, uint64_t address)
{
	if (address >= ks->init && address < ks->init_end)
		return ks->init_end;
	return ks->end ? ks->end : ks->text_end;
}

int kallsyms_at(struct kallsyms *ks, uint64_t address, struct symbol *s)
{
	uint32_t first, next;
	uint64_t end;

	if (!has(ks, address))
		return 0;
	if (kallsyms_bound(ks, address, true, &next))
		return -1;
	if (next == 0)
		return 0;
	/* of several with the same address the kernel names the first */
	if (kallsyms_value(ks, next - 1, &s->at) || kallsyms_bound(ks, s->at, false, &first))
		return -1;
	if (next == ks->n)
		end = image_end(ks, address);
	else if (kallsyms_value(ks, next, &end))
		return -1;
	s->size = end > s->at ? end - s->at : 0;
	if (first >= ks->n)
		return fail(ERR_CORRUPT, "kallsyms: the symbols are not in order");
	return name_of(ks, first, s) ? fail_in("kallsyms") : 1;
}

static size_t match(struct kallsyms *ks, const char *text, uint32_t i,
		    const char *const *names, uint64_t *addresses, size_t n)
{
	size_t found = 0;
	uint64_t value;

	for (size_t k = 0; k < n; k++)
		if (!addresses[k] && names[k][0] == text[1] &&
		    strcmp(names[k], text + 1) == 0 &&
		    kallsyms_value(ks, i, &value) == 0 && value) {
			addresses[k] = value;
			found++;
		}
	return found;
}

struct wanted {
	const char *const *names;
	uint64_t *addresses;
	size_t n, found;
	bool length[KALLSYMS_NAME + 1];	/* one of the names is so long */
};

/* most names are passed over by their length: they need not be expanded */
static bool is_wanted(struct kallsyms *ks, const struct wanted *w, uint64_t tokens, unsigned n)
{
	const uint8_t *token = peek(&ks->peek_names, tokens, n);
	size_t len = 0;

	for (unsigned i = 0; token && i < n; i++)
		len += (size_t)(ks->token[token[i] + 1] - ks->token[token[i]] - 1);
	/* what cannot be read is not passed over: expand() finds that out */
	return !token || len > KALLSYMS_NAME || w->length[len];
}

static int find_in_block(struct kallsyms *ks, uint32_t block, struct wanted *w)
{
	char text[KALLSYMS_NAME + 1];
	uint64_t at, tokens;
	unsigned len;

	if (kallsyms_block(ks, block, &at))
		return -1;
	for (uint32_t i = 0; i < kallsyms_block_size(ks, block) && w->found < w->n; i++) {
		if (kallsyms_name(ks, &at, &tokens, &len))
			return -1;
		if (!is_wanted(ks, w, tokens, len))
			continue;
		if (expand(ks, tokens, len, text, sizeof text))
			return -1;
		if (text[0])
			w->found += match(ks, text, block * BLOCK + i, w->names, w->addresses,
					  w->n);
	}
	return 0;
}

/* a block that cannot be read has no names; that is no reason to do without the others */
int kallsyms_find(struct kallsyms *ks, const char *const *names, uint64_t *addresses, size_t n)
{
	struct wanted w = { .names = names, .addresses = addresses, .n = n };

	for (size_t k = 0; k < n; k++) {
		size_t len = strlen(names[k]) + 1;	/* with its type */

		addresses[k] = 0;
		if (len <= KALLSYMS_NAME)
			w.length[len] = true;
	}
	for (uint32_t b = 0; b < kallsyms_blocks(ks) && w.found < n; b++)
		if (find_in_block(ks, b, &w) && err_code() == ERR_STOPPED)
			return -1;
	return (int)w.found;
}
