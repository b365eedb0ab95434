/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include "err.h"
#include "look.h"
#include "num.h"
#include "sysfs.h"

enum { BUSY_TRIES = 30, BUSY_MS = 100 };

/* what fail() said becomes a note */
static void note(struct state *st)
{
	if (st->nnotes < LOOK_NOTES)
		snprintf(st->notes[st->nnotes++], LOOK_NOTE, "%s", err_text());
}

static void look_number(struct state *st, struct setting *set, const char *path)
{
	int there = sysfs_u64(st->root, path, &set->value);

	set->known = there == 1;
	if (there < 0)
		note(st);
}

/* the lock that a loader holds makes some of these files busy */
static void look_kexec(struct state *st, struct setting *set, const char *name)
{
	int there, tries = 0;

	while ((there = sysfs_kexec(st->root, name, &set->value)) < 0 &&
	       err_code() == ERR_AGAIN && tries++ < BUSY_TRIES)
		nanosleep(&(struct timespec){ .tv_nsec = BUSY_MS * 1000000L }, NULL);
	set->known = there == 1;
	if (there < 0) {
		st->kexec_unreadable = true;
		note(st);
	}
}

/* seconds; may be negative: reboot at once */
static void look_panic(struct state *st)
{
	if (sysfs_text(st->root, "/proc/sys/kernel/panic", st->panic, sizeof st->panic) < 0)
		note(st);
}

/* a module parameter of type bool: Y or N */
static void look_post_notifiers(struct state *st)
{
	char text[16];
	int there = sysfs_text(st->root, "/sys/module/kernel/parameters/crash_kexec_post_notifiers",
			       text, sizeof text);

	if (there == 1)
		st->post_notifiers = (struct setting){ .known = true, .value = text[0] == 'Y' };
}

/*
 * MemTotal lacks the kernel itself and what it set aside: about the sum of System RAM,
 * where that is hidden.
 */
static void look_meminfo(struct state *st)
{
	char *line = NULL;
	size_t room = 0;
	FILE *in = sysfs_open(st->root, "/proc/meminfo");
	uint64_t kib;

	if (!in)
		return;
	if (getline(&line, &room, in) > 0 && strncmp(line, "MemTotal:", 9) == 0) {
		const char *number = line + 9 + strspn(line + 9, " ");

		if (num_parse(number, strspn(number, "0123456789"), 10, &kib))
			st->mem_total.known = num_mul(kib, 1024, &st->mem_total.value);
	}
	free(line);
	fclose(in);
}

/* the sizes in /proc/modules: "ext4 1134592 1 - Live 0x..." a line */
static uint64_t sum_modules(const char *root)
{
	FILE *in = sysfs_open(root, "/proc/modules");
	uint64_t sum = 0, size;
	char *line = NULL;
	size_t room = 0;

	if (!in)
		return 0;
	while (getline(&line, &room, in) > 0) {
		const char *number = strchr(line, ' ');

		if (number && num_parse(number + 1, strspn(number + 1, "0123456789"), 10, &size) &&
		    !num_add(sum, size, &sum))
			sum = 0;
	}
	free(line);
	fclose(in);
	return sum;
}

/* "0-3,8" */
static void look_cpus(struct state *st)
{
	char list[4096], *rest = list, *part;
	uint64_t first, last;
	int there = sysfs_text(st->root, "/sys/devices/system/cpu/possible", list, sizeof list);

	if (there != 1)
		return;
	while ((part = strsep(&rest, ","))) {
		char *dash = strchr(part, '-');

		if (dash)
			*dash = '\0';
		if (!num_u64(part, &first) || !num_u64(dash ? dash + 1 : part, &last) ||
		    last < first || last - first > UINT16_MAX)
			return;
		st->cpus.value += last - first + 1;
	}
	st->cpus.known = true;
}

static int look_cmdline(struct state *st)
{
	st->cmdline = calloc(1, CMDLINE_MAX);
	if (!st->cmdline)
		return fail(ERR_MEMORY, "out of memory");
	int there = sysfs_text(st->root, "/proc/cmdline", st->cmdline, CMDLINE_MAX);

	st->has_cmdline = there == 1;
	if (there < 0) {
		st->cmdline[0] = '\0';
		note(st);
	}
	return 0;
}

static void look_iomem(struct state *st)
{
	st->has_iomem = iomem_open(&st->iomem, st->root) == 0;
	if (!st->has_iomem) {
		note(st);
		return;
	}
	for (size_t i = 0; i < st->iomem.ram.n; i++)
		if (!num_add(st->ram, st->iomem.ram.r[i].end - st->iomem.ram.r[i].start, &st->ram))
			st->ram = 0;
	/* ascending: with two, the last is the one that segments go into */
	for (size_t i = 0; i < st->iomem.crash.n; i++) {
		const struct range *r = &st->iomem.crash.r[i];

		if (i + 1 == st->iomem.crash.n)
			st->main_size = r->end - r->start;
		else if (!num_add(st->low_size, r->end - r->start, &st->low_size))
			st->low_size = 0;
	}
}

