/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/target.c dumpsend/target-server.c dumpsend/name.c */
#include <string.h>

#include "../../dumpsend/target.h"
#include "unit.h"

static void parses(struct target *t, const char *text)
{
	if (target_parse(t, text))
		fail_msg("%s", err_text());
	assert_ptr_equal(t->text, text);
}

static void refuses(const char *text, const char *words)
{
	struct target t;

	if (target_parse(&t, text) == 0)
		fail_msg("%s: was taken", text);
	assert_failed(ERR_USAGE, words);
	assert_null(t.path);
	target_close(&t);
}

static void has_path(const char *text, enum target_kind kind, const char *path)
{
	struct target t;

	parses(&t, text);
	assert_int_equal(t.kind, kind);
	assert_string_equal(t.path, path);
	target_close(&t);
	target_close(&t);
}

static void nfs(void **state)
{
	struct target t;

	(void)state;
	parses(&t, "nfs://server/export/a/vmcore");
	assert_int_equal(t.kind, TARGET_NFS);
	assert_string_equal(t.host, "server");
	assert_string_equal(t.path, "/export/a/vmcore");
	assert_int_equal(t.port, 0);
	assert_int_equal(t.version, 0);
	assert_int_equal(t.mountport, 0);
	assert_int_equal(t.uid, -1);
	assert_int_equal(t.gid, -1);
	assert_null(t.export);
	assert_null(t.user);
	target_close(&t);

	parses(&t, "NFS://10.0.0.1:2049/ex%20port/%h/vmcore?version=3&uid=0&gid=4294967294"
		   "&nfsport=2049&mountport=65535&export=/ex%20port/");
	assert_string_equal(t.host, "10.0.0.1");
	assert_int_equal(t.port, 2049);
	assert_int_equal(t.version, 3);
	assert_int_equal(t.uid, 0);
	assert_int_equal(t.gid, 4294967294);
	assert_int_equal(t.mountport, 65535);
	assert_string_equal(t.export, "/ex port");
	assert_string_equal(t.path, "/ex port/%h/vmcore");
	target_close(&t);

	parses(&t, "nfs://h/100%25/vmcore?export=/100%25");
	assert_string_equal(t.path, "/100%%/vmcore");
	assert_string_equal(t.export, "/100%");
	target_close(&t);
	parses(&t, "nfs://h/vmcore?export=/&version=4");
	assert_string_equal(t.export, "/");
	target_close(&t);
}

static void nfs_refused(void **state)
{
	(void)state;
	refuses("nfs://h/e/f?foo=1", "no option \"foo\": there are version, uid");
	refuses("nfs://h/e/f?", "no option \"\"");
	refuses("nfs://h/e/f?version=3&", "no option \"\"");
	refuses("nfs://h/e/f?Version=3", "no option \"Version\"");
	refuses("nfs://h/e/f?version=2", "version must be 3 or 4");
	refuses("nfs://h/e/f?version", "version must be 3 or 4");
	refuses("nfs://h/e/f?version=3&version=4", "twice");
	refuses("nfs://h/e/f?uid=-1", "uid must be");
	refuses("nfs://h/e/f?uid=", "uid must be");
	refuses("nfs://h/e/f?uid=1&uid=2", "uid is given twice");
	refuses("nfs://h/e/f?gid=4294967295", "gid must be");
	refuses("nfs://h/e/f?nfsport=0", "1 to 65535");
	refuses("nfs://h:1/e/f?nfsport=2", "given twice");
	refuses("nfs://h/e/f?mountport=65536", "mountport must be 1 to 65535, not \"65536\"");
	refuses("nfs://h/e/f?version=4&mountport=1", "no mountport");
	refuses("nfs://h/e/f?export=e", "whole path");
	refuses("nfs://h/e/f?export=", "whole path");
	refuses("nfs://h/e/f?export=/e/../e", "whole path");
	refuses("nfs://h/e/f?export=/x", "does not begin with the export");
	refuses("nfs://h/export/f?export=/exp", "does not begin with the export");
	refuses("nfs://h/e/f?export=/e/f", "does not begin with the export");
	refuses("nfs://h/%h/f?export=/%25h", "does not begin with the export");
	refuses("nfs://h/e/f?export=/e&export=/e", "twice");
	refuses("nfs://me@h/e/f", "uid=N");
}

