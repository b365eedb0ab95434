/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is changed is what drivers/of/kexec.c (Linux 6.1 to 7.2) changes for
 * kexec_file_load, and drivers/of/fdt.c reads: in /chosen
 *
 *   bootargs                    the command line
 *   linux,initrd-start, -end    64 bits each
 *   linux,elfcorehdr            address and size, in cells as the root node counts them
 *   linux,usable-memory-range   the same, one pair or two: the first caps what is memory,
 *                               the second is added to it
 *   kaslr-seed, rng-seed        anew: the running kernel has used up the old ones
 *   linux,booted-from-kexec     empty
 *
 * and reservations of the initrd and of the elfcorehdr. Reservations that remain are of
 * memory outside the usable ranges, where they do no harm.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#ifdef HAVE_fdt
#include <libfdt.h>
#endif

#include "device-tree.h"
#include "err.h"
#include "sysfs.h"

#ifdef HAVE_fdt

enum {
	ROOM = 4096,		/* for what is added beside the command line */
	RNG_SEED = 128,		/* as many bytes as the kernel hands on */
};

static int broken(int error, const char *what)
{
	return fail(ERR_CORRUPT, "device tree: %s: %s", what, fdt_strerror(error));
}

int device_tree_read(const char *root, uint8_t **bytes, size_t *len)
{
	static const char path[] = "/sys/firmware/fdt";
	FILE *in = sysfs_open(root, path);

	*bytes = NULL;
	if (!in && errno == ENOENT)
		return fail(ERR_SYS, "%s: not there: only kexec_file_load (-s) can start a"
			    " kernel without it", path);
	if (!in)
		return fail_sys("%s", path);
	*bytes = malloc(DEVICE_TREE_MAX + 1);
	*len = *bytes ? fread(*bytes, 1, DEVICE_TREE_MAX + 1, in) : 0;
	int error = ferror(in) ? errno : 0, result = 0;

	fclose(in);
	if (!*bytes)
		return fail(ERR_MEMORY, "out of memory");
	if (error) {
		errno = error;
		result = fail_sys("%s", path);
	} else if (*len > DEVICE_TREE_MAX) {
		result = fail(ERR_CORRUPT, "%s: more than 2 MiB", path);
	} else if ((error = fdt_check_full(*bytes, *len)) != 0) {
		result = broken(error, path);
	}
	if (result) {
		free(*bytes);
		*bytes = NULL;
	}
	return result;
}

/* a number of one or two cells; false when there is none */
static bool number(const void *tree, int node, const char *name, uint64_t *value)
{
	int len;
	const uint8_t *cells = fdt_getprop(tree, node, name, &len);

	if (!cells || (len != 4 && len != 8))
		return false;
	*value = 0;
	for (int i = 0; i < len; i++)
		*value = *value << 8 | cells[i];
	return true;
}

/* every reservation that begins there */
static int unreserve(void *tree, uint64_t at)
{
	for (int i = fdt_num_mem_rsv(tree) - 1; i >= 0; i--) {
		uint64_t start, size;
		int error = fdt_get_mem_rsv(tree, i, &start, &size);

		if (!error && start == at)
			error = fdt_del_mem_rsv(tree, i);
		if (error)
			return broken(error, "reservations");
	}
	return 0;
}

/* what told the running kernel of its own start */
static int forget(void *tree, int chosen)
{
	static const char *const names[] = {
		"bootargs", "linux,initrd-start", "linux,initrd-end", "linux,elfcorehdr",
		"linux,usable-memory-range", "kaslr-seed", "rng-seed",
		"linux,booted-from-kexec", "linux,ima-kexec-buffer", "linux,kho-fdt",
		"linux,kho-scratch",
	};
	uint64_t initrd;

	if (number(tree, chosen, "linux,initrd-start", &initrd) && unreserve(tree, initrd))
		return -1;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		int error = fdt_delprop(tree, chosen, names[i]);

		if (error && error != -FDT_ERR_NOTFOUND)
			return broken(error, names[i]);
	}
	return 0;
}

static bool is_empty(struct range r)
{
	return r.end <= r.start;
}

