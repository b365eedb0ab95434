/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "layout.h"
#include "purgatory.h"
#include "sha256.h"

extern const uint8_t purgatory_image[], purgatory_image_end[];

static uint64_t machine_of(const char *arch)
{
	if (strcmp(arch, "x86_64") == 0)
		return TOLD_X86_64;
	return strcmp(arch, "aarch64") == 0 ? TOLD_AARCH64 : 0;
}

size_t purgatory_size(const char *arch)
{
	size_t size = (size_t)(purgatory_image_end - purgatory_image);
	struct told told;

	if (size < TOLD_AT + sizeof told)
		return 0;
	memcpy(&told, purgatory_image + TOLD_AT, sizeof told);
	return told.magic == TOLD_MAGIC && told.machine == machine_of(arch) ? size : 0;
}

/* what is behind len is zeros that the kernel has made; nobody misses them */
static void tell_region(struct told *told, const struct layout_segment *seg)
{
	struct told_region *r = &told->region[told->regions++];

	r->addr = seg->at;
	r->len = seg->len;
	sha256(seg->bytes, seg->len, r->digest);
	strncpy(r->name, seg->what, sizeof r->name - 1);
}

static void tell(struct told *told, const struct purgatory_job *job, const struct layout *ly)
{
	told->kernel = job->kernel;
	told->argument = job->argument;
	told->port_kind = job->serial.kind;
	told->port_addr = job->serial.addr;
	told->port_shift = job->serial.shift;
	told->talk = job->talk;
	for (unsigned i = 0; i < ly->n && !job->no_checks; i++)
		if (!ly->seg[i].changes && ly->seg[i].len > 0)
			tell_region(told, &ly->seg[i]);
	sha256((const uint8_t *)&told->kernel, sizeof *told - offsetof(struct told, kernel),
	       told->sum);
}

uint8_t *purgatory_make(const char *arch, const struct purgatory_job *job,
			const struct layout *ly)
{
	size_t size = purgatory_size(arch);
	struct told told;
	uint8_t *bytes;

	if (size == 0) {
		fail(ERR_UNKNOWN, "this kexec-load was built without a purgatory for %s", arch);
		return NULL;
	}
	if (ly->n > TOLD_REGIONS) {
		fail(ERR_UNKNOWN, "purgatory: %u segments are too many", ly->n);
		return NULL;
	}
	bytes = malloc(size);
	if (!bytes) {
		fail(ERR_MEMORY, "out of memory");
		return NULL;
	}
	memcpy(bytes, purgatory_image, size);
	memcpy(&told, bytes + TOLD_AT, sizeof told);
	tell(&told, job, ly);
	memcpy(bytes + TOLD_AT, &told, sizeof told);
	return bytes;
}
