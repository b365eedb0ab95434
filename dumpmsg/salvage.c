/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log by what it looks like in memory, when what leads to it is destroyed.
 *
 * Once through all memory that the dump holds; what could be a part of a log is noted
 * (salvage-find.c, ...), then put together and proven (salvage-solve.c, ...). Memory may
 * have more than one log: the kernel's first, small ring, whose records it copied to a
 * larger one; what an earlier boot left; the words of a log in some file's pages. Exactly
 * one of them is printed, never a mixture. It is chosen by, in this order:
 *
 *	its kind is the one that kernels of the release in VMCOREINFO have
 *	time does not jump back and forth in it
 *	it has not less than an eighth of the other's records
 *	its banner, "Linux version ...", does not say another release than VMCOREINFO
 *	its last records tell of a crash
 *	more records are whole
 *	its last record is later
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "judge.h"
#include "salvage.h"
#include "vmcore.h"

enum kind { RING, RECORDS, TEXT };

enum { RINGS = 4, CANDIDATES = 2 * RINGS + 2 * SALVAGE_BUFFERS, PAGE = 4096, MANY = 8 };

struct candidate {
	enum kind kind;
	unsigned layout;		/* RING: which of salvage.find */
	struct salvage_ring ring;
	struct salvage_buffer buffer;	/* RECORDS, TEXT */
};

/* what is known of a log before it is chosen */
struct worth {
	bool usual, foreign, crashed;
	uint64_t n, jumps, latest;	/* records; times far from the one before; nanoseconds */
};

struct salvage {
	struct space sp;		/* virtual addresses are physical ones */
	struct salvage_find find[2];	/* for the usual layout, and VMCOREINFO's if it is not that */
	unsigned nfinds;
	struct salvage_records records;
	struct salvage_text text;
	struct candidate candidate[CANDIDATES];
	unsigned ncandidates;
	struct log inner;		/* of the one that is read */
	struct salvage_reader *reader;	/* RING */
};

/* where a virtual address is the physical one */
static void identity(struct space *sp, struct vmcore *vm)
{
	*sp = (struct space){ .vm = vm };
	space_add_linear(sp, 0, vm->npfns << vm->page_shift, 0);
}

static bool contains(const struct record *r, const char *words)
{
	return memmem(r->text, r->len, words, strlen(words));
}

