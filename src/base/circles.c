#include "base/circles.h"

#include <stdlib.h>

#include "base/mem.h"

/* The search stands at the top of `path`; `open` holds the nodes whose component is not closed yet. */
struct search {
    const struct graph *g;
    int32_t *order; /* when a node was met, from 1; 0: not yet */
    int32_t *low;   /* the earliest open node that can be reached from it */
    int32_t *edge;  /* the next edge of it to follow */
    bool *is_open;
    int32_t *open;
    int32_t *path;
    int32_t open_count, path_count, met;
    int32_t *circle;
    int32_t circles, found;
};

static void meet(struct search *s, int32_t node)
{
    s->order[node] = s->low[node] = ++s->met;
    s->edge[node] = s->g->first[node];
    s->open[s->open_count++] = node;
    s->is_open[node] = true;
    s->path[s->path_count++] = node;
}

static bool needs_itself(const struct graph *g, int32_t node)
{
    for (int32_t e = g->first[node]; e < g->first[node + 1]; e++)
        if (g->to[e] == node)
            return true;
    return false;
}

/* `root` was met first of its component: all that is open above it belongs to it. */
static void close_component(struct search *s, int32_t root)
{
    bool alone = s->open[s->open_count - 1] == root;
    bool is_circle = !alone || needs_itself(s->g, root);
    int32_t node;
    s->circles += is_circle;
    do {
        node = s->open[--s->open_count];
        s->is_open[node] = false;
        s->circle[node] = is_circle ? s->circles : 0;
        s->found += is_circle;
    } while (node != root);
}

static void lower(struct search *s, int32_t node, int32_t reached)
{
    if (reached < s->low[node])
        s->low[node] = reached;
}

static void step(struct search *s)
{
    int32_t node = s->path[s->path_count - 1];
    if (s->edge[node] < s->g->first[node + 1]) {
        int32_t next = s->g->to[s->edge[node]++];
        if (!s->order[next])
            meet(s, next);
        else if (s->is_open[next])
            lower(s, node, s->order[next]);
        return;
    }
    s->path_count--;
    if (s->path_count > 0)
        lower(s, s->path[s->path_count - 1], s->low[node]);
    if (s->low[node] == s->order[node])
        close_component(s, node);
}

int32_t circles_find(const struct graph *g, int32_t *circle)
{
    size_t n = (size_t)g->nodes;
    int32_t *memory = mem_zero(n * 5, sizeof(*memory));
    struct search s = {.g = g,
                       .order = memory,
                       .low = memory + n,
                       .edge = memory + 2 * n,
                       .open = memory + 3 * n,
                       .path = memory + 4 * n,
                       .is_open = mem_zero(n, sizeof(bool)),
                       .circle = circle};
    for (int32_t node = 0; node < g->nodes; node++) {
        if (!s.order[node])
            meet(&s, node);
        while (s.path_count > 0)
            step(&s);
    }
    free(s.is_open);
    free(memory);
    return s.found;
}