static int set_initrd(void *tree, int chosen, struct range initrd)
{
	int error = fdt_setprop_u64(tree, chosen, "linux,initrd-start", initrd.start);

	if (!error)
		error = fdt_setprop_u64(tree, chosen, "linux,initrd-end", initrd.end);
	if (!error)
		error = fdt_add_mem_rsv(tree, initrd.start, initrd.end - initrd.start);
	return error ? broken(error, "linux,initrd-start") : 0;
}

/* append a pair of address and size, however many cells these have here */
static int set_range(void *tree, int chosen, const char *name, struct range r)
{
	int error = fdt_appendprop_addrrange(tree, 0, chosen, name, r.start,
					     r.end - r.start);

	return error ? broken(error, name) : 0;
}

/* where the kernel has no random numbers yet, it does without these */
static int set_seeds(void *tree, int chosen)
{
	uint8_t seed[sizeof(uint64_t) + RNG_SEED];

	if (getrandom(seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
		return 0;
	int error = fdt_setprop(tree, chosen, "kaslr-seed", seed, sizeof(uint64_t));

	if (!error)
		error = fdt_setprop(tree, chosen, "rng-seed", seed + sizeof(uint64_t),
				    RNG_SEED);
	explicit_bzero(seed, sizeof seed);
	return error ? broken(error, "rng-seed") : 0;
}

static int change(const struct device_tree *dt, void *tree)
{
	int chosen = fdt_path_offset(tree, "/chosen");

	if (chosen == -FDT_ERR_NOTFOUND)
		chosen = fdt_add_subnode(tree, 0, "chosen");
	if (chosen < 0)
		return broken(chosen, "/chosen");
	if (forget(tree, chosen))
		return -1;
	if (!is_empty(dt->initrd) && set_initrd(tree, chosen, dt->initrd))
		return -1;
	if (set_range(tree, chosen, "linux,elfcorehdr", dt->elfcorehdr))
		return -1;
	int error = fdt_add_mem_rsv(tree, dt->elfcorehdr.start,
				    dt->elfcorehdr.end - dt->elfcorehdr.start);

	for (size_t i = 0; i < sizeof dt->usable / sizeof dt->usable[0]; i++)
		if (!is_empty(dt->usable[i]) &&
		    set_range(tree, chosen, "linux,usable-memory-range", dt->usable[i]))
			return -1;
	if (!error)
		error = fdt_setprop_string(tree, chosen, "bootargs", dt->cmdline);
	if (!error)
		error = fdt_setprop_empty(tree, chosen, "linux,booted-from-kexec");
	if (error)
		return broken(error, "/chosen");
	return set_seeds(tree, chosen);
}

int device_tree_make(const struct device_tree *dt, const uint8_t *old, size_t oldlen,
		     uint8_t **bytes, size_t *len)
{
	int error = fdt_check_full(old, oldlen);
	size_t room = oldlen + strlen(dt->cmdline) + ROOM;

	*bytes = NULL;
	if (error)
		return broken(error, "the running kernel's");
	if (room > DEVICE_TREE_MAX)
		return fail(ERR_UNKNOWN, "device tree: %zu bytes with the command line: a"
			    " kernel takes 2 MiB at most", room);
	void *tree = malloc(room);

	if (!tree)
		return fail(ERR_MEMORY, "out of memory");
	error = fdt_open_into(old, tree, (int)room);
	if (error || change(dt, tree)) {
		free(tree);
		return error ? broken(error, "the running kernel's") : -1;
	}
	fdt_pack(tree);
	*bytes = tree;
	*len = fdt_totalsize(tree);
	return 0;
}

#else

static int not_built(void)
{
	return fail(ERR_UNKNOWN, "the classical call needs libfdt on arm64: this build is"
		    " without it");
}

int device_tree_read(const char *root, uint8_t **bytes, size_t *len)
{
	(void)root;
	*bytes = NULL;
	*len = 0;
	return not_built();
}

int device_tree_make(const struct device_tree *dt, const uint8_t *old, size_t oldlen,
		     uint8_t **bytes, size_t *len)
{
	(void)dt;
	(void)old;
	(void)oldlen;
	*bytes = NULL;
	*len = 0;
	return not_built();
}

#endif
