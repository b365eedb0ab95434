/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/boot-params.c kexec-load/efi.c */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../kexec-load/boot-params.h"
#include "../../kexec-load/efi.h"
#include "../../kexec-load/running.h"
#include "bootimage.h"
#include "tree.h"

#define AT UINT64_C(0x123456000)

static uint64_t get(const uint8_t *p, size_t at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = bytes; i-- > 0;)
		value = value << 8 | p[at + i];
	return value;
}

/* the first bytes of a bzImage: each byte of its header is its own offset */
static struct bootimage bzimage(uint8_t jump, size_t len)
{
	uint8_t head[0x400];
	int fd = memfd_create("bzimage", 0);

	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof head; i++)
		head[i] = (uint8_t)i;
	memset(head + 0x250, 0, 8);
	head[0x201] = jump;
	assert_int_equal(write(fd, head, len), len);
	return (struct bootimage){ .kind = BOOTIMAGE_BZIMAGE, .fd = fd, .cmdline_max = 2047 };
}

/* the list's entry of this type, or NULL; count is how many there are in all */
static const uint8_t *entry(const uint8_t *out, size_t len, uint32_t type, unsigned *count)
{
	const uint8_t *found = NULL;

	*count = 0;
	for (uint64_t at = get(out, 0x250, 8); at; at = get(out, at - AT, 8)) {
		assert_true(at >= AT && at - AT + 16 <= len && ++*count < 10);
		assert_true(at - AT + 16 + get(out, at - AT + 12, 4) <= len);
		assert_int_equal((at - AT) % 16, 0);
		if (get(out, at - AT + 8, 4) == type)
			found = out + (at - AT);
	}
	return found;
}

static struct ranges map_of(size_t n)
{
	struct ranges map = { 0 };

	for (size_t i = 0; i < n; i++)
		assert_int_equal(ranges_add(&map, (struct range){ i << 20, (i << 20) + 4096,
								  i % 7 + 1 }), 0);
	return map;
}

static void typical(void **state)
{
	struct bootimage im = bzimage(0x6a, 0x400);
	struct ranges map = map_of(3);
	struct boot_params bp = { .image = &im, .cmdline = "elfcorehdr=0x123 quiet", .map = &map,
				  .initrd = { 0x1a0000000, 0x1a0001234, 0 }, .rsdp = 0xf59d0,
				  .at = AT };
	size_t len = boot_params_len(&bp);
	uint8_t *out = boot_params_make(&bp), zeros[32] = { 0 };
	unsigned count;

	(void)state;
	assert_non_null(out);
	assert_int_equal(get(out, 0x70, 8), 0xf59d0);
	/* the initrd and the command line, in halves */
	assert_int_equal(get(out, 0x218, 4), 0xa0000000);
	assert_int_equal(get(out, 0xc0, 4), 1);
	assert_int_equal(get(out, 0x21c, 4), 0x1234);
	assert_int_equal(get(out, 0xc4, 4), 0);
	uint64_t cmdline = get(out, 0x228, 4) | get(out, 0xc8, 4) << 32;
	assert_true(cmdline > AT && cmdline < AT + len);
	assert_string_equal((char *)out + (cmdline - AT), bp.cmdline);
	/* the file's header up to its end and not beyond */
	assert_int_equal(out[0x1f0], 0);
	assert_int_equal(out[0x1f1], 0xf1);
	assert_int_equal(out[0x1ef], 0);
	assert_int_equal(out[0x26b], 0x6b);
	assert_int_equal(out[0x26c], 0);
	assert_int_equal(out[0x210], 0xd0);
	assert_int_equal(out[0x211], 0);
	assert_int_equal(out[0x1e8], 3);
	assert_int_equal(get(out, 0x2d0 + 20, 8), 0x100000);
	assert_int_equal(get(out, 0x2d0 + 28, 8), 4096);
	assert_int_equal(get(out, 0x2d0 + 36, 4), 2);
	const uint8_t *seed = entry(out, len, 9, &count);

	assert_int_equal(count, 1);
	assert_non_null(seed);
	assert_int_equal(get(seed, 12, 4), 32);
	assert_memory_not_equal(seed + 16, zeros, 32);
	assert_memory_equal(out + 0x1c0, zeros, 32);
	free(out);
	ranges_free(&map);
	close(im.fd);
}

