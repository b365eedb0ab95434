/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec-load - load the kernel that captures the memory of a crashed one */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "cmdline.h"
#include "doctor.h"
#include "err.h"
#include "file-load.h"
#include "kmsg.h"
#include "load.h"
#include "machine.h"
#include "num.h"
#include "opt.h"
#include "report.h"
#include "say.h"
#include "stop.h"
#include "sysfs.h"

enum { OPT_INITRD = 256, OPT_RAMDISK, OPT_APPEND, OPT_COMMAND_LINE, OPT_REUSE, OPT_STATUS,
       OPT_ROOT };

static const struct opt opts[] = {
	{ 'p', "load-panic", NULL, "load the kernel that runs after a panic" },
	{ OPT_INITRD, "initrd", "FILE", "with this initial RAM disk" },
	{ OPT_RAMDISK, "ramdisk", "FILE", NULL },
	{ OPT_APPEND, "append", "STR", "the command line, or more of it after"
		" --reuse-cmdline" },
	{ OPT_COMMAND_LINE, "command-line", "STR", "the same" },
	{ OPT_REUSE, "reuse-cmdline", NULL, "begin with the running kernel's, what harms"
		" left out" },
	{ 'u', "unload", NULL, "with -p: unload it" },
	{ OPT_STATUS, "status", NULL, "is one loaded? exit 0 yes, 3 no, 5 no memory"
		" reserved" },
	{ 'n', "dry-run", NULL, "check everything, print what would be loaded, load"
		" nothing" },
	{ 'd', "debug", NULL, "have the kernel log what it puts where (Linux 6.8); as"
		" -v" },
	{ OPT_ROOT, "root", "DIR", "with -n, --status: another machine's /proc, /sys and"
		" /boot" },
	{ 's', "kexec-file-syscall", NULL, NULL },
	{ 'a', "kexec-syscall-auto", NULL, NULL },
	{ 'c', "kexec-syscall", NULL, NULL },
	{ 'l', "load", NULL, NULL },
	OPT_COMMON,
	{ 0 },
};

struct request {
	const char *kernel, *initrd, *append, *root;
	bool panic, unload, status, dry_run, reuse, debug;
	bool appended_twice;
};

/* what was to be found out was not: 3 and 5 would say something about the machine */
static int not_known(void)
{
	int status = say_failure();

	return status == 4 ? 4 : 1;
}

/* machine_loaded() has failed */
static int report_unknown(void)
{
	int status = not_known();

	fail(ERR_SYS, "it is not known whether a capture kernel is loaded");
	say_failure();
	return status;
}

/* the state a failure leaves behind: the one thing that must be known */
static void report_state(bool was_loaded, bool called)
{
	if (!was_loaded && !called)
		return;
	int loaded = machine_loaded(NULL);

	if (loaded < 0) {
		report_unknown();
		return;
	}
	fail(ERR_SYS, "%s", loaded ? "the previous capture kernel is still loaded" :
	     "NO capture kernel is loaded now");
	say_failure();
}

static void report_log(int log)
{
	char text[256];

	while (log >= 0 && kmsg_next(log, text, sizeof text))
		warn("the kernel says: %s", text);
}

static int explain(int errnum, const struct load *ld, const struct machine *before)
{
	const struct machine *m = before;
	struct machine now;

	/* ECANCELED is explained already; while the lock is held, looking would wait again */
	if (errnum != ECANCELED && errnum != EBUSY && machine_look(&now, NULL) == 0)
		m = &now;
	doctor_explain(errnum, ld, m);
	return say_failure();
}

