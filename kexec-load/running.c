/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where it is told: /sys/devices/system/cpu/cpuN/crash_notes (hexadecimal without 0x) and
 * crash_notes_size (drivers/base/cpu.c), /sys/kernel/vmcoreinfo ("0xADDRESS SIZE", the
 * size hexadecimal too, kernel/ksysfs.c), /proc/iomem, /proc/kcore, and since 6.17
 * crash_cma_ranges. Seen from Linux 5.10 to 7.2.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "iomem.h"
#include "kcore.h"
#include "num.h"
#include "running.h"
#include "sysfs.h"

enum { ELF_HEADER = 64, CPUS_MAX = 1 << 16 };

static const char cpu_dir[] = "/sys/devices/system/cpu";

/* 1: it has notes; 0: it has none, so the kernel was built without kexec */
static int look_at_cpu(struct note_place *note, const char *root, uint64_t cpu)
{
	char path[96], text[32];

	snprintf(path, sizeof path, "%s/cpu%" PRIu64 "/crash_notes", cpu_dir, cpu);
	int there = sysfs_text(root, path, text, sizeof text);

	if (there != 1)
		return there;
	if (!num_parse(text, strlen(text), 16, &note->addr) || note->addr == 0)
		return fail(ERR_CORRUPT, "%s: \"%s\" is not an address", path, text);
	snprintf(path, sizeof path, "%s/cpu%" PRIu64 "/crash_notes_size", cpu_dir, cpu);
	there = sysfs_u64(root, path, &note->size);
	if (there == 0 || (there == 1 && note->size == 0))
		return fail(ERR_SYS, "%s: does not tell the size of the notes", path);
	return there;
}

