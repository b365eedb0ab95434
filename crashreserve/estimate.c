/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sums, and the constants in them. What no file tells was measured: real crashes in
 * QEMU of Debian's cloud kernels 5.10, 6.1, 6.12 and 7.2 on x86_64, in reservations made
 * smaller until the capture failed (tests/vm/estimate does it again).
 */
#include <string.h>

#include "err.h"
#include "estimate.h"
#include "num.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

enum {
	STRUCT_PAGE = 64,	/* bytes, of kernels without debugging options */
	NOTE_HEADER = 56,	/* of an ELF program header */
};

/* no size larger than this is believed: sums of a few of them fit */
#define SIZE_MAX_BELIEVED (UINT64_C(1) << 56)

/*
 * Slabs, hash tables, stacks, page tables and the pages that the allocator keeps for
 * itself, when the initial RAM disk is being unpacked: 17 to 21 MiB of the kernels
 * measured. Kernels with more drivers built in take more.
 */
#define KERNEL_OWN MIB(24)
#define KERNEL_OWN_LEAST MIB(16)

/* 6.12 with 80 MiB of files came within 1 MiB of a sum without this */
#define TMPFS_OWN MIB(4)

/* dumpfilter's RssAnon: 1.4 MiB for 8 GiB of RAM, 10.5 MiB for 256 GiB */
#define FILTER_BASE MIB(3)
/*
 * dumpsend's RssAnon: 18 to 30 MiB for NFS and SSH with its window of 16 MiB; it takes a
 * smaller one where memory is short, and 6 MiB did on 6.1 with 100 MiB reserved
 */
#define SENDER_REMOTE MIB(18)
#define SENDER_LOCAL MIB(4)
/* an init that is a shell and its children, and what larger ones take besides */
#define PROCESSES_BASE MIB(6)
#define PROCESSES_MORE MIB(32)

/* lib/swiotlb.h: IO_TLB_DEFAULT_SIZE; and what DMA of 32 bits takes besides */
#define SWIOTLB MIB(64)
#define LOW_OTHERS MIB(8)

/* memory model: a section's struct pages are allocated for all of it */
static uint64_t section_size(const char *arch, uint64_t page_size)
{
	/* arch/arm64/include/asm/sparsemem.h since 5.12, arch/x86/include/asm/sparsemem.h */
	return strcmp(arch, "aarch64") == 0 && page_size == KIB(64) ? MIB(512) : MIB(128);
}

static void line(struct estimate *est, const char *what, uint64_t bytes, unsigned when,
		 const char *why)
{
	est->lines[est->nlines++] = (struct estimate_line){ what, bytes, when, why };
	if (when & ESTIMATE_LOAD)
		est->load_bytes += bytes;
	if (when & ESTIMATE_UNPACK)
		est->unpack_bytes += bytes;
	if (when & ESTIMATE_CAPTURE)
		est->capture_bytes += bytes;
	if (when & ESTIMATE_LOW)
		est->low_bytes += bytes;
}

/* does the command line have this word, or one that begins so if it ends in '='? */
static bool has_word(const char *cmdline, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = cmdline; p && (p = strstr(p, word)); p += len)
		if ((p == cmdline || p[-1] == ' ') &&
		    (word[len - 1] == '=' || p[len] == ' ' || p[len] == '\0'))
			return true;
	return false;
}

enum limit { LIMIT_NO, LIMIT_HALF, LIMIT_UNSURE };

/*
 * May the files take no more than half of the memory? The first file system is a tmpfs,
 * with that limit, unless the command line names another root (init/do_mounts.c,
 * init_rootfs(): ramfs then, without a limit). initramfs_options= of newer kernels can
 * set another limit; older ones ignore it.
 */
static enum limit rootfs_limit(const struct estimate_in *in)
{
	const char *type = in->cmdline ? strstr(in->cmdline, "rootfstype=") : NULL;

	if (!in->cmdline)
		return LIMIT_UNSURE;
	if (has_word(in->cmdline, "initramfs_options="))
		return LIMIT_UNSURE;
	if (type)
		return strstr(type, "tmpfs") ? LIMIT_HALF : LIMIT_NO;
	return has_word(in->cmdline, "root=") ? LIMIT_NO : LIMIT_HALF;
}

