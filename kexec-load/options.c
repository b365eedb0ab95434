/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <stdio.h>

#include "err.h"
#include "opt.h"
#include "options.h"
#include "say.h"
#include "unpack.h"

enum { OPT_INITRD = 256, OPT_RAMDISK, OPT_APPEND, OPT_COMMAND_LINE, OPT_REUSE, OPT_RULES,
       OPT_STATUS, OPT_JSON, OPT_CHECK, OPT_ROOT, OPT_HOTPLUG, OPT_SERIAL, OPT_NOEFI };

static const struct opt opts[] = {
	{ 'p', "load-panic", NULL, "load the kernel that runs after a panic" },
	{ OPT_INITRD, "initrd", "FILE", "with this initial RAM disk" },
	{ OPT_RAMDISK, "ramdisk", "FILE", NULL },
	{ OPT_APPEND, "append", "STR", "the command line, or more of it after"
		" --reuse-cmdline" },
	{ OPT_COMMAND_LINE, "command-line", "STR", "the same" },
	{ OPT_REUSE, "reuse-cmdline", NULL, "begin with the running kernel's, what harms"
		" left out" },
	{ OPT_RULES, "cmdline-rules", "FILE", "what --reuse-cmdline removes and adds" },
	{ 's', "kexec-file-syscall", NULL, "by kexec_file_load only" },
	{ 'c', "kexec-syscall", NULL, "by the classical call, kexec_load, only" },
	{ 'a', "kexec-syscall-auto", NULL, "by the first if possible, else the second"
		" (default)" },
	{ 't', "type", "TYPE", "bzImage, elf, Image, uki, vmlinuz: what KERNEL is" },
	{ OPT_HOTPLUG, "hotplug", NULL, "classical call: the kernel keeps its list of memory"
		" up to date" },
	{ 'i', "no-checks", NULL, "classical call: no digests before the jump" },
	{ OPT_SERIAL, "serial", "PORT", "classical call: where a damaged image is told"
		" (ttyS0, 0x3f8, none)" },
	{ OPT_NOEFI, "noefi", NULL, "classical call: EFI is not handed over" },
	{ 'u', "unload", NULL, "with -p: unload it" },
	{ OPT_STATUS, "status", NULL, "is one loaded? exit 0 yes, 3 no, 5 no memory"
		" reserved" },
	{ OPT_JSON, "json", NULL, "with --status: as JSON" },
	{ OPT_CHECK, "check", NULL, "all that a load would check, a rehearsal included, and"
		" no load" },
	{ 'n', "dry-run", NULL, "check the files, print what would be loaded, touch"
		" nothing" },
	{ 'd', "debug", NULL, "have the kernel log what it puts where (Linux 6.8); as"
		" -v" },
	{ OPT_ROOT, "root", "DIR", "with -n, --status: another machine's /proc, /sys and"
		" /boot" },
	{ 'l', "load", NULL, NULL },
	OPT_COMMON,
	{ 0 },
};

static void set_append(struct request *rq, const char *text)
{
	rq->appended_twice = rq->append != NULL;
	rq->append = text;
}

/* options that take nothing: false if key is none of them */
static bool take_flag(struct request *rq, int key)
{
	switch (key) {
	case 'p': rq->panic = true; break;
	case 'u': rq->unload = true; break;
	case 'n': rq->dry_run = true; break;
	case 'i': rq->no_checks = true; break;
	case 's': rq->call = CALL_FILE; break;
	case 'c': rq->call = CALL_CLASSIC; break;
	case 'a': rq->call = CALL_AUTO; break;
	case OPT_REUSE: rq->reuse = true; break;
	case OPT_STATUS: rq->status = true; break;
	case OPT_JSON: rq->json = true; break;
	case OPT_CHECK: rq->check = true; break;
	case OPT_HOTPLUG: rq->hotplug = true; break;
	case OPT_NOEFI: rq->no_efi = true; break;
	case 'd':
		rq->debug = true;
		say_more();
		break;
	default:
		return false;
	}
	return true;
}

