/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines come from kernel/crash_reserve.c and kernel/crash_core.c (6.6 and later):
 * "crashkernel reserved: 0x... - 0x... (N MB)", "crashkernel low memory reserved: ...",
 * "crashkernel CMA reserved: ...", "cannot allocate crashkernel (size:0x...)",
 * "crashkernel reservation failed - memory is in use.", "crashkernel: ...",
 * "crashkernel size resulted in zero bytes"; and from arch/x86/kernel/setup.c before:
 * "Reserving 256MB of memory at 2784MB for crashkernel (System RAM: 6143MB)",
 * "Reserving 256MB of low memory at ...", "Cannot reserve ...MB crashkernel low memory,
 * please try smaller size.", "Ignoring crashkernel for a Xen PV domain".
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klog.h"
#include "num.h"
#include "sysfs.h"

enum { RECORD_MAX = 8192, MOST_RECORDS = 1 << 20 };

/* a command line that is quoted is not an opinion about it */
static const char *opinion(const char *text)
{
	static const char word[] = "crashkernel";
	const char *at = strstr(text, word);

	return at && at[sizeof word - 1] != '=' && !strstr(text, "ommand line") ? at : NULL;
}

static enum klog_kind kind_of(const char *text)
{
	static const char *const refusals[] = {
		"annot allocate", "annot reserve", "failed", "crashkernel: ", "zero bytes",
		"Ignoring", "not supported", "fail to reserve", "not aligned",
	};

	if (strncmp(text, "Reserving ", 10) == 0 || strstr(text, "reserved: "))
		return KLOG_RESERVED;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (strstr(text, refusals[i]))
			return KLOG_REFUSED;
	return KLOG_OTHER;
}

static void add(struct klog *log, const char *text)
{
	if (log->n >= KLOG_LINES || !opinion(text))
		return;
	struct klog_line *line = &log->lines[log->n++];

	line->kind = kind_of(text);
	snprintf(line->text, sizeof line->text, "%.*s", (int)strcspn(text, "\n"), text);
	for (char *p = line->text; *p; p++)
		if (!isprint((unsigned char)*p))
			*p = '?';
}

void klog_take(struct klog *log, const char *line)
{
	if (line[0] == '<') {
		/* facilities above 0 are programs' */
		uint64_t priority;
		size_t len = strcspn(line + 1, ">");

		if (!num_parse(line + 1, len, 10, &priority) || line[1 + len] != '>')
			return;
		if (priority > 7)
			return;
		line += len + 2;
	}
	if (line[0] == '[') {
		size_t len = 1 + strspn(line + 1, " 0123456789.");

		/* "[    0.000000] ", or with CONFIG_PRINTK_CALLER "[    0.000000][    T0] " */
		while (line[len] == ']' && line[len + 1] == '[')
			len += 2 + strspn(line + len + 2, " TC0123456789");
		if (line[len] == ']' && line[len + 1] == ' ')
			line += len + 2;
	}
	add(log, line);
}

static void read_saved(struct klog *log, const char *root)
{
	char *line = NULL;
	size_t room = 0;

	log->source = "/var/log/dmesg";
	FILE *in = sysfs_open(root, log->source);

	if (!in)
		return;
	bool first = true;

	while (getline(&line, &room, in) > 0) {
		/* a whole log begins with the kernel's name of itself */
		if (first)
			log->state = strstr(line, "Linux version ") || strstr(line, "Booting Linux") ?
					     KLOG_READ : KLOG_CUT;
		first = false;
		klog_take(log, line);
	}
	free(line);
	fclose(in);
}

/* "PRIORITY,NUMBER,MICROSECONDS,FLAGS;TEXT", a record for each read() */
static void take_record(struct klog *log, const char *record, bool first)
{
	uint64_t priority = 8, number = 1;
	size_t len = strcspn(record, ",");
	const char *text = strchr(record, ';');

	if (!text || record[len] != ',' || !num_parse(record, len, 10, &priority))
		return;
	if (first && num_parse(record + len + 1, strcspn(record + len + 1, ","), 10, &number))
		log->state = number == 0 ? KLOG_READ : KLOG_CUT;
	if (priority <= 7)
		add(log, text + 1);
}

static void read_kmsg(struct klog *log)
{
	char record[RECORD_MAX];
	bool first = true;
	ssize_t n = 0;

	log->source = "/dev/kmsg";
	int fd = open(log->source, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	for (unsigned i = 0; i < MOST_RECORDS; i++) {
		n = read(fd, record, sizeof record - 1);
		/* overwritten while we were reading: go on with the oldest that is left */
		if (n < 0 && (errno == EPIPE || errno == EINTR)) {
			log->state = KLOG_CUT;
			first = false;
			continue;
		}
		if (n <= 0)
			break;
		record[n] = '\0';
		take_record(log, record, first);
		first = false;
	}
	close(fd);
}

void klog_read(struct klog *log, const char *root)
{
	*log = (struct klog){ .state = KLOG_NONE };
	if (root && root[0])
		read_saved(log, root);
	else
		read_kmsg(log);
}

const char *klog_last(const struct klog *log, enum klog_kind kind)
{
	for (unsigned i = log->n; i-- > 0;)
		if (log->lines[i].kind == kind)
			return log->lines[i].text;
	return NULL;
}
