/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dumpmsg - print the kernel log held in a dump */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "log.h"
#include "opt.h"
#include "out.h"
#include "print.h"
#include "say.h"
#include "space.h"
#include "stop.h"
#include "vmcore.h"

enum { DONE = 0, FAILED = 1, INCOMPLETE = 3, LESS = 6 };

static const struct opt opts[] = {
	{ 'o', "output", "FILE", "write to FILE instead of standard output" },
	{ 'f', "force", NULL, "replace FILE if it exists" },
	{ 'r', "raw", NULL, "put <N>, facility and level, before each message" },
	OPT_COMMON,
	{ 0 },
};

struct job {
	const char *path, *output;
	bool force, raw;

	struct vmcore vm;
	struct space sp;
	struct log log;
	struct out out;
	struct printer printer;
	uint64_t printed;
};

static int open_log(struct job *j)
{
	if (vmcore_open(&j->vm, j->path))
		return -1;
	if (space_open(&j->sp, &j->vm) || log_open(&j->log, &j->sp))
		return fail_in(j->path);
	info("%s: Linux %s, the log of kernels %s", j->path, j->vm.info.release,
	     j->log.format->name);
	return 0;
}

/* -f must not replace the dump by its own log */
static int check_output(const struct job *j)
{
	struct stat in, out;

	if (strcmp(j->output, "-") != 0 && stat(j->output, &out) == 0 &&
	    fstat(j->vm.src.fd, &in) == 0 &&
	    in.st_dev == out.st_dev && in.st_ino == out.st_ino)
		return fail(ERR_USAGE, "%s: is the dump itself", j->output);
	return 0;
}

static int open_output(struct job *j)
{
	if (check_output(j) || out_open_stream(&j->out, j->output, j->force))
		return -1;
	if (j->out.moved)
		warn("%s-incomplete: left by an earlier run, renamed %s", j->output,
		     j->out.moved);
	print_open(&j->printer, &j->out, j->raw);
	return 0;
}

static int no_record(const struct job *j)
{
	const struct log *log = &j->log;

	if (log->trouble[0])
		return fail(ERR_SYS, "%s: no record of the log can be read: %s", j->path,
			    log->trouble);
	return fail(ERR_CORRUPT, "%s: no record of the log can be read: %" PRIu64
		    " in pages that the dump does not hold, %" PRIu64 " damaged", j->path,
		    log->missing, log->damaged);
}

/* nothing is written before there is a record to write */
static int write_log(struct job *j)
{
	struct record r;
	int got = log_next(&j->log, &r);

	if (got == 0)
		return no_record(j);
	if (got < 0 || open_output(j))
		return -1;
	for (; got == 1; got = log_next(&j->log, &r)) {
		if (print_record(&j->printer, &r))
			return -1;
		j->printed++;
	}
	if (got < 0 || print_flush(&j->printer))
		return -1;
	return out_commit(&j->out);
}

static int report(const struct job *j)
{
	const struct log *log = &j->log;
	uint64_t lost = log->missing + log->damaged;

	info("%s: %" PRIu64 " records; %" PRIu64 " that the kernel had not finished or had "
	     "lost", j->path, j->printed, log->unfinished);
	if (log->mended)
		warn("%s: the log's ends are damaged: printed the records found next to "
		     "each other", j->path);
	if (log->shortened)
		warn("%s: the text of %" PRIu64 " records ends too soon", j->path,
		     log->shortened);
	/* a disk that fails is an error, whatever the dump is like */
	if (log->missing && log->trouble[0])
		complain("%s: %" PRIu64 " of %" PRIu64 " records lost: %" PRIu64 " in pages "
			 "that cannot be read, %" PRIu64 " damaged; the first error: %s",
			 j->path, lost, lost + j->printed, log->missing, log->damaged,
			 log->trouble);
	else if (lost)
		warn("%s: %" PRIu64 " of %" PRIu64 " records lost: %" PRIu64 " in pages that "
		     "the dump does not hold, %" PRIu64 " damaged", j->path, lost,
		     lost + j->printed, log->missing, log->damaged);
	return lost || log->shortened || log->mended ? LESS : DONE;
}

/* the dump is one, and should have a log that this version reads; but we found none */
static bool is_log_lost(const struct job *j, enum err code)
{
	if (code != ERR_CORRUPT && code != ERR_UNKNOWN)
		return false;
	return j->vm.ops && j->printed == 0 && (!j->log.sp || j->log.format);
}

/* a signal ended us, or the target fails: what it took of the log is worth keeping */
static int keep_incomplete(struct job *j, enum err code)
{
	struct stat st;

	if (code == ERR_STOPPED && print_flush(&j->printer) == 0 && out_sync(&j->out) == 0) {
		complain("%s: holds the first %" PRIu64 " records", j->out.temp, j->printed);
		return INCOMPLETE;
	}
	if (stat(j->out.temp, &st) || st.st_size == 0) {
		out_discard(&j->out);
		return FAILED;
	}
	out_sync(&j->out);
	complain("%s: holds the first %lld bytes of the log", j->out.temp,
		 (long long)st.st_size);
	return INCOMPLETE;
}

/* after fail(): say so, and keep what was written if it is of use */
static int give_up(struct job *j)
{
	enum err code = err_code();
	int status = say_failure();

	if (is_log_lost(j, code))
		warn("%s: keep it as it is: a debugger with the kernel's symbols may still "
		     "find the log", j->path);
	if (j->out.temp)
		return keep_incomplete(j, code);
	if (j->out.fd >= 0 && code == ERR_STOPPED)
		print_flush(&j->printer);
	return status;
}

static int run(struct job *j)
{
	int status;

	if (open_log(j) || write_log(j))
		status = give_up(j);
	else
		status = report(j);
	out_close(&j->out);
	log_close(&j->log);
	vmcore_close(&j->vm);
	return status;
}

int main(int argc, char *argv[])
{
	struct cmdline cl = {
		.synopsis = "[-fqrv] [-o FILE] VMCORE",
		.about = "Print the log of the dead kernel whose memory VMCORE holds.",
		.opts = opts,
		.argv = argv + (argc > 0),
	};
	struct job j = { .output = "-", .out.fd = -1, .vm.src.fd = -1 };
	int key;

	say_start(argv[0]);
	while ((key = opt_next(&cl)) > 0) {
		switch (key) {
		case 'o':
			j.output = cl.arg;
			break;
		case 'f':
			j.force = true;
			break;
		case 'r':
			j.raw = true;
			break;
		}
	}
	if (key == 0 && opt_count(&cl) == 0)
		key = fail(ERR_USAGE, "which VMCORE?");
	else if (key == 0 && opt_count(&cl) > 1)
		key = fail(ERR_USAGE, "%s: one VMCORE only", cl.argv[1]);
	if (key < 0)
		return opt_usage(&cl);
	j.path = cl.argv[0];
	stop_catch();
	return run(&j);
}
