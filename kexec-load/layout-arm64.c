/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64: from the beginning of the last "Crash kernel" range upwards the kernel, the
 * initrd, the elfcorehdr, the device tree and the purgatory; what is above them is one
 * piece, free for the capture kernel.
 *
 * Documentation/arm64/booting.rst (Linux 6.1): the Image lies text_offset above a
 * multiple of 2 MiB; the initrd within 32 GiB of memory that begin at the GiB in which the
 * kernel lies; the device tree is no longer than 2 MiB, which it does not cross. The
 * kernel is entered with the tree's address in x0 and with x1 to x3 zero; the call
 * itself, kexec_load, leaves x0 zero (arch/arm64/kernel/machine_kexec.c). Everything
 * else is in the device tree, nothing on the command line.
 *
 * All is aligned to 64 KiB, the largest page there is: whatever the page size of the
 * running kernel, it takes these segments, and the capture kernel maps the elfcorehdr.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device-tree.h"
#include "elfcorehdr.h"
#include "err.h"
#include "layout.h"
#include "load.h"
#include "machine.h"
#include "num.h"
#include "purgatory.h"
#include "running.h"
#include "text-arm64.h"

enum { PAGE = 1 << 16, MIB = 1 << 20, GIB = 1 << 30, CONTROL = 4 * PAGE };

struct work {
	struct layout *ly;
	const struct load *ld;
	struct range region;
	uint64_t free;		/* above what has its place by now */
};

static const char arch[] = "aarch64";

/*
 * The next place for size bytes. What reaches beyond the region is found at the end,
 * when all is known that is missing.
 */
static int place(struct work *w, uint64_t size, uint64_t align, uint64_t *at)
{
	if (!num_round_up(w->free, align, at) || !num_round_up(size, PAGE, &size) ||
	    !num_add(*at, size, &w->free))
		return fail(ERR_CORRUPT, "a size of %" PRIu64 " bytes cannot be meant", size);
	return 0;
}

/* what place() has found room for; takes bytes */
static int add(struct work *w, const char *what, uint8_t *bytes, uint64_t len, uint64_t size,
	       uint64_t at)
{
	num_round_up(size, PAGE, &size);
	return layout_add(w->ly, what, bytes, len, size, at) ? 0 : -1;
}

static int add_kernel(struct work *w, uint64_t *at)
{
	const struct bootimage *im = &w->ld->image;
	uint64_t align = im->align > PAGE ? im->align : PAGE, len;
	uint8_t *bytes;

	if (im->offset % PAGE || !num_is_power_of_2(align))
		return fail(ERR_UNKNOWN, "text offset %#" PRIx64 ": not a multiple of 64"
			    " KiB: use kexec_file_load (-s)", im->offset);
	if (bootimage_read(im, &bytes, &len))
		return -1;
	uint64_t size = im->init_size > len ? im->init_size : len, room;

	if (!num_add(size, im->offset, &room) || place(w, room, align, at)) {
		free(bytes);
		return fail(ERR_CORRUPT, "image size %#" PRIx64 " cannot be meant", size);
	}
	*at += im->offset;
	return add(w, "kernel", bytes, len, size, *at);
}

static int add_initrd(struct work *w, uint64_t kernel, struct range *initrd)
{
	uint64_t len = w->ld->initrd_size, at;
	uint8_t *bytes;

	*initrd = (struct range){ 0 };
	if (w->ld->initrd_fd < 0 || len == 0)
		return 0;
	if (layout_read(w->ld->initrd_fd, len, &bytes))
		return w->ld->initrd ? fail_in(w->ld->initrd) : -1;
	if (place(w, len, PAGE, &at)) {
		free(bytes);
		return -1;
	}
	*initrd = (struct range){ .start = at, .end = at + len };
	if (initrd->end - kernel / GIB * GIB > (uint64_t)32 * GIB) {
		free(bytes);
		return fail(ERR_SYS, "the initrd would end more than 32 GiB above the kernel");
	}
	return add(w, "initrd", bytes, len, len, at);
}

static int add_elfcorehdr(struct work *w, const struct running *rn, struct range *headers)
{
	uint8_t *bytes;
	size_t len;
	uint64_t at;

	if (elfcorehdr_make(rn, EM_AARCH64, 0, &bytes, &len))
		return -1;
	if (place(w, len, PAGE, &at)) {
		free(bytes);
		return -1;
	}
	*headers = (struct range){ .start = at, .end = at + len };
	return add(w, "elfcorehdr", bytes, len, len, at);
}