/* more ranges than the parameters hold */
static void many_ranges(void **state)
{
	static const size_t sizes[] = { 127, 128, 129, 130, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct bootimage im = bzimage(0x6a, 0x400);
		struct ranges map = map_of(sizes[i]);
		struct boot_params bp = { .image = &im, .cmdline = "", .map = &map, .at = AT };
		size_t len = boot_params_len(&bp), more = sizes[i] > 128 ? sizes[i] - 128 : 0;
		uint8_t *out = boot_params_make(&bp);
		unsigned count;
		const uint8_t *ext = entry(out, len, 1, &count);

		assert_int_equal(out[0x1e8], sizes[i] - more);
		assert_int_equal(count, more ? 2 : 1);
		if (more) {
			assert_int_equal(get(ext, 12, 4), more * 20);
			assert_int_equal(get(ext, 16, 8), UINT64_C(128) << 20);
			assert_int_equal(get(ext, 16 + (more - 1) * 20, 8),
					 (uint64_t)(sizes[i] - 1) << 20);
			assert_int_equal(get(ext, 16 + (more - 1) * 20 + 16, 4),
					 (sizes[i] - 1) % 7 + 1);
		}
		/* behind the table begins what EDD has */
		assert_int_equal(get(out, 0xd00, 8), 0);
		free(out);
		ranges_free(&map);
		close(im.fd);
	}
}

static void by_hand(void **state)
{
	struct bootimage im = { .kind = BOOTIMAGE_ELF, .fd = -1, .align = 0x200000,
				.lowest = 0x1000000, .init_size = 0x3000000, .cmdline_max = 2047 };
	struct ranges map = map_of(1);
	struct boot_params bp = { .image = &im, .cmdline = "x", .map = &map, .at = AT };
	uint8_t *out = boot_params_make(&bp);

	(void)state;
	assert_int_equal(get(out, 0x1fe, 2), 0xaa55);
	assert_memory_equal(out + 0x202, "HdrS", 4);
	assert_int_equal(get(out, 0x206, 2), 0x20f);
	assert_int_equal(out[0x210], 0xd0);
	assert_int_equal(get(out, 0x230, 4), 0x200000);
	assert_int_equal(out[0x234], 1);
	assert_int_equal(get(out, 0x236, 2) & 3, 3);
	assert_int_equal(get(out, 0x238, 4), 2047);
	assert_int_equal(get(out, 0x260, 4), 0x3000000);
	free(out);
	ranges_free(&map);
}

static void of_the_running_kernel(void **state)
{
	struct bootimage im = bzimage(0xff, 0x400);
	struct ranges map = map_of(1);
	uint8_t running[BOOT_PARAMS_SIZE];
	struct boot_params bp = { .image = &im, .cmdline = "x", .map = &map, .at = AT,
				  .running = running };

	(void)state;
	memset(running, 0x5a, sizeof running);
	assert_int_equal(boot_params_rsdp(running), UINT64_C(0x5a5a5a5a5a5a5a5a));
	uint8_t *out = boot_params_make(&bp);

	assert_int_equal(get(out, 0, 2), 0x5a5a);
	assert_int_equal(get(out, 2, 2), 0);
	assert_int_equal(get(out, 0x3e, 2), 0x5a5a);
	assert_int_equal(out[0x40], 0);
	assert_int_equal(get(out, 0x23c, 4), 0x5a5a5a5a);
	assert_int_equal(get(out, 0x290, 4), 0x5a5a5a5a);
	assert_int_equal(get(out, 0xd00 + 488, 4), 0x5a5a5a5a);
	assert_int_equal(out[0xd00 + 492], 0);
	/* not handed over: the root pointer is what the caller says, EFI is nothing */
	assert_int_equal(get(out, 0x70, 8), 0);
	assert_int_equal(get(out, 0x1c0, 8), 0);
	assert_int_equal(out[0x1ec], 0);
	free(out);
	ranges_free(&map);
	close(im.fd);
}

static const char systab[] = "ACPI20=0x3f77d014\nACPI=0x3f77d000\nSMBIOS3=0x1\nSMBIOS=0x3f520000\n";

static char *efi_machine(void)
{
	static const char *const names[] = { "type", "phys_addr", "virt_addr", "num_pages",
					     "attribute" };
	char *root = tree_make(), path[80], value[32];

	tree_put(root, "/sys/firmware/efi/systab", systab);
	tree_put(root, "/sys/firmware/efi/fw_vendor", "0x3f5a1000\n");
	tree_put(root, "/sys/firmware/efi/config_table", "0x3f5a2000\n");
	for (unsigned n = 0; n < 3; n++)
		for (unsigned i = 0; i < 5; i++) {
			snprintf(path, sizeof path, "/sys/firmware/efi/runtime-map/%u/%s", n,
				 names[i]);
			snprintf(value, sizeof value, "0x%x\n", n * 16 + i + 1);
			tree_put(root, path, value);
		}
	return root;
}

