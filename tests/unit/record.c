/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record.h"
#include "tree.h"

#define PATH "/run/crashpipe/capture-kernel"

static void reading(void **state)
{
	char *root = tree_make();
	struct record rec;

	(void)state;
	assert_int_equal(record_read(&rec, root), 0);
	tree_put(root, PATH, "time=5\ncall=kexec_load\nkernel=/a%20b%25%0A\nkernel-device=1\n"
		 "kernel-inode=2\nkernel-size=3\nkernel-mtime-ns=18446744073709551615\n"
		 "command-line=\nnew=1\nunpacked=9\nhotplug=1\nserial=ttyS0\nno-efi=1\n");
	assert_int_equal(record_read(&rec, root), 1);
	assert_int_equal(rec.time, 5);
	assert_string_equal(rec.call, "kexec_load");
	assert_string_equal(rec.kernel.path, "/a b%\n");
	assert_int_equal(rec.kernel.size, 3);
	assert_true(rec.kernel.mtime_ns == -1);
	assert_null(rec.initrd.path);
	assert_null(rec.type);
	assert_string_equal(rec.cmdline, "");
	assert_string_equal(rec.serial, "ttyS0");
	assert_int_equal(rec.unpacked, 9);
	assert_true(rec.hotplug && rec.no_efi && !rec.no_checks);
	record_free(&rec);
	record_free(&rec);

	/* of another boot: as good as none */
	tree_put(root, "/proc/sys/kernel/random/boot_id", "abc\n");
	tree_put(root, PATH, "call=x\nkernel=/a\ncommand-line=y\nboot=abc\n");
	assert_int_equal(record_read(&rec, root), 1);
	record_free(&rec);
	tree_put(root, PATH, "call=x\nkernel=/a\ncommand-line=y\nboot=abd\n");
	assert_int_equal(record_read(&rec, root), 0);
	tree_remove(root);
}

static void nonsense(void **state)
{
	static const struct { const char *text, *words; } samples[] = {
		{ "", "is missing" }, { "x", "without '='" }, { "call=a\nkernel=b", "is missing" },
		{ "call=%", "call: not a value" }, { "call=%4", "call: not a value" },
		{ "call=%4x", "call: not a value" }, { "call=%00", "call: not a value" },
		{ "time=", "time: not a value" }, { "time=-1", "time: not a value" },
		{ "hotplug=yes", "hotplug: not a value" },
		{ "kernel-size=18446744073709551616", "kernel-size: not a value" },
	};
	char *root = tree_make();
	struct record rec;

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		tree_put(root, PATH, samples[i].text);
		assert_int_equal(record_read(&rec, root), -1);
		assert_failed(ERR_CORRUPT, samples[i].words);
		assert_null(rec.call);
	}
	tree_put_bytes(root, PATH, "call=a\0b\n", 9);
	assert_int_equal(record_read(&rec, root), -1);
	tree_remove(root);
}

/* whatever the bytes: 1, 0 or -1, and nothing is left to be freed twice */
static void random_bytes(void **state)
{
	static const char pieces[] = "call=kernel=command-line=\n\n=%20%ABtime12";
	char *root = tree_make(), text[128];
	uint64_t seed = 7;
	struct record rec;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		size_t n = unit_random(&seed) % sizeof text;

		for (size_t j = 0; j < n; j++)
			text[j] = pieces[unit_random(&seed) % (sizeof pieces - 1)];
		tree_put_bytes(root, PATH, text, n);
		record_read(&rec, root);
		record_free(&rec);
	}
	tree_remove(root);
}

