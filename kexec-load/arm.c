/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <unistd.h>

#include "again.h"
#include "arm.h"
#include "attempt.h"
#include "check.h"
#include "err.h"
#include "kmsg.h"
#include "machine.h"
#include "num.h"
#include "options.h"
#include "prepare.h"
#include "record.h"
#include "rehearse.h"
#include "report.h"
#include "say.h"
#include "state.h"
#include "stop.h"

static const char still[] = "the previous capture kernel is still loaded";

int arm_lock(int *lock)
{
	*lock = record_lock();
	if (*lock >= 0)
		return 0;
	if (err_code() == ERR_AGAIN || err_code() == ERR_STOPPED)
		return -1;
	warn("%s: nothing can be remembered there", err_text());
	return 0;
}

/* the kernel's own tests; 0, or an exit status */
static int try_out(struct attempt *a, const struct request *rq, const struct machine *m)
{
	int log, errnum, status = 0;
	const char *why;

	if (!m->loaded && !rq->check)
		return 0;	/* a failure costs nothing */
	log = kmsg_mark();
	switch (rehearse(&a->ld, m, &errnum, &why)) {
	case 1:
		info("the kernel has taken it in a rehearsal");
		if (rq->check)
			report_item("rehearsal", "the kernel takes it");
		break;
	case 0:
		if (rq->check)
			report_item("rehearsal", "not possible: %s", why);
		else
			info("no rehearsal: %s", why);
		break;
	default:
		info("the kernel has refused it in a rehearsal");
		status = state_explain(errnum, a, m);
		state_log(log);
	}
	if (log >= 0)
		close(log);
	return status;
}

static void remember(const struct attempt *a)
{
	struct record rec;

	if (attempt_record(a, &rec) || record_write(&rec)) {
		warn("%s: what is loaded cannot be remembered", err_text());
		/* a wrong one is worse than none */
		record_forget();
	}
	record_free(&rec);
}

static void tell_loaded(const struct attempt *a, const struct machine *m)
{
	const struct load *ld = &a->ld;
	uint64_t have = m->region.end ? m->region.end - m->region.start : m->reserved;

	warn("%s: loaded%s%s: %llu MiB of the %llu MiB reserved are used (%s)", ld->kernel,
	     load_has_initrd(ld) ? " with " : "",
	     load_has_initrd(ld) ? load_initrd_name(ld) : "",
	     (unsigned long long)num_div_up(ld->fit.used, 1 << 20),
	     (unsigned long long)have >> 20, attempt_name(a));
	if (a->wish.hotplug && ld->classic && !a->hotplug)
		warn("--hotplug: this kernel does not know how: load again after processors or"
		     " memory come or go");
}

/* the call has failed: what is loaded now, and can it be what was? ag: if it was */
static void recover(struct again *ag, const struct machine *m, int log)
{
	bool back = false;

	if (machine_loaded(NULL) == 0) {
		back = ag && again_load(ag, m, log);
		if (!back)
			record_forget();
	}
	state_tell(back ? "the previous capture kernel was loaded again" : still);
}

/* the call itself; this kernel may turn out to lack the first one */
static int call(struct attempt *a, const struct request *rq, const struct machine *m,
		bool debug)
{
	int errnum = attempt_call(a, m->arch, debug);

	if (errnum != ENOSYS || a->ld.classic || rq->call != CALL_AUTO)
		return errnum;
	info("this kernel lacks kexec_file_load: kexec_load is tried");
	a->ld.classic = true;
	if (attempt_lay(a, m))
		return ECANCELED;
	return attempt_call(a, m->arch, debug);
}

static int load_for_real(struct attempt *a, const struct request *rq, const struct machine *m,
			 struct again *ag)
{
	int log = kmsg_mark(), status = 0, loaded;
	/* where attempts are counted, trying a flag costs one */
	bool debug = rq->debug && !(m->limited && m->limit < 2);
	int errnum = call(a, rq, m, debug);

	if (errnum) {
		status = state_explain(errnum, a, m);
		state_log(log);
		if (m->loaded || errnum != ECANCELED)
			recover(ag, m, log);
	} else if ((loaded = machine_loaded(NULL)) < 0) {
		status = state_unknown();
	} else if (!loaded) {
		fail(ERR_SYS, "the kernel reported success, but kexec_crash_loaded is not"
		     " 1: NO capture kernel is loaded now");
		status = say_failure();
	} else {
		if (debug)
			state_log(log);
		remember(a);
		tell_loaded(a, m);
	}
	if (log >= 0)
		close(log);
	return status;
}

/* what is not certain must not cost what cannot be loaded again; 0, or an exit status */
static int weigh(const struct attempt *a, const struct again *ag, const struct machine *m)
{
	return ag->ready || check_slack(&a->ld, m) == 0 ? 0 : say_failure();
}

static int report_again(const struct attempt *a, const struct machine *m, int status)
{
	struct again ag;

	again_prepare(&ag, m);
	report_item("previous set", "%s%s", ag.ready ? "could be loaded again" :
		    "could not be loaded again: ", ag.why);
	if (status == 0)
		status = weigh(a, &ag, m);
	again_close(&ag);
	return status;
}

/* in place of the kernel that is loaded */
static int replace(struct attempt *a, const struct request *rq, const struct machine *m)
{
	struct again ag;

	again_prepare(&ag, m);
	if (!ag.ready)
		info("should this load fail, the previous set cannot be loaded again: %s",
		     ag.why);
	int status = weigh(a, &ag, m);

	if (status)
		state_tell(still);
	else
		status = load_for_real(a, rq, m, &ag);
	again_close(&ag);
	return status;
}

/* all tests are passed, or failed with this status */
static int finish(struct attempt *a, const struct request *rq, const struct machine *m,
		  int status)
{
	if (status == 0)
		status = try_out(a, rq, m);
	if (status == 0 && stop_check())
		status = say_failure();
	if (rq->check) {
		if (m->loaded)
			status = report_again(a, m, status);
		report_verdict(status, m);
		int flushed = say_flush();

		return status ? status : flushed;
	}
	if (status) {
		if (m->loaded)
			state_tell(still);
		return status;
	}
	return m->loaded ? replace(a, rq, m) : load_for_real(a, rq, m, NULL);
}

int arm(const struct request *rq)
{
	struct attempt a = { .ld = { .kernel_fd = -1, .initrd_fd = -1,
				     .image = { .fd = -1, .initrd_fd = -1 } } };
	struct machine m;
	int lock = -1, status;

	if (machine_look(&m, rq->root))
		return say_failure();
	if (rq->dry_run) {
		status = prepare(&a, rq, &m);
		if (a.ld.kernel)
			report_plan(&a, &m);
		int flushed = say_flush();

		status = status ? status : flushed;
	} else if (m.has_capability && m.has_kexec &&
		   (arm_lock(&lock) || machine_look(&m, rq->root))) {
		/* whoever held the lock may have changed what is loaded */
		status = say_failure();
		if (m.loaded)
			state_tell(still);
	} else {
		if (lock >= 0)
			rehearse_mend(&m);
		/* who unloaded it was another program: what comes next may be, too */
		if (lock >= 0 && !m.loaded)
			record_forget();
		status = finish(&a, rq, &m, prepare(&a, rq, &m));
	}
	attempt_close(&a);
	if (lock >= 0)
		close(lock);
	return status;
}
