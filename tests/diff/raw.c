/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raw.c - the raw ELF vmcore, as the kernel or QEMU wrote it
 *
 * The program headers give physical memory; some of it twice (on x86_64 the
 * kernel's image is in a PT_LOAD of its own and in the linear map's). So the
 * segments are sorted and cut to pieces that do not overlap.
 */
#include <elf.h>
#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pagediff.h"

uint16_t le16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return le16toh(v);
}

uint32_t le32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

uint64_t le64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static int complain(const char *name, const char *what)
{
	fprintf(stderr, "pagediff: %s: %s\n", name, what);
	return -1;
}

int file_map(struct file *file, const char *name)
{
	struct stat st;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	*file = (struct file){ .name = name };
	if (fd < 0)
		return complain(name, "cannot be opened");
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
		close(fd);
		return complain(name, "not a regular file with content");
	}
	void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return complain(name, "cannot be mapped");
	file->bytes = map;
	file->size = (uint64_t)st.st_size;
	return 0;
}

static bool inside(uint64_t offset, uint64_t len, uint64_t size)
{
	return offset <= size && len <= size - offset;
}

static int by_phys(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return (x->phys > y->phys) - (x->phys < y->phys);
}

/* sort the segments and take away from each what an earlier one has already */
static void make_disjoint(struct raw *raw)
{
	uint64_t end = 0;
	size_t n = 0;

	qsort(raw->pieces, raw->npieces, sizeof(*raw->pieces), by_phys);
	for (size_t i = 0; i < raw->npieces; i++) {
		struct piece p = raw->pieces[i];

		if (p.phys + p.len <= end)
			continue;
		if (p.phys < end) {
			uint64_t cut = end - p.phys;

			p = (struct piece){ end, p.len - cut, p.offset + cut };
		}
		end = p.phys + p.len;
		raw->pieces[n++] = p;
	}
	raw->npieces = n;
}

static uint64_t align4(uint64_t n)
{
	return (n + 3) & ~(uint64_t)3;
}

/* notes are 12 bytes of sizes and type, then name and descriptor padded to 4 */
static void find_notes(struct raw *raw)
{
	uint64_t at = 0;

	while (inside(at, sizeof(Elf64_Nhdr), raw->notes_size)) {
		const uint8_t *p = raw->notes + at;
		uint64_t name_size = le32(p), desc_size = le32(p + 4);
		uint32_t type = le32(p + 8);
		uint64_t desc = at + 12 + align4(name_size);

		if (name_size == 0 || !inside(desc, desc_size, raw->notes_size))
			return;
		if (name_size == 5 && memcmp(p + 12, "CORE", 5) == 0 && type == NT_PRSTATUS)
			raw->ncpus++;
		if (name_size == 11 && memcmp(p + 12, "VMCOREINFO", 11) == 0) {
			raw->info = (const char *)raw->notes + desc;
			raw->info_size = desc_size;
		}
		at = desc + align4(desc_size);
	}
}

static int add_segment(struct raw *raw, const uint8_t *p)
{
	uint32_t type = le32(p);
	uint64_t offset = le64(p + offsetof(Elf64_Phdr, p_offset));
	uint64_t phys = le64(p + offsetof(Elf64_Phdr, p_paddr));
	uint64_t filesz = le64(p + offsetof(Elf64_Phdr, p_filesz));
	uint64_t memsz = le64(p + offsetof(Elf64_Phdr, p_memsz));

	if (type == PT_NOTE && !raw->notes) {
		if (!inside(offset, filesz, raw->file.size))
			return complain(raw->file.name, "its notes lie outside the file");
		raw->notes = raw->file.bytes + offset;
		raw->notes_size = filesz;
		find_notes(raw);
	}
	if (type != PT_LOAD || phys == UINT64_MAX)
		return 0;
	if (phys + memsz < phys || phys + filesz < phys || offset + filesz < offset)
		return complain(raw->file.name, "a program header's numbers overflow");
	if (phys + memsz > raw->end)
		raw->end = phys + memsz;
	if (filesz > 0)
		raw->pieces[raw->npieces++] = (struct piece){ phys, filesz, offset };
	return 0;
}