static void files(void **state)
{
	char *root = tree_make(), path[128], link[128];
	struct record_file file = { 0 };
	struct stat st;

	(void)state;
	assert_true(record_same(&file, NULL));
	tree_put(root, "/kernel", "abc");
	snprintf(path, sizeof path, "%s/kernel", root);
	snprintf(link, sizeof link, "%s/link", root);
	assert_int_equal(symlink("kernel", link), 0);
	assert_int_equal(stat(link, &st), 0);
	assert_int_equal(record_file_set(&file, link, &st), 0);
	assert_string_equal(file.path, path);
	assert_int_equal(file.size, 3);
	assert_true(record_same(&file, NULL));
	/* the link may point elsewhere by now */
	assert_int_equal(unlink(link), 0);
	assert_true(record_same(&file, NULL));
	/* the same size and time, but another file */
	struct timespec times[2] = { st.st_atim, st.st_mtim };

	snprintf(link, sizeof link, "%s/kernel.new", root);
	tree_put(root, "/kernel.new", "abd");
	assert_int_equal(utimensat(AT_FDCWD, link, times, 0), 0);
	assert_int_equal(rename(link, path), 0);
	assert_false(record_same(&file, NULL));
	/* in a copied tree inodes mean nothing */
	free(file.path);
	file.path = strdup("/kernel");
	assert_true(record_same(&file, root));
	tree_put(root, "/kernel", "abcd");
	assert_false(record_same(&file, root));
	unlink(path);
	assert_false(record_same(&file, root));
	assert_int_equal(record_file_set(&file, path, &st), -1);
	assert_failed(ERR_SYS, "kernel");
	free(file.path);
	tree_remove(root);
}

static void same_text(const char *a, const char *b)
{
	assert_string_equal(a ? a : "(none)", b ? b : "(none)");
}

static void check_written(void)
{
	struct record rec = {
		.time = 77, .call = "kexec_load", .kernel = { "/a \n%=b", 1, 2, 3, -4 },
		.initrd = { "/\xff", 5, 6, 7, 8 }, .type = "elf", .cmdline = "a=\"b c\" -- \\",
		.used = 9, .init_size = 10, .unpacked = 11, .hotplug = true, .no_checks = true,
	}, back;

	assert_int_equal(record_read(&back, NULL), 0);
	assert_int_equal(record_write(&rec), 0);
	assert_int_equal(record_read(&back, NULL), 1);
	assert_int_equal(back.time, 77);
	same_text(back.call, rec.call);
	same_text(back.kernel.path, rec.kernel.path);
	same_text(back.initrd.path, rec.initrd.path);
	same_text(back.type, rec.type);
	same_text(back.cmdline, rec.cmdline);
	same_text(back.serial, NULL);
	assert_true(back.kernel.mtime_ns == -4 && back.kernel.dev == 1 && back.initrd.ino == 6);
	assert_true(back.used == 9 && back.init_size == 10 && back.unpacked == 11);
	assert_true(back.hotplug && back.no_checks && !back.no_efi);
	record_free(&back);

	struct stat st;

	assert_int_equal(stat("/run/crashpipe", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(PATH, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	record_forget();
	assert_int_equal(record_read(&back, NULL), 0);
	record_forget();
}

static void check_lock(void)
{
	int fd = record_lock();

	assert_true(fd >= 0);
	pid_t child = fork();

	if (child == 0) {
		usleep(300000);
		_exit(0);	/* the lock is the file's, which it shares */
	}
	close(fd);
	fd = record_lock();
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(waitpid(child, NULL, 0), child);
	/* no folder, no lock: another error than being busy */
	assert_int_equal(mount("tmpfs", "/run", "tmpfs", MS_RDONLY, NULL), 0);
	assert_int_equal(record_lock(), -1);
	assert_failed(ERR_SYS, "/run/crashpipe");
	struct record rec = { .call = "x" };

	assert_int_equal(record_write(&rec), -1);
	assert_failed(ERR_SYS, "/run/crashpipe");
}

/* in a /run of our own: what is loaded here is none of the test's business */
static void writing(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/run", "tmpfs", 0, NULL))
		skip();
	check_written();
	check_lock();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(random_bytes),
		cmocka_unit_test(files),
		cmocka_unit_test(writing),
	};

	return RUN(tests);
}
