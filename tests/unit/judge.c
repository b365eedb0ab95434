/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: crashreserve/judge.c crashreserve/judge-asked.c crashreserve/judge-settings.c crashreserve/look.c crashreserve/klog.c crashreserve/bootconf.c crashreserve/map.c crashreserve/estimate.c crashreserve/eval-explain.c crashreserve/eval-memory.c crashreserve/eval-parse.c crashreserve/eval-rules.c crashreserve/eval-traps.c crashreserve/eval-words.c crashreserve/eval.c */
#include <string.h>

#include "../../crashreserve/judge.h"
#include "tree.h"

#define MIB(n) ((uint64_t)(n) << 20)

/* what look() finds on a machine of 1 GiB with 256 MiB reserved, and a kernel loaded */
struct machine {
	struct state st;
	char cmdline[64], cmdline_loaded[64], kernel[16], initrd[16];
};

static void make(struct machine *m)
{
	struct range ram = { .start = MIB(1), .end = MIB(1024), .at = MIB(1) };

	*m = (struct machine){
		.st = {
			.release = "6.12.1", .arch = "x86_64", .has_cmdline = true,
			.has_sysfs = true, .has_iomem = true, .ram = MIB(1023),
			.crash_size = { true, MIB(256) }, .loaded = { true, 1 },
			.main_size = MIB(256), .has_record = 1, .kernel = FILE_SAME,
			.initrd = FILE_SAME, .cpus = { true, 4 },
			.record = { .used = MIB(64), .init_size = MIB(46), .unpacked = MIB(10) },
		},
		.cmdline = "ro crashkernel=256M",
		.cmdline_loaded = "nr_cpus=1 quiet",
		.kernel = "/boot/k", .initrd = "/boot/i",
	};
	m->st.cmdline = m->cmdline;
	m->st.record.cmdline = m->cmdline_loaded;
	m->st.record.kernel.path = m->kernel;
	m->st.record.initrd = (struct record_file){ .path = m->initrd, .size = MIB(4) };
	assert_int_equal(ranges_add(&m->st.iomem.ram, ram), 0);
}

/* the verdict, and a code that must be among the points; NULL: none decides */
static void expect(struct machine *m, enum verdict verdict, const char *code)
{
	struct judgement jd;

	judge(&jd, &m->st);
	if (jd.verdict != verdict)
		fail_msg("%s (%d)", jd.answer, (int)jd.verdict);
	if (code && !judge_point(&jd, code))
		fail_msg("no %s: %s", code, jd.answer);
	for (unsigned i = 0; !code && i < jd.npoints; i++)
		assert_int_not_equal(jd.points[i].weight, POINT_DECIDES);
	ranges_free(&m->st.iomem.ram);
}

static void with(struct machine *m, enum verdict verdict, const char *code)
{
	struct machine copy = *m;

	copy.st.cmdline = copy.cmdline;
	copy.st.record.cmdline = copy.cmdline_loaded;
	copy.st.record.kernel.path = copy.kernel;
	copy.st.record.initrd.path = copy.initrd;
	expect(&copy, verdict, code);
	make(m);
}

static void armed(void **state)
{
	struct machine m;

	(void)state;
	make(&m);
	with(&m, VERDICT_ARMED, NULL);
	m.st.kernel = FILE_CHANGED;
	with(&m, VERDICT_UNTRUSTED, "stale-kernel");
	m.st.initrd = FILE_CHANGED;
	with(&m, VERDICT_UNTRUSTED, "stale-initrd");
	m.st.kernel = FILE_GONE;
	with(&m, VERDICT_UNTRUSTED, "missing-kernel");
	m.st.initrd = FILE_GONE;
	with(&m, VERDICT_UNTRUSTED, "missing-initrd");
	m.st.kernel = m.st.initrd = FILE_UNKNOWN;
	with(&m, VERDICT_ARMED, NULL);
	m.st.has_record = 0;
	with(&m, VERDICT_ARMED, "foreign");
	m.st.has_record = -1;
	with(&m, VERDICT_ARMED, "no-record");
	ranges_free(&m.st.iomem.ram);
}

