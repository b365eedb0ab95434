/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor - what filtering a dump costs at the least
 *
 * usage: floor CODEC VMCORE DUMP OUT
 *
 * Reads from VMCORE (ELF) the pages that DUMP (kdump-compressed, made from it) stores,
 * compresses each by the same call of the same library as dumpfilter, and writes them
 * to OUT, or to standard output if that is "-". Nothing else is done, and what to read
 * is known beforehand: no filter can be faster, unless with another library or threads.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "codec.h"
#include "err.h"

enum { PAGE = 4096, BATCH = 64, LOADS = 1024, DESC = 24 };

struct run {
	uint64_t at;	/* in VMCORE */
	uint64_t n;	/* pages */
};

struct load {
	uint64_t phys, len, at;
};

static struct load loads[LOADS];
static size_t nloads, nruns;
static struct run *runs;

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, errno ? strerror(errno) : "is damaged");
	exit(1);
}

static void get(int fd, void *p, size_t n, uint64_t at, const char *what)
{
	errno = 0;
	if (pread(fd, p, n, (off_t)at) != (ssize_t)n)
		die(what);
}

static int open_file(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd < 0)
		die(path);
	return fd;
}

static void read_loads(int fd)
{
	Elf64_Ehdr eh;

	get(fd, &eh, sizeof eh, 0, "ELF header");
	for (unsigned i = 0; i < eh.e_phnum && nloads < LOADS; i++) {
		Elf64_Phdr ph;

		get(fd, &ph, sizeof ph, eh.e_phoff + i * sizeof ph, "program header");
		if (ph.p_type == PT_LOAD)
			loads[nloads++] = (struct load){ ph.p_paddr, ph.p_filesz, ph.p_offset };
	}
}

static uint64_t place(uint64_t phys)
{
	for (size_t i = 0; i < nloads; i++)
		if (phys - loads[i].phys < loads[i].len)
			return loads[i].at + (phys - loads[i].phys);
	errno = 0;
	die("a page's place");
	return 0;
}

static void add_page(uint64_t pfn)
{
	uint64_t at = place(pfn * PAGE);
	struct run *last = nruns ? &runs[nruns - 1] : NULL;

	if (last && last->at + last->n * PAGE == at) {
		last->n++;
		return;
	}
	if ((nruns & (nruns - 1)) == 0)
		runs = realloc(runs, (nruns ? 2 * nruns : 1) * sizeof *runs);
	if (!runs)
		die("runs");
	runs[nruns++] = (struct run){ at, 1 };
}

/* the pages of bitmap 2, without those that share the first one's place: zeros */
static void read_list(int fd)
{
	uint32_t bs, sub, blocks;
	uint64_t first = 0, desc[DESC / 8];

	get(fd, &bs, 4, 428, "header");
	get(fd, &sub, 4, 432, "header");
	get(fd, &blocks, 4, 436, "header");
	uint64_t len = (uint64_t)blocks / 2 * bs, at = (1 + (uint64_t)sub) * bs + len;
	uint64_t descs = at + len, ndescs = 0;
	uint8_t *bits = malloc(len);

	if (bs != PAGE || !bits)
		die("header");
	get(fd, bits, len, at, "bitmap");
	for (uint64_t i = 0; i < len; i++)
		ndescs += (unsigned)__builtin_popcount(bits[i]);
	first = descs + ndescs * DESC;
	FILE *f = fdopen(fd, "r");
	if (!f || fseeko(f, (off_t)descs, SEEK_SET))
		die("descriptors");
	for (uint64_t pfn = 0; pfn < len * 8; pfn++) {
		if (!(bits[pfn / 8] >> pfn % 8 & 1))
			continue;
		if (fread(desc, sizeof desc, 1, f) != 1)
			die("descriptors");
		/* offset; size and flags */
		if (desc[0] != first || desc[1] != PAGE)
			add_page(pfn);
	}
	fclose(f);
	free(bits);
}

static size_t compress(const struct codec *codec, void *state, uint8_t *to, size_t room,
		       const uint8_t *page)
{
	size_t n = codec->flag ? codec->compress(state, to, room, page, PAGE) : 0;

	if (n > 0 && n < PAGE)
		return n;
	memcpy(to, page, PAGE);
	return PAGE;
}

static uint64_t copy(const struct codec *codec, void *state, int in, int out)
{
	static uint8_t from[BATCH * PAGE], to[2 * BATCH * PAGE];
	uint64_t written = 0;
	size_t used = 0;

	for (size_t i = 0; i < nruns; i++)
		for (uint64_t done = 0; done < runs[i].n;) {
			uint64_t n = runs[i].n - done < BATCH ? runs[i].n - done : BATCH;

			get(in, from, n * PAGE, runs[i].at + done * PAGE, "memory");
			for (uint64_t k = 0; k < n; k++)
				used += compress(codec, state, to + used, sizeof to - used,
						 from + k * PAGE);
			done += n;
			if (used < sizeof to / 2)
				continue;
			for (size_t off = 0; off < used;) {
				ssize_t w = write(out, to + off, used - off);

				if (w < 0)
					die("write");
				off += (size_t)w;
			}
			written += used;
			used = 0;
		}
	if (used && write(out, to, used) != (ssize_t)used)
		die("write");
	return written + used;
}

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* to standard error: seconds passed and processor seconds of the copying alone */
int main(int argc, char **argv)
{
	if (argc != 5)
		return fprintf(stderr, "usage: floor CODEC VMCORE DUMP OUT\n"), 2;
	const struct codec *codec = codec_by_name(argv[1]);
	if (!codec)
		return fprintf(stderr, "floor: %s\n", err_text()), 2;
	int in = open_file(argv[2], O_RDONLY);
	int out = strcmp(argv[4], "-") ? open_file(argv[4], O_WRONLY | O_CREAT | O_TRUNC) : 1;

	read_loads(in);
	read_list(open_file(argv[3], O_RDONLY));
	void *state = codec->open(codec->level_default, PAGE);
	if (!state)
		return fprintf(stderr, "floor: %s\n", err_text()), 1;
	double passed = now(CLOCK_MONOTONIC), used = now(CLOCK_PROCESS_CPUTIME_ID);
	uint64_t bytes = copy(codec, state, in, out);
	fprintf(stderr, "%.3f %.3f %llu\n", now(CLOCK_MONOTONIC) - passed,
		now(CLOCK_PROCESS_CPUTIME_ID) - used, (unsigned long long)bytes);
	codec->close(state);
	return 0;
}
