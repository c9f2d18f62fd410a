/* SQLite's way to the simulated disk: the default VFS of this program. Files of the name
 * VFS_IMAGE are read from the judge's image instead. */
#ifndef TESTS_SIM_VFS_H
#define TESTS_SIM_VFS_H

#include <stdint.h>

#define VFS_IMAGE "image.db"

void vfs_register(void); /* before anything else of SQLite; once per process */
/* SQLite's randomness, and how many syncs of a hundred are slow. */
void vfs_begin(uint64_t seed, int slow_syncs);

#endif