static void room(void **state)
{
	struct machine m;

	(void)state;
	make(&m);
	m.st.main_size = m.st.crash_size.value = MIB(66);
	with(&m, VERDICT_UNTRUSTED, "too-small");
	/* hidden addresses: the sum alone is known */
	m.st.main_size = 0;
	m.st.crash_size.value = MIB(66);
	with(&m, VERDICT_UNTRUSTED, "too-small");
	m.st.main_size = m.st.crash_size.value = MIB(90);
	with(&m, VERDICT_UNTRUSTED, "tight");
	/* an older record does not know enough to judge */
	m.st.record.init_size = 0;
	m.st.main_size = m.st.crash_size.value = MIB(66);
	with(&m, VERDICT_ARMED, NULL);
	m.st.main_size = m.st.crash_size.value = MIB(160);
	with(&m, VERDICT_ARMED, NULL);
	/* without nr_cpus= the kernel makes room for all processors that may come */
	strcpy(m.cmdline_loaded, "maxcpus=1 xnr_cpus=1");
	m.st.cpus.value = 200;
	with(&m, VERDICT_UNTRUSTED, "tight");
	strcpy(m.cmdline_loaded, "quiet nr_cpus=1");
	m.st.cpus.value = 200;
	with(&m, VERDICT_ARMED, NULL);
	ranges_free(&m.st.iomem.ram);
}

static void not_armed(void **state)
{
	struct machine m;

	(void)state;
	make(&m);
	m.st.loaded.value = 0;
	with(&m, VERDICT_NOT_ARMED, "not-loaded");
	m.st.loaded.value = 0;
	with(&m, VERDICT_NOT_ARMED, "unloaded");
	m.st.loaded.value = 0;
	m.st.disabled = (struct setting){ true, 1 };
	with(&m, VERDICT_NOT_ARMED, "load-disabled");
	m.st.loaded.known = false;
	with(&m, VERDICT_UNKNOWN, "unreadable");
	m.st.loaded.known = m.st.crash_size.known = m.st.has_iomem = m.st.has_sysfs = false;
	with(&m, VERDICT_UNKNOWN, "unreadable");
	ranges_free(&m.st.iomem.ram);
}

/* nothing is reserved and nothing loaded, with this command line */
static void none(struct machine *m, const char *cmdline)
{
	m->st.loaded.value = m->st.crash_size.value = m->st.main_size = 0;
	m->st.has_record = 0;
	snprintf(m->cmdline, sizeof m->cmdline, "%s", cmdline);
}

static void no_reservation(void **state)
{
	struct machine m;

	(void)state;
	make(&m);
	none(&m, "ro");
	with(&m, VERDICT_NO_RESERVATION, "not-asked");
	none(&m, "ro");
	m.st.boot = (struct bootconf){ .n = 1, .hits = { { "/etc/x", "crashkernel=1M" } } };
	with(&m, VERDICT_NO_RESERVATION, "reboot-needed");
	none(&m, "crashkernel=256M");
	with(&m, VERDICT_NO_RESERVATION, "refused");
	none(&m, "crashkernel=x");
	with(&m, VERDICT_NO_RESERVATION, "refused");
	none(&m, "crashkernel=256M");
	klog_take(&m.st.log, "crashkernel reserved: 0x1 - 0x2 (256 MB)");
	with(&m, VERDICT_NO_RESERVATION, "given-back");
	none(&m, "ro");
	m.st.crash_size.known = m.st.loaded.known = m.st.has_iomem = false;
	with(&m, VERDICT_NO_RESERVATION, "no-kexec");
	none(&m, "");
	m.st.has_cmdline = false;
	with(&m, VERDICT_NO_RESERVATION, "not-known-why");
	ranges_free(&m.st.iomem.ram);
}

static void asked(void **state)
{
	struct machine m;

	(void)state;
	make(&m);
	m.st.main_size = m.st.crash_size.value = MIB(200);
	with(&m, VERDICT_ARMED, "shrunk");
	strcpy(m.cmdline, "crashkernel=200M");
	with(&m, VERDICT_ARMED, "grown");
	strcpy(m.cmdline, "crashkernel=x");
	with(&m, VERDICT_ARMED, "unexpected");
	strcpy(m.cmdline, "crashkernel=1M crashkernel=256M");
	with(&m, VERDICT_ARMED, "cmdline");
	m.st.boot = (struct bootconf){ .n = 1, .hits = { { "/etc/x", "crashkernel=1G" } } };
	with(&m, VERDICT_ARMED, "next-boot");
	/* an architecture or a release of which nothing is known */
	strcpy(m.st.arch, "vax");
	with(&m, VERDICT_ARMED, NULL);
	strcpy(m.st.release, "new");
	with(&m, VERDICT_ARMED, NULL);
	ranges_free(&m.st.iomem.ram);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(armed),
		cmocka_unit_test(room),
		cmocka_unit_test(not_armed),
		cmocka_unit_test(no_reservation),
		cmocka_unit_test(asked),
	};

	return RUN(tests);
}
