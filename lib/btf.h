/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dead kernel's types as it has them in its own memory (include/uapi/linux/btf.h),
 * found by kallsyms: where a structure's members are, without debugging symbols.
 */
#ifndef BTF_H
#define BTF_H

#include <stdbool.h>
#include <stdint.h>

struct kallsyms;
struct space;

struct btf;

struct btf_member {
	uint64_t bit;		/* from the structure's start */
	uint64_t bits;		/* of a bit field; 0: it is none */
	uint64_t size;		/* bytes; of a bit field its type's; of an array all of it */
	uint64_t count;		/* elements of an array, 1 for others */
};

/* NULL with ERR_UNKNOWN: it has none; ERR_CORRUPT, ERR_SYS, ERR_MEMORY */
struct btf *btf_open(struct space *sp, struct kallsyms *ks);
/* bytes of "struct NAME" or "union NAME"; 1, 0: there is no such type, -1 */
int btf_size(struct btf *b, const char *name, uint64_t *size);
/*
 * A member of struct NAME: "list.next", "mem[1].base"; those of unnamed structures inside
 * count as its own. 1, 0: there is no such type or member, -1.
 */
int btf_member(struct btf *b, const char *name, const char *path, struct btf_member *m);
/* the value of an enumerator, whatever its enum is called; 1, 0, -1 */
int btf_enumerator(struct btf *b, const char *name, int64_t *value);
/* accepts NULL */
void btf_close(struct btf *b);

#endif
