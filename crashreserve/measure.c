/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "measure.h"
#include "qemu.h"
#include "say.h"

#define MIB(n) ((uint64_t)(n) << 20)

enum {
	INIT_S = 240,	/* emulated, unpacking 200 MB takes a minute */
	QUIET_S = 10,
	AFTER_S = 60,
	ENOUGH = 4,	/* times what the sum says: nothing can be short then */
};

/* words that concern the memory or the console of the machine that will crash */
static const char *const unwanted[] = {
	"elfcorehdr=", "acpi_rsdp=", "memmap=", "mem=", "crashkernel=", "console=",
	"earlycon", "earlyprintk", "quiet",
};

static bool is_unwanted(const char *word)
{
	for (unsigned i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++)
		if (strncmp(word, unwanted[i], strlen(unwanted[i])) == 0)
			return true;
	return false;
}

/* the capture kernel's command line, as it suits the machine; to be freed */
static char *cmdline_for(const char *cmdline)
{
	char *copy = strdup(cmdline), *kept = calloc(1, strlen(cmdline) + 2);

	if (copy && kept) {
		char *rest = copy, *word;

		while ((word = strsep(&rest, " \n")))
			if (*word && !is_unwanted(word)) {
				strcat(kept, *kept ? " " : "");
				strcat(kept, word);
			}
		free(copy);
		return kept;
	}
	free(copy);
	free(kept);
	fail(ERR_MEMORY, "out of memory");
	return NULL;
}

/* did it go as it does with memory enough? */
static bool well(const struct qemu_boot *boot, const struct measured *m)
{
	return boot->init && !boot->memory[0] && boot->panicked == m->init_ended;
}

static const char *trouble(const struct qemu_boot *boot)
{
	if (boot->refused[0])
		return boot->refused;
	if (boot->memory[0])
		return boot->memory;
	if (!boot->spoke)
		return "the kernel says nothing";
	return boot->late ? "it hangs before init" : boot->last;
}

/* with so much that memory cannot be short: what is usual for these files? */
static int enough(struct measured *m, const struct qemu_machine *machine, uint64_t mib)
{
	struct qemu_boot boot;

	info("%s: booting with %llu MiB", qemu_program(machine->arch), (unsigned long long)mib);
	if (qemu_boot(&boot, machine, mib) < 0)
		return -1;
	m->boots++;
	if (boot.refused[0] && !boot.spoke)
		return fail(ERR_UNKNOWN, "%s", boot.refused);
	if (!boot.spoke)
		return fail(ERR_UNKNOWN, "%s: the kernel says nothing on the serial port: this"
			    " cannot be measured", qemu_program(machine->arch));
	if (!boot.init || boot.memory[0])
		return fail(ERR_UNKNOWN, "%s: with %llu MiB no init runs: %s",
			    qemu_program(machine->arch), (unsigned long long)mib, trouble(&boot));
	m->init_ended = boot.panicked;
	if (boot.panicked)
		snprintf(m->how, sizeof m->how, "init ended by itself: %s", boot.last);
	else
		snprintf(m->how, sizeof m->how,
			 "init was started and ran until it had nothing more to say");
	return 0;
}

static int bisect(struct measured *m, const struct qemu_machine *machine, uint64_t low,
		  uint64_t high)
{
	struct qemu_boot boot;

	while (high - low > MEASURE_STEP_MIB) {
		uint64_t mib = (low + high) / 2 / MEASURE_STEP_MIB * MEASURE_STEP_MIB;

		if (mib <= low)
			mib = low + MEASURE_STEP_MIB;
		if (qemu_boot(&boot, machine, mib) < 0)
			return -1;
		m->boots++;
		if (well(&boot, m)) {
			info("%llu MiB: works", (unsigned long long)mib);
			high = mib;
		} else {
			info("%llu MiB: %s", (unsigned long long)mib, trouble(&boot));
			low = mib;
			snprintf(m->why, sizeof m->why, "%s", trouble(&boot));
		}
	}
	m->works = MIB(high);
	m->fails = m->why[0] ? MIB(low) : 0;
	return 0;
}

int measure(struct measured *m, const struct needs *n, const struct estimate *est)
{
	struct qemu_machine machine = {
		.arch = n->image.arch,
		.kernel_fd = n->image.fd,
		.initrd_fd = n->initrd_fd,
		.init_s = INIT_S,
		.quiet_s = QUIET_S,
		.after_s = AFTER_S,
	};
	char *cmdline = NULL;
	/* less than the kernel alone, and its packed initial RAM disk, cannot work */
	uint64_t low = (n->in.init_size / 2 + n->in.initrd_packed) >> 20;
	uint64_t high = est->recommended >> 20;
	int result = -1;

	*m = (struct measured){ .boots = 0 };
	if (n->cmdline) {
		cmdline = cmdline_for(n->cmdline);
		if (!cmdline)
			return -1;
		machine.cmdline = cmdline;
	}
	low = low / MEASURE_STEP_MIB * MEASURE_STEP_MIB;
	high *= ENOUGH;
	if (enough(m, &machine, high) == 0)
		result = bisect(m, &machine, low, high);
	free(cmdline);
	return result;
}

uint64_t measure_advice(const struct measured *m, const struct estimate *est)
{
	/* a reservation lies across sections, an emulated machine's memory begins with one */
	uint64_t bytes = m->works + MIB(4);

	/* and programs that found no crashed memory did not do their work */
	for (unsigned i = 0; i < est->nlines; i++)
		if (est->lines[i].when == ESTIMATE_CAPTURE)
			bytes += est->lines[i].bytes;
	/* what is loaded lies in the reservation as no machine in QEMU shows it */
	return estimate_round(bytes > est->load_bytes ? bytes : est->load_bytes);
}
