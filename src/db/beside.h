/* A small text file beside the database, replaced as a whole: the next start finds the old
 * one or the new one, after a power cut too (rename(2), and a sync of the folder). */
#ifndef REMESA_DB_BESIDE_H
#define REMESA_DB_BESIDE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Adds the text of <db_path><suffix> to `out`. Returns 1, 0 when there is no such file, -1
 * with err (ERR_IO; one that does not fit `out` too). */
int beside_read(const char *db_path, const char *suffix, struct buf *out,
                struct err *err);
int beside_write(const char *db_path, const char *suffix, struct span text,
                 struct err *err);

/* The mode of the database and of all that lies beside it: 0600, and 0660 in a folder that an administrator has made for
 * a group: group-writable, setgid (so that the files are the group's), and closed to all others. */
unsigned beside_mode(const char *db_path);
/* Of a file that is open and ours: whatever the umask has left of it. Somebody else's is as they made it. */
void beside_set_mode(int fd, const char *db_path);

/* The number of the database's file on its file system (stat(2), st_ino): a copy has
 * another one. 0: it cannot be told. */
int64_t beside_file_number(const char *db_path);

#endif