/* numbers may be sparse: the directory is the list */
static int list_cpus(struct ranges *cpus, const char *root)
{
	char full[PATH_MAX];
	struct dirent *entry;
	uint64_t cpu;
	int result = 0;

	if (snprintf(full, sizeof full, "%s%s", root ? root : "", cpu_dir) >= PATH_MAX)
		return fail(ERR_SYS, "%s: the path is too long", root);
	DIR *dir = opendir(full);

	if (!dir)
		return fail_sys("%s", full);
	while (!result && (entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (strncmp(name, "cpu", 3) == 0 &&
		    num_parse(name + 3, strlen(name + 3), 10, &cpu) && cpu < CPUS_MAX)
			result = ranges_add(cpus, (struct range){ cpu, cpu + 1, cpu });
	}
	closedir(dir);
	return result ? -1 : ranges_seal(cpus);
}

static int look_at_cpus(struct running *rn, const struct ranges *cpus)
{
	uint64_t count = 0;

	for (size_t i = 0; i < cpus->n; i++)
		count += cpus->r[i].end - cpus->r[i].start;
	rn->cpu = calloc(count ? count : 1, sizeof *rn->cpu);
	if (!rn->cpu)
		return fail_sys("%" PRIu64 " processors", count);
	for (size_t i = 0; i < cpus->n; i++)
		for (uint64_t cpu = cpus->r[i].start; cpu < cpus->r[i].end; cpu++) {
			int there = look_at_cpu(&rn->cpu[rn->cpus], rn->root, cpu);

			if (there < 0)
				return -1;
			rn->cpus += (size_t)there;
		}
	if (rn->cpus == 0)
		return fail(ERR_SYS, "%s/cpu*/crash_notes: not there: where the processors"
			    " leave their registers is not known", cpu_dir);
	return 0;
}

static int look_at_notes(struct running *rn)
{
	static const char path[] = "/sys/kernel/vmcoreinfo";
	struct ranges cpus = { 0 };
	char text[64];
	int there = sysfs_text(rn->root, path, text, sizeof text);

	if (there < 0)
		return -1;
	if (there == 0)
		return fail(ERR_SYS, "%s: not there: the kernel was built without"
			    " CONFIG_CRASH_CORE", path);
	char *blank = strchr(text, ' ');

	if (blank)
		*blank = '\0';
	if (!blank || !num_u64(text, &rn->vmcoreinfo.addr) || rn->vmcoreinfo.addr == 0 ||
	    !num_parse(blank + 1, strlen(blank + 1), 16, &rn->vmcoreinfo.size))
		return fail(ERR_CORRUPT, "%s: not an address and a size", path);
	int result = list_cpus(&cpus, rn->root) || look_at_cpus(rn, &cpus) ? -1 : 0;

	ranges_free(&cpus);
	return result;
}

/* the kinds the capture kernel is to know; 0 for all others */
static uint64_t memory_kind(const char *name)
{
	static const struct { const char *name; uint64_t kind; } kinds[] = {
		{ "ACPI Tables", MEMORY_ACPI },
		{ "ACPI Non-volatile Storage", MEMORY_NVS },
		{ "Reserved", MEMORY_RESERVED },
		{ "reserved", MEMORY_RESERVED },	/* before 4.12 or so */
		{ "Soft Reserved", MEMORY_RESERVED },
		{ "Unusable memory", MEMORY_UNUSABLE },
		{ "Persistent Memory", MEMORY_PMEM },
		{ "Persistent Memory (legacy)", MEMORY_PRAM },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(name, kinds[i].name) == 0)
			return kinds[i].kind;
	return 0;
}

/*
 * What lies within System RAM belongs to the dead kernel, whatever it is called; so does
 * what lies within a range taken already.
 */
static int look_at_other(struct running *rn)
{
	struct iomem_reader rd;
	struct iomem_line line;
	unsigned inside = UINT_MAX;
	int more;

	if (iomem_begin(&rd, rn->root))
		return -1;
	while ((more = iomem_next(&rd, &line)) == 1) {
		if (line.depth > inside)
			continue;
		uint64_t kind = memory_kind(line.name);

		inside = kind || strncmp(line.name, "System RAM", 10) == 0 ? line.depth :
			 UINT_MAX;
		if (kind && ranges_add(&rn->other,
				       (struct range){ line.start, line.end, kind })) {
			more = -1;
			break;
		}
	}
	iomem_end(&rd);
	return more;
}

static int look_at_memory(struct running *rn)
{
	struct iomem im;

	if (iomem_open(&im, rn->root))
		return -1;
	bool hidden = im.hidden;

	rn->ram = im.ram;
	rn->crash = im.crash;
	im.ram = im.crash = (struct ranges){ 0 };
	iomem_close(&im);
	if (hidden)
		return fail(ERR_SYS, "/proc/iomem: the addresses are hidden: CAP_SYS_ADMIN is"
			    " needed");
	if (rn->ram.n == 0)
		return fail(ERR_SYS, "/proc/iomem: no System RAM");
	return look_at_other(rn);
}

/* "start-end" a line, as in /proc/iomem */
static int look_at_cma(struct running *rn)
{
	static const char *const paths[] = {
		"/sys/kernel/kexec/crash_cma_ranges", "/sys/kernel/kexec_crash_cma_ranges",
	};
	char text[4096], *rest = text, *line;
	int there = sysfs_text(rn->root, paths[0], text, sizeof text);

	if (there == 0)
		there = sysfs_text(rn->root, paths[1], text, sizeof text);
	if (there < 1)
		return there;
	while ((line = strsep(&rest, "\n"))) {
		struct range r;
		char *dash = strchr(line, '-');

		if (line[0] == '\0')
			continue;
		if (!dash || !num_parse(line, (size_t)(dash - line), 16, &r.start) ||
		    !num_parse(dash + 1, strlen(dash + 1), 16, &r.end) || r.end < r.start ||
		    r.end == UINT64_MAX)
			return fail(ERR_CORRUPT, "%s: \"%s\" is not a range", paths[0], line);
		r.end++;
		r.at = r.start;
		if (ranges_add(&rn->cma, r))
			return -1;
	}
	return ranges_seal(&rn->cma);
}

static int look_at_kcore(struct running *rn)
{
	struct kcore kc;
	int there = kcore_look(&kc, rn->root);

	if (there == 1) {
		rn->has_kcore = true;
		rn->text = kc.text;
		rn->direct = kc.direct;
		kc.direct = (struct ranges){ 0 };
	}
	kcore_close(&kc);
	return there < 0 ? -1 : 0;
}

int running_look(struct running *rn, const char *root)
{
	uint64_t size = 0;

	*rn = (struct running){ .root = root };
	if (look_at_notes(rn) || look_at_memory(rn) || look_at_cma(rn) || look_at_kcore(rn))
		return -1;
	int there = sysfs_kexec(root, "crash_elfcorehdr_size", &size);

	if (there == 1 && size < UINT64_MAX - ELF_HEADER)
		rn->headers_size = size + ELF_HEADER;
	return there < 0 ? -1 : 0;
}

void running_close(struct running *rn)
{
	free(rn->cpu);
	ranges_free(&rn->ram);
	ranges_free(&rn->direct);
	ranges_free(&rn->crash);
	ranges_free(&rn->cma);
	ranges_free(&rn->other);
	*rn = (struct running){ 0 };
}

/* the mapping is linear: outside of what is listed it goes on as within */
bool running_virtual(const struct running *rn, uint64_t phys, uint64_t *virt)
{
	const struct range *r = ranges_find(&rn->direct, phys);

	if (!r && rn->direct.n > 0)
		r = &rn->direct.r[0];
	if (!r)
		return false;
	*virt = r->at + (phys - r->start);
	return true;
}
