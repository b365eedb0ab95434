/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "load.h"
#include "machine.h"
#include "report.h"
#include "say.h"

enum { ARMED = 0, NOT_ARMED = 3, NO_RESERVATION = 5 };

static double mib(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

static void answer(const char *text)
{
	if (!say_is_quiet())
		puts(text);
}

int report_status(const struct machine *m)
{
	char text[160];

	if (m->loaded) {
		snprintf(text, sizeof text, "armed: a capture kernel is loaded, %.0f MiB"
			 " are reserved", mib(m->reserved));
		answer(text);
		return ARMED;
	}
	if (m->reserved > 0) {
		snprintf(text, sizeof text, "not armed: no capture kernel is loaded, %.0f"
			 " MiB are reserved", mib(m->reserved));
		answer(text);
		return NOT_ARMED;
	}
	if (!m->has_kexec)
		answer("not armed: this kernel was built without panic kernels"
		       " (CONFIG_KEXEC_FILE, CONFIG_CRASH_DUMP)");
	else if (m->asked)
		answer("not armed: no memory is reserved, although crashkernel= asks for"
		       " it");
	else
		answer("not armed: no memory is reserved (crashkernel=)");
	return NO_RESERVATION;
}

void report_plan(const struct load *ld, const struct machine *m)
{
	const struct bootimage *im = &ld->image;
	uint64_t most = check_cmdline_max(ld, m);

	printf("kernel:       %s\n", ld->kernel);
	printf("              %s%s%s, %.1f MiB, %s, needs %.1f MiB\n", im->format,
	       im->version[0] ? " " : "", im->version, mib(im->size),
	       im->is_signed ? "signed" : "not signed", mib(im->init_size));
	if (ld->initrd)
		printf("initrd:       %s\n              %s, %.1f MiB\n", ld->initrd,
		       ld->initrd_kind ? ld->initrd_kind : "unknown kind",
		       mib(ld->initrd_size));
	else
		printf("initrd:       none\n");
	printf("command line: %s\n", ld->cmdline);
	printf("              %zu of %" PRIu64 " characters\n", strlen(ld->cmdline), most);
	if (m->region.end)
		printf("reserved:     %.1f MiB at %#" PRIx64 "-%#" PRIx64 "\n",
		       mib(m->region.end - m->region.start), m->region.start,
		       m->region.end - 1);
	else
		printf("reserved:     %.1f MiB\n", mib(m->reserved));
	if (ld->fit.used)
		printf("used:         %.1f MiB, headers of %.1f MiB among them\n",
		       mib(ld->fit.used), mib(m->headers));
	printf("loaded now:   %s\n", m->loaded ? "yes" : "no");
}
