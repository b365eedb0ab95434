/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the errnos come from: kernel/kexec_file.c, kernel/kexec.c, kernel/kexec_core.c,
 * fs/kernel_read_file.c, arch/x86/kernel/kexec-bzimage64.c, arch/arm64/kernel/kexec_image.c,
 * crypto/asymmetric_keys/ (verify_pefile.c, pkcs7_*.c), security/integrity/ima/, Linux 6.1
 * to 7.2. They are told apart by looking, since most have several causes.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "check.h"
#include "doctor.h"
#include "err.h"
#include "load.h"
#include "machine.h"
#include "num.h"

static bool is_locked(const struct machine *m)
{
	return m->lockdown[0] && strcmp(m->lockdown, "none") != 0;
}

static int not_permitted(const struct load *ld, const struct machine *m)
{
	if (check_permission(m))
		return -1;
	if (ld && is_locked(m) && ld->classic)
		return fail(ERR_SYS, "the kernel is locked down (%s), which forbids the classical"
			    " call: load a signed bzImage by kexec_file_load (-s)", m->lockdown);
	if (ld && is_locked(m))
		return fail(ERR_SYS, "the kernel is locked down (%s) and could not verify"
			    " the signature of %s: use a kernel signed for this"
			    " machine", m->lockdown,
			    ld->kernel);
	return fail(ERR_SYS, "not permitted, although we have CAP_SYS_BOOT: a container"
		    " or a security module forbids it");
}

static int no_memory(const struct load *ld, const struct machine *m)
{
	if (!ld)
		return fail(ERR_MEMORY, "the kernel is out of memory");
	if (m->region.end && m->region.end - m->region.start - ld->fit.used < FIT_SLACK)
		return fail(ERR_SYS, "the reservation has no room left for the kernel's"
			    " own pages: make crashkernel= larger, or the initrd"
			    " smaller");
	return fail(ERR_AGAIN, "the kernel found no memory for its copy of the files:"
		    " free some");
}

static int invalid(const struct load *ld, const struct machine *m)
{
	if (!ld)
		return fail(ERR_SYS, "the kernel does not know how to unload a panic"
			    " kernel");
	if (ld->classic && m->memory && ld->fit.used > m->memory / 2)
		return fail(ERR_SYS, "the segments take %" PRIu64 " MiB, more than half of the"
			    " memory: make the initrd smaller", num_div_up(ld->fit.used, 1 << 20));
	if (ld->classic)
		return fail(ERR_SYS, "the kernel takes the segments for invalid: this is a fault of"
			    " kexec-load, please report it with the output of -n");
	return fail(ERR_SYS, "the kernel takes the command line, or the sizes of the"
		    " files, for invalid: see its log");
}

/* one cause each, whatever the machine */
struct cause {
	int errnum;
	enum err code;
	const char *text;
};

/* what both calls say */
static const struct cause of_both[] = {
	{ EBUSY, ERR_AGAIN, "another program is loading or resizing: try again" },
	{ EFAULT, ERR_SYS, "bad address: this is a fault of kexec-load, please report"
	  " it" },
	{ EOPNOTSUPP, ERR_SYS, "this machine does not support the combination asked"
	  " for" },
	{ EINTR, ERR_STOPPED, "a signal has ended the call" },
	{ 0 },
};

static const struct cause of_classic[] = {
	{ ENOSYS, ERR_SYS, "this kernel lacks kexec_load (CONFIG_KEXEC): load with -s" },
	{ EACCES, ERR_SYS, "a security policy (IMA, or another module) forbids the classical"
	  " call: load a signed kernel by kexec_file_load (-s)" },
	{ EADDRNOTAVAIL, ERR_AGAIN, "a segment is outside the reservation: it was resized"
	  " meanwhile: try again" },
	{ 0 },
};

static const struct cause of_file[] = {
	{ ENOSYS, ERR_SYS, "this kernel lacks kexec_file_load (CONFIG_KEXEC_FILE): -c loads"
	  " without it" },
	{ EACCES, ERR_SYS, "a security policy (IMA, or another module) demands a"
	  " signature that these files lack: sign them, or change the policy" },
	{ ENOEXEC, ERR_UNKNOWN, "the kernel does not take this file for a kernel: see its"
	  " log" },
	{ EADDRNOTAVAIL, ERR_SYS, "the reservation is too small or too fragmented: make"
	  " crashkernel= larger, or the initrd smaller" },
	{ EBADF, ERR_SYS, "a file cannot be read by the kernel" },
	{ ETXTBSY, ERR_AGAIN, "a file is open for writing: wait until it is finished" },
	{ EFBIG, ERR_UNKNOWN, "a file is larger than the kernel takes (4 GiB)" },
	{ EIO, ERR_SYS, "reading the files failed: check the disk" },
	{ ELIBBAD, ERR_UNKNOWN, "the kernel image is not a well-formed signed PE file:"
	  " use the distribution's signed kernel" },
	{ ENODATA, ERR_SYS, "the kernel image is not signed, and this machine demands it:"
	  " use the distribution's signed kernel" },
	{ ENOKEY, ERR_SYS, "the kernel image is signed by somebody this machine does not"
	  " trust: enrol the key (mokutil --import)" },
	{ EKEYREJECTED, ERR_SYS, "the signature of the kernel image is wrong or revoked,"
	  " or this kernel cannot verify this format: install the image again" },
	{ ENOPKG, ERR_SYS, "the signature uses an algorithm this kernel was built"
	  " without" },
	{ EBADMSG, ERR_CORRUPT, "the signature of the kernel image is damaged: install it"
	  " again" },
	{ EMSGSIZE, ERR_CORRUPT, "the signature of the kernel image is damaged: install"
	  " it again" },
	{ 0 },
};

static const struct cause *find(const struct cause *causes, int errnum)
{
	while (causes->text && causes->errnum != errnum)
		causes++;
	return causes->text ? causes : NULL;
}

int doctor_explain(int errnum, const struct load *ld, const struct machine *m)
{
	bool classic = ld && ld->classic;
	const struct cause *cause;

	switch (errnum) {
	case ECANCELED:
		return -1;	/* who was to call said it */
	case EPERM:
		return not_permitted(ld, m);
	case ENOMEM:
		return no_memory(ld, m);
	case EINVAL:
		return invalid(ld, m);
	}
	cause = find(classic ? of_classic : of_file, errnum);
	if (!cause)
		cause = find(of_both, errnum);
	if (cause)
		return fail(cause->code, "%s", cause->text);
	errno = errnum;
	return fail_sys("%s", classic ? "kexec_load" : "kexec_file_load");
}
