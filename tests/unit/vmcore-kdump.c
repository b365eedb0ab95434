/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>

#include "kdump-file.h"
#include "kdump.h"
#include "unit.h"
#include "vmcore.h"

static char folder[] = "/tmp/vmcore-kdump.XXXXXX";
static char path[3][80];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	for (int i = 0; i < 3; i++)
		snprintf(path[i], sizeof path[i], "%s/%d", folder, i);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		unlink(path[i]);
	return rmdir(folder);
}

/* runs, gaps, single pages; nothing in between for long */
static bool patchy(uint64_t pfn)
{
	return pfn % 1000 < 40 || (pfn > 20000 && pfn % 3 == 0) || pfn == 19999;
}

static void check_page(struct vmcore *vm, struct codec_readers *rs, uint64_t pfn)
{
	uint8_t want[KF_PAGE], got[KF_PAGE], data[KF_PAGE];
	struct vmcore_stored s;

	kf_page(pfn, want);
	assert_int_equal(vmcore_read(vm, got, 100, (pfn << 12) + 2990), 0);
	assert_memory_equal(got, want + 2990, 100);
	assert_int_equal(vmcore_read(vm, got, KF_PAGE, pfn << 12), 0);
	assert_memory_equal(got, want, KF_PAGE);
	assert_int_equal(vmcore_read_stored(vm, pfn, data, &s), 0);
	memset(got, 0xff, sizeof got);
	assert_int_equal(codec_read(rs, s.flags, got, KF_PAGE, data, s.size), 0);
	assert_memory_equal(got, want, KF_PAGE);
}

static void check_missing(struct vmcore *vm, uint64_t pfn)
{
	uint8_t page[KF_PAGE];
	struct vmcore_stored s;

	assert_int_equal(vmcore_read(vm, page, KF_PAGE, pfn << 12), -1);
	assert_failed(ERR_CORRUPT, "is not in the dump");
	assert_int_equal(vmcore_read_stored(vm, pfn, page, &s), -1);
	assert_failed(ERR_CORRUPT, "is not in the dump");
}

/* every page that f has within [from, to) can be read, in order and out of order */
static void check_pages(struct vmcore *vm, const struct kdump_file *f, uint64_t from, uint64_t to)
{
	struct codec_readers rs;
	uint64_t seed = 7;

	assert_int_equal(codec_open_readers(&rs, KF_PAGE), 0);
	assert_true(vmcore_has_stored(vm));
	for (uint64_t pfn = 0; pfn < f->npfns; pfn++)
		if (f->has(pfn) && pfn >= from && pfn < to)
			check_page(vm, &rs, pfn);
		else if (pfn % 50 == 0)
			check_missing(vm, pfn);
	for (int i = 0; i < 1000; i++) {
		uint64_t pfn = unit_random(&seed) % f->npfns;

		if (f->has(pfn) && pfn >= from && pfn < to)
			check_page(vm, &rs, pfn);
	}
	check_missing(vm, f->npfns);
	codec_close_readers(&rs);
}

/* bitmaps at once and in windows say the same, and the truth */
static void check_bitmaps(struct vmcore *vm, const struct kdump_file *f, uint64_t from, uint64_t to)
{
	struct bitmap ram, held, part;

	assert_int_equal(bitmap_open(&ram, vm->npfns) | bitmap_open(&held, vm->npfns), 0);
	assert_int_equal(vmcore_ram(vm, &ram, 0) | vmcore_held(vm, &held, 0), 0);
	for (uint64_t pfn = 0; pfn < f->npfns; pfn++) {
		assert_int_equal(bitmap_test(&held, pfn), f->has(pfn) && pfn >= from && pfn < to);
		if (!f->one_bitmap)
			assert_true(bitmap_test(&ram, pfn));
	}
	for (uint64_t at = 0; at < vm->npfns; at += VMCORE_WINDOW) {
		assert_int_equal(bitmap_open(&part, VMCORE_WINDOW), 0);
		assert_int_equal(vmcore_held(vm, &part, at), 0);
		assert_int_equal(bitmap_count(&part, 0, VMCORE_WINDOW),
				 bitmap_count(&held, at, at + VMCORE_WINDOW));
		bitmap_close(&part);
	}
	bitmap_close(&ram);
	bitmap_close(&held);
}

