/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>
#include <sys/xattr.h>

#include "check.h"
#include "err.h"
#include "load.h"
#include "machine.h"
#include "num.h"
#include "rehearse.h"

enum {
	MIB = 1 << 20,
	/* what the kernel puts in front: "elfcorehdr=0x... ", "dmcryptkeys=0x... " */
	ELFCOREHDR_TEXT = 30,
	CRYPT_KEYS_TEXT = 31,
	BOOT_PARAMS = 4096,
	LITTLE_LEFT = 32,	/* MiB beside the image with which kernels were seen to panic */
};

int check_permission(const struct machine *m)
{
	if (!m->has_kexec)
		return fail(ERR_SYS, "this kernel has no panic kernels: it was built"
			    " without CONFIG_KEXEC_FILE and CONFIG_KEXEC, or without"
			    " CONFIG_CRASH_DUMP");
	if (!m->has_capability)
		return fail(ERR_SYS, "needs CAP_SYS_BOOT: run it as root");
	if (m->disabled)
		return fail(ERR_SYS, "kernel.kexec_load_disabled is 1: loading is"
			    " forbidden until the next boot");
	if (m->limited && m->limit == 0)
		return fail(ERR_SYS, "kernel.kexec_load_limit_panic is 0: no attempts are"
			    " left until the next boot");
	return 0;
}

int check_reservation(const struct machine *m)
{
	if (m->reserved > 0)
		return 0;
	if (m->asked)
		return fail(ERR_SYS, "no memory is reserved, although crashkernel= is on"
			    " the kernel's command line: see the kernel's log"
			    " (dmesg | grep -i crash)");
	return fail(ERR_SYS, "no memory is reserved: add crashkernel=256M to the kernel's"
		    " command line and reboot");
}

/* on arm64 the device tree tells where the headers are */
uint64_t check_cmdline_max(const struct load *ld, const struct machine *m)
{
	uint64_t taken = ELFCOREHDR_TEXT + 1;

	if (ld->image.kind == BOOTIMAGE_ARM64)
		taken = 0;
	else if (m->crypt_keys && !ld->classic)
		taken += CRYPT_KEYS_TEXT;
	return ld->image.cmdline_max > taken ? ld->image.cmdline_max - taken : 0;
}

static int check_cmdline(const struct load *ld, const struct machine *m)
{
	uint64_t len = strlen(ld->cmdline), most = check_cmdline_max(ld, m);

	if (len <= most)
		return 0;
	return fail(ERR_USAGE, "the command line has %" PRIu64 " characters, %" PRIu64
		    " too many: this kernel takes %" PRIu64 "%s", len, len - most, most,
		    ld->image.kind == BOOTIMAGE_ARM64 ? "" : " beside elfcorehdr=");
}

static int check_processor(const struct load *ld, const struct machine *m)
{
	if (strcmp(m->arch, "x86_64") != 0 && strcmp(m->arch, "aarch64") != 0)
		return fail(ERR_UNKNOWN, "this machine is %s: only x86_64 and aarch64 are known",
			    m->arch[0] ? m->arch : "unknown");
	if (strcmp(m->arch, ld->image.arch) != 0) {
		fail(ERR_UNKNOWN, "a kernel for %s: this machine is %s", ld->image.arch, m->arch);
		return fail_in(ld->kernel);
	}
	if (m->efi32 && !ld->classic)
		return fail(ERR_SYS, "the firmware is 32-bit EFI: this kernel loads no"
			    " panic kernel on it by kexec_file_load: try -c");
	if (m->five_level && !ld->image.five_level && strcmp(m->arch, "x86_64") == 0) {
		fail(ERR_UNKNOWN, "extended load flags at 0x236 lack 5LEVEL, but 5-level"
		     " paging is on: boot with no5lvl, or use a kernel with"
		     " CONFIG_X86_5LEVEL");
		return fail_in(ld->kernel);
	}
	return 0;
}

/* the classical call shows the kernel no file whose signature it could verify */
static int check_classic(const struct machine *m)
{
	if (m->lockdown[0] && strcmp(m->lockdown, "none") != 0)
		return fail(ERR_SYS, "the kernel is locked down (%s), which forbids the classical"
			    " call: load a signed bzImage by kexec_file_load (-s)", m->lockdown);
	if (m->region.end == 0)
		return fail(ERR_SYS, "/proc/iomem does not tell where the reservation lies, which"
			    " the classical call needs: run it as root (CAP_SYS_ADMIN)");
	if (m->ima)
		return fail(ERR_SYS, "ima_policy=secure_boot forbids the classical call: load a"
			    " signed kernel by kexec_file_load (-s)");
	return 0;
}

/* IMA's signature is kept beside the file; where there is one, IMA decides */
static int check_signature(const struct load *ld, const struct machine *m,
			   void (*doubt)(const char *, ...))
{
	if (fgetxattr(ld->kernel_fd, "security.ima", NULL, 0) > 0)
		return 0;
	if (m->ima)
		fail(ERR_SYS, "no IMA signature (security.ima), and"
		     " ima_policy=secure_boot demands one: sign it with evmctl ima_sign");
	else if (!m->demand[0] || ld->image.is_signed)
		return 0;
	else if (m->demand_sure)
		fail(ERR_SYS, "not signed, and this machine demands it (%s)", m->demand);
	else if (m->loaded && !rehearse_possible(ld, m))
		fail(ERR_SYS, "not signed, and this machine may demand it (%s): a try would"
		     " cost the capture kernel that is loaded; -p -u first allows"
		     " it", m->demand);
	else {
		doubt("%s: not signed, and this machine may demand it (%s)", ld->kernel,
		      m->demand);
		return 0;
	}
	return fail_in(ld->kernel);
}

