/* Values that a job needs and nobody may keep (model/row.h, `secrets`).
 *
 * The job's `params` has from the beginning what stands for them: a digest of a password, so
 * that the same row is known again; a mark of a one-time password, which is another each
 * time. So a job never changes, and what is removed is a row of a table of its own. */
#ifndef REMESA_STORE_SECRETS_H
#define REMESA_STORE_SECRETS_H

#include <stdint.h>

#include "model/params.h"
#include "store/store.h"

/* Puts those of the job in the place of what stands for them. 1: done; 0: one was removed
 * already, and *missing names it (of `params`); -1 with err. */
int store_secrets_fill(struct store *s, int64_t job_id, struct params *params,
                       const char **missing, struct err *err);

/* Removes those of jobs that have been taken or are over. In no transaction. SQLite
 * overwrites them (secure_delete); of the write-ahead log store_tidy has to make an end. */
int store_secrets_drop(struct store *s, struct err *err);

#endif
