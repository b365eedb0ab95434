/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF vmlinux of x86_64: the kernel as it is linked, with nothing around it. Its PT_LOADs
 * lie at p_paddr from 16 MiB on (CONFIG_PHYSICAL_START), e_entry is a physical address,
 * and startup_64 (arch/x86/kernel/head_64.S, Linux 5.10 to 7.2) finds out by itself by
 * how much it was moved, which must be a multiple of 2 MiB. Code and data are linked at
 * 0xffffffff80000000 and above; one PT_LOAD of kernels before 6.15 has p_vaddr 0: the
 * template of per-CPU variables. Behind the last one lies nothing: .bss and .brk are
 * segments.
 *
 * libelf reads the headers, from a copy that holds nothing else.
 */
#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "bootimage.h"
#include "bootimage-kinds.h"
#include "cursor.h"
#include "err.h"
#include "num.h"
#include "stop.h"

enum {
	EHDR = 64,
	SHOFF = 40, SHENTSIZE = 58, SHNUM = 60,	/* in the header: where sections are */
	PHDRS_MAX = 32,			/* 4 or 5 are usual */
	ALIGN = 2 << 20,
	LOWEST_LOAD = 1 << 20,
	CMDLINE_MAX = 2047,		/* COMMAND_LINE_SIZE - 1 */
	PAGE = 4096,
	STEP = 1 << 20,			/* read at a time */
};

static const uint64_t flat_max = (uint64_t)512 << 20;
static const uint64_t text_base = UINT64_C(0xffffffff80000000);

struct loads {
	GElf_Phdr ph[PHDRS_MAX];	/* PT_LOADs that take memory, by p_paddr */
	size_t n;
	uint64_t entry;			/* physical */
};

static int by_paddr(const void *a, const void *b)
{
	const GElf_Phdr *x = a, *y = b;

	return (x->p_paddr > y->p_paddr) - (x->p_paddr < y->p_paddr);
}

/* what else people have that begins with \177ELF */
static int check_header(const GElf_Ehdr *eh)
{
	if (eh->e_machine == EM_AARCH64)
		return fail(ERR_UNKNOWN, "an ELF file of arm64, which nothing can boot: give the"
			    " Image (arch/arm64/boot/Image, or what is in /boot)");
	if (eh->e_machine != EM_X86_64)
		return fail(ERR_UNKNOWN, "an ELF file of machine %u, not of x86_64 (62)",
			    eh->e_machine);
	if (eh->e_type == ET_CORE)
		return fail(ERR_UNKNOWN, "an ELF core file (a dump?), not a kernel");
	if (eh->e_type == ET_REL)
		return fail(ERR_UNKNOWN, "an object file (a kernel module?), not a kernel");
	if (eh->e_type != ET_EXEC && eh->e_type != ET_DYN)
		return fail(ERR_UNKNOWN, "an ELF file of type %u, not a program", eh->e_type);
	if (eh->e_phnum == 0 || eh->e_phnum > PHDRS_MAX || eh->e_phentsize != sizeof(Elf64_Phdr))
		return fail(ERR_CORRUPT, "ELF header: %u program headers of %u bytes",
			    eh->e_phnum, eh->e_phentsize);
	return 0;
}

/* libelf's complaint; that memory is short is not the file's fault */
static int fail_elf(const char *what)
{
	const char *reason = elf_errmsg(-1);

	return fail(errno == ENOMEM ? ERR_MEMORY : ERR_CORRUPT, "%s: %s", what, reason);
}

static int check_load(const GElf_Phdr *ph, size_t i, uint64_t size)
{
	uint64_t end;

	if (ph->p_filesz > ph->p_memsz || !num_add(ph->p_paddr, ph->p_memsz, &end))
		return fail(ERR_CORRUPT, "program header %zu: %#" PRIx64 " bytes of %#" PRIx64
			    " at physical %#" PRIx64, i, (uint64_t)ph->p_filesz,
			    (uint64_t)ph->p_memsz, (uint64_t)ph->p_paddr);
	if (!num_add(ph->p_offset, ph->p_filesz, &end) || end > size)
		return fail(ERR_CORRUPT, "cut short: program header %zu needs %#" PRIx64
			    " bytes at %#" PRIx64 ", the file ends at %#" PRIx64, i,
			    (uint64_t)ph->p_filesz, (uint64_t)ph->p_offset, size);
	return 0;
}