static void parts_to_load(struct estimate *est, const struct estimate_in *in)
{
	line(est, "kernel while it unpacks itself", in->init_size, ESTIMATE_LOAD,
	     "init_size in the kernel's header");
	if (in->initrd_packed)
		line(est, "initial RAM disk, packed", in->initrd_packed,
		     ESTIMATE_LOAD | ESTIMATE_UNPACK,
		     "size of the file; freed when it is unpacked");
	/* 8192 program headers is what kernels that follow hotplug make room for */
	line(est, "list of the old memory",
	     8192 * NOTE_HEADER + (uint64_t)in->crashed_cpus * NOTE_HEADER, ESTIMATE_LOAD,
	     "a program header for each range and processor");
	/* two levels below 1 GiB are not mapped by pages of 1 GiB on every processor */
	line(est, "alignment, start code and its page tables",
	     MIB(2) + KIB(512) + in->ram / GIB(1) * KIB(4), ESTIMATE_LOAD,
	     "2.5 MiB and 4 KiB for each GiB of RAM");
}

/* what the kernel takes as soon as it runs, but for its struct pages */
static void parts_of_kernel(struct estimate *est, const struct estimate_in *in)
{
	unsigned both = ESTIMATE_UNPACK | ESTIMATE_CAPTURE;
	unsigned cpus = in->cpus ? in->cpus : 1;

	if (in->kernel_size)
		line(est, "kernel, running", in->kernel_size, both,
		     "its code and data, unpacked");
	else
		line(est, "kernel, running", in->init_size, both,
		     "init_size: how large it is unpacked is not known");
	line(est, "per processor", cpus * MIB(1), both,
	     cpus == 1 ? "one: the capture kernel gets nr_cpus=1" : "1 MiB each");
	line(est, "slabs, stacks, page tables, reserves", KERNEL_OWN, both,
	     "measured: 17 to 21 MiB on 5.10 to 7.2");
}

static void parts_of_programs(struct estimate *est, const struct estimate_in *in,
			      uint64_t unpacked)
{
	uint64_t page_size = in->page_size ? in->page_size : KIB(4);
	uint64_t more = unpacked / 8 < PROCESSES_MORE ? unpacked / 8 : PROCESSES_MORE;

	if (in->modules)
		line(est, "kernel modules", in->modules, ESTIMATE_CAPTURE,
		     "those of the initial RAM disk that this machine has loaded");
	line(est, "dumpfilter", FILTER_BASE + in->ram / page_size / 8, ESTIMATE_CAPTURE,
	     "3 MiB and a bit for each page of RAM");
	if (in->target == ESTIMATE_LOCAL)
		line(est, "writing to a local disk", SENDER_LOCAL, ESTIMATE_CAPTURE,
		     "pages on their way to the disk");
	else
		line(est, in->target == ESTIMATE_NFS ? "dumpsend, to NFS" : "dumpsend, to SSH",
		     SENDER_REMOTE, ESTIMATE_CAPTURE,
		     "measured: 18 to 30 MiB, and less where memory is short");
	line(est, "init and its programs", PROCESSES_BASE + more, ESTIMATE_CAPTURE,
	     "6 MiB and an eighth of the files, up to 32 MiB");
}

/*
 * The memory is full of sections, of which the first and the last may be touched only;
 * on x86_64 the first 640 KiB of the machine are in one more.
 */
static void struct_pages(struct estimate *est, const struct estimate_in *in)
{
	uint64_t page_size = in->page_size ? in->page_size : KIB(4);
	uint64_t section = section_size(in->arch, page_size);
	uint64_t each = section / page_size * STRUCT_PAGE;
	uint64_t others = est->unpack_bytes > est->capture_bytes ? est->unpack_bytes :
			  est->capture_bytes;
	/* a part of all there is: so much more is needed that they themselves fit */
	uint64_t sections = num_div_up(others, section - each) + 2;

	line(est, "struct pages", sections * each, ESTIMATE_UNPACK | ESTIMATE_CAPTURE,
	     page_size == KIB(4) ? "2 MiB for each 128 MiB touched" : "64 bytes a page");
}

uint64_t estimate_round(uint64_t bytes)
{
	uint64_t step = bytes <= MIB(256) ? MIB(16) : MIB(32);

	return num_div_up(bytes, step) * step;
}

/* what no kernel measured did without; kept apart from the sum, which has reserves */
static uint64_t least(const struct estimate_in *in, uint64_t unpacked, enum limit limit)
{
	/* the holes between its parts, and what only its start needs, are given back */
	uint64_t kernel = in->init_size / 4 * 3 + MIB(4);
	/* a kernel much smaller than those measured has less of its own */
	uint64_t own = in->init_size / 3 < KERNEL_OWN_LEAST ? in->init_size / 3 : KERNEL_OWN_LEAST;
	uint64_t room = unpacked + own;

	if (limit == LIMIT_HALF && room < 2 * unpacked)
		room = 2 * unpacked;
	return kernel + in->initrd_packed + room;
}

