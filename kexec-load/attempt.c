/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attempt.h"
#include "classic.h"
#include "err.h"
#include "file-load.h"
#include "machine.h"
#include "record.h"

/* is kexec_file_load there? To ask costs an attempt where those are counted. */
static bool has_file_call(const struct machine *m)
{
	if (m->root || m->reboot_limited || !m->has_capability)
		return !m->no_file_call;
	return file_exists();
}

int attempt_choose(struct attempt *a, enum call asked, const struct machine *m,
		   const char **why)
{
	const struct bootimage *im = &a->ld.image;
	bool takes = im->kind != BOOTIMAGE_ELF;

	*why = NULL;
	if (asked == CALL_CLASSIC)
		*why = "-c";
	else if (!takes)
		*why = "kexec_file_load takes no ELF file here";
	else if (!has_file_call(m))
		*why = "this kernel lacks kexec_file_load";
	a->ld.classic = *why != NULL;
	if (asked != CALL_FILE || !a->ld.classic)
		return 0;
	if (takes)
		return fail(ERR_SYS, "-s: %s (CONFIG_KEXEC_FILE): -c loads without it", *why);
	fail(ERR_UNKNOWN, "-s: %s: leave out -s, or load a bzImage", *why);
	return fail_in(a->ld.kernel);
}

int attempt_lay(struct attempt *a, const struct machine *m)
{
	if (!a->ld.classic)
		return 0;
	if (layout_make(&a->ly, &a->ld, m, &a->wish)) {
		a->ld.fit = (struct fit){ .missing = a->ly.missing };
		layout_close(&a->ly);
		return -1;
	}
	a->laid = true;
	a->ld.fit = (struct fit){ .fits = true, .used = a->ly.used };
	return 0;
}

int attempt_call(struct attempt *a, const char *arch, bool log)
{
	if (!a->ld.classic)
		return file_load(&a->ld, log);
	/* what was read for the segments must be what was proved to be whole */
	if (load_unchanged(&a->ld))
		return ECANCELED;
	a->hotplug = a->wish.hotplug;
	return classic_load(&a->ly, arch, &a->hotplug);
}

const char *attempt_name(const struct attempt *a)
{
	return a->ld.classic ? "kexec_load" : "kexec_file_load";
}

static int copy(char **to, const char *text)
{
	if (!text)
		return 0;
	*to = strdup(text);
	return *to ? 0 : fail(ERR_MEMORY, "out of memory");
}

int attempt_record(const struct attempt *a, struct record *rec)
{
	const struct load *ld = &a->ld;

	*rec = (struct record){
		.time = (uint64_t)time(NULL), .used = ld->fit.used,
		.init_size = ld->image.init_size, .kernel_size = ld->image.kernel_size,
		.unpacked = ld->contents.unpacked, .modules = ld->contents.modules,
		.hotplug = ld->classic && a->hotplug, .no_checks = a->wish.no_checks,
		.no_efi = a->wish.no_efi,
	};
	if (copy(&rec->call, attempt_name(a)) || copy(&rec->type, a->type) ||
	    copy(&rec->cmdline, ld->cmdline) || copy(&rec->serial, a->wish.serial) ||
	    record_file_set(&rec->kernel, ld->kernel, &ld->kernel_stat))
		return -1;
	return ld->initrd ? record_file_set(&rec->initrd, ld->initrd, &ld->initrd_stat) : 0;
}

void attempt_close(struct attempt *a)
{
	if (a->laid)
		layout_close(&a->ly);
	load_close(&a->ld);
	*a = (struct attempt){ .ld = { .kernel_fd = -1, .initrd_fd = -1,
				       .image = { .fd = -1, .initrd_fd = -1 } } };
}