static void efi(void **state)
{
	struct bootimage im = bzimage(0x6a, 0x400);
	struct ranges map = map_of(1);
	uint8_t running[BOOT_PARAMS_SIZE] = { 0 };
	struct efi efi;
	struct boot_params bp = { .image = &im, .cmdline = "x", .map = &map, .at = AT,
				  .running = running, .efi = &efi };
	char *root = efi_machine();
	unsigned count;

	(void)state;
	memcpy(running + 0x1c0, "EL64\x11\x22\x33\x44\x30\0\0\0\x01\0\0\0\x99\0\0\0\x30\x09", 22);
	running[0x1ec] = 2;
	assert_true(boot_params_has_efi(running));
	assert_int_equal(efi_look(&efi, root), 0);
	assert_true(efi.there);
	assert_int_equal(efi.rsdp, 0x3f77d014);
	assert_int_equal(efi.map_len, 120);
	uint8_t *out = boot_params_make(&bp);
	size_t len = boot_params_len(&bp);

	assert_int_equal(get(out, 0x1c4, 4), 0x44332211);
	assert_int_equal(get(out, 0x1c8, 4), 40);
	assert_int_equal(get(out, 0x1cc, 4), 1);
	assert_int_equal(get(out, 0x1d4, 4), 120);
	assert_int_equal(out[0x1ec], 2);
	uint64_t at = get(out, 0x1d0, 4) | get(out, 0x1dc, 4) << 32;

	assert_true(at >= AT && at - AT + 120 <= len);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(get(out, at - AT + 40 + 8 * i, 8), 16 + i + 1);
	const uint8_t *data = entry(out, len, 4, &count);

	assert_int_equal(count, 2);
	assert_int_equal(get(data, 12, 4), 96);
	assert_int_equal(get(data, 16, 8), 0x3f5a1000);
	assert_int_equal(get(data, 32, 8), 0x3f5a2000);
	assert_int_equal(get(data, 40, 8), 0x3f520000);
	free(out);
	efi_close(&efi);
	ranges_free(&map);
	close(im.fd);
	tree_remove(root);
}

/* what makes EFI something that is not handed over */
static void no_efi(void **state)
{
	uint8_t running[BOOT_PARAMS_SIZE] = { 0 };
	struct efi none;
	char *root = tree_make();

	(void)state;
	assert_false(boot_params_is_encrypted(running));
	running[0x13f] = 1;
	assert_true(boot_params_is_encrypted(running));
	assert_false(boot_params_has_efi(running));
	memcpy(running + 0x1c0, "EL32\0\0\0\0\x30\0\0\0\x01\0\0\0\x99\0\0\0\x30\x09", 22);
	assert_false(boot_params_has_efi(running));
	memcpy(running + 0x1c0, "EL64\0\0\0\0\x30\0\0\0\x02", 13);
	assert_false(boot_params_has_efi(running));
	memcpy(running + 0x1c0, "EL64\0\0\0\0\x30\0\0\0\x01\0\0\0\x99\0\0\0\0\0", 22);
	assert_false(boot_params_has_efi(running));
	assert_int_equal(efi_look(&none, root), 0);
	assert_false(none.there);
	efi_close(&none);
	tree_put(root, "/sys/firmware/efi/systab", "ACPI=0x3f77d000\n");
	assert_int_equal(efi_look(&none, root), 0);
	assert_true(none.there);
	assert_int_equal(none.rsdp, 0x3f77d000);
	assert_int_equal(none.map_len, 0);
	efi_close(&none);
	tree_put(root, "/sys/firmware/efi/fw_vendor", "a vendor\n");
	assert_int_equal(efi_look(&none, root), -1);
	assert_failed(ERR_CORRUPT, "fw_vendor");
	efi_close(&none);
	tree_remove(root);
}

static void cut_short(void **state)
{
	struct bootimage im = bzimage(0x6a, 0x28f);
	struct ranges map = map_of(1);
	struct boot_params bp = { .image = &im, .cmdline = "x", .map = &map, .at = AT };

	(void)state;
	assert_null(boot_params_make(&bp));
	assert_failed(ERR_AGAIN, "shorter");
	ranges_free(&map);
	close(im.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typical), cmocka_unit_test(many_ranges),
		cmocka_unit_test(by_hand), cmocka_unit_test(of_the_running_kernel),
		cmocka_unit_test(efi), cmocka_unit_test(no_efi), cmocka_unit_test(cut_short),
	};

	return RUN(tests);
}
