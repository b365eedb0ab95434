/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "err.h"
#include "info-file.h"
#include "input.h"
#include "memory.h"
#include "options.h"
#include "say.h"
#include "vmcore-info.h"

/* a dump without VMCOREINFO: the text that its note was made of may be in the memory */
static int find_info(struct vmcore *vm)
{
	int rc;

	if (vm->info.text)
		return 0;
	rc = vmcore_search_info(vm);
	if (rc == 1)
		warn("%s: has no VMCOREINFO; found that of Linux %s in its memory", vm->src.path,
		     vm->info.release);
	return rc < 0 ? -1 : 0;
}

static int get_info(struct vmcore *vm, const struct options *o)
{
	if (o->info || o->vmlinux)
		return info_give(vm, o->vmlinux, o->info);
	return find_info(vm);
}

static int check_live(const struct vmcore *vm, const struct options *o)
{
	bool reading = o->job == JOB_MEM_USAGE || o->job == JOB_MAP || o->dry_run;

	if (o->live && !vm->live)
		return fail(ERR_USAGE, "%s: is not the running system, as --live says: that is "
			    "/proc/kcore", vm->src.path);
	if (vm->live && !o->live && !reading)
		return fail(ERR_USAGE, "%s: is the running system, whose memory changes while it "
			    "is saved; --live does it all the same", vm->src.path);
	return 0;
}

int input_open(struct input *in, const char *const *paths, size_t n, const struct options *o)
{
	const char *path = paths[0];

	*in = (struct input){ .vm.src.fd = -1 };
	if (n == 1 && strcmp(path, "-") == 0) {
		if (spool_open(&in->spool, o->tmp, ", and -R only lays a flattened stream "
			       "down"))
			return -1;
		if (in->spool.why[0])
			warn("%s", in->spool.why);
		path = in->spool.path;
		paths = &path;
	}
	/* a kdump file's own bitmap, and the plan's */
	if (vmcore_open_parts(&in->vm, paths, n, memory_for_bitmaps(o->memory, 2)))
		goto fail;
	in->vm.cut_short |= in->spool.truncated;
	if (in->vm.flaw[0])
		warn("%s: %s", in->vm.src.path, in->vm.flaw);
	if (check_live(&in->vm, o) || get_info(&in->vm, o))
		goto fail;
	return 0;
fail:
	input_close(in);
	return -1;
}

void input_close(struct input *in)
{
	vmcore_close(&in->vm);
}
