/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64: from the beginning of the last "Crash kernel" range upwards the elfcorehdr, the
 * boot parameters, the purgatory, then, at its alignment, the kernel, and the initrd. What
 * is above them is free: the running kernel takes its control pages and page tables
 * there, the capture kernel its memory.
 *
 * The kernel is entered by the 64-bit protocol (Documentation/arch/x86/boot.rst) with the
 * boot parameters' address in RSI. It is told of the memory it may use, and of the rest
 * only what is not memory: firmware tables and the like, as crash_setup_memmap_entries()
 * in arch/x86/kernel/crash.c does it.
 *
 * Since Linux 5.5 the first MiB is no ordinary memory of a kernel with crashkernel=, so
 * the capture kernel may use it, and nothing of it need be kept.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "boot-params.h"
#include "cmdline.h"
#include "efi.h"
#include "elfcorehdr.h"
#include "err.h"
#include "layout.h"
#include "load.h"
#include "machine.h"
#include "memory-map.h"
#include "num.h"
#include "purgatory.h"
#include "running.h"
#include "sysfs.h"

enum { PAGE = 4096, MIB = 1 << 20, GIB = 1 << 30, CONTROL_PAGES = 16 };

struct work {
	struct layout *ly;
	const struct load *ld;
	const struct machine *m;
	const struct layout_wish *wish;
	struct running rn;
	struct efi efi;
	uint8_t params[BOOT_PARAMS_SIZE];	/* what the running kernel was told */
	bool has_params;
	struct range region;
	uint64_t free;		/* above what has its place by now */
	uint64_t gap;		/* bytes below the kernel that alignment left free */
};

static const char arch[] = "x86_64";

static int check_kind(const struct work *w)
{
	const struct bootimage *im = &w->ld->image;

	if (im->kind == BOOTIMAGE_BZIMAGE || im->kind == BOOTIMAGE_ELF)
		return 0;
	return fail(ERR_UNKNOWN, "%s: cannot be started by an x86_64 kernel", im->format);
}

/* "6.1.0-56": is it older than 5.5? what is not a version is not */
static int check_release(const struct work *w)
{
	char text[128];
	uint64_t major, minor;

	if (sysfs_text(w->m->root, "/proc/sys/kernel/osrelease", text, sizeof text) < 0)
		return -1;
	size_t len = strspn(text, "0123456789");
	const char *rest = text + len + (text[len] == '.');

	if (!num_parse(text, len, 10, &major) ||
	    !num_parse(rest, strspn(rest, "0123456789"), 10, &minor) || major > 5 ||
	    (major == 5 && minor >= 5))
		return 0;
	return fail(ERR_UNKNOWN, "Linux %s: before 5.5 the first 640 KiB would have to be kept"
		    " for the dump: use kexec_file_load (-s)", text);
}

static int look_at_params(struct work *w)
{
	static const char path[] = "/sys/kernel/boot_params/data";
	FILE *in = sysfs_open(w->m->root, path);

	if (!in)
		return 0;
	w->has_params = fread(w->params, 1, sizeof w->params, in) == sizeof w->params;
	fclose(in);
	return 0;
}

static int look(struct work *w)
{
	if (running_look(&w->rn, w->m->root) || efi_look(&w->efi, w->m->root) ||
	    look_at_params(w))
		return -1;
	if (w->rn.crash.n == 0)
		return fail(ERR_SYS, "no memory is reserved: /proc/iomem has no \"Crash"
			    " kernel\"");
	w->region = w->rn.crash.r[w->rn.crash.n - 1];
	if (!w->rn.has_kcore)
		w->ly->doubt = "/proc/kcore is not there: the dump's program headers will lack"
			       " virtual addresses and the kernel's text";
	else if (w->has_params && boot_params_is_encrypted(w->params))
		w->ly->doubt = "this machine's memory is encrypted: the classical call has not"
			       " been tried on such machines, -s may be safer";
	return 0;
}

/*
 * The next place for size bytes. What reaches beyond the region is found at the end,
 * when all is known that is missing.
 */
