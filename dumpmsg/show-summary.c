/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --summary and --facts: made of the log, record by record, and of the dump's memory */
#include <stdbool.h>
#include <stdio.h>

#include "input.h"
#include "options.h"
#include "out-file.h"
#include "out.h"
#include "say.h"
#include "show.h"
#include "stop.h"
#include "summary.h"

/* the log's part; without a log there is still the other. -1: only what ends us */
static int take_log(struct summary *s, struct input *in, const struct options *o)
{
	struct record r;
	int got = input_log(in, o);

	if (got == 0)
		while ((got = log_next(in->log, &r)) == 1 && !stop_check())
			summary_take(s, &r);
	if (got == 0) {
		if (in->salvaged)
			summary_log_failed(s, "they were found by looking through memory");
		return 0;
	}
	if (err_code() == ERR_STOPPED || err_code() == ERR_MEMORY)
		return -1;
	warn("%s", err_text());
	summary_log_failed(s, err_text());
	return 0;
}

static int write_summary(struct summary *s, struct out *out, const char *path,
			 const struct options *o)
{
	FILE *f = out_file(out);

	if (!f)
		return -1;
	if (o->job == JOB_FACTS)
		summary_facts(s, f);
	else if (o->style == PRINT_JSON)
		summary_json(s, path, f);
	else
		summary_print(s, path, f, say_is_verbose());
	return fclose(f) ? -1 : out_commit(out);
}

static int make(struct summary *s, struct input *in, struct out *out, const char *const *paths,
		size_t n, const struct options *o)
{
	struct space *sp;

	if (input_open(in, paths, n, o) || take_log(s, in, o))
		return -1;
	sp = in->mapped ? &in->sp : NULL;
	if (o->quick)
		summary_notes(s, &in->vm, sp);
	else if (summary_dump(s, &in->vm, sp))
		return -1;
	if (show_open(out, o, paths, n))
		return -1;
	return write_summary(s, out, in->path, o);
}

int show_summary(const char *const *paths, size_t n, const struct options *o)
{
	struct summary *s = summary_open();
	struct input in = { .vm.src.fd = -1 };
	struct out out = { .fd = -1 };
	int status = DONE;

	if (!s || make(s, &in, &out, paths, n, o)) {
		status = say_failure();
		if (out.temp)
			out_discard(&out);
	} else if (summary_is_partial(s) || in.salvaged || in.log->missing || in.log->damaged) {
		status = LESS;
	}
	out_close(&out);
	summary_close(s);
	input_close(&in);
	return status;
}
