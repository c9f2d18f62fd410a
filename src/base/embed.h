/* A file of the source tree, carried inside the program (cmake/Embed.cmake). Tables of
 * these end with a row whose name is NULL, and are in the order in which CMake lists the
 * files. */
#ifndef REMESA_BASE_EMBED_H
#define REMESA_BASE_EMBED_H

#include "base/span.h"

struct embed {
    const char *name; /* without folder */
    struct span text; /* a NUL follows it */
};

#endif