static void ssh(void **state)
{
	struct target t;

	(void)state;
	parses(&t, "ssh://kdump@collector:2222/~/%h-%t/vmcore");
	assert_int_equal(t.kind, TARGET_SSH);
	assert_string_equal(t.user, "kdump");
	assert_string_equal(t.host, "collector");
	assert_int_equal(t.port, 2222);
	assert_string_equal(t.path, "/~/%h-%t/vmcore");
	target_close(&t);

	parses(&t, "sftp://DOMAIN%5Cuser@collector.example.org./vmcore");
	assert_int_equal(t.kind, TARGET_SSH);
	assert_string_equal(t.user, "DOMAIN\\user");
	assert_string_equal(t.host, "collector.example.org.");
	target_close(&t);

	parses(&t, "ssh://user@domain@h/vmcore");
	assert_string_equal(t.user, "user@domain");
	assert_string_equal(t.host, "h");
	target_close(&t);

	refuses("ssh://h/x?y=1", "%3F is a ?");
	refuses("ssh://user:secret@h/x", "password");
	assert_null(strstr(err_text(), "secret"));
	refuses("ssh://user:@h/x", "password");
	refuses("ssh://@h/x", "1 to 256 bytes");
	refuses("ssh://-oProxyCommand=x@h/x", "no user");
	refuses("ssh://a%20b@h/x", "no ' ' in a user");
	refuses("ssh://a;b@h/x", "no ';' in a user");
	refuses("ssh://u%00@h/x", "control character");
	refuses("ssh://u\\@h/x", "no user");
	refuses("ssh://h/~", "folder");
	refuses("ssh://h/~/", "folder");
}

static void hosts(void **state)
{
	struct target t;
	char text[400] = "ssh://";

	(void)state;
	parses(&t, "ssh://[2001:db8::1]:22/x");
	assert_string_equal(t.host, "2001:db8::1");
	assert_int_equal(t.port, 22);
	target_close(&t);
	parses(&t, "nfs://[fe80::1%25eth0.5]/e/x");
	assert_string_equal(t.host, "fe80::1%eth0.5");
	target_close(&t);
	parses(&t, "nfs://[fe80::1%25]/e/x");
	assert_string_equal(t.host, "fe80::1%25");	/* interface 25 */
	target_close(&t);
	parses(&t, "nfs://[fe80::1%br0]:20049/e/x");
	assert_string_equal(t.host, "fe80::1%br0");
	assert_int_equal(t.port, 20049);
	target_close(&t);

	refuses("ssh:///x", "names no host");
	refuses("ssh://u@/x", "names no host");
	refuses("ssh://:22/x", "names no host");
	refuses("ssh://-oProxyCommand=x/x", "no host is called");
	refuses("ssh://.h/x", "no host is called");
	refuses("ssh://a..b/x", "no host is called");
	refuses("ssh://a b/x", "no ' ' in a host name");
	refuses("ssh://a%41/x", "no '%' in a host name");
	refuses("ssh://fe80::1/x", "in brackets");
	refuses("ssh://[fe80::1/x", "] is missing");
	refuses("ssh://[]/x", "no IPv6 address");
	refuses("ssh://[1.2.3.4]/x", "no IPv6 address");
	refuses("ssh://[-o]/x", "no IPv6 address");
	refuses("ssh://[::1]22/x", "only :PORT");
	refuses("ssh://[::1%]/x", "1 to 15 bytes");
	refuses("ssh://[::1%abcdefghijklmnop]/x", "1 to 15 bytes");
	refuses("ssh://[::1%a;b]/x", "no ';'");
	refuses("ssh://h:/x", "1 to 65535, not \"\"");
	refuses("ssh://h:0/x", "1 to 65535");
	refuses("ssh://h:65536/x", "1 to 65535");
	refuses("ssh://h:+1/x", "1 to 65535");
	refuses("ssh://h:22x/x", "1 to 65535");
	memset(text + 6, 'a', 254);
	strcpy(text + 6 + 254, "/x");
	refuses(text, "at most 253 bytes");
}

