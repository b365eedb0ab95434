/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attempt.h"
#include "check.h"
#include "cmdline.h"
#include "err.h"
#include "machine.h"
#include "options.h"
#include "prepare.h"
#include "report.h"
#include "reuse.h"
#include "rules.h"
#include "say.h"
#include "sysfs.h"

struct counts {
	unsigned removed, added;
	bool loud;	/* one line each */
};

static void tell_removed(void *arg, const struct cmdline_word *word, const char *why)
{
	struct counts *n = arg;

	n->removed++;
	if (n->loud)
		warn("--reuse-cmdline: left out: %.*s: %s", (int)word->len, word->text, why);
}

static void tell_added(void *arg, const char *word, const char *why)
{
	struct counts *n = arg;

	n->added++;
	if (n->loud)
		warn("--reuse-cmdline: added: %s: %s", word, why);
}

static int get_rules(struct rules *rules, const struct request *rq, const struct machine *m)
{
	if (rules_builtin(rules, m->arch))
		return -1;
	if (!rq->rules)
		return rules_file(rules, rq->root, RULES_FILE) < 0 ? -1 : 0;
	int there = rules_file(rules, NULL, rq->rules);

	return there == 0 ? fail(ERR_USAGE, "%s: no such file", rq->rules) : there < 0 ? -1 : 0;
}

static char *reuse(const struct request *rq, const struct machine *m)
{
	struct counts n = { .loud = rq->dry_run || rq->check || say_is_verbose() };
	const struct reuse_ears ears = { tell_removed, tell_added, &n };
	char running[CMDLINE_READ_MAX], *line = NULL;
	struct rules rules;

	if (sysfs_text(rq->root, "/proc/cmdline", running, sizeof running) < 0)
		return NULL;
	if (get_rules(&rules, rq, m) == 0)
		line = reuse_cmdline(running, rq->append, &rules, &ears);
	rules_free(&rules);
	if (line && !n.loud)
		warn("--reuse-cmdline: %u words left out, %u added: -v names them", n.removed,
		     n.added);
	return line;
}

/* to be freed; NULL after fail() */
static char *make_cmdline(const struct request *rq, const struct machine *m,
			  const struct bootimage *im)
{
	const char *text = rq->append;

	if (rq->reuse)
		return reuse(rq, m);
	if (!text && im->cmdline) {
		text = im->cmdline;
		info("%s: its own command line is used: %s", rq->kernel, text);
	}
	char *line = strdup(text ? text : "");

	if (!line)
		fail(ERR_MEMORY, "out of memory");
	return line;
}

/* the exit status that counts: the first one that is not 0 */
static void note(int *status)
{
	int failed = say_failure();

	if (*status == 0)
		*status = failed;
}

/* of files that were changed while they were read no other fault is worth telling */
static void note_files(const struct load *ld, int *status)
{
	load_unchanged(ld);
	note(status);
}

static void tell_call(const struct attempt *a, const struct request *rq, const char *why)
{
	const struct load *ld = &a->ld;

	info("%s: %s%s%s %s, for %s%s%s", ld->kernel, ld->image.wrapper ? ld->image.wrapper : "",
	     ld->image.wrapper ? ": " : "", ld->image.format, ld->image.version, attempt_name(a),
	     why ? ": " : "", why ? why : "");
	if (!ld->classic && (rq->hotplug || rq->no_checks || rq->no_efi || rq->serial))
		warn("--hotplug, --no-checks, --serial and --noefi count for the classical call"
		     " only: -c forces it");
}

static int open_files(struct attempt *a, const struct request *rq, const struct machine *m)
{
	const char *why;

	a->type = rq->type;
	a->wish = (struct layout_wish){ .hotplug = rq->hotplug, .no_checks = rq->no_checks,
					.no_efi = rq->no_efi, .serial = rq->serial,
					.talk = rq->debug };
	if (load_open(&a->ld, rq->kernel, rq->initrd, rq->type))
		return -1;
	a->ld.cmdline = make_cmdline(rq, m, &a->ld.image);
	if (!a->ld.cmdline || attempt_choose(a, rq->call, m, &why))
		return -1;
	tell_call(a, rq, why);
	if (rq->check)
		report_item("call", "%s%s%s", attempt_name(a), why ? ": " : "", why ? why : "");
	return 0;
}

/* does it fit, here and now? */
static void check_placement(struct attempt *a, const struct request *rq,
			    const struct machine *m, int *status)
{
	struct load *ld = &a->ld;

	if (m->reserved == 0)
		return;	/* said already */
	if (check_load(ld, m, warn) || attempt_lay(a, m) || check_memory(ld, m)) {
		note_files(ld, status);
		return;
	}
	if (ld->classic)
		check_layout(ld, m, warn);
	if (a->ly.doubt)
		warn("%s", a->ly.doubt);
	if (rq->check)
		report_placement(a, m);
}

/* are the files whole, and what they should be? */
static void check_contents(struct attempt *a, const struct request *rq,
			   const struct machine *m, int *status)
{
	struct load *ld = &a->ld;

	if (load_read(ld)) {
		note_files(ld, status);
		return;
	}
	if (bootimage_prove(&ld->image, warn)) {
		fail_in(ld->kernel);
		note_files(ld, status);
	} else if (rq->check) {
		report_kernel(ld);
	}
	if (check_initrd(ld, warn)) {
		note_files(ld, status);
		return;
	}
	if (m->reserved > 0 && load_has_initrd(ld))
		check_unpacked(ld, m, warn);
	if (rq->check)
		report_initrd(ld);
}

/* permission and reservation: 0, or the exit status */
static int check_machine(const struct request *rq, const struct machine *m, bool go_on)
{
	int status = 0;

	if (check_permission(m)) {
		note(&status);
		if (!go_on)
			return status;
	} else if (rq->check) {
		report_item("permission", "kernels may be loaded");
	}
	if (!m->has_kexec)
		return status;
	if (check_reservation(m))
		note(&status);
	else if (rq->check)
		report_reservation(m);
	return status;
}

int prepare(struct attempt *a, const struct request *rq, const struct machine *m)
{
	bool go_on = rq->dry_run || rq->check;
	int status = check_machine(rq, m, go_on);

	if (status && !go_on)
		return status;
	if (open_files(a, rq, m)) {
		note(&status);
		attempt_close(a);
		return status;
	}
	check_placement(a, rq, m, &status);
	if (status == 0 || go_on)
		check_contents(a, rq, m, &status);
	return status;
}
