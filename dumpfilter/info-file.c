/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "err.h"
#include "info-file.h"
#include "info-text.h"
#include "out.h"
#include "vmlinux.h"

int info_file_make(const char *vmlinux, const char *path, bool force)
{
	struct out out;
	char *text;
	size_t len;
	int rc;

	if (vmlinux_info(vmlinux, &text, &len))
		return -1;
	rc = out_open_stream(&out, path, force);
	if (rc == 0) {
		rc = out_write(&out, text, len) || out_commit(&out) ? -1 : 0;
		if (rc)
			out_discard(&out);
		out_close(&out);
	}
	free(text);
	return rc;
}

int info_give(struct vmcore *vm, const char *vmlinux, const char *file)
{
	char *text;
	size_t len;
	int rc;

	if (vmlinux ? vmlinux_info(vmlinux, &text, &len) : info_text_read(file, &text, &len))
		return -1;
	rc = info_text_give(vm, text, len);
	free(text);
	return rc ? fail_in(vmlinux ? vmlinux : file) : 0;
}