static void forget_sections(uint8_t *head)
{
	memset(head + SHOFF, 0, 8);
	memset(head + SHNUM, 0, 4);
}

/* the loads out of a copy of all headers */
static int take_loads(struct loads *ls, Elf *elf, uint64_t size)
{
	size_t n;

	if (elf_getphdrnum(elf, &n))
		return fail_elf("program headers");
	for (size_t i = 0; i < n && i < PHDRS_MAX; i++) {
		GElf_Phdr *ph = &ls->ph[ls->n];

		if (!gelf_getphdr(elf, (int)i, ph))
			return fail_elf("program headers");
		if (ph->p_type != PT_LOAD || ph->p_memsz == 0)
			continue;
		if (check_load(ph, i, size))
			return -1;
		ls->n++;
	}
	if (ls->n == 0)
		return fail(ERR_CORRUPT, "none of its program headers is a PT_LOAD");
	qsort(ls->ph, ls->n, sizeof ls->ph[0], by_paddr);
	return 0;
}

/* nobody needs their headers, but they come last in the file */
static uint64_t sections_end(const uint8_t head[EHDR])
{
	bool swap = __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__;
	struct cursor c = cursor_over(head + SHOFF, 8, swap);
	struct cursor n = cursor_over(head + SHENTSIZE, 4, swap);
	uint64_t size = cursor_u16(&n), end;

	return num_add(cursor_u64(&c), size * cursor_u16(&n), &end) ? end : UINT64_MAX;
}

/* of a file that begins with head; libelf would look for sections behind the copy's end */
static int read_header(struct loads *ls, const uint8_t head[EHDR], uint64_t size, uint64_t *len)
{
	uint8_t copy[EHDR];
	GElf_Ehdr eh;
	Elf *elf;
	int result;

	if (memcmp(head, ELFMAG, SELFMAG) != 0)
		return fail(ERR_UNKNOWN, "not an ELF file");
	if (head[EI_CLASS] != ELFCLASS64 || head[EI_DATA] != ELFDATA2LSB)
		return fail(ERR_UNKNOWN, "an ELF file of 32 bits, or of a big-endian machine");
	if (sections_end(head) > size)
		return fail(ERR_CORRUPT, "cut short: the ELF header names sections behind the"
			    " end of the file");
	memcpy(copy, head, sizeof copy);
	forget_sections(copy);
	elf_version(EV_CURRENT);
	errno = 0;
	elf = elf_memory((char *)copy, sizeof copy);
	result = elf && gelf_getehdr(elf, &eh) ? check_header(&eh) :
		 fail_elf("ELF header");
	elf_end(elf);
	if (result)
		return -1;
	if (eh.e_phoff < EHDR || eh.e_phoff > PAGE)
		return fail(ERR_CORRUPT, "ELF header: program headers at %#" PRIx64,
			    (uint64_t)eh.e_phoff);
	*len = eh.e_phoff + (uint64_t)eh.e_phnum * sizeof(Elf64_Phdr);
	ls->entry = eh.e_entry;
	return 0;
}

/* bytes: the first len of a file of size bytes */
static int read_loads(struct loads *ls, uint8_t *bytes, size_t len, uint64_t size)
{
	uint64_t headers = 0;
	Elf *elf;
	int result;

	*ls = (struct loads){ 0 };
	if (len < EHDR)
		return fail(ERR_CORRUPT, "cut short: an ELF header has 64 bytes");
	if (read_header(ls, bytes, size, &headers))
		return -1;
	if (headers > len)
		return fail(ERR_CORRUPT, "cut short: its program headers end at %#" PRIx64,
			    headers);
	forget_sections(bytes);
	errno = 0;
	elf = elf_memory((char *)bytes, headers);
	result = elf ? take_loads(ls, elf, size) :
		 fail_elf("ELF header");
	elf_end(elf);
	return result;
}