static bool tells_of_crash(const struct record *r)
{
	static const char *const words[] = { "Kernel panic", "Oops", "Call Trace", "Call trace",
					     "Trigger a crash", "SysRq : Trigger",
					     "Unable to handle kernel" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (contains(r, words[i]))
			return true;
	return false;
}

/* "Linux version RELEASE (": of another kernel than VMCOREINFO's? */
static bool is_foreign(const struct vmcore *vm, const struct record *r)
{
	static const char begin[] = "Linux version ";
	size_t n = sizeof begin - 1, len = strlen(vm->info.release);

	if (len == 0 || r->len <= n || memcmp(r->text, begin, n) != 0)
		return false;
	return r->len <= n + len || memcmp(r->text + n, vm->info.release, len) != 0 ||
	       r->text[n + len] != ' ';
}

static void stop(struct salvage *s)
{
	if (s->inner.format)
		s->inner.format->close(&s->inner);
	s->inner.format = NULL;
	free(s->reader);
	s->reader = NULL;
}

static int start(struct salvage *s, const struct candidate *c)
{
	struct log *log = &s->inner;

	stop(s);
	*log = (struct log){ .sp = &s->sp };
	if (c->kind == RING) {
		s->reader = malloc(sizeof *s->reader);
		return s->reader ? salvage_ring_open(s->reader, log, &s->find[c->layout].l,
						     &c->ring) :
				   fail_sys("the log");
	}
	log->state = c->kind == RECORDS ?
		(void *)salvage_records_begin(log, &s->records, &c->buffer) :
		(void *)salvage_text_begin(log, &c->buffer);
	if (!log->state)
		return -1;
	log->format = c->kind == RECORDS ? &log_records : &log_text;
	return 0;
}

static int next(struct salvage *s, struct record *r)
{
	*r = (struct record){ 0 };
	if (s->reader)
		return salvage_ring_next(&s->inner, s->reader, r);
	return s->inner.format->next(&s->inner, r);
}

/* the kind that kernels of this version have */
static bool is_usual(const struct vmcore *vm, enum kind kind)
{
	unsigned version = vm->info.version;

	return version == 0 || kind == (version >= KINFO_VERSION(5, 10, 0) ? RING :
					version >= KINFO_VERSION(3, 5, 0) ? RECORDS : TEXT);
}

static int weigh(struct salvage *s, const struct candidate *c, struct worth *w)
{
	struct record r;
	int rc;

	*w = (struct worth){ .usual = is_usual(s->sp.vm, c->kind) };
	if (start(s, c))
		return -1;
	while ((rc = next(s, &r)) == 1) {
		if (r.loss != LOSS_NONE)
			continue;
		w->n++;
		w->jumps += r.timed && w->latest && judge_jumps(r.ts_nsec, w->latest);
		if (r.timed)
			w->latest = r.ts_nsec;
		w->foreign |= is_foreign(s->sp.vm, &r);
		w->crashed |= tells_of_crash(&r);
	}
	return rc;
}

static bool is_better(const struct worth *a, const struct worth *b)
{
	if (a->usual != b->usual)
		return a->usual;
	if ((a->jumps > a->n / MANY + 1) != (b->jumps > b->n / MANY + 1))
		return a->jumps <= a->n / MANY + 1;
	/* a handful of records that look like some are no match for many */
	if (a->n / MANY > b->n || b->n / MANY > a->n)
		return a->n > b->n;
	if (a->foreign != b->foreign)
		return b->foreign;
	if (a->crashed != b->crashed)
		return a->crashed;
	if (a->n != b->n)
		return a->n > b->n;
	return a->latest > b->latest;
}

/* the one of the candidates that is worth most becomes the first */
static int choose(struct salvage *s)
{
	struct worth best = { 0 }, w;

	for (unsigned i = 0; i < s->ncandidates; i++) {
		if (weigh(s, &s->candidate[i], &w))
			return -1;
		if (w.n == 0 || (best.n > 0 && !is_better(&w, &best)))
			continue;
		best = w;
		s->candidate[0] = s->candidate[i];
	}
	if (best.n == 0)
		return fail(ERR_CORRUPT, "no log is in the memory that the dump holds");
	return 0;
}

/* pages of zeros are most of what many dumps hold */
static void look(void *arg, const uint8_t *p, size_t len, uint64_t phys, bool apart)
{
	static const uint8_t zeros[PAGE];
	struct salvage *s = arg;

	salvage_text_look(&s->text, p, len, phys, apart);
	for (size_t n; len > 0; p += n, phys += n, len -= n) {
		n = len < PAGE ? len : PAGE;
		if (memcmp(p, zeros, n) == 0)
			continue;
		for (unsigned i = 0; i < s->nfinds; i++)
			salvage_find_look(&s->find[i], p, n, phys, apart);
		salvage_records_look(&s->records, p, n, phys, apart);
	}
}

static void take_buffers(struct salvage *s, enum kind kind, const struct salvage_buffers *bs)
{
	for (unsigned i = 0; i < bs->n; i++)
		s->candidate[s->ncandidates++] = (struct candidate){ .kind = kind,
								     .buffer = bs->buffer[i] };
}

/* the rings that can be put together of what was found in one layout */
static int take_rings(struct salvage *s, unsigned layout)
{
	int rc = 1;

	salvage_find_end(&s->find[layout]);
	for (unsigned n = 0; rc == 1 && n < RINGS; n++) {
		struct candidate *c = &s->candidate[s->ncandidates];

		c->kind = RING;
		c->layout = layout;
		rc = salvage_solve(&s->inner, &s->find[layout], &c->ring);
		s->ncandidates += rc == 1;
	}
	return rc < 0 ? -1 : 0;
}

static int find(struct salvage *s)
{
	struct vmcore *vm = s->sp.vm;

	salvage_find_open(&s->find[0], vm);
	s->nfinds = 1 + salvage_find_open_other(&s->find[1], vm);
	salvage_records_open(&s->records, vm);
	if (salvage_through(vm, look, s))
		return -1;
	salvage_records_end(&s->records);
	salvage_text_end(&s->text);
	s->inner = (struct log){ .sp = &s->sp };
	for (unsigned i = 0; i < s->nfinds; i++)
		if (take_rings(s, i))
			return -1;
	take_buffers(s, RECORDS, &s->records.found);
	take_buffers(s, TEXT, &s->text.found);
	return choose(s);
}

static int salvage_rewind(struct log *log)
{
	struct salvage *s = log->state;
	const struct candidate *c = &s->candidate[0];

	if (c->kind != RING)
		log->caller_shown = c->kind == RECORDS && s->records.l[c->buffer.kind].has_caller;
	return start(s, c);
}

static int salvage_open(struct log *log)
{
	struct salvage *s = calloc(1, sizeof *s);

	log->state = s;
	if (!s)
		return fail_sys("the log");
	identity(&s->sp, log->sp->vm);
	log->sp = &s->sp;
	return find(s) || salvage_rewind(log) ? -1 : 0;
}

static int salvage_next(struct log *log, struct record *r)
{
	struct salvage *s = log->state;
	int rc = next(s, r);

	log->missing = s->inner.missing;
	log->damaged = s->inner.damaged;
	log->shortened = s->inner.shortened;
	log->loose = s->inner.loose;
	log->unfinished = s->inner.unfinished;
	if (s->inner.trouble[0])
		memcpy(log->trouble, s->inner.trouble, sizeof log->trouble);
	return rc;
}

static void salvage_close(struct log *log)
{
	struct salvage *s = log->state;

	if (s)
		stop(s);
	free(s);
	log->state = NULL;
}

int log_salvage(struct log *log, struct space *sp)
{
	*log = (struct log){ .sp = sp, .format = &log_salvaged, .salvaged = true, .caller_shown = -1 };
	return log_salvaged.open(log);
}

const struct log_format log_salvaged = {
	"looked for in memory", "", salvage_open, salvage_next, salvage_close, salvage_rewind
};
