/*
 * Error texts.  Called from everywhere, on every thread; no state of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/err.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

int err_set(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return -1;
	err->code = ERR_BAD;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

int err_code(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return -1;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char rest[ERR_TEXT_MAX];
	va_list ap;

	if (err == NULL)
		return -1;
	memcpy(rest, err->text, sizeof(rest));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	str_append(err->text, sizeof(err->text), ": %s", rest);
	return -1;
}