static int place(struct work *w, uint64_t size, uint64_t align, uint64_t *at)
{
	if (!num_round_up(w->free, align, at) || !num_round_up(size, PAGE, &size) ||
	    !num_add(*at, size, &w->free))
		return fail(ERR_CORRUPT, "a size of %#" PRIx64 " cannot be meant", size);
	return 0;
}

/*
 * Bytes that the running kernel may take for itself between the segments: control code, a
 * copy of VMCOREINFO, and page tables of an identity mapping of all memory, one for each
 * GiB, or for each 512 of them and for the ends of ranges.
 */
static uint64_t control_size(const struct work *w)
{
	uint64_t pages = CONTROL_PAGES + 2 * (w->rn.ram.n + w->rn.other.n);
	uint64_t gib = num_div_up(ranges_end(&w->rn.ram), GIB);

	return (pages + gib / 512 + (w->m->gib_pages ? 0 : gib)) * PAGE;
}

static int add_elfcorehdr(struct work *w)
{
	uint8_t *bytes;
	size_t len;
	uint64_t at;

	if (elfcorehdr_make(&w->rn, EM_X86_64, MIB, &bytes, &len))
		return -1;
	bool updated = w->wish->hotplug && w->rn.headers_size > 0;
	uint64_t size = updated && w->rn.headers_size > len ? w->rn.headers_size : len;

	if (place(w, size, PAGE, &at)) {
		free(bytes);
		return -1;
	}
	struct layout_segment *seg = layout_add(w->ly, "elfcorehdr", bytes, len, size, at);

	if (!seg)
		return -1;
	seg->changes = updated;
	return 0;
}

static int make_cmdline(struct work *w)
{
	size_t max = w->ld->image.cmdline_max;

	if (cmdline_has(w->ld->cmdline, "elfcorehdr"))
		return fail(ERR_USAGE, "the command line contains elfcorehdr=: leave it to"
			    " kexec-load");
	if (asprintf(&w->ly->cmdline, "elfcorehdr=0x%" PRIx64 "%s%s", w->ly->seg[0].at,
		     w->ld->cmdline[0] ? " " : "", w->ld->cmdline) < 0) {
		w->ly->cmdline = NULL;
		return fail_sys("the command line");
	}
	if (strlen(w->ly->cmdline) > max)
		return fail(ERR_USAGE, "the command line has %zu characters with elfcorehdr=: this"
			    " kernel takes %zu", strlen(w->ly->cmdline), max);
	return 0;
}

static struct range headers_of(const struct work *w)
{
	const struct layout_segment *headers = &w->ly->seg[0];

	return (struct range){ headers->at, headers->at + headers->size, 0 };
}

/* with the first MiB away, this is all there is to find the ACPI tables by */
static uint64_t find_rsdp(const struct work *w)
{
	uint64_t rsdp = w->has_params ? boot_params_rsdp(w->params) : 0;

	return rsdp ? rsdp : w->efi.rsdp;
}

static struct boot_params params_of(struct work *w)
{
	bool efi = w->has_params && !w->wish->no_efi && w->efi.map_len > 0 &&
		   boot_params_has_efi(w->params);

	return (struct boot_params){
		.image = &w->ld->image,
		.running = w->has_params ? w->params : NULL,
		.cmdline = w->ly->cmdline,
		.map = &w->ly->map,
		.rsdp = find_rsdp(w),
		.efi = efi ? &w->efi : NULL,
	};
}

static int add_kernel(struct work *w, uint64_t *at)
{
	const struct bootimage *im = &w->ld->image;
	uint64_t align = im->align > PAGE ? im->align : PAGE, len, below = w->free;
	uint8_t *bytes;

	if (w->free < im->lowest)
		w->free = im->lowest;
	if (bootimage_read(im, &bytes, &len))
		return fail_in(w->ld->kernel);
	uint64_t size = im->init_size > len ? im->init_size : len;

	if (place(w, size, align, at)) {
		free(bytes);
		return -1;
	}
	w->gap = *at - below;
	return layout_add(w->ly, "kernel", bytes, len, size, *at) ? 0 : -1;
}

