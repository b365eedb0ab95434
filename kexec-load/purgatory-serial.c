/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which serial port a name means. What the kernel's drivers know of theirs is in
 * /sys/class/tty/NAME (Documentation/ABI/testing/sysfs-tty), for root only.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cmdline.h"
#include "err.h"
#include "num.h"
#include "purgatory.h"
#include "sysfs.h"

enum { VALUE = 128 };	/* characters of a console= that is a serial port's, and more */

/* io_type: enum uart_iotype in include/linux/serial_core.h */
enum { UPIO_PORT = 0, UPIO_MEM = 2, UPIO_MEM32 = 3 };

/* where PCs have them, if nobody may look */
static const struct { const char *name; uint16_t port; } pc[] = {
	{ "ttyS0", 0x3f8 }, { "ttyS1", 0x2f8 }, { "ttyS2", 0x3e8 }, { "ttyS3", 0x2e8 },
};

static bool is_pc(const char *arch)
{
	return strcmp(arch, "x86_64") == 0;
}

/* can it be reached? 0 or -1 */
static int checked(const struct purgatory_serial *port, const char *arch)
{
	if (port->kind == PURGATORY_NO_PORT)
		return 0;
	if (port->kind == PURGATORY_8250_IO) {
		if (!is_pc(arch))
			return fail(ERR_USAGE, "there are no I/O ports on %s", arch);
		if (port->addr == 0 || port->addr > 0xfff8)
			return fail(ERR_USAGE, "0x%llx is no I/O port of a serial port",
				    (unsigned long long)port->addr);
		return 0;
	}
	/* the page tables that the kernel makes for the jump are sure to have memory only */
	if (is_pc(arch))
		return fail(ERR_USAGE, "on %s only ports at I/O addresses can be used", arch);
	if (port->addr == 0 || port->addr % 4 || port->addr >> 52 || port->shift > 12)
		return fail(ERR_USAGE, "0x%llx is no address of a serial port",
			    (unsigned long long)port->addr);
	return 0;
}

/* one of the kernel's own attributes; false: not there, or not for us */
static bool attribute(const char *root, const char *name, const char *what, uint64_t *value)
{
	char path[VALUE + 64];

	snprintf(path, sizeof path, "/sys/class/tty/%s/%s", name, what);
	return sysfs_u64(root, path, value) == 1;
}

/* 1: found; 0: there is no such port */
static int by_name(struct purgatory_serial *port, const char *name, const char *root,
		   const char *arch)
{
	uint64_t type = 1, io_type, addr, shift = 0;

	if (attribute(root, name, "type", &type) && type == 0)	/* PORT_UNKNOWN */
		return 0;
	if (attribute(root, name, "io_type", &io_type)) {
		if (!attribute(root, name, io_type == UPIO_PORT ? "port" : "iomem_base", &addr))
			return 0;
		attribute(root, name, "iomem_reg_shift", &shift);
		if (strncmp(name, "ttyAMA", 6) == 0)
			*port = (struct purgatory_serial){ PURGATORY_PL011, addr, 0 };
		else if (io_type == UPIO_PORT)
			*port = (struct purgatory_serial){ PURGATORY_8250_IO, addr, 0 };
		else if (io_type == UPIO_MEM || io_type == UPIO_MEM32)
			*port = (struct purgatory_serial){
				io_type == UPIO_MEM ? PURGATORY_8250_MMIO : PURGATORY_8250_MMIO32,
				addr, (unsigned)(shift & 31) };
		else
			return 0;
		return 1;
	}
	for (size_t i = 0; is_pc(arch) && i < sizeof pc / sizeof pc[0]; i++)
		if (strcmp(name, pc[i].name) == 0) {
			*port = (struct purgatory_serial){ PURGATORY_8250_IO, pc[i].port, 0 };
			return 1;
		}
	return 0;
}