/* distributions write it into the release: "6.1.0-56-cloud-amd64", "5.14.0-427.el9.x86_64" */
static const char *arch_of(const char *release)
{
	static const char *const names[][2] = {
		{ "amd64", "x86_64" }, { "x86_64", "x86_64" }, { "arm64", "aarch64" },
		{ "aarch64", "aarch64" }, { "ppc64le", "ppc64le" }, { "s390x", "s390x" },
		{ "riscv64", "riscv64" }, { "loongarch64", "loongarch64" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strstr(release, names[i][0]))
			return names[i][1];
	return "";
}

static void look_machine(struct state *st)
{
	struct utsname uts;
	bool ours = !st->root || !st->root[0];

	if (sysfs_text(st->root, "/proc/sys/kernel/osrelease", st->release,
		       sizeof st->release) < 0)
		note(st);
	/* since 6.1 */
	if (sysfs_text(st->root, "/proc/sys/kernel/arch", st->arch, sizeof st->arch) < 0)
		note(st);
	if (!st->arch[0])
		snprintf(st->arch, sizeof st->arch, "%.31s",
			 ours && uname(&uts) == 0 ? uts.machine : arch_of(st->release));
}

/* "START-END" in hexadecimal, a line each (kernel/ksysfs.c, since 6.17) */
static void look_cma(struct state *st)
{
	static const char *const paths[] = {
		"/sys/kernel/kexec/crash_cma_ranges", "/sys/kernel/kexec_crash_cma_ranges",
	};
	char text[4096], *rest = text, *line;
	uint64_t start, end;
	int there = sysfs_text(st->root, paths[0], text, sizeof text);

	if (there == 0)
		there = sysfs_text(st->root, paths[1], text, sizeof text);
	if (there < 0)
		note(st);
	while (there == 1 && (line = strsep(&rest, "\n"))) {
		char *dash = strchr(line, '-');

		if (!dash || !num_parse(line, (size_t)(dash - line), 16, &start) ||
		    !num_parse(dash + 1, strlen(dash + 1), 16, &end) || end < start ||
		    !num_add(st->cma, end - start, &st->cma) || !num_add(st->cma, 1, &st->cma)) {
			st->cma = 0;
			return;
		}
	}
}

/* 1: it is there; 0: it is not; -1: noted, it cannot be known */
static int look_there(struct state *st, const char *path)
{
	struct stat sb;

	if (stat(path, &sb) == 0)
		return 1;
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	fail_sys("%s", path);
	note(st);
	return -1;
}

static enum file_state look_file(struct state *st, const struct record_file *file)
{
	char full[PATH_MAX];
	int there;

	if (!file->path)
		return FILE_NONE;
	if (record_same(file, st->root))
		return FILE_SAME;
	snprintf(full, sizeof full, "%s%s", st->root ? st->root : "", file->path);
	there = look_there(st, full);
	/* what could not be looked at a moment ago is not changed for that */
	if (there == 1)
		return record_same(file, st->root) ? FILE_SAME : FILE_CHANGED;
	if (there == 0 && (!st->root || !st->root[0]))
		return FILE_GONE;
	if (there < 0)
		return FILE_UNKNOWN;
	/* who saved the tree may have left the folder out */
	char *slash = strrchr(full, '/');

	if (slash)
		*slash = '\0';
	return look_there(st, full) == 1 ? FILE_GONE : FILE_UNKNOWN;
}

static void look_record(struct state *st)
{
	st->has_record = record_read(&st->record, st->root);
	if (st->has_record < 0)
		note(st);
	if (st->has_record != 1)
		return;
	st->kernel = look_file(st, &st->record.kernel);
	st->initrd = look_file(st, &st->record.initrd);
}

int look(struct state *st, const char *root)
{
	*st = (struct state){ .root = root };
	st->has_sysfs = !sysfs_is_empty(root, "/sys/kernel");
	if (look_cmdline(st))
		return -1;
	look_machine(st);
	look_kexec(st, &st->crash_size, "crash_size");
	look_kexec(st, &st->loaded, "crash_loaded");
	look_iomem(st);
	look_cma(st);
	look_record(st);
	klog_read(&st->log, root);
	bootconf_read(&st->boot, root);
	look_number(st, &st->panic_on_oops, "/proc/sys/kernel/panic_on_oops");
	look_number(st, &st->sysrq, "/proc/sys/kernel/sysrq");
	look_number(st, &st->disabled, "/proc/sys/kernel/kexec_load_disabled");
	look_number(st, &st->hotplug_cpu, "/sys/devices/system/cpu/crash_hotplug");
	look_number(st, &st->hotplug_memory, "/sys/devices/system/memory/crash_hotplug");
	look_panic(st);
	look_meminfo(st);
	look_post_notifiers(st);
	look_cpus(st);
	st->modules = sum_modules(root);
	return 0;
}

void look_close(struct state *st)
{
	free(st->cmdline);
	iomem_close(&st->iomem);
	if (st->has_record == 1)
		record_free(&st->record);
	*st = (struct state){ 0 };
}

bool look_asked(const struct state *st)
{
	return st->cmdline && strstr(st->cmdline, "crashkernel=");
}

bool look_reserved(const struct state *st, uint64_t *bytes)
{
	uint64_t regions = 0;
	bool seen = st->has_iomem && !st->iomem.hidden;

	if (seen && !num_add(st->main_size, st->low_size, &regions))
		regions = 0;
	/*
	 * The regions say more than a kernel that does not count the low one (before 6.12).
	 * Such a kernel may have given back the main one and kept the low one: nothing can
	 * be loaded there, and it says 0.
	 */
	if (seen && (regions > 0 || !st->crash_size.known) &&
	    !(st->crash_size.known && st->crash_size.value == 0))
		*bytes = regions;
	else if (st->crash_size.known)
		*bytes = st->crash_size.value;
	else
		return false;
	return true;
}

/* packed ones are about a third of their size */
uint64_t look_modules(const struct state *st, uint64_t in_initrd)
{
	uint64_t there = in_initrd > UINT64_MAX / 3 ? UINT64_MAX : in_initrd * 3;
	uint64_t loaded = st->modules ? st->modules : 32 << 20;

	return there < loaded ? there : loaded;
}