static int unload(void)
{
	struct machine m;

	if (machine_look(&m, NULL) || check_permission(&m))
		return say_failure();
	int errnum = file_unload();

	if (errnum) {
		int status = explain(errnum, NULL, &m);

		report_state(m.loaded, true);
		return status;
	}
	int loaded = machine_loaded(NULL);

	if (loaded < 0)
		return report_unknown();
	if (loaded) {
		fail(ERR_SYS, "the kernel unloaded nothing: another program has loaded"
		     " one since");
		return say_failure();
	}
	warn("%s", m.loaded ? "unloaded: no capture kernel is loaded now" :
	     "no capture kernel was loaded");
	return 0;
}

static void tell_removed(const struct cmdline_word *word)
{
	info("--reuse-cmdline: left out: %.*s", (int)word->len, word->text);
}

/* to be freed; NULL after fail() */
static char *make_cmdline(const struct request *rq)
{
	char running[CMDLINE_READ_MAX];
	const char *append = rq->append ? rq->append : "";
	char *line;

	if (rq->reuse) {
		if (sysfs_text(rq->root, "/proc/cmdline", running, sizeof running) < 0)
			return NULL;
		return cmdline_reuse(running, append, tell_removed);
	}
	line = strdup(append);
	if (!line)
		fail(ERR_MEMORY, "out of memory");
	return line;
}

/* 0, or the exit status of the first check that failed; -n goes on to the next */
static int check(struct load *ld, const struct request *rq, const struct machine *m)
{
	int status = 0;

	if (check_permission(m)) {
		status = say_failure();
		if (!rq->dry_run)
			return status;
	}
	if (m->has_kexec && check_reservation(m)) {
		int failed = say_failure();

		if (!rq->dry_run)
			return failed;
		status = status ? status : failed;
	}
	char *line = make_cmdline(rq);

	if (!line)
		return say_failure();
	if (load_open(ld, rq->kernel, rq->initrd, line)) {
		load_close(ld);
		return say_failure();
	}
	info("%s: %s %s", ld->kernel, ld->image.format, ld->image.version);
	if ((m->reserved > 0 && check_load(ld, m, warn)) || load_read(ld)) {
		int failed = say_failure();

		status = status ? status : failed;
	}
	return status;
}

static int load_for_real(const struct load *ld, const struct request *rq,
			 const struct machine *m)
{
	int log = kmsg_mark();
	/* where attempts are counted, trying a flag costs one */
	bool debug = rq->debug && !(m->limited && m->limit < 2);
	int errnum = file_load(ld, debug);
	int status = 0, loaded;

	if (errnum) {
		status = explain(errnum, ld, m);
		report_log(log);
		report_state(m->loaded, errnum != ECANCELED);
	} else if ((loaded = machine_loaded(NULL)) < 0) {
		status = report_unknown();
	} else if (!loaded) {
		fail(ERR_SYS, "the kernel reported success, but kexec_crash_loaded is not"
		     " 1: NO capture kernel is loaded now");
		status = say_failure();
	} else {
		uint64_t have = m->region.end ? m->region.end - m->region.start : m->reserved;

		if (debug)
			report_log(log);
		warn("%s: loaded%s%s: %llu MiB of the %llu MiB reserved are"
		     " used", ld->kernel,
		     ld->initrd ? " with " : "", ld->initrd ? ld->initrd : "",
		     (unsigned long long)num_div_up(ld->fit.used, 1 << 20),
		     (unsigned long long)have >> 20);
	}
	if (log >= 0)
		close(log);
	return status;
}

static int load(const struct request *rq)
{
	struct load ld = { .kernel_fd = -1, .initrd_fd = -1 };
	struct machine m;

	if (machine_look(&m, rq->root))
		return say_failure();
	int status = check(&ld, rq, &m);

	if (rq->dry_run) {
		if (ld.kernel)
			report_plan(&ld, &m);
		int flushed = say_flush();

		status = status ? status : flushed;
	} else if (status) {
		report_state(m.loaded, false);
	} else if (stop_check()) {
		status = say_failure();
		report_state(m.loaded, false);
	} else {
		status = load_for_real(&ld, rq, &m);
	}
	load_close(&ld);
	return status;
}

