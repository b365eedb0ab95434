/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "cursor.h"
#include "err.h"
#include "image.h"
#include "note.h"

static int find_symbols(struct image *im)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(im->elf, scn)))
		if (gelf_getshdr(scn, &sh) && sh.sh_type == SHT_SYMTAB) {
			im->names = sh.sh_link;
			im->symbols = elf_getdata(scn, NULL);
			break;
		}
	if (!im->symbols)
		return fail(ERR_UNKNOWN, "it has no symbols: the vmlinux that the kernel's "
			    "debug package has is needed");
	return 0;
}

int image_open(struct image *im, const char *path)
{
	GElf_Ehdr eh;

	*im = (struct image){ .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (im->fd < 0)
		return fail_sys("%s", path);
	elf_version(EV_CURRENT);
	im->elf = elf_begin(im->fd, ELF_C_READ_MMAP, NULL);
	if (!im->elf || !gelf_getehdr(im->elf, &eh) || gelf_getclass(im->elf) != ELFCLASS64) {
		fail(ERR_UNKNOWN, "not a 64-bit ELF file, as a kernel's vmlinux is");
		goto fail;
	}
	im->machine = eh.e_machine;
	im->swap = eh.e_ident[EI_DATA] !=
		   (__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB);
	if (find_symbols(im) == 0)
		return 0;
fail:
	image_close(im);
	return fail_in(path);
}

void image_close(struct image *im)
{
	if (im->elf)
		elf_end(im->elf);
	if (im->fd >= 0)
		close(im->fd);
	*im = (struct image){ .fd = -1 };
}

bool image_symbol(const struct image *im, const char *name, uint64_t *addr, uint64_t *size)
{
	GElf_Sym sym;
	bool found = false;

	for (int i = 0; gelf_getsym(im->symbols, i, &sym); i++) {
		int type = GELF_ST_TYPE(sym.st_info);
		bool global = GELF_ST_BIND(sym.st_info) != STB_LOCAL;
		const char *its;

		if (sym.st_shndx == SHN_UNDEF || type == STT_SECTION || type == STT_FILE ||
		    (found && !global))
			continue;
		its = elf_strptr(im->elf, im->names, sym.st_name);
		if (!its || strcmp(its, name) != 0)
			continue;
		*addr = sym.st_value;
		*size = sym.st_size;
		found = true;
		if (global)
			break;
	}
	return found && *addr;
}

bool image_read(const struct image *im, void *buf, size_t len, uint64_t addr)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(im->elf, scn))) {
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_ALLOC) ||
		    sh.sh_type == SHT_NOBITS || sh.sh_addr == 0 || addr < sh.sh_addr ||
		    addr - sh.sh_addr >= sh.sh_size)
			continue;
		data = elf_rawdata(scn, NULL);
		addr -= sh.sh_addr;
		if (!data || !data->d_buf || addr > data->d_size || len > data->d_size - addr)
			return false;
		memcpy(buf, (const uint8_t *)data->d_buf + addr, len);
		return true;
	}
	return false;
}

size_t image_build_id(const struct image *im, uint8_t id[BUILD_ID_MAX])
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(im->elf, scn))) {
		Elf_Data *data;
		struct cursor c;
		struct note note;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_NOTE)
			continue;
		data = elf_rawdata(scn, NULL);
		if (!data || !data->d_buf)
			continue;
		c = cursor_over(data->d_buf, data->d_size, im->swap);
		while (note_next(&c, &note) == 1)
			if (note.type == NT_GNU_BUILD_ID && note.namelen == 3 &&
			    memcmp(note.name, "GNU", 3) == 0 && note.desclen <= BUILD_ID_MAX) {
				memcpy(id, note.desc, note.desclen);
				return note.desclen;
			}
	}
	return 0;
}