static void check_file(const struct kdump_file *f, uint64_t memory)
{
	const char *one = path[0];
	struct vmcore vm;

	kf_write(f, one);
	assert_int_equal(vmcore_open_parts(&vm, &one, 1, memory), 0);
	assert_int_equal(vm.npfns, f->npfns);
	assert_int_equal(vm.machine, EM_X86_64);
	assert_int_equal(vm.swap, f->swap);
	assert_false(vm.cut_short);
	assert_string_equal(vm.flaw, "");
	assert_string_equal(vm.header.utsname + 2 * KDUMP_UTSNAME_LEN, "6.1");
	assert_int_equal(vm.header.time_sec, 1700000000);
	assert_int_equal(vm.header.ncpus, 3);
	if (f->version >= 3)
		assert_memory_equal(vm.info.text, "OSRELEASE=6.1\n", 14);
	else
		assert_null(vm.info.text);
	check_bitmaps(&vm, f, 0, f->npfns);
	check_pages(&vm, f, 0, f->npfns);
	vmcore_close(&vm);
}

static void every_version(void **state)
{
	struct kdump_file f = { .npfns = 30011, .has = patchy };

	(void)state;
	for (f.version = 1; f.version <= 6; f.version++)
		for (int i = 0; i < 4; i++) {
			f.swap = i & 1;
			f.one_bitmap = f.backwards = i & 2;
			check_file(&f, 0);
		}
}

static bool far_apart(uint64_t pfn)
{
	return pfn < 300 || pfn % (UINT64_C(1) << 18) > 262100 || pfn % 131072 == 1234;
}

/* more bitmap than may be kept: 4 million pages, half a MiB a bitmap */
static void bounded_memory(void **state)
{
	struct kdump_file f = { .version = 6, .npfns = (1 << 22) + 77, .has = far_apart };

	(void)state;
	check_file(&f, 1);
	check_file(&f, 300 << 10);
	check_file(&f, 1 << 20);
}

static bool all(uint64_t pfn)
{
	(void)pfn;
	return true;
}

/* turn the last bytes of a page's data over */
static void damage(struct vmcore *vm, uint64_t pfn)
{
	static uint8_t file[4 << 20], data[KF_PAGE];
	struct vmcore_stored s;
	int fd = open(path[0], O_RDWR);
	ssize_t len = pread(fd, file, sizeof file, 0);
	uint8_t *at;

	assert_int_equal(vmcore_read_stored(vm, pfn, data, &s), 0);
	at = memmem(file, (size_t)len, data, s.size);
	assert_non_null(at);
	for (uint32_t i = s.size - 8; i < s.size; i++)
		data[i] ^= 0xff;
	assert_int_equal(pwrite(fd, data, s.size, at - file), s.size);
	close(fd);
}

/* a page that does not unpack does not take the place of one that did */
static void damaged_page(void **state)
{
	struct kdump_file f = { .version = 6, .npfns = 1000, .has = all };
	uint8_t want[KF_PAGE], got[16];
	const char *one = path[0];
	struct vmcore vm;

	(void)state;
	kf_write(&f, one);
	for (uint64_t bad = 3; bad < 19; bad++) {
		if (bad % 5 == 0)
			continue;
		assert_int_equal(vmcore_open(&vm, one), 0);
		damage(&vm, bad);
		vmcore_close(&vm);
		assert_int_equal(vmcore_open(&vm, one), 0);
		/* the four pages of a set of the cache */
		for (int round = 0; round < 3; round++) {
			for (uint64_t pfn = bad + 16; pfn < bad + 16 * 5; pfn += 16) {
				kf_page(pfn, want);
				assert_int_equal(vmcore_read(&vm, got, 16, pfn << 12 | pfn % 3000), 0);
				assert_memory_equal(got, want + pfn % 3000, 16);
			}
			if (vmcore_read(&vm, got, 16, bad << 12 | bad) == 0)
				continue;	/* a page that is stored as it is */
			assert_failed(ERR_CORRUPT, "data is damaged");
		}
		vmcore_close(&vm);
		kf_write(&f, one);
	}
}

