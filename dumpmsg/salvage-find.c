/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a printk_ringbuffer's three arrays look like in memory (see ring.h).
 *
 * Descriptors: state words whose ids rise by one from each to the next, with positions
 * in the ring of text that can be such. Infos: sequence numbers that rise by one, and
 * times that do not fall. Text: a word that can be an id, then characters, and soon
 * after it the next id. The first lap's ids are those before 2^62 (2^30), because the
 * kernel begins one lap below zero; later ones are small.
 */
#include <byteswap.h>
#include <elf.h>
#include <string.h>

#include "kinfo.h"
#include "salvage.h"
#include "vmcore.h"

enum {
	LEAST = 2,			/* pairs, to be a run */
	BLOCK_MAX = 1 << 17,		/* bytes of text that a record can have, and more */
	CHAIN_MAX = SALVAGE_AHEAD,	/* bytes from an id to the next */
	BACK = 1000000000,		/* nanoseconds that two processors' clocks may differ */
};

static void usual_layout(struct ring_layout *l, uint64_t word)
{
	*l = (struct ring_layout){
		.word = word, .desc_size = 3 * word, .info_size = 88,
		.text_blk_lpos = word, .next = word,
		.ts_nsec = 8, .text_len = 16, .caller_id = 20,
		.has_device = true, .dev_info = 24, .device = 16,
		.subsystem_len = 16, .device_len = 48,
	};
}

static bool is_32_bit(uint16_t machine)
{
	static const uint16_t machines[] = { EM_386, EM_ARM, EM_PPC, EM_MIPS };

	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
		if (machines[i] == machine)
			return true;
	return false;
}

void salvage_find_open(struct salvage_find *f, const struct vmcore *vm)
{
	*f = (struct salvage_find){ .vm = vm };
	usual_layout(&f->l, is_32_bit(vm->machine) ? 4 : 8);
	f->id_mask = UINT64_MAX >> (64 - 8 * f->l.word + 2);
}

static bool is_usual(const struct ring_layout *l)
{
	struct ring_layout usual;

	usual_layout(&usual, l->word);
	return l->desc_size == usual.desc_size && l->info_size == usual.info_size &&
	       l->state_var + l->counter == 0 && l->text_blk_lpos == usual.text_blk_lpos &&
	       l->begin == usual.begin && l->next == usual.next && l->seq == usual.seq &&
	       l->ts_nsec == usual.ts_nsec && l->text_len == usual.text_len;
}

bool salvage_find_open_other(struct salvage_find *f, const struct vmcore *vm)
{
	struct ring_layout l;

	if (ring_layout_read(&l, &vm->info) ||
	    (is_usual(&l) && l.word == (is_32_bit(vm->machine) ? 4 : 8)) ||
	    l.desc_size % l.word || l.desc_size / l.word >= SALVAGE_OPEN ||
	    l.info_size % l.word || l.info_size / l.word >= SALVAGE_OPEN)
		return false;
	*f = (struct salvage_find){ .vm = vm, .l = l };
	f->id_mask = UINT64_MAX >> (64 - 8 * l.word + 2);
	return true;
}

/* inlined where word and swap are constants */
static inline uint64_t get(const uint8_t *p, unsigned word, bool swap)
{
	uint64_t wide;
	uint32_t narrow;

	if (word == 8) {
		memcpy(&wide, p, sizeof wide);
		return swap ? bswap_64(wide) : wide;
	}
	memcpy(&narrow, p, sizeof narrow);
	return swap ? bswap_32(narrow) : narrow;
}

static uint64_t word_at(const struct salvage_find *f, const uint8_t *p)
{
	return get(p, (unsigned)f->l.word, f->vm->swap);
}

/* positions that this record's text can have; where they are in the ring is not known yet */
static bool can_be_desc(const struct salvage_find *f, const uint8_t *desc)
{
	const struct ring_layout *l = &f->l;
	uint64_t begin = word_at(f, desc + l->text_blk_lpos + l->begin);
	uint64_t next = word_at(f, desc + l->text_blk_lpos + l->next);
	uint64_t len = (next - begin) & (UINT64_MAX >> (64 - 8 * l->word));

	if (begin & next & 1)
		return begin == next;
	return begin % l->word == 0 && len % l->word == 0 && len > 0 && len < BLOCK_MAX;
}

static bool can_be_info(const struct salvage_find *f, const uint8_t *info)
{
	const struct ring_layout *l = &f->l;
	uint64_t now = vmcore_u64(f->vm, info + l->ts_nsec);
	uint64_t then = vmcore_u64(f->vm, info + l->info_size + l->ts_nsec);

	return now >> 62 == 0 && then >> 62 == 0 && now <= then + BACK &&
	       vmcore_u64(f->vm, info + l->seq) >> 48 == 0;
}

/*
 * Behind an id there is text: characters up to the end of a word, or a NUL. Of other bytes
 * only those of UTF-8, so that no pointers are taken for text.
 */