/* 0; -1 after a mistake; the option's letter after one that deserves no usage line */
static int parse(struct request *rq, struct cmdline *cl)
{
	int key;

	while ((key = opt_next(cl)) > 0) {
		if (take_flag(rq, key))
			continue;
		switch (key) {
		case OPT_INITRD:
		case OPT_RAMDISK:
			rq->initrd = cl->arg;
			break;
		case OPT_APPEND:
		case OPT_COMMAND_LINE:
			set_append(rq, cl->arg);
			break;
		case OPT_RULES:
			rq->rules = cl->arg;
			break;
		case OPT_SERIAL:
			rq->serial = cl->arg;
			break;
		case OPT_ROOT:
			rq->root = cl->arg;
			break;
		case 't':
			rq->type = cl->arg;
			break;
		case 'l':
			fail(ERR_USAGE, "-l: kexec-load only loads panic kernels: say"
			     " -p");
			return key;
		}
	}
	return key;
}

/* what -u, --status and a load have each to themselves */
static int judge_verbs(const struct request *rq, int operands, const char *second)
{
	const char *verb = rq->status ? "--status" : "-u";

	if (rq->status || rq->unload) {
		if (operands > 0)
			return fail(ERR_USAGE, "%s takes no KERNEL", verb);
		if (rq->initrd || rq->append || rq->reuse)
			return fail(ERR_USAGE, "%s takes no --initrd, --append or"
				    " --reuse-cmdline", verb);
		if (rq->check)
			return fail(ERR_USAGE, "%s or --check: not both", verb);
		if (rq->status && rq->unload)
			return fail(ERR_USAGE, "--status or -u: not both");
	} else if (operands == 0) {
		return fail(ERR_USAGE, "no KERNEL given");
	} else if (operands > 1) {
		return fail(ERR_USAGE, "one KERNEL, not %d: %s"
			    " ...", operands, second);
	}
	return 0;
}

/* what fits together; -1 after fail() */
static int judge(struct request *rq, const struct cmdline *cl)
{
	rq->kernel = cl->argv[0];
	if (judge_verbs(rq, opt_count(cl), rq->kernel ? cl->argv[1] : NULL))
		return -1;
	if (!rq->panic && !rq->status && !rq->check)
		return fail(ERR_USAGE, "-p is missing: kexec-load only loads panic"
			    " kernels");
	if (rq->root && !rq->status && !(rq->dry_run && !rq->unload))
		return fail(ERR_USAGE, "--root needs -n or --status");
	if (rq->dry_run && rq->unload)
		return fail(ERR_USAGE, "-n or -u: not both");
	if (rq->dry_run && rq->check)
		return fail(ERR_USAGE, "-n or --check: not both: -n touches nothing, --check"
			    " rehearses");
	if (rq->json && !rq->status)
		return fail(ERR_USAGE, "--json needs --status");
	if (rq->rules && !rq->reuse)
		return fail(ERR_USAGE, "--cmdline-rules needs --reuse-cmdline");
	if (rq->initrd && rq->initrd[0] == '\0')
		return fail(ERR_USAGE, "--initrd is empty");
	if (rq->call == CALL_FILE && (rq->hotplug || rq->no_checks || rq->serial || rq->no_efi))
		return fail(ERR_USAGE, "--hotplug, --no-checks, --serial and --noefi are for the"
			    " classical call: not with -s");
	return 0;
}

int options_read(struct request *rq, char **words)
{
	char features[160];
	struct cmdline cl = {
		.synopsis = "-p [--initrd=FILE] [--append=STR] [--reuse-cmdline] [-s|-c|-a]"
			    " KERNEL | -p -u | --check KERNEL | --status",
		.about = "Load the kernel that captures the memory of this one after a"
			" panic.",
		.features = features,
		.opts = opts,
		.argv = words,
	};

	snprintf(features, sizeof features, "unpacks: %s", unpack_features());
	*rq = (struct request){ 0 };
	int key = parse(rq, &cl);

	if (key > 0)
		return say_failure();
	if (key < 0 || judge(rq, &cl))
		return opt_usage(&cl);
	if (rq->appended_twice)
		warn("--append and --command-line are the same: the last one counts");
	return -1;
}