static int open_three(struct vmcore *vm, int a, int b, int c)
{
	const char *paths[3] = { path[a] };
	size_t n = 1;

	if (b >= 0)
		paths[n++] = path[b];
	if (c >= 0)
		paths[n++] = path[c];
	return vmcore_open_parts(vm, paths, n, 0);
}

static void write_parts(struct kdump_file *f)
{
	/* the second boundary is not even a whole byte of the bitmaps */
	const uint64_t limits[] = { 0, 4096, 21003, f->npfns };

	f->split = 1;
	for (int i = 0; i < 3; i++) {
		f->start = limits[i];
		f->end = limits[i + 1];
		kf_write(f, path[i]);
	}
}

static void parts(void **state)
{
	static const int orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 }, { 2, 0, 1 } };
	struct kdump_file f = { .npfns = 30011, .has = patchy };
	struct vmcore vm;

	(void)state;
	for (f.version = 2; f.version <= 6; f.version++) {
		f.swap = f.version & 1;
		write_parts(&f);
		for (int i = 0; i < 4; i++) {
			assert_int_equal(open_three(&vm, orders[i][0], orders[i][1],
						    orders[i][2]), 0);
			assert_false(vm.cut_short);
			assert_string_equal(vm.flaw, "");
			check_bitmaps(&vm, &f, 0, f.npfns);
			check_pages(&vm, &f, 0, f.npfns);
			vmcore_close(&vm);
		}
	}
}

static void missing_parts(void **state)
{
	struct kdump_file f = { .version = 6, .npfns = 30011, .has = patchy };
	struct vmcore vm;

	(void)state;
	write_parts(&f);
	assert_int_equal(open_three(&vm, 1, -1, -1), 0);
	assert_true(vm.cut_short);
	assert_string_equal(vm.flaw, "a part of the split dump is missing: the one with the "
			    "pages 0 to 0x1000, and 0x520b to 0x753b");
	check_bitmaps(&vm, &f, 4096, 21003);
	check_pages(&vm, &f, 4096, 21003);
	vmcore_close(&vm);
	assert_int_equal(open_three(&vm, 1, 0, -1), 0);
	assert_true(vm.cut_short);
	assert_non_null(strstr(vm.flaw, "the pages 0x520b to 0x753b"));
	check_pages(&vm, &f, 0, 21003);
	vmcore_close(&vm);
}

static void overlapping_parts(void **state)
{
	struct kdump_file f = { .version = 6, .npfns = 30011, .has = patchy };
	struct vmcore vm;

	(void)state;
	write_parts(&f);
	f.start = 3001;
	f.end = 25000;
	kf_write(&f, path[1]);
	assert_int_equal(open_three(&vm, 2, 1, 0), 0);
	assert_false(vm.cut_short);
	assert_string_equal(vm.flaw, "more than one part has the pages 0xbb9 to 0x1000");
	check_bitmaps(&vm, &f, 0, f.npfns);
	check_pages(&vm, &f, 0, f.npfns);
	vmcore_close(&vm);
	/* the same file twice */
	assert_int_equal(open_three(&vm, 0, 0, -1), 0);
	check_pages(&vm, &f, 0, 4096);
	vmcore_close(&vm);
}

static bool half(uint64_t pfn)
{
	return patchy(pfn) && pfn < 10000;
}

/* its writer was stopped: the bits of what it did not write are cleared in that part only */
static void stopped_part(void **state)
{
	struct kdump_file f = { .version = 6, .npfns = 30011, .has = patchy }, stopped;
	struct vmcore vm;

	(void)state;
	write_parts(&f);
	stopped = f;
	stopped.has = half;
	stopped.start = 4096;
	stopped.end = 21003;
	stopped.status = KDUMP_INCOMPLETE;
	kf_write(&stopped, path[1]);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(open_three(&vm, i, 1 - i, 2), 0);
		assert_true(vm.cut_short);
		for (uint64_t pfn = 0; pfn < 30000; pfn += 7) {
			uint8_t page[KF_PAGE], want[KF_PAGE];
			bool there = patchy(pfn) && (pfn < 10000 || pfn >= 21003);
			int rc = vmcore_read(&vm, page, KF_PAGE, pfn << 12);

			assert_int_equal(rc, there ? 0 : -1);
			kf_page(pfn, want);
			if (there)
				assert_memory_equal(page, want, KF_PAGE);
		}
		vmcore_close(&vm);
	}
}

