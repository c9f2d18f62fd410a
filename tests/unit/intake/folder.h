/* A folder of its own for a test that needs files; gone with what is in it at the end. */
#ifndef TESTS_UNIT_INTAKE_FOLDER_H
#define TESTS_UNIT_INTAKE_FOLDER_H

#include <dirent.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "lib/check.h"

static inline int folder_make(void **state)
{
    char *folder = mem_text("/tmp/remesa-intake-XXXXXX");
    *state = folder;
    return mkdtemp(folder) ? 0 : -1;
}

/* The caller frees. */
static inline char *folder_path(void **state, const char *name)
{
    return mem_printf("%s/%s", (char *)*state, name);
}

static inline char *folder_write(void **state, const char *name, struct span bytes)
{
    char *path = folder_path(state, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
    return path;
}

static inline int folder_remove(void **state)
{
    DIR *d = opendir(*state);
    for (struct dirent *e; d && (e = readdir(d));) {
        char *path = folder_path(state, e->d_name);
        unlink(path);
        free(path);
    }
    closedir(d);
    int rc = rmdir(*state);
    free(*state);
    return rc;
}

#endif
