/* Which nodes of a directed graph lie on a circle: strongly connected components (Tarjan 1972, "Depth-
 * first search and linear graph algorithms"), without recursion. Linear in nodes and edges. */
#ifndef REMESA_BASE_CIRCLES_H
#define REMESA_BASE_CIRCLES_H

#include <stdbool.h>
#include <stdint.h>

struct graph {
    int32_t nodes; /* 0 to nodes - 1 */
    const int32_t *
        first; /* nodes + 1 of them: the edges of n are to[first[n]] to to[first[n + 1] - 1] */
    const int32_t *to;
};

/* Sets circle[n] to a number above 0 for each node on a circle, the same for all nodes of one; 0 for the
 * others. Returns how many lie on one. */
int32_t circles_find(const struct graph *g, int32_t *circle);

#endif