bool salvage_is_text(const uint8_t *text)
{
	unsigned more = 0;		/* bytes that the character still has */

	for (unsigned i = 0; i < sizeof(uint64_t); i++) {
		uint8_t c = text[i];

		if (c == 0)
			return i > 0 && more == 0;
		if (c < 0x80 ? more > 0 || (c < ' ' && c != '\t' && c != '\n' && c != '\33') || c == 0x7f :
			       (c < 0xc0) != (more > 0) || c > 0xf4)
			return false;
		if (c >= 0xc0)
			more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		else if (more > 0)
			more--;
	}
	return true;
}

static void close_run(struct salvage_runs *to, struct salvage_run *run)
{
	if (run->n >= LEAST) {
		run->n++;
		salvage_keep(to, *run);
	}
	run->n = 0;
}

/* this and the next one are a pair */
static void take_pair(struct salvage_runs *to, struct salvage_run *run, uint64_t phys,
		      uint64_t key, uint64_t size)
{
	if (run->n == 0 || run->phys + run->n * size != phys) {
		close_run(to, run);
		*run = (struct salvage_run){ .phys = phys, .key = key };
	}
	run->n++;
}

static void close_chain(struct salvage_find *f, struct salvage_chain *c)
{
	if (c->run.n > LEAST)
		salvage_keep(&f->texts, c->run);
	c->run.n = 0;
}

/* the next of a chain, or the first of one that takes the place of the least likely */
static void take_block(struct salvage_find *f, uint64_t phys, uint64_t id)
{
	struct salvage_chain *worst = &f->chain[0];

	for (struct salvage_chain *c = f->chain; c < f->chain + SALVAGE_CHAINS; c++) {
		if (c->run.n && phys - c->last > CHAIN_MAX)
			close_chain(f, c);
		if (c->run.n && c->run.key + c->run.n == id) {
			c->run.n++;
			c->last = phys;
			return;
		}
		if (c->run.n < worst->run.n ||
		    (c->run.n == worst->run.n && c->last < worst->last))
			worst = c;
	}
	if (worst->run.n > 1)
		return;
	*worst = (struct salvage_chain){ .run = { phys, id, 1 }, .last = phys };
}

static inline __attribute__((always_inline)) void
look(struct salvage_find *f, const uint8_t *p, size_t len, uint64_t phys, unsigned word, bool swap)
{
	const uint64_t mask = f->id_mask, desc_size = f->l.desc_size, info_size = f->l.info_size;
	const uint64_t state = f->l.state_var + f->l.counter, seq = f->l.seq;
	/* the first lap's ids come out as the least numbers, later ones behind them */
	const uint64_t lap = (uint64_t)1 << RING_COUNT_BITS_MAX;
	const uint64_t most = word == 8 ? (uint64_t)1 << 33 : lap << 1;
	const unsigned ndesc = (unsigned)(desc_size / word), ninfo = (unsigned)(info_size / word);
	unsigned idesc = (unsigned)(phys / word % ndesc), iinfo = (unsigned)(phys / word % ninfo);

	for (size_t i = 0; i < len; i += word) {
		uint64_t w = get(p + i, word, swap), id = get(p + i + state, word, swap);

		if (((get(p + i + desc_size + state, word, swap) - id) & mask) == 1 &&
		    can_be_desc(f, p + i))
			take_pair(&f->descs, &f->desc[idesc], phys + i, id & mask, desc_size);
		if (get(p + i + info_size + seq, 8, swap) - get(p + i + seq, 8, swap) == 1 &&
		    can_be_info(f, p + i))
			take_pair(&f->infos, &f->info[iinfo], phys + i,
				  get(p + i + seq, 8, swap), info_size);
		if (((w + lap) & mask) < most && w <= mask && w && salvage_is_text(p + i + word))
			take_block(f, phys + i, w);
		if (++idesc == ndesc)
			idesc = 0;
		if (++iinfo == ninfo)
			iinfo = 0;
	}
}

void salvage_find_look(void *arg, const uint8_t *p, size_t len, uint64_t phys, bool apart)
{
	struct salvage_find *f = arg;

	(void)apart;	/* runs are told by their addresses */
	if (f->l.word == 8 && !f->vm->swap)
		look(f, p, len, phys, 8, false);
	else if (f->l.word == 8)
		look(f, p, len, phys, 8, true);
	else
		look(f, p, len, phys, 4, f->vm->swap);
}

void salvage_find_end(struct salvage_find *f)
{
	for (int i = 0; i < SALVAGE_OPEN; i++) {
		close_run(&f->descs, &f->desc[i]);
		close_run(&f->infos, &f->info[i]);
	}
	for (int i = 0; i < SALVAGE_CHAINS; i++)
		close_chain(f, &f->chain[i]);
	salvage_sort(&f->descs);
	salvage_sort(&f->infos);
	salvage_sort(&f->texts);
}
