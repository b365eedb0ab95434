/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crashreserve eval: what would the kernel make of this crashkernel=? */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "commands.h"
#include "err.h"
#include "eval-print.h"
#include "eval.h"
#include "iomem.h"
#include "num.h"
#include "opt.h"
#include "say.h"
#include "sysfs.h"

enum { OPT_RAM = 256, OPT_INSTALLED, OPT_RELEASE, OPT_ARCH, OPT_ROOT, OPT_JSON };

enum { NOTHING = 5 };	/* the exit status of "nothing would be reserved" */

static const struct opt opts[] = {
	{ OPT_RAM, "ram", "SIZE", "the sum of System RAM in /proc/iomem; 8G, or bytes" },
	{ OPT_INSTALLED, "installed", "SIZE", "the size of the memory modules instead" },
	{ OPT_RELEASE, "release", "VERSION", "the kernel's, as uname -r has it" },
	{ OPT_ARCH, "arch", "ARCH", "as uname -m has it" },
	{ OPT_JSON, "json", NULL, "one JSON object" },
	{ OPT_ROOT, "root", "DIR", "take what is not given from the /proc saved in DIR" },
	OPT_COMMON,
	{ 0 },
};

struct request {
	uint64_t ram, installed;	/* 0: not given */
	const char *root;
	char release[80], arch[80];	/* "": not given */
	char cmdline[2 * EVAL_CMDLINE];
	bool release_given, arch_given, cmdline_given, json;
	struct iomem iomem;
};

static int take_size(uint64_t *size, const char *name, const char *text)
{
	if (!num_size(text, size) || *size == 0)
		return fail(ERR_USAGE, "--%s=%s: not a size", name, text);
	return 0;
}

static int take_text(char *to, size_t size, const char *name, const char *text)
{
	if (*text == '\0' || strlen(text) >= size)
		return fail(ERR_USAGE, "--%s=%s: empty or too long", name, text);
	strcpy(to, text);
	return 0;
}

static int take_option(struct request *rq, int key, const char *arg)
{
	switch (key) {
	case OPT_RAM:
		return take_size(&rq->ram, "ram", arg);
	case OPT_INSTALLED:
		return take_size(&rq->installed, "installed", arg);
	case OPT_RELEASE:
		rq->release_given = true;
		return take_text(rq->release, sizeof rq->release, "release", arg);
	case OPT_ARCH:
		rq->arch_given = true;
		return take_text(rq->arch, sizeof rq->arch, "arch", arg);
	case OPT_ROOT:
		rq->root = arg;
		return 0;
	case OPT_JSON:
		rq->json = true;
		return 0;
	}
	return -1;
}

/* several words are a command line without its quotes */
static int take_words(struct request *rq, char **words)
{
	size_t used = 0;

	for (; *words; words++) {
		size_t len = strlen(*words);

		if (len + 2 > sizeof rq->cmdline - used)
			return fail(ERR_USAGE, "the command line is too long");
		if (rq->cmdline_given)
			rq->cmdline[used++] = ' ';
		memcpy(rq->cmdline + used, *words, len + 1);
		used += len;
		rq->cmdline_given = true;
	}
	return 0;
}

static int take_arguments(struct request *rq, struct cmdline *cl)
{
	int key;

	while ((key = opt_next(cl)) > 0)
		if (take_option(rq, key, cl->arg) < 0)
			return -1;
	if (key < 0)
		return -1;
	if (rq->ram && rq->installed)
		return fail(ERR_USAGE, "--ram and --installed are two answers to one question");
	return take_words(rq, cl->argv);
}

/* a file of the saved tree, or what uname says */
static int ask(const char *root, const char *path, const char *running, char *to, size_t size)
{
	int there;

	if (!root || !*root) {
		snprintf(to, size, "%s", running);
		return 0;
	}
	there = sysfs_text(root, path, to, size);
	if (there == 0)
		return fail(ERR_SYS, "%s%s: no such file: give --%s", root, path,
			    strstr(path, "release") ? "release" : "arch");
	return there < 0 ? -1 : 0;
}

static int ask_kernel(struct request *rq)
{
	struct utsname un;

	if (uname(&un) < 0)
		return fail_sys("uname");
	if (!rq->release_given &&
	    ask(rq->root, "/proc/sys/kernel/osrelease", un.release, rq->release,
		sizeof rq->release) < 0)
		return -1;
	if (!rq->arch_given && ask(rq->root, "/proc/sys/kernel/arch", un.machine, rq->arch,
				   sizeof rq->arch) < 0)
		return -1;
	return 0;
}

static int ask_cmdline(struct request *rq)
{
	int there;

	if (rq->cmdline_given)
		return 0;
	there = sysfs_text(rq->root, "/proc/cmdline", rq->cmdline, sizeof rq->cmdline);
	if (there == 0)
		return fail(ERR_SYS, "/proc/cmdline: no such file: give the crashkernel= to "
			    "evaluate");
	return there < 0 ? -1 : 0;
}

