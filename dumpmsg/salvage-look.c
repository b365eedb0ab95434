/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "progress.h"
#include "salvage.h"
#include "say.h"
#include "stop.h"
#include "vmcore-info.h"
#include "vmcore.h"

enum { CHUNK = 256 << 10 };

struct through {
	struct vmcore *vm;
	salvage_look *look;
	void *arg;
	uint64_t phys;		/* of what comes next */
	size_t kept;		/* bytes before it that are in buf and were not looked at */
	bool apart;
	struct progress progress;	/* in pages */
	uint8_t buf[SALVAGE_AHEAD + CHUNK + SALVAGE_AHEAD];
};

/* what was kept is the end of what belongs together */
static void flush(struct through *t)
{
	uint8_t *end = t->buf + SALVAGE_AHEAD;

	memset(end, 0, SALVAGE_AHEAD);
	if (t->kept)
		t->look(t->arg, end - t->kept, t->kept, t->phys - t->kept, t->apart);
	t->kept = 0;
	t->apart = true;
}

/* n more bytes are there: look at all but the last ones */
static void take(struct through *t, size_t n)
{
	uint8_t *from = t->buf + SALVAGE_AHEAD - t->kept;
	size_t all = t->kept + n, keep = all < SALVAGE_AHEAD ? all : SALVAGE_AHEAD;

	if (all > keep) {
		t->look(t->arg, from, all - keep, t->phys - t->kept, t->apart);
		t->apart = false;
	}
	memmove(t->buf + SALVAGE_AHEAD - keep, from + all - keep, keep);
	t->kept = keep;
	t->phys += n;
}

static int look_in(void *arg, uint64_t phys, uint64_t len)
{
	struct through *t = arg;
	uint64_t end = phys + len, careful = phys;
	uint8_t *to = t->buf + SALVAGE_AHEAD;

	if (phys != t->phys)
		flush(t);
	t->phys = phys;
	while (t->phys < end) {
		size_t most = t->phys < careful ? t->vm->page_size : CHUNK;
		size_t n = end - t->phys < most ? (size_t)(end - t->phys) : most;

		if (stop_check())
			return -1;
		progress_step(&t->progress, t->phys >> t->vm->page_shift);
		if (vmcore_read(t->vm, to, n, t->phys) == 0) {
			take(t, n);
		} else if (err_code() == ERR_STOPPED || err_code() == ERR_MEMORY) {
			return -1;
		} else if (n > t->vm->page_size) {
			careful = t->phys + n;	/* a page of these is missing */
		} else {
			flush(t);
			t->phys += n;
		}
	}
	return 0;
}

int salvage_through(struct vmcore *vm, salvage_look *look, void *arg)
{
	struct through *t = malloc(sizeof *t);
	int rc;

	if (!t)
		return fail_sys("looking through memory");
	t->vm = vm;
	t->look = look;
	t->arg = arg;
	t->phys = 0;
	t->kept = 0;
	t->apart = true;
	progress_open(&t->progress, say_is_quiet() ? NULL : stderr,
		      "looking through memory for the log", vm->npfns);
	rc = vmcore_runs(vm, look_in, t);
	if (rc == 0)
		flush(t);
	progress_close(&t->progress);
	free(t);
	return rc;
}

static int by_length(const void *a, const void *b)
{
	const struct salvage_run *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return x->phys < y->phys ? -1 : x->phys > y->phys;
}

void salvage_sort(struct salvage_runs *rs)
{
	qsort(rs->run, rs->n, sizeof *rs->run, by_length);
}

void salvage_keep(struct salvage_runs *rs, struct salvage_run run)
{
	unsigned least = 0;

	if (rs->n < SALVAGE_RUNS) {
		rs->run[rs->n++] = run;
		return;
	}
	for (unsigned i = 1; i < rs->n; i++)
		if (rs->run[i].n < rs->run[least].n)
			least = i;
	if (rs->run[least].n < run.n)
		rs->run[least] = run;
}