/* "ttyS0" and the like: the drivers whose chips port.c knows, and nothing that is a path */
static bool is_name(const char *text)
{
	size_t letters = strncmp(text, "ttyAMA", 6) == 0 ? 6 : strncmp(text, "ttyS", 4) == 0 ? 4 : 0;

	return letters > 0 && isdigit((unsigned char)text[letters]) &&
	       text[letters + strspn(text + letters, "0123456789")] == '\0';
}

/*
 * "uart8250,io,0x3f8", "uart,mmio32,0xfe001000", "pl011,0x9000000", as the kernel's
 * earlycon= and console= have them (Documentation/admin-guide/kernel-parameters.txt).
 * Cuts text. 1: it is one; 0: it is none.
 */
static int by_chip(struct purgatory_serial *port, char *text)
{
	static const struct { const char *start; struct purgatory_serial port; } chips[] = {
		{ "uart8250,io,", { PURGATORY_8250_IO, 0, 0 } },
		{ "uart,io,", { PURGATORY_8250_IO, 0, 0 } },
		{ "uart8250,mmio,", { PURGATORY_8250_MMIO, 0, 0 } },
		{ "uart,mmio,", { PURGATORY_8250_MMIO, 0, 0 } },
		{ "uart8250,mmio32,", { PURGATORY_8250_MMIO32, 0, 2 } },
		{ "uart,mmio32,", { PURGATORY_8250_MMIO32, 0, 2 } },
		{ "pl011,mmio32,", { PURGATORY_PL011, 0, 0 } },
		{ "pl011,", { PURGATORY_PL011, 0, 0 } },
	};

	for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
		size_t len = strlen(chips[i].start);

		if (strncmp(text, chips[i].start, len) != 0)
			continue;
		*port = chips[i].port;
		text[len + strcspn(text + len, ",")] = '\0';
		return num_u64(text + len, &port->addr);
	}
	return 0;
}

/* as by_name(); a name may be followed by options, as in "ttyS0,115200n8" */
static int by_text(struct purgatory_serial *port, const char *given, const char *root,
		   const char *arch)
{
	char text[VALUE];

	if (strlen(given) >= sizeof text)
		return 0;
	strcpy(text, given);
	if (by_chip(port, text))
		return 1;
	text[strcspn(text, ",")] = '\0';
	return is_name(text) ? by_name(port, text, root, arch) : 0;
}

static void by_cmdline(struct purgatory_serial *port, const char *cmdline, const char *root,
		       const char *arch)
{
	struct purgatory_serial found;
	struct cmdline_word word;
	char value[VALUE];

	while (cmdline_next(&cmdline, &word)) {
		if (word.len == 2 && strncmp(word.text, "--", 2) == 0)
			return;
		size_t start = (size_t)(word.name - word.text) + word.namelen + 1;

		if (!cmdline_is(&word, "console") || start >= word.len ||
		    word.len - start >= sizeof value)
			continue;
		memcpy(value, word.text + start, word.len - start);
		value[word.len - start] = '\0';
		if (by_text(&found, value, root, arch) && checked(&found, arch) == 0)
			*port = found;
	}
}

int purgatory_serial(struct purgatory_serial *port, const char *text, const char *cmdline,
		     const char *root, const char *arch)
{
	*port = (struct purgatory_serial){ .kind = PURGATORY_NO_PORT };
	if (!text) {
		by_cmdline(port, cmdline, root, arch);
		return 0;
	}
	if (strcmp(text, "none") == 0)
		return 0;
	if (num_u64(text, &port->addr))
		port->kind = is_pc(arch) ? PURGATORY_8250_IO : PURGATORY_PL011;
	else if (!by_text(port, strncmp(text, "/dev/", 5) == 0 ? text + 5 : text, root, arch))
		return fail(ERR_USAGE, "%s: no serial port known here: give ttyS0, ttyAMA0, "
			    "uart8250,io,ADDRESS, pl011,ADDRESS or none", text);
	return checked(port, arch) < 0 ? fail_in(text) : 0;
}
