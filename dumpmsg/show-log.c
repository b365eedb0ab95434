/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log, printed: up to three times it is gone through, so that nothing of it is kept. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "input.h"
#include "options.h"
#include "out.h"
#include "print.h"
#include "say.h"
#include "show.h"
#include "stop.h"

#define NSEC INT64_C(1000000000)

struct show {
	const struct options *o;
	struct input in;
	struct out out;
	struct printer printer;

	struct filter filter;
	struct clocks clocks;
	bool clockless;		/* a wall clock was asked for, and there is none */
	uint64_t skip;		/* wanted records that --tail leaves out */
	uint64_t seen, printed;	/* records */
};

/* the time of the last record, which is about when the kernel died */
static int find_crash(struct show *s)
{
	struct record r;
	int got;

	while ((got = log_next(s->in.log, &r)) == 1) {
		if (stop_check())
			return -1;
		if (!r.loss && r.timed && r.ts_nsec <= INT64_MAX) {
			s->clocks.crash_nsec = (int64_t)r.ts_nsec;
			s->clocks.has_crash = true;
		}
	}
	return got < 0 ? -1 : log_rewind(s->in.log);
}

/* the wall clock when the kernel's clock began */
static void find_boot(struct show *s)
{
	const struct vmcore *vm = &s->in.vm;
	struct clocks *c = &s->clocks;
	int64_t crash = vm->info.crash_time;

	if (vm->live) {
		struct timespec wall, boot;

		clock_gettime(CLOCK_REALTIME, &wall);
		clock_gettime(CLOCK_BOOTTIME, &boot);
		c->boot_nsec = (wall.tv_sec - boot.tv_sec) * NSEC + wall.tv_nsec - boot.tv_nsec;
		c->has_boot = true;
		return;
	}
	if (crash <= 0 && vm->header.known)
		crash = vm->header.time_sec;
	c->has_boot = c->has_crash && crash > 0 && crash < INT64_MAX / NSEC &&
		      !__builtin_sub_overflow(crash * NSEC, c->crash_nsec, &c->boot_nsec);
}

static bool needs_wall(const struct options *o)
{
	return o->ctime || (o->has_since && moment_needs_wall(&o->since)) ||
	       (o->has_until && moment_needs_wall(&o->until));
}

/* whoever asks for a part gets the whole rather than nothing */
static void set_times(struct show *s)
{
	const struct options *o = s->o;
	struct filter *f = &s->filter;

	f->has_since = o->has_since && moment_find(&o->since, &s->clocks, &f->since);
	f->has_until = o->has_until && moment_find(&o->until, &s->clocks, &f->until);
	/* "12.345678" is also the record that is printed so, whatever digits follow */
	if (f->has_until && o->until.unit > 1 &&
	    __builtin_add_overflow(f->until, o->until.unit - 1, &f->until))
		f->has_until = false;
	s->clockless = (o->has_since && !f->has_since) || (o->has_until && !f->has_until) ||
		       (o->ctime && !s->clocks.has_boot);
	if (!s->clockless)
		return;
	if (!s->clocks.has_crash)
		warn("%s: no record says when it was written: -T, --since and --until do nothing",
		     s->in.path);
	else
		warn("%s: does not say when the crash was (no CRASHTIME): the times are seconds "
		     "since boot, and --since and --until by the wall clock do nothing",
		     s->in.path);
}

/* how many wanted records come before the last ones */
static int count_skipped(struct show *s)
{
	uint64_t wanted = 0;
	struct record r;
	int got;

	while ((got = log_next(s->in.log, &r)) == 1) {
		if (stop_check())
			return -1;
		wanted += !r.loss && filter_wants(&s->filter, &r);
	}
	s->skip = wanted > s->o->tail ? wanted - s->o->tail : 0;
	return got < 0 ? -1 : log_rewind(s->in.log);
}

/* what must be known before the first record is printed */
static int prepare(struct show *s)
{
	const struct options *o = s->o;
	bool crash = (o->has_since && o->since.clock == CLOCK_OF_CRASH) ||
		     (o->has_until && o->until.clock == CLOCK_OF_CRASH);

	s->filter = o->filter;
	if ((crash || needs_wall(o)) && find_crash(s))
		return -1;
	if (needs_wall(o))
		find_boot(s);
	set_times(s);
	return o->tail ? count_skipped(s) : 0;
}

