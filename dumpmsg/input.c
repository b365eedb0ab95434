/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "info-text.h"
#include "input.h"
#include "judge.h"
#include "options.h"
#include "say.h"
#include "stop.h"
#include "vmcore-info.h"

/* bytes for a kdump file's bitmap: a part of what dumpmsg may take in all */
enum { BITMAP = 256 << 10 };

/* after fail(): a dump that did not fit into --tmp is not to blame for what it lacks */
static int blame(const struct input *in)
{
	char text[ERR_TEXT];

	if (!in->spool.truncated || in->spool.code == ERR_CORRUPT ||
	    (err_code() != ERR_CORRUPT && err_code() != ERR_UNKNOWN))
		return -1;
	snprintf(text, sizeof text, "%s", err_text());
	return fail(ERR_SYS, "%s", text);
}

static int give_info(struct input *in, const char *file)
{
	char *text;
	size_t len;
	int rc;

	if (info_text_read(file, &text, &len))
		return -1;
	rc = info_text_give(&in->vm, text, len);
	free(text);
	return rc ? fail_in(file) : 0;
}

/* a dump without VMCOREINFO: the text that its note was made of may be in the memory */
static int find_info(struct input *in)
{
	int rc;

	if (in->vm.info.text)
		return 0;
	info("%s: has no VMCOREINFO; looking for it in its memory", in->path);
	rc = vmcore_search_info(&in->vm);
	if (rc == 1)
		warn("%s: has no VMCOREINFO; found that of Linux %s in its memory", in->path,
		     in->vm.info.release);
	return rc < 0 ? -1 : 0;
}

/* a pipe with a name, as shells make of <(...), is read like standard input. -1 after fail() */
static int take_pipe(const char *path)
{
	struct stat st;
	int fd, rc;

	if (stat(path, &st) || !S_ISFIFO(st.st_mode))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_sys("%s", path);
	rc = dup2(fd, STDIN_FILENO) < 0 ? fail_sys("%s", path) : 1;
	close(fd);
	return rc;
}

static int open_dump(struct input *in, const char *const *paths, size_t n,
		     const struct options *o)
{
	int piped = n == 1 && strcmp(paths[0], "-") == 0;

	if (n == 1 && !piped && (piped = take_pipe(paths[0])) < 0)
		return -1;
	if (piped) {
		if (spool_open(&in->spool, o->tmp, ""))
			return -1;
		if (in->spool.why[0])
			warn("%s", in->spool.why);
		paths = &in->spool.path;
		in->path = "standard input";
	}
	if (vmcore_open_parts(&in->vm, paths, n, BITMAP))
		return -1;
	in->vm.cut_short |= in->spool.truncated;
	if (in->vm.flaw[0])
		warn("%s: %s", in->path, in->vm.flaw);
	if (o->info)
		return give_info(in, o->info);
	return o->salvage == WHEN_NEVER ? 0 : find_info(in);
}

int input_open(struct input *in, const char *const *paths, size_t n, const struct options *o)
{
	*in = (struct input){ .path = paths[0], .vm.src.fd = -1, .log = in->logs };
	if (open_dump(in, paths, n, o))
		return blame(in);
	if (space_open(&in->sp, &in->vm) == 0) {
		in->mapped = true;
		return 0;
	}
	if (err_code() == ERR_STOPPED || err_code() == ERR_MEMORY)
		return fail_in(in->path);
	in->code = err_code();
	snprintf(in->why, sizeof in->why, "%s", err_text());
	return 0;
}

static int no_record(const struct log *log, const struct judgement *j)
{
	if (log->trouble[0])
		return fail(ERR_SYS, "no record of the log can be read: %s", log->trouble);
	return fail(ERR_CORRUPT, "no record of the log can be read: %" PRIu64 " in pages that "
		    "the dump does not hold, %" PRIu64 " damaged", j->missing, j->damaged);
}

/* what is it like? -1: no record; the log is at its start again */
static int probe(struct log *log, struct judgement *j)
{
	if (judge(log, j))
		return -1;
	return j->records == 0 ? no_record(log, j) : 0;
}

static int open_log(struct input *in, struct judgement *j)
{
	if (!in->mapped)
		return fail(in->code, "%s", in->why);
	return log_open(in->log, &in->sp) ? -1 : probe(in->log, j);
}

static int look_for_records(struct input *in)
{
	struct judgement j;

	log_close(in->log);
	in->log = &in->logs[1];
	return log_salvage(in->log, &in->sp) ? -1 : probe(in->log, &j);
}

/* there are records, but they contradict each other: is there something better in memory? */
static int compare(struct input *in, const struct judgement *j)
{
	struct log *found = &in->logs[1];
	int better;

	info("%s: the log contradicts itself; looking through its memory", in->path);
	better = log_salvage(found, &in->sp) ? -1 : judge_beats(found, j);
	if (better <= 0) {
		log_close(found);
		return better < 0 && err_code() == ERR_STOPPED ? -1 : 0;
	}
	log_close(in->log);
	in->log = found;
	in->salvaged = true;
	warn("%s: the log contradicts itself; found more of it in its memory by what records "
	     "look like: some may be missing", in->path);
	return 0;
}

/* after fail(): the log's own structures are of no use */
static int salvage(struct input *in)
{
	enum err code = err_code();
	char why[ERR_TEXT];

	if (code == ERR_STOPPED || code == ERR_MEMORY)
		return -1;
	snprintf(why, sizeof why, "%s", err_text());
	info("%s: %s; looking through its memory", in->path, why);
	if (look_for_records(in) == 0) {
		warn("%s: %s; found records in its memory by what they look like: some may be "
		     "missing", in->path, why);
		in->salvaged = true;
		return 0;
	}
	return err_code() == ERR_STOPPED ? -1 : fail(code, "%s", why);
}

int input_log(struct input *in, const struct options *o)
{
	struct judgement j;
	int rc;

	if (o->salvage == WHEN_ALWAYS)
		rc = look_for_records(in);
	else if (open_log(in, &j))
		rc = o->salvage == WHEN_NEVER ? -1 : salvage(in);
	else if (o->salvage == WHEN_NEVER || !judge_doubts(in->log, &j))
		rc = 0;
	else
		rc = compare(in, &j);
	if (rc) {
		fail_in(in->path);
		return blame(in);
	}
	if (o->salvage == WHEN_ALWAYS)
		warn("%s: records found in its memory by what they look like, as --salvage says: "
		     "some may be missing", in->path);
	info("%s: Linux %s, the log of kernels %s", in->path,
	     in->vm.info.release[0] ? in->vm.info.release : "of unknown release",
	     in->log->format->name);
	return 0;
}

void input_close(struct input *in)
{
	log_close(&in->logs[0]);
	log_close(&in->logs[1]);
	vmcore_close(&in->vm);
}