static int add_initrd(struct work *w, struct range *initrd)
{
	uint64_t len = w->ld->initrd_size, at;
	uint8_t *bytes;

	if (w->ld->initrd_fd < 0 || len == 0)
		return 0;
	if (layout_read(w->ld->initrd_fd, len, &bytes))
		return w->ld->initrd ? fail_in(w->ld->initrd) : -1;
	if (place(w, len, PAGE, &at)) {
		free(bytes);
		return -1;
	}
	*initrd = (struct range){ .start = at, .end = at + len };
	return layout_add(w->ly, "initrd", bytes, len, len, at) ? 0 : -1;
}

/* digests are of all the others, so it comes last; its place is known before */
static int add_purgatory(struct work *w, uint64_t at, struct purgatory_job *job)
{
	job->no_checks = w->wish->no_checks;
	job->talk = w->wish->talk;
	if (purgatory_serial(&job->serial, w->wish->serial, w->ly->cmdline, w->m->root, arch))
		return -1;
	uint8_t *bytes = purgatory_make(arch, job, w->ly);

	if (!bytes)
		return -1;
	w->ly->entry = at;
	return layout_add(w->ly, "purgatory", bytes, purgatory_size(arch),
			  purgatory_size(arch), at) ? 0 : -1;
}

static int check_room(struct work *w)
{
	uint64_t control = control_size(w), end, have = w->region.end - w->region.start;

	/* what alignment left free below the kernel is taken first */
	control = control > w->gap ? control - w->gap : 0;
	if (!num_add(w->free, control, &end))
		return fail(ERR_CORRUPT, "sizes that cannot be meant");
	if (end <= w->region.end)
		return 0;
	w->ly->missing = num_div_up(end - w->region.end, MIB) * MIB;
	return fail(ERR_SYS, "the reservation of %" PRIu64 " MiB is %" PRIu64 " MiB too small: kernel"
		    " %" PRIu64 ", initrd %" PRIu64 ", headers %" PRIu64 " KiB, and room for"
		    " alignment", have / MIB, w->ly->missing / MIB,
		    num_div_up(w->ld->image.init_size, MIB),
		    num_div_up(w->ld->initrd_size, MIB), w->ly->seg[0].size / 1024);
}

static int fill(struct work *w)
{
	struct purgatory_job job = { 0 };
	struct boot_params params;
	uint64_t kernel, purgatory;

	w->free = w->region.start;
	if (add_elfcorehdr(w) || make_cmdline(w) ||
	    memory_map(&w->ly->map, &w->rn, w->region, headers_of(w)))
		return -1;
	params = params_of(w);
	size_t len = boot_params_len(&params);

	if (place(w, len, PAGE, &params.at) ||
	    place(w, purgatory_size(arch), PAGE, &purgatory) || add_kernel(w, &kernel) ||
	    add_initrd(w, &params.initrd) || check_room(w))
		return -1;
	uint8_t *bytes = boot_params_make(&params);

	if (!bytes || !layout_add(w->ly, "boot parameters", bytes, len, len, params.at))
		return -1;
	job.kernel = kernel + w->ld->image.entry;
	job.argument = params.at;
	return add_purgatory(w, purgatory, &job);
}

int layout_x86_64(struct layout *ly, const struct load *ld, const struct machine *m,
		  const struct layout_wish *wish)
{
	struct work *w = calloc(1, sizeof *w);
	int result;

	if (!w)
		return fail_sys("a layout");
	*w = (struct work){ .ly = ly, .ld = ld, .m = m, .wish = wish };
	if (purgatory_size(arch) == 0)
		result = fail(ERR_UNKNOWN, "this kexec-load has no purgatory for x86_64: use"
			      " kexec_file_load (-s)");
	else
		result = check_kind(w) || check_release(w) || look(w) || fill(w) ? -1 : 0;
	efi_close(&w->efi);
	running_close(&w->rn);
	free(w);
	return result;
}