/* does the kernel's layout hold together, and is it a kernel's? */
static int check_layout(const struct loads *ls)
{
	const GElf_Phdr *last = &ls->ph[ls->n - 1], *first = &ls->ph[0], *code = NULL;

	for (size_t i = 1; i < ls->n; i++)
		if (ls->ph[i].p_paddr < ls->ph[i - 1].p_paddr + ls->ph[i - 1].p_memsz)
			return fail(ERR_CORRUPT, "two segments want physical %#" PRIx64,
				    (uint64_t)ls->ph[i].p_paddr);
	if (last->p_paddr + last->p_memsz - first->p_paddr > flat_max)
		return fail(ERR_CORRUPT, "its segments lie between physical %#" PRIx64 " and %#"
			    PRIx64 ": no kernel is that large", (uint64_t)first->p_paddr,
			    (uint64_t)(last->p_paddr + last->p_memsz));
	for (size_t i = 0; i < ls->n && !code; i++)
		if (ls->entry >= ls->ph[i].p_paddr &&
		    ls->entry - ls->ph[i].p_paddr < ls->ph[i].p_filesz)
			code = &ls->ph[i];
	if (first->p_vaddr < text_base || (code && code->p_vaddr < text_base))
		return fail(ERR_UNKNOWN, "an ELF program, but no Linux kernel: its code is"
			    " linked at %#" PRIx64, (uint64_t)first->p_vaddr);
	if (!code)
		return fail(ERR_CORRUPT, "ELF header: entry %#" PRIx64 " lies in none of its"
			    " segments", ls->entry);
	return 0;
}

static int loads_of_file(struct loads *ls, int fd, uint64_t size)
{
	uint8_t head[BOOTIMAGE_ELF_HEAD];
	size_t len = size < sizeof head ? (size_t)size : sizeof head;

	if (bootimage_pread(fd, head, len, 0) || read_loads(ls, head, len, size))
		return -1;
	return check_layout(ls);
}

/* memory from the first byte of the lowest segment to the last of the highest */
static uint64_t span(const struct loads *ls)
{
	const GElf_Phdr *last = &ls->ph[ls->n - 1];

	return num_div_up(last->p_paddr + last->p_memsz - ls->ph[0].p_paddr, PAGE) * PAGE;
}

int bootimage_elf_inside(uint8_t *bytes, size_t len, uint64_t size, uint64_t *kernel_size)
{
	struct loads ls;

	if (read_loads(&ls, bytes, len, size) || check_layout(&ls))
		return -1;
	*kernel_size = span(&ls);
	return 0;
}

int bootimage_elf(struct bootimage *im, int fd, uint64_t size)
{
	struct loads ls;

	*im = (struct bootimage){ .kind = BOOTIMAGE_ELF, .format = "ELF vmlinux", .arch = "x86_64",
				  .fd = fd, .initrd_fd = -1, .size = size, .align = ALIGN,
				  .lowest = LOWEST_LOAD, .cmdline_max = CMDLINE_MAX,
				  .five_level = true };
	if (loads_of_file(&ls, fd, size))
		return -1;

	uint64_t start = ls.ph[0].p_paddr;

	for (size_t i = 0; i < ls.n; i++)
		if (ls.ph[i].p_filesz)
			im->code_size = ls.ph[i].p_paddr + ls.ph[i].p_filesz - start;
	im->init_size = im->kernel_size = span(&ls);
	im->entry = ls.entry - start;
	im->offset = start % ALIGN;
	for (size_t i = 0; i < ls.n && !im->version[0]; i++)
		if (bootimage_find_version(im, ls.ph[i].p_offset, ls.ph[i].p_filesz))
			return -1;
	return 0;
}

int bootimage_elf_gather(const struct bootimage *im, uint8_t *bytes)
{
	struct loads ls;

	if (loads_of_file(&ls, im->fd, im->size))
		return -1;
	for (size_t i = 0; i < ls.n; i++) {
		const GElf_Phdr *ph = &ls.ph[i];
		uint64_t to = ph->p_paddr - ls.ph[0].p_paddr, n;

		/* the file was another when it was opened */
		if (ph->p_filesz && (to > im->code_size || ph->p_filesz > im->code_size - to))
			return fail(ERR_AGAIN, "was changed while it was read: try again");
		for (uint64_t done = 0; done < ph->p_filesz; done += n) {
			n = ph->p_filesz - done < STEP ? ph->p_filesz - done : STEP;
			if (stop_check() || bootimage_pread(im->fd, bytes + to + done, n,
							    ph->p_offset + done))
				return -1;
		}
	}
	return 0;
}
