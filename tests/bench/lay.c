/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lay - the vmcore of a machine too large to copy, from the file that was its memory
 *
 * usage: lay HEAD MEMORY VMCORE
 *
 * HEAD is the beginning of the /proc/vmcore that the capture kernel saw, as far as
 * memory begins. MEMORY is what QEMU's memory-backend-file left of a PC: from 4 GiB on
 * lies what did not fit below 3 GiB. VMCORE is as large as /proc/vmcore was, and has
 * holes wherever memory was never touched, or zero.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, CHUNK = 1 << 20, HEAD_MAX = 64 << 20 };
#define LOW_END UINT64_C(0xc0000000)
#define HIGH_START UINT64_C(0x100000000)

static int memory = -1, vmcore = -1;
static uint64_t laid;

static void die(const char *what)
{
	fprintf(stderr, "lay: %s: %s\n", what, errno ? strerror(errno) : "is damaged");
	exit(1);
}

static bool is_zero(const uint8_t *page)
{
	return page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0;
}

/* n bytes of the memory file at from, to the vmcore at to */
static void copy(uint64_t from, uint64_t to, uint64_t n)
{
	static uint8_t buf[CHUNK];

	for (uint64_t done = 0; done < n;) {
		size_t want = n - done < CHUNK ? (size_t)(n - done) : CHUNK;
		ssize_t got = pread(memory, buf, want, (off_t)(from + done));

		if (got <= 0)
			die("memory: read");
		for (ssize_t i = 0; i < got; i += PAGE) {
			size_t len = got - i < PAGE ? (size_t)(got - i) : PAGE;

			if (len == PAGE && is_zero(buf + i))
				continue;
			off_t at = (off_t)(to + done + (uint64_t)i);
			if (pwrite(vmcore, buf + i, len, at) != (ssize_t)len)
				die("vmcore: write");
			laid += len;
		}
		done += (uint64_t)got;
	}
}

/* the same where the memory file has data */
static void copy_data(uint64_t from, uint64_t to, uint64_t n)
{
	uint64_t at = from, end = from + n;

	while (at < end) {
		off_t data = lseek(memory, (off_t)at, SEEK_DATA), hole;

		if (data < 0 && errno != ENXIO)
			die("memory: seek");
		if (data < 0 || (uint64_t)data >= end)
			break;
		hole = lseek(memory, data, SEEK_HOLE);
		if (hole < 0)
			die("memory: seek");
		if ((uint64_t)hole > end)
			hole = (off_t)end;
		copy((uint64_t)data, to + ((uint64_t)data - from), (uint64_t)(hole - data));
		at = (uint64_t)hole;
	}
}

static void lay(const Elf64_Phdr *ph)
{
	uint64_t phys = ph->p_paddr, end = phys + ph->p_filesz, at = ph->p_offset;

	while (phys < end) {
		bool low = phys < LOW_END;
		uint64_t stop = low && end > LOW_END ? LOW_END : end;

		copy_data(low ? phys : phys - HIGH_START + LOW_END, at, stop - phys);
		at += stop - phys;
		phys = stop;
		if (low && phys < end)
			phys = HIGH_START;
	}
}

int main(int argc, char **argv)
{
	static uint8_t head[HEAD_MAX];
	Elf64_Ehdr eh;
	uint64_t first = UINT64_MAX, size = 0;

	if (argc != 4)
		return fprintf(stderr, "usage: lay HEAD MEMORY VMCORE\n"), 2;
	int fd = open(argv[1], O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, head, sizeof head);
	if (len < (ssize_t)sizeof eh)
		die(argv[1]);
	memcpy(&eh, head, sizeof eh);
	errno = 0;
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) || eh.e_phnum == PN_XNUM ||
	    eh.e_phoff + eh.e_phnum * sizeof(Elf64_Phdr) > (uint64_t)len)
		die(argv[1]);
	const Elf64_Phdr *ph = (const void *)(head + eh.e_phoff);
	for (unsigned i = 0; i < eh.e_phnum; i++) {
		if (ph[i].p_type != PT_LOAD)
			continue;
		if (ph[i].p_offset < first)
			first = ph[i].p_offset;
		if (ph[i].p_offset + ph[i].p_filesz > size)
			size = ph[i].p_offset + ph[i].p_filesz;
	}
	if (first > (uint64_t)len)
		die(argv[1]);
	memory = open(argv[2], O_RDONLY);
	if (memory < 0)
		die(argv[2]);
	vmcore = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (vmcore < 0 || ftruncate(vmcore, (off_t)size) ||
	    pwrite(vmcore, head, (size_t)first, 0) != (ssize_t)first)
		die(argv[3]);
	for (unsigned i = 0; i < eh.e_phnum; i++)
		if (ph[i].p_type == PT_LOAD)
			lay(&ph[i]);
	if (close(vmcore))
		die(argv[3]);
	printf("%s: %llu bytes, of which %llu are not zero\n", argv[3],
	       (unsigned long long)size, (unsigned long long)laid);
	return 0;
}