static int ask_memory(struct request *rq)
{
	if (rq->ram || rq->installed)
		return 0;
	if (iomem_open(&rq->iomem, rq->root) < 0)
		return -1;
	if (rq->iomem.hidden)
		return fail(ERR_SYS, "/proc/iomem: addresses are shown to root only: give --ram");
	for (size_t i = 0; i < rq->iomem.ram.n; i++)
		rq->ram += rq->iomem.ram.r[i].end - rq->iomem.ram.r[i].start;
	if (rq->ram == 0)
		return fail(ERR_CORRUPT, "/proc/iomem: no System RAM: give --ram");
	return 0;
}

/* a kernel with CONFIG_CMA shows CmaTotal, even if that is 0 */
static bool lacks_cma(const char *root)
{
	FILE *in = sysfs_open(root, "/proc/meminfo");
	bool found = false, read_any = false;
	char line[256];

	if (!in)
		return false;
	while (fgets(line, sizeof line, in)) {
		read_any = true;
		if (strncmp(line, "CmaTotal:", 9) == 0)
			found = true;
	}
	fclose(in);
	return read_any && !found;
}

static int prepare(struct request *rq, struct eval_in *in)
{
	if (ask_kernel(rq) < 0 || ask_cmdline(rq) < 0 || ask_memory(rq) < 0)
		return -1;
	*in = (struct eval_in){ .cmdline = rq->cmdline, .ram = rq->ram };
	if (eval_kernel(in, rq->arch, rq->release) < 0)
		return -1;
	in->map = rq->iomem.ram.n ? &rq->iomem.ram : NULL;
	in->without_cma = !rq->release_given && lacks_cma(rq->root);
	if (!rq->arch_given && !rq->root)
		in->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

static int answer(const struct request *rq, const struct eval_in *in)
{
	struct eval_asked asked = { rq->arch, rq->release, NULL };
	struct eval_out out;
	struct json j;

	eval_run(in, &out);
	if (rq->json) {
		json_begin(&j, stdout);
		eval_json(&j, NULL, &asked, in, &out);
		json_end(&j);
	} else if (!say_is_quiet()) {
		eval_print(&asked, in, &out);
	}
	return out.status == EVAL_RESERVED ? 0 : NOTHING;
}

/* the same words for two sums of memory? */
static bool same(const struct eval_out *a, const struct eval_out *b)
{
	return a->status == b->status && a->size == b->size && a->low == b->low &&
	       a->offset == b->offset && a->cma == b->cma && a->place == b->place;
}

/*
 * Firmware keeps a part of the modules for itself, and the kernel never sees it: how
 * much, nobody can tell from their size. Both ends of what is usual are evaluated.
 */
static int answer_installed(const struct request *rq, struct eval_in *in)
{
	uint64_t kept = rq->installed / 32;
	char assumed[EVAL_TEXT], words[2][EVAL_WORDS];
	struct eval_asked asked = { rq->arch, rq->release, assumed };
	struct eval_in least = *in;
	struct eval_out out[2];
	struct json j;

	if (kept < (uint64_t)64 << 20)
		kept = (uint64_t)64 << 20;
	if (kept >= rq->installed)
		kept = rq->installed / 2;
	in->ram = rq->installed;
	least.ram = rq->installed - kept;
	eval_run(in, &out[0]);
	eval_run(&least, &out[1]);
	snprintf(assumed, sizeof assumed, "firmware keeps up to %s of the %s installed",
		 eval_size(kept, words[0]), eval_size(rq->installed, words[1]));
	if (rq->json) {
		json_begin(&j, stdout);
		json_object(&j, NULL);
		json_u64(&j, "installed", rq->installed);
		json_bool(&j, "same", same(&out[0], &out[1]));
		eval_json(&j, "least", &asked, &least, &out[1]);
		eval_json(&j, "most", &asked, in, &out[0]);
		json_close(&j);
		json_end(&j);
	} else if (say_is_quiet()) {
		/* the exit status is the answer */
	} else if (same(&out[0], &out[1])) {
		snprintf(assumed, sizeof assumed,
			 "firmware keeps nothing to %s of it: the result is the same",
			 eval_size(kept, words[0]));
		eval_print(&asked, in, &out[0]);
	} else {
		printf("It depends on how much memory firmware keeps; --ram takes the sum of "
		       "System RAM.\n");
		eval_print(&asked, &least, &out[1]);
		asked.assumed = "firmware keeps nothing";
		eval_print(&asked, in, &out[0]);
	}
	return out[0].status == EVAL_RESERVED && out[1].status == EVAL_RESERVED ? 0 : NOTHING;
}

int cmd_eval(char **argv)
{
	struct cmdline cl = {
		.synopsis = "eval [--ram=SIZE | --installed=SIZE] [--release=VERSION] "
			    "[--arch=ARCH] [--json] [--root=DIR] [CMDLINE]",
		.about = "Say what the kernel would make of crashkernel= on its command line.",
		.opts = opts,
		.argv = argv,
	};
	static struct request rq;
	struct eval_in in;
	int status, flushed;

	if (take_arguments(&rq, &cl) < 0)
		return opt_usage(&cl);
	if (prepare(&rq, &in) < 0)
		status = err_code() == ERR_USAGE ? opt_usage(&cl) : say_failure();
	else
		status = rq.installed ? answer_installed(&rq, &in) : answer(&rq, &in);
	iomem_close(&rq.iomem);
	flushed = say_flush();
	return flushed ? flushed : status;
}