static void paths(void **state)
{
	static char text[5000];

	(void)state;
	has_path("/var/crash/%h/vmcore", TARGET_FILE, "/var/crash/%h/vmcore");
	has_path("vmcore", TARGET_FILE, "vmcore");
	has_path("../vmcore", TARGET_FILE, "../vmcore");
	has_path("./ssh:x", TARGET_FILE, "./ssh:x");
	has_path("vmcore-12:30", TARGET_FILE, "vmcore-12:30");
	has_path("a?b", TARGET_FILE, "a?b");
	has_path("100%%", TARGET_FILE, "100%%");
	has_path("/x/user@host:y", TARGET_FILE, "/x/user@host:y");
	has_path("file:///var/a%20b", TARGET_FILE, "/var/a b");
	has_path("file://localhost/var/x", TARGET_FILE, "/var/x");
	has_path("file:/var/x", TARGET_FILE, "/var/x");
	has_path("raw:/dev/disk/by-id/x%h", TARGET_RAW, "/dev/disk/by-id/x%%h");
	has_path("ssh://h//a///b", TARGET_SSH, "/a/b");
	has_path("ssh://h/a%2Fb%c3%A4%25h%%%r", TARGET_SSH, "/a/b\303\244%%h%%%r");
	has_path("ssh://h/a#b", TARGET_SSH, "/a#b");
	has_path("ssh://h/a%3Fb", TARGET_SSH, "/a?b");

	refuses("", "without a name");
	refuses("-", "standard output");
	refuses("a\nb", "control character");
	refuses("dir/", "folder");
	refuses(".", "folder");
	refuses("dir/..", "folder");
	refuses("/", "folder");
	refuses("100%", "percent sign");
	refuses("%x", "percent sign");
	refuses("ssh://h", "has no path");
	refuses("ssh://h/", "folder");
	refuses("nfs://h?version=3", "has no path");
	refuses("ssh://h/a/", "folder");
	refuses("ssh://h/a%2F", "folder");
	refuses("ssh://h/a/../b", "without");
	refuses("ssh://h/a/%2E%2e/b", "without");
	refuses("ssh://h/./b", "without");
	refuses("ssh://h/a%00b", "control character");
	refuses("ssh://h/a%0Ab", "control character");
	refuses("ssh://h/a%zz", "\"%zz\": not % and two hexadecimal digits, nor %h");
	refuses("ssh://h/a%4", "\"%4\": not");
	refuses("ssh://h/a%", "\"%\": not");
	refuses("file://host/x", "another host");
	refuses("file:x", "// must follow");
	refuses("file:///x?y", "%3F is a ?");
	refuses("nfs:/x", "// must follow");
	refuses("ssh:x", "// must follow");
	refuses("http://h/x", "no such kind of target: there are nfs://");
	refuses("raw:", "raw:/dev/NAME");
	refuses("raw://dev/x", "raw:/dev/NAME");
	refuses("raw:/dev/", "folder");
	refuses("kdump@host:vmcore", "ssh://[USER@]HOST/PATH");
	refuses("kdump@host:/var/vmcore", "ssh://[USER@]HOST/PATH");
	refuses("host:/export/vmcore", "nfs://HOST/PATH");
	memset(text, 'a', 4001);
	refuses(text, "longer than 4000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nfs),
		cmocka_unit_test(nfs_refused),
		cmocka_unit_test(ssh),
		cmocka_unit_test(hosts),
		cmocka_unit_test(paths),
	};

	return RUN(tests);
}