static int add_device_tree(struct work *w, const struct device_tree *dt, const char *root,
			   uint64_t *at)
{
	uint8_t *old, *bytes;
	size_t oldlen, len;

	if (device_tree_read(root, &old, &oldlen))
		return -1;
	int result = device_tree_make(dt, old, oldlen, &bytes, &len);

	free(old);
	if (result)
		return -1;
	/* what does not fit below the next line begins at it */
	bool crosses = w->free / DEVICE_TREE_MAX != (w->free + len - 1) / DEVICE_TREE_MAX;

	if (place(w, len, crosses ? DEVICE_TREE_MAX : PAGE, at)) {
		free(bytes);
		return -1;
	}
	return add(w, "device tree", bytes, len, len, *at);
}

/*
 * Looking at another machine's tree, on one of another kind, there is no purgatory for
 * it here: what is printed then has its place.
 */
static int add_purgatory(struct work *w, const struct machine *m,
			 const struct layout_wish *wish, struct purgatory_job *job)
{
	size_t size = purgatory_size(arch);
	uint8_t *bytes = NULL;

	if (size == 0 && !m->root)
		return fail(ERR_UNKNOWN, "this build of kexec-load has no purgatory for"
			    " aarch64");
	if (purgatory_serial(&job->serial, wish->serial, w->ly->cmdline, m->root, arch))
		return -1;
	job->no_checks = wish->no_checks;
	job->talk = wish->talk;
	if (place(w, size ? size : PAGE, PAGE, &w->ly->entry))
		return -1;
	if (size > 0) {
		bytes = purgatory_make(arch, job, w->ly);
		if (!bytes)
			return -1;
	}
	return add(w, "purgatory", bytes, size, size ? size : PAGE, w->ly->entry);
}

/* nothing may reach beyond the region, and the kernel wants some pages for itself */
static int check_room(struct work *w)
{
	uint64_t have = w->region.end - w->region.start;
	uint64_t need = w->free - w->region.start + CONTROL;

	if (need <= have)
		return 0;
	w->ly->missing = num_div_up(need - have, MIB) * MIB;
	return fail(ERR_SYS, "the reservation of %" PRIu64 " MiB is %" PRIu64 " MiB too small:"
		    " kernel %" PRIu64 ", initrd %" PRIu64, have / MIB, w->ly->missing / MIB,
		    num_div_up(w->ld->image.init_size, MIB),
		    num_div_up(w->ld->initrd_size, MIB));
}

/* what the capture kernel may use: where it is itself, and memory for old devices below */
static int usable(struct work *w, const struct running *rn, struct device_tree *dt)
{
	dt->usable[0] = w->region;
	if (rn->crash.n > 1)
		dt->usable[1] = rn->crash.r[rn->crash.n - 2];
	for (size_t i = 0; i < 2; i++) {
		struct range r = dt->usable[i];

		if (r.end <= r.start)
			continue;
		r.at = MEMORY_RAM;
		if (ranges_add(&w->ly->map, r))
			return -1;
	}
	return ranges_seal(&w->ly->map);
}

/* a kernel for pages that the processor has not got stops before it can say so */
static void compare_pages(struct work *w, const struct machine *m)
{
	uint32_t size = w->ld->image.page_size;

	if (!m->root && size && size != (uint64_t)sysconf(_SC_PAGESIZE))
		w->ly->doubt = "the capture kernel has pages of another size than this one:"
			       " not every processor has both";
}

static int make(struct work *w, const struct machine *m, const struct running *rn,
		const struct layout_wish *wish)
{
	struct device_tree dt = { .cmdline = w->ly->cmdline };
	struct purgatory_job job = { 0 };
	uint64_t kernel;

	w->region = rn->crash.r[rn->crash.n - 1];
	w->free = w->region.start;
	if (usable(w, rn, &dt) || add_kernel(w, &kernel) ||
	    add_initrd(w, kernel, &dt.initrd) || add_elfcorehdr(w, rn, &dt.elfcorehdr) ||
	    add_device_tree(w, &dt, m->root, &job.argument))
		return -1;
	compare_pages(w, m);
	job.kernel = kernel + w->ld->image.entry;
	if (add_purgatory(w, m, wish, &job))
		return -1;
	return check_room(w);
}

int layout_arm64(struct layout *ly, const struct load *ld, const struct machine *m,
		 const struct layout_wish *wish)
{
	struct work w = { .ly = ly, .ld = ld };
	struct running rn;
	int result = -1;

	if (running_look(&rn, m->root) == 0 &&
	    (rn.text.end > rn.text.start || text_arm64(&rn.text, m->root) == 0)) {
		ly->cmdline = strdup(ld->cmdline);
		if (!ly->cmdline)
			fail(ERR_MEMORY, "out of memory");
		else if (rn.crash.n == 0)
			fail(ERR_SYS, "no memory is reserved (crashkernel=)");
		else
			result = make(&w, m, &rn, wish);
	}
	running_close(&rn);
	return result;
}