static int open_printer(struct show *s)
{
	const struct options *o = s->o;
	struct printer *p = &s->printer;

	if (o->caller == WHEN_AUTO && o->style != PRINT_JSON && log_find_caller(s->in.log))
		return -1;
	if (print_open(p, &s->out, o->style))
		return -1;
	/* JSON has room for what the kernel itself would not have shown */
	p->caller = o->caller == WHEN_ALWAYS ||
		    (o->caller == WHEN_AUTO && (s->in.log->caller_shown > 0 ||
						  o->style == PRINT_JSON));
	p->ctime = o->ctime && s->clocks.has_boot;
	p->boot_nsec = s->clocks.boot_nsec;
	return 0;
}

static int print_one(struct show *s, const struct record *r)
{
	s->seen += !r->loss;
	if (!filter_wants(&s->filter, r))
		return 0;
	if (s->skip > 0) {
		s->skip -= !r->loss;
		return 0;
	}
	s->printed += !r->loss;
	return print_record(&s->printer, r);
}

/* nothing is written before it is sure that there is a log */
static int write_log(struct show *s, const char *const *paths, size_t n)
{
	struct record r;
	int got;

	if (prepare(s) || show_open(&s->out, s->o, paths, n) || open_printer(s))
		return -1;
	while ((got = log_next(s->in.log, &r)) == 1)
		if (stop_check() || print_one(s, &r))
			return -1;
	if (got < 0 || print_flush(&s->printer))
		return -1;
	return out_commit(&s->out);
}

static int report(const struct show *s)
{
	const struct log *log = s->in.log;
	const char *path = s->in.path, *least = log->uncounted ? "at least " : "";
	uint64_t lost = log->missing + log->damaged;

	info("%s: %" PRIu64 " records of %" PRIu64 "; %" PRIu64 " that the kernel had not "
	     "finished or had lost", path, s->printed, s->seen, log->unfinished);
	if (log->mended)
		warn("%s: the log's ends are damaged: printed the records found next to "
		     "each other", path);
	if (log->shortened)
		warn("%s: the text of %" PRIu64 " record%s too soon", path, log->shortened,
		     log->shortened == 1 ? " ends" : "s ends");
	/* a disk that fails is an error, whatever the dump is like */
	if (log->missing && log->trouble[0])
		complain("%s: %s%" PRIu64 " of %" PRIu64 " records lost: %" PRIu64 " in pages "
			 "that cannot be read, %" PRIu64 " damaged; the first error: %s",
			 path, least, lost, lost + s->seen, log->missing, log->damaged,
			 log->trouble);
	else if (lost)
		warn("%s: %s%" PRIu64 " of %" PRIu64 " records lost: %" PRIu64 " in pages "
		     "that the dump does not hold, %" PRIu64 " damaged%s", path, least, lost,
		     lost + s->seen, log->missing, log->damaged,
		     s->in.vm.cut_short ? "; the dump ends too soon" : "");
	return lost || log->shortened || log->mended || s->in.salvaged || s->clockless ?
	       LESS : DONE;
}

/* a signal ended us, or the target fails: what it took of the log is worth keeping */
static int keep_incomplete(struct show *s, enum err code)
{
	struct stat st;

	if (code == ERR_STOPPED && print_flush(&s->printer) == 0 && out_sync(&s->out) == 0) {
		complain("%s: holds the first %" PRIu64 " records", s->out.temp, s->printed);
		return INCOMPLETE;
	}
	if (stat(s->out.temp, &st) || st.st_size == 0) {
		out_discard(&s->out);
		return FAILED;
	}
	out_sync(&s->out);
	complain("%s: holds the first %lld bytes of the log", s->out.temp,
		 (long long)st.st_size);
	return INCOMPLETE;
}

/* after fail(): say so, and keep what was written if it is of use */
static int give_up(struct show *s, bool opened, bool found)
{
	enum err code = err_code();
	int status = say_failure();

	/* the dump is one, and should have a log that this version reads; but we found none */
	if (opened && !found && (code == ERR_CORRUPT || code == ERR_UNKNOWN))
		warn("%s: keep it as it is: a debugger with the kernel's symbols may still "
		     "find the log", s->in.path);
	if (s->out.temp)
		return keep_incomplete(s, code);
	if (s->out.fd >= 0 && code == ERR_STOPPED)
		print_flush(&s->printer);
	return status;
}

int show_log(const char *const *paths, size_t n, const struct options *o)
{
	struct show *s = calloc(1, sizeof *s);
	bool opened, found;
	int status;

	if (!s) {
		fail(ERR_MEMORY, "out of memory");
		return say_failure();
	}
	s->o = o;
	s->out.fd = -1;
	opened = input_open(&s->in, paths, n, o) == 0;
	found = opened && input_log(&s->in, o) == 0;
	if (found && write_log(s, paths, n) == 0)
		status = report(s);
	else
		status = give_up(s, opened, found);
	print_close(&s->printer);
	out_close(&s->out);
	input_close(&s->in);
	free(s);
	return status;
}