/* the kernel copies both files into ordinary memory first, and bounds their sum */
int check_memory(const struct load *ld, const struct machine *m)
{
	uint64_t files = ld->image.size + ld->initrd_size;

	if (m->memory && ld->fit.used > m->memory / 2)
		return fail(ERR_SYS, "kernel and initrd take %" PRIu64 " MiB: the limit is half of"
			    " the memory, %" PRIu64 " MiB", num_div_up(ld->fit.used, MIB),
			    m->memory / 2 / MIB);
	/* the classical call's copies are made by now */
	if (m->available && files > m->available && !ld->classic)
		return fail(ERR_AGAIN, "%" PRIu64 " MiB of memory are needed to read the files,"
			    " %" PRIu64 " MiB are available: free some",
			    num_div_up(files, MIB), m->available / MIB);
	return 0;
}

static int too_small(const struct load *ld, const struct machine *m, uint64_t have)
{
	if (ld->fit.missing == 0)
		return fail(ERR_SYS, "the reservation cannot hold it: see"
			    " /sys/kernel/crash_elfcorehdr_size");
	return fail(ERR_SYS, "the reservation of %" PRIu64 " MiB is %" PRIu64 " MiB too small: kernel"
		    " %" PRIu64 ", initrd %" PRIu64 ", headers %" PRIu64 " KiB, and room"
		    " for alignment", have / MIB, ld->fit.missing / MIB,
		    num_div_up(ld->image.init_size, MIB), num_div_up(ld->initrd_size, MIB),
		    m->headers / 1024);
}

/* bytes of the reservation beside the segments */
static uint64_t room_left(const struct load *ld, uint64_t have)
{
	return have > ld->fit.used ? have - ld->fit.used : 0;
}

int check_slack(const struct load *ld, const struct machine *m)
{
	uint64_t rest = room_left(ld, m->region.end ? m->region.end - m->region.start :
				  m->reserved);

	if (rest >= FIT_SLACK)
		return 0;
	return fail(ERR_SYS, "only %" PRIu64 " KiB of the reservation are left for the kernel's"
		    " own tables: a try may cost the capture kernel that is loaded: -p -u"
		    " first allows it", rest / 1024);
}

static void doubt_room(const struct load *ld, uint64_t have, void (*doubt)(const char *, ...))
{
	uint64_t rest = room_left(ld, have);

	if (rest < FIT_SLACK)
		doubt("only %" PRIu64 " KiB of the reservation are left for the kernel's"
		      " own tables: loading may fail", rest / 1024);
	else if (rest / MIB < LITTLE_LEFT)
		doubt("only %" PRIu64 " MiB of the reservation are left beside kernel and"
		      " initrd: enough to load, perhaps not to boot", rest / MIB);
}

static struct fit_need file_need(const struct load *ld, const struct machine *m)
{
	struct fit_need need = {
		.headers = m->headers,
		.params = BOOT_PARAMS + strlen(ld->cmdline) + 1 + ELFCOREHDR_TEXT,
		.kernel = ld->image.init_size,
		.align = ld->image.align,
		.lowest = ld->image.lowest,
		.initrd = ld->initrd_size,
	};

	if (ld->image.kind == BOOTIMAGE_ARM64) {
		need.order = FIT_ARM64;
		need.kernel += ld->image.offset;
		need.params = m->device_tree + BOOT_PARAMS;
	}
	return need;
}

/* by kexec_file_load the kernel places all itself: by rules that we know */
static int check_room(struct load *ld, const struct machine *m,
		      void (*doubt)(const char *, ...))
{
	struct fit_need need = file_need(ld, m);
	struct range region = m->region;

	if (region.end == 0) {
		doubt("/proc/iomem does not tell where the reservation lies"
		      " (CAP_SYS_ADMIN): only its size is checked");
		region = (struct range){ .start = ld->image.lowest,
					 .end = ld->image.lowest + m->reserved };
	}
	uint64_t have = region.end - region.start;

	ld->fit = fit_compute(&need, region);
	if (!ld->fit.fits)
		return too_small(ld, m, have);
	doubt_room(ld, have, doubt);
	return 0;
}

static bool has_open_quote(const char *text)
{
	bool open = false;

	for (; *text; text++)
		if (*text == '"')
			open = !open;
	return open;
}

static void doubt_cmdline(const char *cmdline, void (*doubt)(const char *, ...))
{
	/* the kernel's search for it knows no words */
	if (strstr(cmdline, "crashkernel="))
		doubt("the command line contains crashkernel=: the capture kernel would"
		      " reserve memory too");
	if (has_open_quote(cmdline))
		doubt("the command line leaves a double quote open: all that follows it"
		      " is one word to the kernel");
	if (cmdline[0] == '\0')
		doubt("the command line is empty: --append or --reuse-cmdline set it");
}

int check_load(struct load *ld, const struct machine *m,
	       void (*doubt)(const char *fmt, ...))
{
	if (check_processor(ld, m) || check_cmdline(ld, m) ||
	    (ld->classic ? check_classic(m) : check_signature(ld, m, doubt)) ||
	    (!ld->classic && check_room(ld, m, doubt)))
		return -1;
	doubt_cmdline(ld->cmdline, doubt);
	return 0;
}

void check_layout(const struct load *ld, const struct machine *m,
		  void (*doubt)(const char *fmt, ...))
{
	doubt_room(ld, m->region.end ? m->region.end - m->region.start : m->reserved, doubt);
}
