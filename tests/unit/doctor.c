/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/doctor.c kexec-load/check.c kexec-load/fit.c kexec-load/rehearse.c kexec-load/file-load.c kexec-load/classic.c kexec-load/load.c kexec-load/machine.c kexec-load/cmdline.c */
#include <errno.h>

#include "../../kexec-load/doctor.h"
#include "../../kexec-load/load.h"
#include "../../kexec-load/machine.h"
#include "../../kexec-load/rehearse.h"
#include "tree.h"

static const struct machine healthy = {
	.has_kexec = true, .has_capability = true, .reserved = 256 << 20,
	.region = { 16 << 20, 272 << 20, 0 }, .memory = (uint64_t)4 << 30,
};

static struct load a_load(bool classic)
{
	return (struct load){ .kernel = "kernel", .classic = classic, .fit.used = 64 << 20,
			      .image = { .size = 8 << 20, .init_size = 40 << 20 } };
}

/* every number becomes a text, and none is "Success" */
static void every_errno(void **state)
{
	(void)state;
	for (int errnum = 1; errnum <= EHWPOISON; errnum++) {
		for (int i = 0; i < 3; i++) {
			struct load ld = a_load(i == 1);

			fail(ERR_USAGE, "said before");
			assert_int_equal(doctor_explain(errnum, i == 2 ? NULL : &ld, &healthy), -1);
			assert_non_null(err_text());
			assert_null(strstr(err_text(), "Success"));
			if (errnum != ECANCELED)
				assert_null(strstr(err_text(), "said before"));
		}
	}
	assert_string_equal(err_text(), strstr(err_text(), "kexec_file_load"));
}

static void expect(int errnum, bool classic, const struct machine *m, enum err code,
		   const char *words)
{
	struct load ld = a_load(classic);

	doctor_explain(errnum, &ld, m);
	assert_failed(code, words);
}

/* the same number for several causes: looking tells them apart */
static void causes(void **state)
{
	struct machine m = healthy;

	(void)state;
	expect(EPERM, false, &m, ERR_SYS, "a container or a security module");
	m.limited = true;
	expect(EPERM, false, &m, ERR_SYS, "kexec_load_limit_panic is 0");
	m.disabled = true;
	expect(EPERM, true, &m, ERR_SYS, "kexec_load_disabled is 1");
	m.has_capability = false;
	expect(EPERM, true, &m, ERR_SYS, "CAP_SYS_BOOT");
	m = healthy;
	strcpy(m.lockdown, "integrity");
	expect(EPERM, false, &m, ERR_SYS, "could not verify the signature of kernel");
	expect(EPERM, true, &m, ERR_SYS, "forbids the classical call");
	strcpy(m.lockdown, "none");
	expect(EPERM, true, &m, ERR_SYS, "a container");
	expect(ENOMEM, false, &m, ERR_AGAIN, "free some");
	m.region.end = m.region.start + (64 << 20);
	expect(ENOMEM, true, &m, ERR_SYS, "no room left for the kernel's own pages");
	m = healthy;
	expect(EINVAL, true, &m, ERR_SYS, "please report it");
	m.memory = 100 << 20;
	expect(EINVAL, true, &m, ERR_SYS, "more than half of the memory");
	expect(ENOSYS, false, &m, ERR_SYS, "-c loads without it");
	expect(ENOSYS, true, &m, ERR_SYS, "load with -s");
	expect(EBUSY, true, &m, ERR_AGAIN, "try again");
	expect(ENODATA, false, &m, ERR_SYS, "not signed");
	expect(ENOKEY, false, &m, ERR_SYS, "does not trust");
	expect(EADDRNOTAVAIL, true, &m, ERR_AGAIN, "resized meanwhile");
}

/* when the reboot slot may be borrowed */
static void rehearsals(void **state)
{
	struct machine m = healthy;
	struct load ld = a_load(false);

	(void)state;
	assert_true(rehearse_possible(&ld, &m));
	m.reboot_limited = true;
	m.reboot_limit = 1;
	assert_false(rehearse_possible(&ld, &m));
	m.reboot_limit = 2;
	assert_true(rehearse_possible(&ld, &m));
	m.reboot_loaded = true;
	assert_false(rehearse_possible(&ld, &m));
	m.reboot_loaded = false;
	m.available = 50 << 20;
	assert_false(rehearse_possible(&ld, &m));
	m.available = 100 << 20;
	assert_true(rehearse_possible(&ld, &m));
	ld.initrd_size = UINT64_MAX - 5;
	assert_false(rehearse_possible(&ld, &m));
	ld = a_load(true);
	assert_false(rehearse_possible(&ld, &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_errno),
		cmocka_unit_test(causes),
		cmocka_unit_test(rehearsals),
	};

	return RUN(tests);
}