static int show_status(const struct request *rq)
{
	struct machine m;

	if (machine_look(&m, rq->root))
		return not_known();
	int status = report_status(&m);
	int flushed = say_flush();

	if (flushed)
		return flushed == 4 ? 4 : 1;
	return status;
}

static void set_append(struct request *rq, const char *text)
{
	rq->appended_twice = rq->append != NULL;
	rq->append = text;
}

/* 0; -1 after a mistake; the option's letter after one that deserves no usage line */
static int parse(struct request *rq, struct cmdline *cl)
{
	int key;

	while ((key = opt_next(cl)) > 0) {
		switch (key) {
		case 'p':
			rq->panic = true;
			break;
		case OPT_INITRD:
		case OPT_RAMDISK:
			rq->initrd = cl->arg;
			break;
		case OPT_APPEND:
		case OPT_COMMAND_LINE:
			set_append(rq, cl->arg);
			break;
		case OPT_REUSE:
			rq->reuse = true;
			break;
		case 'u':
			rq->unload = true;
			break;
		case OPT_STATUS:
			rq->status = true;
			break;
		case 'n':
			rq->dry_run = true;
			break;
		case 'd':
			rq->debug = true;
			say_more();
			break;
		case OPT_ROOT:
			rq->root = cl->arg;
			break;
		case 'c':
			fail(ERR_USAGE, "-c: classical call: not in this version");
			return key;
		case 'l':
			fail(ERR_USAGE, "-l: kexec-load only loads panic kernels: say"
			     " -p");
			return key;
		}
	}
	return key;
}

/* what fits together; -1 after fail() */
static int judge(struct request *rq, const struct cmdline *cl)
{
	int operands = opt_count(cl);

	rq->kernel = cl->argv[0];
	if (rq->status || rq->unload) {
		if (operands > 0)
			return fail(ERR_USAGE, "%s takes no"
				    " KERNEL", rq->status ? "--status" : "-u");
		if (rq->initrd || rq->append || rq->reuse)
			return fail(ERR_USAGE, "%s takes no --initrd, --append or"
				    " --reuse-cmdline", rq->status ? "--status" : "-u");
		if (rq->status && rq->unload)
			return fail(ERR_USAGE, "--status or -u: not both");
	} else if (operands == 0) {
		return fail(ERR_USAGE, "no KERNEL given");
	} else if (operands > 1) {
		return fail(ERR_USAGE, "one KERNEL, not %d: %s"
			    " ...", operands, cl->argv[1]);
	}
	if (!rq->panic && !rq->status)
		return fail(ERR_USAGE, "-p is missing: kexec-load only loads panic"
			    " kernels");
	if (rq->root && !rq->status && !(rq->dry_run && !rq->unload))
		return fail(ERR_USAGE, "--root needs -n or --status");
	if (rq->dry_run && rq->unload)
		return fail(ERR_USAGE, "-n or -u: not both");
	if (rq->initrd && rq->initrd[0] == '\0')
		return fail(ERR_USAGE, "--initrd is empty");
	return 0;
}

int main(int argc, char *argv[])
{
	struct cmdline cl = {
		.synopsis = "-p [--initrd=FILE] [--append=STR] [--reuse-cmdline] KERNEL |"
			    " -p -u | --status",
		.about = "Load the kernel that captures the memory of this one after a"
			" panic.",
		.opts = opts,
		.argv = argv + (argc > 0),
	};
	struct request rq = { 0 };

	say_start(argv[0]);
	int key = parse(&rq, &cl);

	if (key > 0)
		return say_failure();
	if (key < 0 || judge(&rq, &cl))
		return opt_usage(&cl);
	if (rq.appended_twice)
		warn("--append and --command-line are the same: the last one counts");
	stop_catch();
	if (rq.status)
		return show_status(&rq);
	return rq.unload ? unload() : load(&rq);
}
