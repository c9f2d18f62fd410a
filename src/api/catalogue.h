/* Reads the catalogue of actions: JSON in, the structs of model/action.h out. The format
 * is described in actions/README.md.
 *
 * Strict, because a typo here could pay twice: an unknown member, a wrong type, a missing
 * member or a contradiction is ERR_CONFIG with file, action and member in the text, and
 * what is not stated falls on the safe side. */
#ifndef REMESA_API_CATALOGUE_H
#define REMESA_API_CATALOGUE_H

#include "base/embed.h"
#include "base/err.h"
#include "base/span.h"
#include "model/action.h"

#define CATALOGUE_FILE_MAX (1024 * 1024)

/* The files that the program carries; the last row's name is NULL. */
const struct embed *catalogue_builtin(void);

const char *catalogue_library(void); /* "cJSON 1.7.15" */

/* Adds the actions of `json` to *c (zeroed before the first call, catalogue_close at the
 * end), in the order of the text; one of a known name replaces it. `name` is the file's,
 * for messages. On -1 *c holds what was read before the fault. */
int catalogue_read(struct catalogue *c, struct span json, const char *name,
                   struct err *err);

/* The same from a file: ERR_NOINPUT, ERR_IO, ERR_CONFIG. */
int catalogue_read_file(struct catalogue *c, const char *path, struct err *err);

/* With a secret for one-time passwords (api/otp.h), what takes one goes at the pace at which there are codes, whatever
 * its own: they share one. `paced` false: each has its own again. */
int catalogue_pace_codes(struct catalogue *c, bool paced, struct err *err);

#endif
