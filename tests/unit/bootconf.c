/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: crashreserve/bootconf.c */
#include <string.h>
#include <sys/stat.h>

#include "../../crashreserve/bootconf.h"
#include "tree.h"

static void find(const char *root, const char *path, const char *text, const char *token)
{
	struct bootconf bc;

	tree_put(root, path, text);
	bootconf_read(&bc, root);
	assert_int_equal(bc.n, token ? 1 : 0);
	if (token) {
		assert_string_equal(bc.hits[0].path, path);
		assert_string_equal(bc.hits[0].token, token);
	}
	tree_put(root, path, "");
}

static void files(void **state)
{
	char *root = tree_make();
	struct bootconf bc;

	(void)state;
	bootconf_read(&bc, root);
	assert_int_equal(bc.n, 0);
	find(root, "/etc/default/grub", "GRUB_CMDLINE_LINUX=\"a crashkernel=256M b\"\n",
	     "crashkernel=256M");
	find(root, "/etc/default/grub", " # crashkernel=1M\n#crashkernel=2M\nx='crashkernel=3M'",
	     "crashkernel=3M");
	find(root, "/etc/default/grub", "# crashkernel=1M\n", NULL);
	find(root, "/etc/default/grub.d/kdump-tools.cfg", "A=\"$A crashkernel=384M-:128M\"\n",
	     "crashkernel=384M-:128M");
	find(root, "/etc/default/grub.d/note.txt", "crashkernel=1M", NULL);
	find(root, "/etc/kernel/cmdline", "root=x crashkernel=1M crashkernel=2M", "crashkernel=2M");
	find(root, "/etc/kernel/cmdline", "crashkernel=", "crashkernel=");
	find(root, "/boot/loader/entries/x.conf", "options crashkernel=1G,high\tro\n",
	     "crashkernel=1G,high");
	find(root, "/efi/loader/entries/x.conf", "options crashkernel=\033[m\n", "crashkernel=?[m");
	tree_remove(root);
}

/* names that are patterns, directories, and too many of them */
static void odd(void **state)
{
	char *top = tree_make(), root[200], path[200];
	struct bootconf bc;

	(void)state;
	snprintf(root, sizeof root, "%s/a*[b]?", top);
	assert_int_equal(mkdir(root, 0700), 0);
	tree_put(root, "/etc/default/grub", "crashkernel=1M");
	tree_put(root, "/boot/loader/entries/dir.conf/file", "crashkernel=1M");
	bootconf_read(&bc, root);
	assert_int_equal(bc.n, 1);
	assert_string_equal(bc.hits[0].path, "/etc/default/grub");
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof path, "/boot/loader/entries/%d.conf", i);
		tree_put(root, path, "crashkernel=9M");
	}
	bootconf_read(&bc, root);
	assert_int_equal(bc.n, BOOTCONF_MOST);
	tree_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(odd),
	};

	return RUN(tests);
}
