/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One boot of a kernel in QEMU, with so much memory, and what it said. */
#ifndef QEMU_H
#define QEMU_H

#include <stdbool.h>
#include <stdint.h>

struct qemu_machine {
	const char *arch;	/* as uname -m says it */
	int kernel_fd, initrd_fd;	/* initrd_fd -1: none */
	const char *cmdline;	/* of the kernel, NULL: what a capture kernel gets */
	unsigned init_s;	/* so many seconds until init must have been started */
	unsigned quiet_s;	/* it is over when init then said nothing for so long */
	unsigned after_s;	/* and after so long in any case */
};

enum { QEMU_LINE = 240 };

struct qemu_boot {
	bool spoke;		/* the kernel said anything on its serial port */
	bool init;		/* it started init */
	bool panicked;
	bool late;		/* no init in time: it was killed */
	char memory[QEMU_LINE];	/* the first line that says memory is short; "" without one */
	char last[QEMU_LINE];	/* the last line it said: a panic's own, if there was one */
	char refused[QEMU_LINE];	/* why QEMU itself would not; "" if it did */
};

/* the program for this architecture's machines, NULL: there is none known */
const char *qemu_program(const char *arch);
/*
 * Boots with mib MiB. QEMU emulates the processor: it needs no rights, and no device.
 * The child ends with us, however we end. -1 after fail(): QEMU is not installed, or
 * ERR_STOPPED. What the kernel did is no error.
 */
int qemu_boot(struct qemu_boot *boot, const struct qemu_machine *machine, uint64_t mib);

#endif