int raw_open(struct raw *raw, const char *name)
{
	*raw = (struct raw){ 0 };
	if (file_map(&raw->file, name) < 0)
		return -1;

	const uint8_t *p = raw->file.bytes;
	uint64_t size = raw->file.size;

	if (size < sizeof(Elf64_Ehdr) || memcmp(p, ELFMAG, SELFMAG) != 0 ||
	    p[EI_CLASS] != ELFCLASS64 || p[EI_DATA] != ELFDATA2LSB ||
	    le16(p + offsetof(Elf64_Ehdr, e_type)) != ET_CORE ||
	    le16(p + offsetof(Elf64_Ehdr, e_phentsize)) != sizeof(Elf64_Phdr))
		return complain(name, "not a 64-bit little-endian ELF core file");
	raw->machine = le16(p + offsetof(Elf64_Ehdr, e_machine));

	uint64_t phoff = le64(p + offsetof(Elf64_Ehdr, e_phoff));
	uint64_t shoff = le64(p + offsetof(Elf64_Ehdr, e_shoff));
	uint64_t n = le16(p + offsetof(Elf64_Ehdr, e_phnum));

	if (n == PN_XNUM) {	/* the real count is in the first section header */
		if (!inside(shoff, sizeof(Elf64_Shdr), size))
			return complain(name, "PN_XNUM without a section header");
		n = le32(p + shoff + offsetof(Elf64_Shdr, sh_info));
	}
	if (!inside(phoff, n * sizeof(Elf64_Phdr), size))
		return complain(name, "its program headers lie outside the file");
	raw->pieces = calloc(n + 1, sizeof(*raw->pieces));
	if (!raw->pieces)
		return complain(name, "out of memory");
	for (uint64_t i = 0; i < n; i++)
		if (add_segment(raw, p + phoff + i * sizeof(Elf64_Phdr)) < 0)
			return -1;
	if (raw->npieces == 0)
		return complain(name, "it has no memory");
	make_disjoint(raw);
	return 0;
}

void raw_close(struct raw *raw)
{
	free(raw->pieces);
	if (raw->file.bytes)
		munmap((void *)raw->file.bytes, (size_t)raw->file.size);
	*raw = (struct raw){ 0 };
}

/* the first piece that ends after `phys`, npieces if there is none */
static size_t seek(struct raw *raw, uint64_t phys)
{
	if (raw->at > 0 && raw->pieces[raw->at - 1].phys + raw->pieces[raw->at - 1].len > phys)
		raw->at = 0;
	while (raw->at < raw->npieces &&
	       raw->pieces[raw->at].phys + raw->pieces[raw->at].len <= phys)
		raw->at++;
	return raw->at;
}

/* the part of piece `i` that lies in [start, start + block); len 0 for none */
static struct piece overlap(const struct raw *raw, size_t i, uint64_t start,
			    uint64_t block)
{
	struct piece p = raw->pieces[i];
	uint64_t from = p.phys > start ? p.phys : start;
	uint64_t to = p.phys + p.len < start + block ? p.phys + p.len : start + block;

	if (from >= to)
		return (struct piece){ 0 };
	return (struct piece){ from, to - from, p.offset + (from - p.phys) };
}

enum presence raw_presence(struct raw *raw, uint64_t pfn, uint32_t block)
{
	uint64_t start = pfn * block, have = 0;

	for (size_t i = seek(raw, start); i < raw->npieces; i++) {
		struct piece part = overlap(raw, i, start, block);

		if (part.len == 0)
			break;
		if (!inside(part.offset, part.len, raw->file.size))
			return CUT;
		have += part.len;
	}
	return have == block ? WHOLE : have > 0 ? PARTIAL : ABSENT;
}

long raw_differs_at(struct raw *raw, uint64_t phys, const uint8_t *bytes, uint64_t len)
{
	for (size_t i = seek(raw, phys); i < raw->npieces; i++) {
		struct piece part = overlap(raw, i, phys, len);
		const uint8_t *mine = bytes + (part.phys - phys);
		const uint8_t *theirs = raw->file.bytes + part.offset;

		if (part.len == 0)
			break;
		if (memcmp(mine, theirs, part.len) == 0)
			continue;
		for (uint64_t at = 0; at < part.len; at++)
			if (mine[at] != theirs[at])
				return (long)(part.phys - phys + at);
	}
	return -1;
}

long raw_differs(struct raw *raw, uint64_t pfn, const uint8_t *page, uint32_t block)
{
	return raw_differs_at(raw, pfn * block, page, block);
}

bool raw_info(const struct raw *raw, const char *key, char *value, size_t size)
{
	size_t key_len = strlen(key);
	const char *line = raw->info;
	const char *end = raw->info ? raw->info + raw->info_size : NULL;

	while (line && line < end) {
		size_t len = strnlen(line, (size_t)(end - line));
		const char *stop = memchr(line, '\n', len);

		if (stop)
			len = (size_t)(stop - line);
		if (len > key_len && memcmp(line, key, key_len) == 0) {
			if (len - key_len >= size)
				return false;
			memcpy(value, line + key_len, len - key_len);
			value[len - key_len] = '\0';
			return true;
		}
		line = stop ? stop + 1 : NULL;
	}
	return false;
}