static void strange_parts(void **state)
{
	struct kdump_file f = { .version = 6, .npfns = 30011, .has = patchy };
	struct vmcore vm;

	(void)state;
	write_parts(&f);
	f.release = "6.2";
	kf_write(&f, path[2]);
	assert_int_equal(open_three(&vm, 0, 1, 2), -1);
	assert_failed(ERR_USAGE, "2 is a part of another dump");
	f.split = 0;
	kf_write(&f, path[2]);
	assert_int_equal(open_three(&vm, 0, 1, 2), -1);
	assert_failed(ERR_USAGE, "2 is not a part of a split dump");
	assert_int_equal(open_three(&vm, 2, 1, 0), -1);
	assert_failed(ERR_USAGE, "2: is not a part of a split dump");
	unlink(path[2]);
	assert_int_equal(open_three(&vm, 0, 1, 2), -1);
	assert_failed(ERR_SYS, "No such file");
	f.split = 1;
	f.start = 5;
	f.end = 4;
	kf_write(&f, path[2]);
	assert_int_equal(open_three(&vm, 2, -1, -1), -1);
	assert_failed(ERR_CORRUPT, "0x5 to 0x4");
	f.start = f.end = 1 << 30;
	kf_write(&f, path[2]);
	assert_int_equal(open_three(&vm, 2, -1, -1), -1);
	assert_failed(ERR_CORRUPT, "0x40000000");
	f.start = f.end = 0;
	kf_write(&f, path[2]);
	assert_int_equal(open_three(&vm, 2, -1, -1), 0);
	assert_true(vm.cut_short);
	vmcore_close(&vm);
}

/* what is read ahead may not be readable, which is no reason to lose pages before it */
static void unreadable_ahead(void **state)
{
	struct kdump_file f = { .version = 6, .npfns = 3000, .has = all };
	const uint64_t descs = 4 * KF_PAGE, cut = descs + 3000 * KDUMP_DESC_LEN + 100000;
	uint8_t page[KF_PAGE], want[KF_PAGE], *file = malloc(cut);
	int fd, npages = 0;
	struct vmcore vm;

	(void)state;
	kf_write(&f, path[0]);
	fd = open(path[0], O_RDWR);
	assert_int_equal(pread(fd, file, cut, 0), (ssize_t)cut);
	assert_int_equal(vmcore_open(&vm, path[0]), 0);
	/* behind the reader's back */
	assert_int_equal(ftruncate(fd, (off_t)cut), 0);
	for (uint64_t pfn = 0; pfn < f.npfns; pfn++) {
		const uint8_t *desc = file + descs + pfn * KDUMP_DESC_LEN;
		bool there = kdump_u64(desc, KDUMP_DESC_OFFSET, false) +
			     kdump_u32(desc, KDUMP_DESC_SIZE, false) <= cut;

		assert_int_equal(vmcore_read(&vm, page, KF_PAGE, pfn << 12), there ? 0 : -1);
		kf_page(pfn, want);
		if (there)
			assert_memory_equal(page, want, KF_PAGE);
		npages += there;
	}
	assert_in_range(npages, 650, 2500);
	vmcore_close(&vm);
	close(fd);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_version),
		cmocka_unit_test(bounded_memory),
		cmocka_unit_test(damaged_page),
		cmocka_unit_test(parts),
		cmocka_unit_test(missing_parts),
		cmocka_unit_test(overlapping_parts),
		cmocka_unit_test(stopped_part),
		cmocka_unit_test(strange_parts),
		cmocka_unit_test(unreadable_ahead),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
