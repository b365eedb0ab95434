/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <endian.h>
#include <stddef.h>
#include <string.h>

#include "codec.h"
#include "cursor.h"
#include "elf-mark.h"
#include "laid.h"
#include "num.h"

enum { ELF_HEADERS_MAX = 256 << 20 };	/* bytes; what a reader would take */

static uint32_t u32_of(const uint8_t *p, bool swap)
{
	struct cursor c = cursor_over(p, 4, swap);

	return cursor_u32(&c);
}

static uint16_t u16_of(const uint8_t *p, bool swap)
{
	struct cursor c = cursor_over(p, 2, swap);

	return cursor_u16(&c);
}

static uint64_t u64_of(const uint8_t *p, bool swap)
{
	struct cursor c = cursor_over(p, 8, swap);

	return cursor_u64(&c);
}

static bool is_kdump(const struct laid *l)
{
	return memcmp(l->head, KDUMP_SIGNATURE, 8) == 0;
}

/* a dump of the other byte order than ours? A kdump file's block size tells */
static bool is_swapped(const struct laid *l)
{
	uint32_t block = u32_of(l->head + KDUMP_BLOCK_SIZE, false);

	if (!is_kdump(l))
		return (l->head[EI_DATA] == ELFDATA2LSB) != (__BYTE_ORDER == __LITTLE_ENDIAN);
	return !num_is_power_of_2(block) || block > 262144 || block < 4096;
}

/* an ELF dump of a machine whose e_flags can say that it is incomplete */
static bool is_elf(const struct laid *l)
{
	bool swap = is_swapped(l);

	return memcmp(l->head, ELFMAG, SELFMAG) == 0 && l->head[EI_CLASS] == ELFCLASS64 &&
	       u16_of(l->head + offsetof(Elf64_Ehdr, e_type), swap) == ET_CORE &&
	       elf_has_mark(u16_of(l->head + offsetof(Elf64_Ehdr, e_machine), swap));
}

uint64_t laid_status_at(const struct laid *l)
{
	return is_kdump(l) ? KDUMP_STATUS : is_elf(l) ? offsetof(Elf64_Ehdr, e_flags) : 0;
}

/* the bit that says so */
static uint32_t mark_of(const struct laid *l)
{
	return is_kdump(l) ? KDUMP_INCOMPLETE : ELF_INCOMPLETE;
}

/* how much of the head must have come before the status can be written */
static uint64_t needed(const struct laid *l)
{
	return is_kdump(l) ? sizeof l->head : sizeof(Elf64_Ehdr);
}

/* where the page descriptors begin: behind all that a reader needs to open the file */
static uint64_t descs_at(const struct laid *l)
{
	bool swap = is_swapped(l);
	uint64_t blocks = 1 + (uint64_t)u32_of(l->head + KDUMP_SUB_BLOCKS, swap) +
			  u32_of(l->head + KDUMP_BITMAP_BLOCKS, swap);

	return blocks * u32_of(l->head + KDUMP_BLOCK_SIZE, swap);
}

/*
 * What may be needed to mend the status of a dump that was cut, which comes last:
 * the file's header, and from the first descriptors the codec.
 */
static void remember(struct laid *l, const uint8_t *buf, size_t len, uint64_t at)
{
	bool swap = is_swapped(l);

	if (is_kdump(l) && at >= sizeof l->head && at == descs_at(l)) {
		for (size_t i = 0; i + KDUMP_DESC_LEN <= len; i += KDUMP_DESC_LEN)
			l->codecs |= u32_of(buf + i + KDUMP_DESC_FLAGS, swap) & CODEC_FLAGS;
		l->marked = false;	/* the codecs are still to be said */
	}
	if (at >= sizeof l->head)
		return;
	if (len > sizeof l->head - at)
		len = sizeof l->head - (size_t)at;
	memcpy(l->head + at, buf, len);
}

void laid_see(struct laid *l, uint8_t *buf, size_t len, uint64_t at)
{
	bool little, host_little = __BYTE_ORDER == __LITTLE_ENDIAN;
	uint64_t byte;

	if (len == 0)
		return;
	remember(l, buf, len, at);
	/* the stream's own status is kept back: what is written of it has the bit, too */
	little = is_swapped(l) != host_little;
	byte = laid_status_at(l) + (little ? 0 : 3);
	if (laid_status_at(l) && byte >= at && byte - at < len)
		buf[byte - at] |= (uint8_t)mark_of(l);
	if (at + len > l->seen)
		l->seen = at + len;
}

/* false as long as the header has not come whole, and for other files */
static bool status_of(const struct laid *l, uint32_t bits, uint8_t out[4])
{
	bool swap = is_swapped(l);
	uint64_t at = laid_status_at(l);
	uint32_t status = u32_of(l->head + at, swap) | bits;

	if (at == 0 || l->end < needed(l))
		return false;
	status = swap ? __builtin_bswap32(status) : status;
	memcpy(out, &status, sizeof status);
	return true;
}

bool laid_wants_mark(struct laid *l, uint8_t status[4])
{
	l->end = l->seen;
	return !l->marked && laid_mark(l, status);
}

bool laid_mark(struct laid *l, uint8_t status[4])
{
	l->marked = status_of(l, l->codecs | mark_of(l), status);
	return l->marked;
}

bool laid_final_status(const struct laid *l, uint8_t status[4])
{
	return status_of(l, 0, status);
}

bool laid_says_incomplete(const struct laid *l)
{
	uint64_t at = laid_status_at(l);

	return at && u32_of(l->head + at, is_swapped(l)) & mark_of(l);
}

bool laid_is_useful(const struct laid *l)
{
	/* less than its signature may be the beginning of one */
	if (!is_kdump(l))
		return l->end > 0 && memcmp(l->head, KDUMP_SIGNATURE, l->end < 8 ? l->end : 8) != 0;
	return l->end >= sizeof l->head && l->end > descs_at(l);
}

/* where the program headers end, and section header 0 if it counts them */
static uint64_t elf_headers(const struct laid *l)
{
	bool swap = is_swapped(l);
	uint64_t phoff = u64_of(l->head + offsetof(Elf64_Ehdr, e_phoff), swap);
	uint64_t shoff = u64_of(l->head + offsetof(Elf64_Ehdr, e_shoff), swap);
	uint64_t end = u16_of(l->head + offsetof(Elf64_Ehdr, e_phnum), swap);

	end = end == PN_XNUM ? 0 : end * sizeof(Elf64_Phdr);
	if (phoff > ELF_HEADERS_MAX || shoff > ELF_HEADERS_MAX)
		return 0;
	end += phoff;
	return shoff && end < shoff + sizeof(Elf64_Shdr) ? shoff + sizeof(Elf64_Shdr) : end;
}

uint64_t laid_least(const struct laid *l)
{
	if (l->end < needed(l))
		return 0;
	return is_kdump(l) ? descs_at(l) : is_elf(l) ? elf_headers(l) : 0;
}