static int check(const struct estimate_in *in)
{
	const uint64_t sizes[] = { in->init_size, in->kernel_size, in->initrd_packed,
				   in->initrd_unpacked, in->modules, in->ram };

	if (in->init_size == 0)
		return fail(ERR_CORRUPT, "the size of the kernel is not known");
	for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		if (sizes[i] > SIZE_MAX_BELIEVED)
			return fail(ERR_CORRUPT, "a size of %llu bytes cannot be",
				    (unsigned long long)sizes[i]);
	if (in->page_size && (in->page_size < KIB(4) || in->page_size > KIB(64) ||
			      !num_is_power_of_2(in->page_size)))
		return fail(ERR_CORRUPT, "pages of %llu bytes",
			    (unsigned long long)in->page_size);
	return 0;
}

int estimate_compute(struct estimate *est, const struct estimate_in *in)
{
	uint64_t unpacked = in->initrd_unpacked;
	enum limit limit = rootfs_limit(in);

	*est = (struct estimate){ .nlines = 0 };
	if (check(in) < 0)
		return -1;
	if (unpacked == 0)
		unpacked = 3 * in->initrd_packed;
	parts_to_load(est, in);
	parts_of_kernel(est, in);
	if (unpacked)
		line(est, "initial RAM disk, unpacked", unpacked,
		     ESTIMATE_UNPACK | ESTIMATE_CAPTURE,
		     in->initrd_unpacked ? "its files, whole pages of 4 KiB" :
					   "not known: 3 times the packed size");
	/* the kernel's own part lies in the other half already */
	if (limit != LIMIT_NO && unpacked + TMPFS_OWN > KERNEL_OWN)
		line(est, "the other half", unpacked + TMPFS_OWN - KERNEL_OWN, ESTIMATE_UNPACK,
		     "on a tmpfs, the files may take half of the memory");
	parts_of_programs(est, in, unpacked);
	struct_pages(est, in);
	line(est, "buffers for DMA below 4 GiB", SWIOTLB, ESTIMATE_LOW,
	     "swiotlb's, if memory above 4 GiB is reserved");
	line(est, "devices that reach no further", LOW_OTHERS, ESTIMATE_LOW,
	     "as the kernel adds it");
	/* 6.12 with 80 MiB there: the kernel took 50, and swiotlb had to do with 16 */
	if (strcmp(in->arch, "x86_64") == 0)
		line(est, "kernel, if chance moves it there", in->init_size, ESTIMATE_LOW,
		     "x86_64 kernels choose where to unpack themselves");

	est->boot_bytes = est->load_bytes;
	if (est->boot_bytes < est->unpack_bytes)
		est->boot_bytes = est->unpack_bytes;
	if (est->boot_bytes < est->capture_bytes)
		est->boot_bytes = est->capture_bytes;
	est->least_bytes = least(in, unpacked, limit);
	if (est->least_bytes > est->boot_bytes)
		est->least_bytes = est->boot_bytes;
	est->recommended = estimate_round(est->boot_bytes);
	est->recommended_low = estimate_round(est->low_bytes);
	return 0;
}

void estimate_judge(struct estimate_judged *judged, const struct estimate_in *in,
		    uint64_t used, uint64_t main, uint64_t low)
{
	struct estimate est;

	*judged = (struct estimate_judged){ ESTIMATE_UNKNOWN };
	if (!num_add(main, low, &judged->usable))
		judged->usable = UINT64_MAX;
	if (in->init_size == 0 || estimate_compute(&est, in) < 0)
		return;
	judged->least = est.least_bytes;
	judged->wanted = est.recommended;
	/* swiotlb takes its part of low memory before anything else can have it */
	if (low)
		judged->usable -= low < SWIOTLB ? low : SWIOTLB;
	if (main < (used ? used : in->init_size + in->initrd_packed))
		judged->verdict = ESTIMATE_TOO_SMALL;
	else if (judged->usable < est.least_bytes)
		judged->verdict = ESTIMATE_LOADS_ONLY;
	else if (judged->usable < est.boot_bytes)
		judged->verdict = ESTIMATE_TIGHT;
	else
		judged->verdict = ESTIMATE_FITS;
}
